import type { Interaction } from '@prm/core'
import { expect, test } from 'vitest'
import { numberReported, type ReportRow } from '../src/index.ts'
import { one } from './look.ts'

const reports = ({ rows }: Awaited<ReturnType<typeof one>>) =>
  rows
    .filter((row): row is ReportRow => row.is === 'report')
    .map(({ is: _, file: __, line: ___, layout: ____, ...row }) => row)
const header = (subject: string, more = '') =>
  `Received: from mx ([::1])\nSubject: ${subject}\n${more}From: Shoutbomb\nTo: library@example.org\n\n`

const optedOut =
  'Hello,\n\nThese patron phone numbers seem to have OPTED-OUT from SMS or MMS messages based on multiple\nattempts to contact. Please verify and correct.\n\n'
const invalid =
  'Hello,\n\nThese patron phone numbers seem to be invalid based on multiple attempts to contact. Please verify and\ncorrect.\n\n'
const daily = `${optedOut}2125550101 :: 23307000001001 :: 100001 :: 3 :: SMS\n2125550102 :: 23307000001002 :: 3\n2125550103 :: No associated barcode\n\n${invalid}2125550104 :: 23307000001004 :: 100004 :: 3 :: SMS\n`

test('the daily mail: who opted out, whose number is invalid, and a fact of each with the day of the mail', async () => {
  const looked = await one('mail.txt', header('Invalid patron phone number Thu, November 13th 2025') + daily)
  expect(looked.bad).toEqual([])
  const day = '2025-11-13'
  expect(reports(looked)).toEqual([
    { about: 'opted-out', phone: '+12125550101', card: '23307000001001', day },
    { about: 'opted-out', phone: '+12125550102', card: '23307000001002', day },
    { about: 'opted-out', phone: '+12125550103', day },
    { about: 'invalid', phone: '+12125550104', card: '23307000001004', day },
  ])
  const facts = looked.facts as readonly Interaction[]
  expect(facts.map(({ type, who, data, at }) => [type, who, data, at])).toEqual(
    ['+12125550101', '+12125550102', '+12125550103', '+12125550104'].map((value, i) => [
      numberReported.name,
      { scheme: 'tel', value },
      { state: i < 3 ? 'opted-out' : 'invalid' },
      day,
    ]),
  )
  expect(facts[0]?.key).toMatch(/^opted-out [0-9a-f]{12} 2025-11-13$/)
  expect(looked.news.at(-1)).toMatchObject({ state: 'read', rows: 4, layout: 'shoutbomb-report-invalid' })
})

test('a mail without its subject has no day: its facts are told once', async () => {
  const { facts } = await one('mail.txt', daily)
  expect(facts).toHaveLength(4)
  expect(facts[0]).not.toHaveProperty('at')
  expect(facts[0]?.key).toMatch(/^opted-out [0-9a-f]{12}$/)
})

test('whose number it says nothing of is a bad row, however the words are wrapped', async () => {
  const wrapped = daily.replace('seem to be invalid based', 'seem to be\nfaulty based')
  const looked = await one('mail.txt', wrapped)
  expect(reports(looked).map(({ about }) => about)).toEqual(Array(3).fill('opted-out'))
  expect(looked.bad.map(({ why }) => why)).toEqual(['nothing above it says what these numbers are'])
  const bare = 'Invalid patron phone number Thu, November 13th 2025\n2125550101 :: 23307000001001 :: 100001 :: 3 :: SMS'
  expect((await one('mail.txt', bare)).bad).toHaveLength(1)
  const split = await one('mail.txt', daily.replace('to be invalid based', 'to be\ninvalid based'))
  expect(reports(split).map(({ about }) => about)).toEqual([...Array(3).fill('opted-out'), 'invalid'])
})

test('a number that is none is told as a row, and no fact; what is cut off is bad', async () => {
  const looked = await one(
    'mail.txt',
    `${optedOut}5550101 :: 23307000001001 :: 1 :: 3 :: SMS\nask :: x :: y\n2125550101 ::\n`,
  )
  expect(reports(looked)).toEqual([
    { about: 'opted-out', phone: null, phoneProblem: 'too short', card: '23307000001001' },
  ])
  expect(looked.facts).toEqual([])
  expect(looked.bad).toHaveLength(2)
})

test('voice notices that were not delivered are rows, without the names in them, also without a subject', async () => {
  const body =
    '2125550101 | 23307000001001| Maple Library| PINE, ADA | Overdue item message\n2125550102 |23307000001002| Maple Library|OAK, BO | Hold ready message\n'
  for (const text of [body, header('Voice notices that were not delivered on Mon, November 10th 2025') + body]) {
    const looked = await one('voice.txt', text)
    expect(reports(looked)).toMatchObject([
      { about: 'not-delivered', phone: '+12125550101', card: '23307000001001', what: 'Overdue item message' },
      { about: 'not-delivered', phone: '+12125550102', card: '23307000001002', what: 'Hold ready message' },
    ])
    expect([looked.facts, JSON.stringify(looked.rows).includes('PINE')]).toEqual([[], false])
  }
})

test('calls that generated errors are a row for each try, with its day', async () => {
  const line = (time: string) =>
    `CARRIER :: c-1 :: Patron number 2125550101 :: Home Library 3 :: error :: disconnect ::: Service unavailable ::: t-1 :: Library number 2125550100 :: 2026-11-02 :: ${time} ::`
  const text =
    header('Calls that generated errors Sun, November 2nd 2026') + [line('12:11:26'), line('13:27:31')].join('\n')
  const looked = await one('errors.txt', text)
  expect(looked.bad).toEqual([])
  const row = { about: 'call-failed', phone: '+12125550101', what: 'Service unavailable', day: '2026-11-02' }
  expect(reports(looked)).toEqual([row, row])
  expect(looked.facts).toEqual([])
})

const month = `Branch:: Maple Library
Hold text notices sent for the month = 1,728
Overdue items eligible for renewal, text notices sent for the month = 0

================================TOTALS================================
 Percentage of overall overdue (text) items where renewal was attempted:: 14.54%
============================TOTALS OF REGISTERED PATRON BY BRANCH================================
Maple Library has 13318 registered patrons for text notices
On 2025-10-31 there were 52 calls
Average daily call volume is:: 52

${optedOut}2125550101 :: 23307000001001 :: 100001 :: 3 :: SMS

${invalid}2125550104 :: 23307000001004 :: 100004 :: 3 :: SMS

....FREQUENCY OF KEYWORD USAGE BY PATRONS (for the
month)....
HELP was used 1 times.
STOP was used 12 times.
Total registered users for text notices is 13307
Maple Library signed up 108 patron(s) for voice notices the last month

XXXXXXXXXX2144
`

test('the monthly mail: what it counts, and its numbers once more, which are no facts', async () => {
  const looked = await one('month.txt', header('Shoutbomb Rpt October 2025') + month)
  expect([looked.bad, looked.facts]).toEqual([[], []])
  const counts = reports(looked).flatMap(({ about, what, count }) => (about === 'count' ? [[what, count]] : []))
  expect(counts).toEqual([
    ['Hold text notices sent for the month …', 1728],
    ['Overdue items eligible for renewal, text notices sent for the month …', 0],
    ['Percentage of overall overdue (text) items where renewal was attempted … %', 14.54],
    ['Maple Library has … registered patrons for text notices', 13318],
    ['On 2025-10-31 there were … calls', 52],
    ['Average daily call volume is …', 52],
    ['HELP was used … times', 1],
    ['STOP was used … times', 12],
    ['Total registered users for text notices is …', 13307],
    ['Maple Library signed up … patron(s) for voice notices the last month', 108],
  ])
  expect(reports(looked).flatMap(({ about, phone }) => (about === 'count' ? [] : [[about, phone]]))).toEqual([
    ['opted-out', '+12125550101'],
    ['invalid', '+12125550104'],
  ])
  expect(looked.news.at(-1)?.layout).toBe('shoutbomb-report-monthly')
})

test.each([
  ['base64', 'Content-Transfer-Encoding: base64\n'],
  ['quoted-printable', 'Content-Transfer-Encoding: quoted-printable\n'],
  ['multipart', 'Content-Type: multipart/alternative; boundary=x\n'],
  ['text/html', 'Content-type: text/html; charset=utf-8\n'],
])('a mail in %s is refused with what to do', async (form, field) => {
  const { news, rows } = await one('mail.eml', header('Invalid patron phone number', field) + daily)
  expect(rows).toEqual([])
  expect(news[0]).toMatchObject({
    state: 'refused',
    why: `it is a mail in ${form}: save its text alone, as plain text`,
  })
})
