import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  busiestHours,
  crosswalk,
  firstResponse,
  imls,
  localScheme,
  read3,
  readLevels,
  rusa,
  type Transaction,
} from '../src/index.ts'
import { kaplanMeier } from '../src/response.ts'

const timeZone = 'America/Chicago'
const many = (count: number, more: Omit<Transaction, 'id'>): readonly Transaction[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${JSON.stringify(more)} ${at}`, ...more }))

test('READ levels by month: what nobody coded is a band of its own, and in no median', async () => {
  const questions = [
    ...many(10, { asked: '2026-10-05', readLevel: 1 }),
    ...many(20, { asked: '2026-10-06', readLevel: 3 }),
    ...many(5, { asked: '2026-10-31T23:30:00-05:00', readLevel: 5 }),
    ...many(40, { asked: '2026-10-07' }),
    ...many(6, { asked: '2026-11-01T05:30:00.000Z', readLevel: 2 }),
  ]
  const { report, rows } = await readLevels({ questions, timeZone })
  const [october, november] = report.groups
  expect(october).toMatchObject({
    name: '2026-10',
    questions: 75,
    median: 3,
    coded: { value: 0.467 },
    fromThree: { value: 0.714 },
  })
  expect(october?.bands.map(({ level, questions: count }) => [level, count])).toEqual([
    [1, 10],
    [2, 0],
    [3, 20],
    [4, 0],
    [5, 5],
    [6, 0],
    ['uncoded', 40],
  ])
  expect(november).toMatchObject({ name: '2026-11', questions: 6 }) // 00:30 on the 1st in Chicago
  expect(rows['read 2026-10 3']).toHaveLength(20)
  expect(report.text).toBe('81 questions in 2 groups; 51 % are coded.')
})

test('a band of few hides what it could be reckoned from', async () => {
  const questions = [
    ...many(2, { asked: '2026-10-05', readLevel: 6 }),
    ...many(20, { asked: '2026-10-06', readLevel: 3 }),
    ...many(9, { asked: '2026-10-07' }),
  ]
  const { report } = await readLevels({ questions, timeZone })
  const [october] = report.groups
  expect(october?.bands.map(({ questions: count }) => count)).toEqual([0, 0, 20, 0, 0, null, null])
  expect(october).toMatchObject({ questions: 31, coded: null, fromThree: null })
})

test('hours are those of the clock on the wall, before and after it is changed', async () => {
  const questions = [
    // 15:00 in Chicago on Mondays: 20:00 UTC in summer, 21:00 in winter.
    ...many(6, { asked: '2026-10-26T20:00:00.000Z' }),
    ...many(7, { asked: '2026-11-02T21:00:00.000Z', missed: true }),
    ...many(5, { asked: '2026-11-01T06:30:00.000Z' }), // 01:30, before the hour is repeated
    ...many(5, { asked: '2026-11-01T07:30:00.000Z' }), // 01:30 again
    ...many(5, { asked: '2026-10-27' }),
  ]
  const { report, rows } = await busiestHours({ questions, timeZone })
  expect(report.arrivals[0]?.[15]).toBe(13)
  expect(report.missed[0]?.[15]).toBe(7)
  expect(report.arrivals[6]?.[1]).toBe(10)
  expect(report).toMatchObject({
    questions: 28,
    undated: 5,
    text: 'Busiest: Monday at 15:00 (13), Sunday at 01:00 (10).',
  })
  expect(rows[`hours ${15}`]).toHaveLength(13)
  expect(report.arrivals.flat().reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(23)
})

test('hours with few people are hidden, and no hour follows from the total', async () => {
  const questions = [
    ...many(30, { asked: '2026-10-26T20:00:00.000Z' }),
    ...many(9, { asked: '2026-10-26T19:00:00.000Z' }),
    ...many(1, { asked: '2026-10-26T18:00:00.000Z' }),
  ]
  const { report } = await busiestHours({ questions, timeZone })
  expect([13, 14, 15].map((hour) => report.arrivals[0]?.[hour])).toEqual([null, null, 30])
})

test('the first answer counts those who still wait: half of them is later than half of the answered', async () => {
  const asked = '2026-10-05T15:00:00.000Z'
  const until = '2026-10-05T20:00:00.000Z'
  const answered = [10, 20, 30, 40, 50, 60].map(
    (minutes, at): Transaction => ({
      id: `a${at}`,
      kind: 'chat',
      asked,
      answered: new Date(Date.parse(asked) + minutes * 60_000).toISOString(),
    }),
  )
  const open = many(6, { kind: 'chat', asked })
  const { report } = await firstResponse({ questions: [...answered, ...open], timeZone, until })
  expect(report.groups).toMatchObject([{ name: 'chat', questions: 12, open: 6, median: 60, p90: null }])
  expect(report.groups[0]?.text).toContain('nine of ten within a time that is not over yet')
  const only = await firstResponse({ questions: answered, timeZone, until })
  expect(only.report.groups[0]?.median).toBe(30)
  const later = await firstResponse({ questions: answered, timeZone, until: '2026-10-05T15:35:00.000Z' })
  expect(later.report.groups[0]).toMatchObject({ median: 30, p90: null })
})

test('Kaplan and Meier without anybody waiting is the plain share, and never falls', () => {
  const wait = fc.record({ minutes: fc.nat(50), over: fc.boolean() })
  fc.assert(
    fc.property(fc.array(wait, { minLength: 1, maxLength: 40 }), (waits) => {
      const curve = kaplanMeier(waits)
      for (const [at, point] of curve.entries()) {
        expect(point.answered).toBeGreaterThan(curve[at - 1]?.answered ?? 0)
        if (!waits.every(({ over }) => over)) continue
        const share = waits.filter(({ minutes }) => minutes <= point.minutes).length / waits.length
        expect(point.answered).toBeCloseTo(share, 9)
      }
    }),
  )
})

test('the known example of Kaplan and Meier comes out', () => {
  // 6-mercaptopurine arm of Freireich 1963, weeks; the survival after 6, 7, 10 and 23 weeks is 0.857, 0.807, 0.753, 0.448.
  const ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
  const censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
  const waits = [
    ...ended.map((minutes) => ({ minutes, over: true })),
    ...censored.map((minutes) => ({ minutes, over: false })),
  ]
  const left = new Map(kaplanMeier(waits).map(({ minutes, answered }) => [minutes, 1 - answered]))
  for (const [week, survival] of [
    [6, 0.857],
    [7, 0.807],
    [10, 0.753],
    [23, 0.448],
  ] as const)
    expect(left.get(week)).toBeCloseTo(survival, 3)
})

test('one question is counted under each rule, with its coded share and where the rules differ', async () => {
  const asked = '2026-10-05'
  const questions = [
    ...many(20, { asked, transactionClass: 'reference', readLevel: 4, local: 'R' }),
    ...many(8, { asked, transactionClass: 'technical', readLevel: 1, local: 'T' }),
    ...many(12, { asked, transactionClass: 'directional', readLevel: 1 }),
    ...many(10, { asked }),
  ]
  const { report, rows } = await crosswalk({ questions, schemes: [rusa, imls, read3, localScheme('2026', ['R'])] })
  expect(report.schemes.map(({ name, reference, other, uncoded }) => [name, reference, other, uncoded])).toEqual([
    ['RUSA', 28, 12, 10],
    ['IMLS-type', 20, 20, 10],
    ['READ 3+', 20, 20, 10],
    ['local', 20, 8, 22],
  ])
  expect(report.schemes[0]).toMatchObject({ version: '2021', coded: { value: 0.8 } })
  expect(report.disagreements.map(({ schemes: [a, b], differ }) => [a, b, differ])).toEqual([
    ['RUSA 2021', 'IMLS-type 1', 8],
    ['RUSA 2021', 'READ 3+ 1', 8],
    ['RUSA 2021', 'local 2026', 8],
    ['IMLS-type 1', 'READ 3+ 1', 0],
    ['IMLS-type 1', 'local 2026', 0],
    ['READ 3+ 1', 'local 2026', 0],
  ])
  expect(rows['crosswalk RUSA 2021 and IMLS-type 1 differ']).toHaveLength(8)
  expect(report.schemes[0]?.text).toBe(
    'RUSA 2021: 28 reference transactions, 12 others; 80 % of questions are coded for it.',
  )
})
