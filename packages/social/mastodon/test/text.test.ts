import { expect, test } from 'vitest'
import { countOf, textOf } from '../src/text.ts'

test.each([
  ['paragraphs and lines', '<p>One<br>two</p><p>three</p>', 'One\ntwo\n\nthree'],
  [
    'a link, in its short form',
    '<p>See <a href="https://example.org/a/long/path"><span class="invisible">https://</span><span class="ellipsis">example.org/a/lo</span><span class="invisible">ng/path</span></a></p>',
    'See example.org/a/lo…',
  ],
  [
    'a link that is short',
    '<p><a href="https://example.org"><span class="invisible">https://</span><span class="">example.org</span><span class="invisible"></span></a>!</p>',
    'example.org!',
  ],
  [
    'a mention and a tag',
    '<p><span class="h-card" translate="no"><a href="https://else.example/@wren" class="u-url mention">@<span>wren</span></a></span> <a href="/tags/alder" class="mention hashtag" rel="tag">#<span>alder</span></a></p>',
    '@wren #alder',
  ],
  ['custom emoji, by their names', '<p>Thanks :blobcat_heart:</p>', 'Thanks :blobcat_heart:'],
  ['entities', '<p>5 &lt; 7 &amp;amp; it&#39;s&nbsp;so</p>', "5 < 7 &amp; it's so"],
  [
    'mark-up that another software made',
    '<div><b>Loud</b><ul><li>one</li></ul><img src="x" alt="y"></div>',
    'Loud\n* one',
  ],
  ['nothing', '', ''],
])('%s', (_, html, text) => {
  expect(textOf(html, false)).toBe(text)
})

test.each([
  '<p class="quote-inline">RE: <a href="https://else.example/1"><span class="invisible">https://</span>else.example/1</a></p><p>So true.</p>',
  '<p>So true.<span class="quote-inline"><br/><br/>RE: <a href="https://else.example/1">else.example/1</a></span></p>',
])('what stands in for a quote is left out where the quote is shown, and stays where it is not', (html) => {
  expect(textOf(html, true)).toBe('So true.')
  expect(textOf(html, false)).toContain('RE: else.example/1')
})

test('a post without end is cut, and takes no time', () => {
  const text = textOf(`<p>${'<span class="'.repeat(50_000)}${'x'.repeat(100_000)}`, true)
  expect(text.length).toBeLessThan(10_010)
})

test.each([
  ['words', 'Yes, at nine.', 13],
  ['a family of four as one', '👨‍👩‍👧‍👦é', 2],
  ['a link as 23, however long', `See https://example.org/${'x'.repeat(200)}.`, 4 + 23 + 1],
  ['a short link as 23 too', 'https://a.example', 23],
  ['the local name of a remote mention', '@wren@else.example hello', '@wren hello'.length],
  ['a mention of this instance', '@wren hello', 11],
  ['no mention in an address', 'mail a@b.example', 16],
  ['nothing', '', 0],
])('%s: counted as an instance does', (_, text, count) => {
  expect(countOf(text, 23)).toBe(count)
})

test('a quote that never ends is read at once', () => {
  const started = process.cpuUsage()
  expect(textOf(`<p ${'quote-inline '.repeat(7600)}`, true).length).toBeLessThanOrEqual(10_002)
  expect(process.cpuUsage(started).user).toBeLessThan(500_000) // µs of its own, whatever else the machine does
})
