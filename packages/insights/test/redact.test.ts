import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Said } from '../src/index.ts'
import { english, german, spanish } from '../src/languages.ts'
import { redactor } from '../src/redact.ts'
import { reader } from '../src/tokens.ts'

const read = reader([english, spanish, german])
const common = [
  'how do i renew my book online with my card number',
  'can you call or mail me at my home address about my hold please',
  'i am waiting for my hold and my phone and email are',
  'my name is on the list for the study room',
]
const corpus = (planted: readonly string[]): readonly Said[] =>
  [...common.flatMap((text) => Array.from({ length: 6 }, () => text)), ...planted].map((text, at) => ({
    id: `${at}`,
    kind: 'chat',
    text,
  }))
const redacted = (text: string, times = 1, names: readonly string[] = []): string => {
  const rows = corpus(Array.from({ length: times }, () => text))
  const of = rows.map(({ id }) => id)
  return redactor(rows, of, 5, read, { names }).quote(text)
}

/** Each with what must not be left of it. Planted seven times over: the threshold alone does not hide it. */
test.each([
  ['my name is Quillon Abernathy, how do i renew my book', 'quillon abernathy'],
  ['my name is quillon abernathy and i renew my book', 'quillon abernathy'],
  ['me llamo Quillon Abernathy y quiero renovar', 'quillon abernathy'],
  ['Ich heiße Quillon Abernathy, guten Tag', 'quillon abernathy'],
  ["hi I'm Quillon, how do i renew my book", 'quillon'],
  ['how do i renew my book. Thanks, Quillon', 'quillon'],
  ['is Dr. Abernathy on the list for the study room', 'abernathy'],
  ['i am waiting for Quillon about my hold', 'quillon'],
  ['my card number is 2 1234 5678 9012 3', '1234 5678 9012'],
  ['my card number is 21234567890123', '21234567890123'],
  ['my card number is P1234567X', '1234567'],
  ['call me at +1 (212) 555-0142', '555 0142 212'],
  ['call me at 212.555.0142 please', '555 0142 212'],
  ['mail me at q.abernathy+lib@mail.example.org', 'abernathy example'],
  ['how do i renew https://catalogue.example.org/patron/77123?pin=4711', '77123 4711 patron'],
  ['i am @quillon_reads and my hold', 'quillon'],
  ['my home address is 1742', '1742'],
  ['born on 12/03/1987 and my hold', '1987 12/03'],
])('of %j nothing personal is left', (text, parts) => {
  const quote = redacted(text, 7).toLowerCase()
  for (const part of parts.split(' ')) expect(quote).not.toContain(part)
})

test('a name that the library gives is never shown, however it is written', () => {
  expect(redacted('ask marian about my hold', 9, ['Marian Paroo'])).toBe('ask […] about my hold')
})

test('what people ask stays readable', () => {
  expect(redacted('how do i renew my book online')).toBe('how do i renew my book online')
  expect(redacted('how do i renew 2 book on my card')).toBe('how do i renew […] book on my card')
})

test('a word that fewer than k people wrote is not shown, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-zA-Zäöüß0-9@.'-]{1,9}$/), { minLength: 1, maxLength: 8 }), (words) => {
      const text = `renew ${words.join(' ')} book`
      const rows = corpus([text, text])
      const quote = redactor(
        rows,
        rows.map(({ id }) => id),
        5,
        read,
      ).quote(text)
      const known = new Set(read(common.join(' ')).words.map(({ word }) => word))
      const stop = new Set([english, spanish, german].flatMap(({ stopWords }) => stopWords))
      for (const { word } of read(quote.replace(/\[[^\]]*\]/g, ' ')).words)
        expect(known.has(word) || stop.has(word) || word.length < 2, `${word} of ${text}: ${quote}`).toBe(true)
    }),
    { numRuns: 500 },
  )
})
