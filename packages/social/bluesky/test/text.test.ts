import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { facetsOf, measure } from '../src/text.ts'
import { microsecondsOf, postUri, tidOf, uriOf } from '../src/uri.ts'

const lines = (name: string): readonly string[] =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

describe('a TID', () => {
  // From `c` on their time has more than 53 bits.
  test.each(lines('tid_syntax_valid.txt').filter((text) => text < 'c'))('is %s, there and back', (text) => {
    const microseconds = microsecondsOf(text)
    expect(microseconds).toBeGreaterThan(0)
    const clock = [...'234567abcdefghijklmnopqrstuvwxyz'].indexOf(text.at(-2) ?? '') * 32
    const last = [...'234567abcdefghijklmnopqrstuvwxyz'].indexOf(text.at(-1) ?? '')
    expect(tidOf(microseconds ?? 0, (clock + last) % 1024)).toBe(text)
  })

  test.each(lines('tid_syntax_invalid.txt'))('is not %s', (text) => expect(microsecondsOf(text)).toBeUndefined())

  test('sorts as its time does', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), fc.nat(1023), (a, b, clock) => {
        const [one, two] = [a * 1e6, b * 1e6].map((us) => tidOf(us, clock)) as [string, string]
        expect(Math.sign(a - b)).toBe(one < two ? -1 : one > two ? 1 : 0)
        expect(microsecondsOf(one)).toBe(a * 1e6)
      }),
    )
  })
})

describe('the address of a post', () => {
  test.each(lines('did_syntax_valid.txt'))('is of %s', (did) => {
    expect(postUri(uriOf(did, '3jzfcijpj2z2a'))).toEqual({ did, rkey: '3jzfcijpj2z2a' })
  })
  test.each(lines('recordkey_syntax_valid.txt'))('has the key %s', (rkey) => {
    expect(postUri(uriOf('did:plc:abc', rkey))).toEqual({ did: 'did:plc:abc', rkey })
  })
  test.each(lines('recordkey_syntax_invalid.txt'))('has not the key %s', (rkey) => {
    expect(postUri(uriOf('did:plc:abc', rkey))).toBeUndefined()
  })
})

describe('a text', () => {
  test.each([
    ['300 letters', 'x'.repeat(300), false],
    ['301 letters', 'x'.repeat(301), true],
    ['120 families, one grapheme each and 25 bytes', '👨‍👩‍👧‍👦'.repeat(120), false],
    ['121 of them, too many bytes', '👨‍👩‍👧‍👦'.repeat(121), true],
    ['300 letters with a mark each', 'e\u0301'.repeat(300), false],
    ['flags', '🇩🇪'.repeat(300), false],
    ['one grapheme of 3,002 bytes', `e${'\u0301'.repeat(1501)}`, true],
    ['nothing', '', false],
  ])('of %s is measured', (_, text, tooLong) => {
    expect(measure({ text }).tooLong ?? false).toBe(tooLong)
    expect(measure({ text }).warnings.length > 0).toBe(tooLong)
  })

  test.each([
    ['see https://example.org/a.', 'https://example.org/a'],
    ['(https://example.org/a)', 'https://example.org/a'],
    ['(see https://example.org/a_(b))', 'https://example.org/a_(b)'],
    ['„https://example.org/?q=1&b=2“', 'https://example.org/?q=1&b=2'],
    ['https://example.org/!?', 'https://example.org/'],
  ])('%s links to %s', async (text, uri) => {
    expect((await facetsOf(text, async () => undefined)).map(({ features }) => features[0]?.uri)).toEqual([uri])
  })

  test.each(['mail a@example.org', 'https://', 'no.1 #1 #', 'javascript:alert(1)', 'x#y'])(
    '%s has nothing to click',
    async (text) => {
      expect(await facetsOf(text, async () => 'did:plc:abc')).toEqual([])
    },
  )

  test('has what can be clicked where it stands, in bytes, whatever stands before it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (before) => {
        const text = `${before} https://example.org/x`
        const found = (await facetsOf(text, async () => undefined)).at(-1)?.index
        expect(Buffer.from(text).subarray(found?.byteStart, found?.byteEnd).toString()).toBe('https://example.org/x')
      }),
    )
  })
})
