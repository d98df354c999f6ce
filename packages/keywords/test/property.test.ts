import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read, standard, table } from '../src/index.ts'
import { corpus, files } from './read-corpus.ts'

const words = table(standard)
const all = files.flatMap(corpus)

/** A text with other case, blanks and punctuation. A full stop or comma within makes other sentences, and is left out. */
function typed(text: string): fc.Arbitrary<string> {
  const letters = [...text]
  const inside = fc.constantFrom('', '', '', '', ' ', '"', '’', ' 🙂 ', ' *', ' : ')
  const ends = fc.stringMatching(/^[.,;!?…"'() *~-]{0,4}$/)
  const change = fc.record({ upper: fc.boolean(), beside: inside })
  return fc
    .tuple(fc.array(change, { minLength: letters.length, maxLength: letters.length }), ends, ends)
    .map(([changes, front, end]) => {
      const inner = letters.map((letter, index) => {
        const { upper, beside } = changes[index] ?? { upper: false, beside: '' }
        return (upper ? letter.toUpperCase() : letter.toLowerCase()) + (/^\s$/.test(letter) ? beside : '')
      })
      return front + inner.join('') + end
    })
}

test('no text that must not opt out does, however it is typed', () => {
  // A message is only quoted where the mark begins its line.
  const never = all.filter((one) => one.never && !one.body.startsWith('>'))
  const texts = fc
    .constantFrom(...never)
    .chain(({ body, locale }) => fc.record({ locale: fc.constant(locale), text: typed(body) }))
  fc.assert(
    fc.property(texts, ({ text, locale }) => {
      expect(read(text, { table: words, locale }).word).not.toBe('stop')
    }),
    { numRuns: 2_000 },
  )
})

test('an opt-out is one however it is typed', () => {
  const stops = all.filter(
    ({ body, word, scope }) =>
      word === 'stop' &&
      scope === '*' &&
      /^[a-z ]+$/i.test(body) &&
      read(body.toLowerCase(), { table: words }).word === 'stop',
  )
  const texts = fc.constantFrom(...stops).chain(({ body }) => typed(body))
  fc.assert(
    fc.property(texts, (text) => {
      fc.pre(!text.includes('?')) // may make a question of it
      expect(read(text, { table: words, locale: 'en' }).word).toBe('stop')
    }),
    { numRuns: 2_000 },
  )
})

const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    'stop',
    'STOP ',
    ' me',
    'renew ',
    'join ',
    '停止',
    ' đừng',
    '\u0000',
    '\ud800',
    'İ',
    '\u200d',
    '🛑',
    '2',
  ),
)

test('any text at all is read, and only as what a reading may be', () => {
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, fc.option(fc.string(), { nil: undefined }), (said, locale) => {
      const { word, how, scope } = read(said, { table: words, ...(locale !== undefined && { locale }) })
      expect(how === undefined).toBe(word === undefined)
      if (word) expect(word).toBe(word.toLowerCase())
      if (word === 'stop' || word === 'start') expect(scope).toBeTypeOf('string')
    }),
    { numRuns: 2_000 },
  )
}, 30_000)

// A pattern that backtracks without end would not come back before the runner's own limit.
test.each([
  ['a long one', 'please stop texting me '.repeat(2_000), undefined],
  ['one of blanks', `stop${' '.repeat(1_500)}me`, undefined],
  ['a very long one of blanks', `stop${' '.repeat(100_000)}`, undefined],
  ['one of fillers', `stop${' me all the of to'.repeat(11)}`, undefined],
  ['one of courtesies', `${'please ok '.repeat(150)}stop`, undefined],
  ['one of the same sentence', 'stop the the the. '.repeat(80), undefined],
  ['one of commas', 'a,'.repeat(800), undefined],
  ['one of quotes', '“a '.repeat(530), undefined],
  ['one of STOP', 'stop '.repeat(320), undefined],
  ['one of words mistyped', 'unsubscrib '.repeat(145), undefined],
  ['one without a full stop', 'please could you tell me why the text that i got does not '.repeat(27), undefined],
  ['a Chinese one', '图书馆的书我都很喜欢这是第三'.repeat(110), undefined],
  ['a rant', `${'I am so tired of this library and its rules. '.repeat(30)}Stop texting me.`, 'stop'],
])('%s is read', (_, text, word) => {
  expect(read(text, { table: words }).word).toBe(word)
})
