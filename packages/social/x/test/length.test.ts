import { expect, test } from 'vitest'
import { rig } from './rig.ts'

/** From X's page on counting characters, and the rules of twitter-text's config v3 (weights and ranges, links of 23). */
const counted: [string, number, number?][] = [
  ['', 0],
  ['Hello, world! 👋', 16],
  ['👾', 2],
  ['🙋🏽', 2],
  ['👨‍🎤', 2],
  ['👨‍👩‍👧‍👦', 2],
  ['🇩🇪', 2],
  ['1️⃣', 2],
  ['❤️', 2],
  ['❤', 2],
  ['#️⃣ok', 4],
  ['café', 4],
  ['cafe\u0301', 4], // NFC first
  ['é'.repeat(270), 270],
  ['図書館', 6],
  ['한글', 4],
  ['\u1100\u1161', 2], // one syllable once composed
  ['Привет', 6], // up to U+10FF all counts 1
  ['שלום', 4],
  ['ไทย', 3],
  ['“quotes” – and — dashes', 23],
  ['…', 2],
  ['€', 2],
  ['https://example.com', 23, 1],
  [`https://example.com/${'very/'.repeat(30)}long?x=1#y`, 23, 1],
  ['see https://a.example/b, or http://c.example.', 4 + 23 + 5 + 23 + 1, 2],
  ['(https://a.example/b)', 25, 1],
  ['example.com', 23, 1],
  ['www.library.de', 23, 1],
  ['library.de/hours', 23, 1],
  ['t.co', 23, 1],
  ['library.de', 10], // a country's domain by itself is none
  ['e.g. this.That', 14],
  ['ask desk@alder.org', 18],
  ['@alder.org', 10],
  ['3.5 hours', 9],
]

test.each(counted)('%j counts %i', async (text: string, weight: number, links = 0) => {
  const { adapter } = await rig()
  // Filled up to the limit, so that one more is too much.
  const filled = `${text} ${'a'.repeat(279 - weight)}`
  expect(adapter.channel.measure({ text: filled }).tooLong ?? false).toBe(false)
  const { tooLong, warnings, cost } = adapter.channel.measure({ text: `${filled}a` })
  expect(tooLong).toBe(true)
  expect(warnings[0]).toBe('281 of 280, as X counts')
  expect(cost?.micros).toBe(links ? 200_000 : 10_000)
})
