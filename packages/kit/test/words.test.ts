import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asWords, distance, unaccented } from '../src/optout.ts'

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^(?:[İıßſÅＡ-Ｚａ-ｚЅТОРѕтор ’.-]|[\u0300-\u0310]|[\u0400-\u04ff]|[\u1d00-\u1d2b]|\u2060)*$/u),
)

test('a text in words is in words already', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(asWords(asWords(text))).toBe(asWords(text))
    }),
    { numRuns: 20_000 },
  )
})

test('taking accents off twice changes nothing more, and keeps the number of words', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const words = asWords(text)
      const flat = unaccented(words)
      expect(unaccented(flat)).toBe(flat)
      expect(flat.split(' ').length).toBe(words.split(' ').length)
    }),
    { numRuns: 20_000 },
  )
})

test.each([
  ['  STOP  it\tNOW ', 'stop it now'],
  ['ＳＴＯＰ', 'stop'],
  ['𝐒𝐓𝐎𝐏', 'stop'],
  ['Ⓢⓣⓞⓟ', 'stop'],
  ['ЅТОР', 'stop'],
  ['ѕtоp', 'stop'],
  ['ꜱᴛᴏᴘ', 'stop'],
  ['s\u200bt\u00ado\u2060p', 'stop'],
  ['“Don’t”', 'dont'],
  ["don't", 'dont'],
  ['🛑 stop ⛔️', 'stop'],
  ['2️⃣', '2'],
  ['opt-out', 'opt out'],
  ['Arrêtez!', 'arrêtez'],
  ['HU\u0309Y', 'hủy'],
  ['стоп', 'стоп'],
  ['Привет', 'привет'],
])('%s is “%s”', (text, words) => {
  expect(asWords(text)).toBe(words)
})

test.each([
  ['arrêtez', 'arretez'],
  ['verlängern straße', 'verlangern strasse'],
  ['đừng', 'dung'],
  ['señal', 'senal'],
  ['续借', '续借'],
])('%s without accents is %s', (words, flat) => {
  expect(unaccented(words)).toBe(flat)
})

test.each([
  ['stop', 'stop', 0],
  ['stpo', 'stop', 1],
  ['stp', 'stop', 1],
  ['stoop', 'stop', 1],
  ['shop', 'stop', 1],
  ['', 'stop', 4],
  ['unsuscrib', 'unsubscribe', 2],
])('“%s” and “%s” are %i apart, either way round', (a, b, apart) => {
  expect(distance(a, b)).toBe(apart)
  expect(distance(b, a)).toBe(apart)
})
