import { expect, test } from 'vitest'
import { read, standard, table } from '../src/index.ts'
import { corpus, files, missed, reading } from './read-corpus.ts'

const all = files.flatMap(corpus)

test('the corpus has 1,500 texts and more in six languages, and 500 that must not opt out', () => {
  expect(all.length).toBeGreaterThanOrEqual(1_500)
  expect([...new Set(all.map(({ locale }) => locale))].sort()).toEqual(['de', 'en', 'es', 'fr', 'vi', 'zh'])
  expect(all.filter(({ never }) => never).length).toBeGreaterThanOrEqual(500)
})

test.each(files.filter((file) => file !== 'own-hard'))(
  'fixture of 300 messages in 6 languages routed as labelled: %s',
  (file) => {
    expect(missed(file)).toEqual([])
  },
)

test('of the hard ones these are for a person still, and none is read as something else', () => {
  expect(missed('own-hard').map((line) => line.replace(/^\w+ "(.*)" is .*/, '$1'))).toEqual([
    'i blocked you already, stop trying',
    "don't need these",
    'I dont use the library anymore so no need for these',
    'END THIS',
    'Ich bin kein Mitglied mehr und brauche das nicht',
    'ENOUGH',
  ])
})

test('no text that must not opt out does, whatever language it is taken for', () => {
  const words = table(standard)
  for (const { body, locale } of all.filter(({ never }) => never))
    for (const taken of [locale, undefined])
      expect(read(body, { table: words, ...(taken && { locale: taken }) }).word, body).not.toBe('stop')
})

test('no text is read as an opt-out that is labelled as something else', () => {
  for (const one of all.filter(({ word }) => word !== 'stop')) expect(reading(one).word, one.body).not.toBe('stop')
})
