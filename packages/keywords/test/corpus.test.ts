import { expect, test } from 'vitest'
import { read, standard, table } from '../src/index.ts'
import { corpus, missed, reading } from './read-corpus.ts'

test('the corpus has 300 texts and more in six languages, half of them kept aside', () => {
  const [open, kept] = [corpus('open'), corpus('kept')]
  expect(open.length + kept.length).toBeGreaterThanOrEqual(300)
  expect(Math.abs(open.length - kept.length)).toBeLessThan(10)
  for (const half of [open, kept])
    expect([...new Set(half.map(({ locale }) => locale))].sort()).toEqual(['de', 'en', 'es', 'fr', 'vi', 'zh'])
})

test.each(['open', 'kept'] as const)('every text of the %s half is read as labelled', (half) => {
  expect(missed(half)).toEqual([])
})

test('no text that must not opt out does, whatever language it is taken for', () => {
  const words = table(standard)
  const asked = [...corpus('open'), ...corpus('kept')].filter(({ never }) => never)
  expect(asked.length).toBeGreaterThan(100)
  for (const { body, locale } of asked)
    for (const taken of [locale, undefined])
      expect(read(body, { table: words, ...(taken && { locale: taken }) }).word, body).not.toBe('stop')
})

test('no text is read as an opt-out that is labelled as something else', () => {
  const others = [...corpus('open'), ...corpus('kept')].filter(({ word }) => word !== 'stop')
  for (const one of others) expect(reading(one).word, one.body).not.toBe('stop')
})
