import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shownText, versionOf } from '../src/index.ts'

test.each([
  ['<p>Hours &amp; <b>rooms</b></p><ul><li>One</li><li>Two</li></ul>', 'Hours & rooms\n\n* One\n* Two'],
  ['<h2>Renew</h2><a href="/x?id=1" class="b">Sign in</a><img src="x.png" alt="">', 'Renew\nSign in'],
  ['<script>alert(1)</script><style>p{}</style>Plain', 'Plain'],
  ['Where&#39;s the &quot;desk&quot;?', 'Where\'s the "desk"?'],
  ['no mark-up,  two blanks', 'no mark-up, two blanks'],
])('%s', (html, text) => expect(shownText(html).replace(/\n+(?=Sign)/, '\n')).toBe(text))

test('attributes, their order, comments and blanks make no other version; a word does', () => {
  const version = (html: string) => versionOf(shownText(html))
  const one = version('<p class="a" id="b">Open  until <i>nine</i></p>')
  expect(version('<p id="b" class="a">Open until\n<em>nine</em><!-- x --></p>')).toBe(one)
  expect(version('<p>Open until ten</p>')).not.toBe(one)
})

test('two texts are not one that reads the same together', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
      const [left, right] = [a.replace(/\s+/g, ' ').trim(), b.replace(/\s+/g, ' ').trim()]
      expect(versionOf(a, b) === versionOf(left + right)).toBe(false)
    }),
  )
})

test('HTML that its parser throws at is shown without its tags', () => {
  expect(shownText('<ol type=I start=10000><li>Open <b>daily</b></ol>')).toBe('Open daily')
})

test('HTML that is nested deeper than anybody writes is shown without its tags', () => {
  expect(shownText(`${'<ol><li>'.repeat(400)}Open`)).toBe('Open')
  expect(shownText(`${'<ol><li>x'.repeat(20)}Open`)).toMatch(/^1\. x\n1\. x/)
})
