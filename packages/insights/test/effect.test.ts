import { describe, expect, test } from 'vitest'
import { edits, effect, type MetricRow, type Said } from '../src/index.ts'
import { t98 } from '../src/rate.ts'
import { poisson, randomFrom, type Trial, tried } from '../src/simulation.ts'

const usual: Trial = { planted: 1, controls: 12, questions: 12, weeks: 8, dispersion: 1.5, drift: 0.1, season: 1.8 }
const trials: readonly (readonly [string, Partial<Trial>])[] = [
  ['as chance has it', { dispersion: 1, drift: 0, season: 1 }],
  ['F4 semester effects, with control pages', { season: 0.6 }],
  ['while questions come in clumps', { dispersion: 3 }],
  ['while pages drift apart', { drift: 0.2 }],
  ['with few controls', { controls: 6 }],
  ['where much is asked and pages drift', { questions: 60, drift: 0.25, dispersion: 1 }],
]

describe.each(trials)('%s', (_, trial) => {
  test.each([0.4, 0.6, 1.5])('F4 planted effect found: one of %f is in the interval in 95 of 100 runs', (planted) => {
    const { held, notEnough } = tried({ ...usual, ...trial, planted }, 100, 20_261_129)
    expect(notEnough).toBe(0)
    expect(held).toBeGreaterThanOrEqual(95)
  })
  test('no effect is called one in at most 5 of 100 runs', () => {
    expect(tried({ ...usual, ...trial }, 100, 20_261_129).called).toBeLessThanOrEqual(5)
  })
})

test('an effect of 60 % is found in most runs: the interval is not wide only to be safe', () => {
  expect(tried({ ...usual, planted: 0.4 }, 100, 20_261_129).called).toBeGreaterThanOrEqual(80)
})

test('the approximation of t is close to the tables', () => {
  const table = [3.747, 3.365, 2.821, 2.528, 2.457]
  for (const [at, df] of [4, 5, 9, 20, 30].entries())
    expect(Math.abs(t98(df) / (table[at] ?? 0) - 1)).toBeLessThan(0.01)
})

test('questions that come in clumps make the interval wider, though they are as many', () => {
  const course = (counts: readonly number[]) => ({ before: counts.map(week), after: counts.map(week) })
  const week = (questions: number) => ({ questions, views: 500 })
  const [smooth, clumps] = [
    [8, 8, 8, 8],
    [0, 16, 0, 16],
  ].map((counts) =>
    effect(
      course(counts),
      Array.from({ length: 8 }, () => course([8, 8, 8, 8])),
    ),
  )
  if (!smooth?.enough || !clumps?.enough) throw new Error('not enough')
  expect(smooth.dispersion).toBe(1)
  expect(clumps.dispersion).toBeGreaterThan(1)
  expect(clumps.ratio.high / clumps.ratio.low).toBeGreaterThan(1.05 * (smooth.ratio.high / smooth.ratio.low))
})

const weeks = (questions: number) => Array.from({ length: 4 }, () => ({ questions, views: 500 }))
const steady = { before: weeks(8), after: weeks(8) }
const many = Array.from({ length: 8 }, () => steady)

test.each([
  ['few questions', { before: weeks(1), after: weeks(2) }, many],
  ['few controls', steady, many.slice(0, 4)],
  ['few controls', steady, many.map(() => ({ before: weeks(1), after: weeks(1) }))],
  ['short window', { before: weeks(8), after: weeks(8).slice(0, 1) }, many],
  ['no views', { before: weeks(8), after: weeks(8).map((week) => ({ ...week, views: 0 })) }, many],
] as const)('%s are not enough data', (why, edited, controls) => {
  expect(effect(edited, controls)).toEqual({ enough: false, why })
})

// A library of ten pages, where /loans was rewritten in the middle of term.
const site = 'https://guides.example.org'
const day = (at: number) => new Date(Date.UTC(2026, 7, 1 + at)).toISOString().slice(0, 10)
const random = randomFrom(5)
const metrics: MetricRow[] = []
const said: Said[] = []
for (let page = 0; page < 10; page++)
  for (let at = 0; at < 120; at++) {
    const season = 1 + at / 120
    metrics.push({ day: day(at), page: `${site}/${page}`, views: Math.round(60 + 30 * random()) })
    const edited = page === 0 && at > 60 ? 0.3 : 1
    for (let count = poisson(2 * season * edited, random); count > 0; count--)
      said.push({
        id: `${page} ${at} ${count}`,
        kind: 'chat',
        text: 'how',
        at: `${day(at)}T17:00:00.000Z`,
        page: `${site}/${page}`,
      })
  }
const versions = [
  { page: `${site}/0`, version: 'a', from: day(0) },
  { page: `${site}/0`, version: 'b', from: day(60) },
]
const options = { said, metrics, versions, timeZone: 'America/Chicago', titles: { [`${site}/0`]: 'Loans' } }

test('an edit is told with its effect, its interval, its controls and its rows', async () => {
  const { report, rows } = await edits(options)
  const [edit] = report.edits
  expect(edit).toMatchObject({
    page: 'guides.example.org/0',
    day: '2026-09-30',
    effect: { enough: true, changed: true, controls: 9 },
  })
  expect(edit?.text).toMatch(
    /^Loans, edited on 2026-09-30: \d+ % fewer questions per view \(between \d+ % fewer and \d+ % fewer\), beside 9 pages/,
  )
  if (edit?.effect.enough) {
    expect(edit.effect.ratio.low).toBeLessThan(0.3)
    expect(edit.effect.ratio.high).toBeGreaterThan(0.3)
  }
  expect(rows[edit?.before.ref ?? '']).toHaveLength(edit?.before.questions ?? 0)
  expect(rows[edit?.after.ref ?? '']).toHaveLength(edit?.after.questions ?? 0)
})

test('a second edit, a split page and a window that is not over are not enough data', async () => {
  const again = [...versions, { page: `${site}/0`, version: 'c', from: day(75) }]
  const twice = await edits({ ...options, versions: again })
  expect(twice.report.edits.map((edit) => edit.effect)).toEqual([
    { enough: false, why: 'another edit' },
    { enough: false, why: 'another edit' },
  ])
  const moves = [{ from: `${site}/0`, to: [`${site}/x`, `${site}/y`] }]
  const split = await edits({ ...options, pages: { moves } })
  expect(split.report.edits[0]?.effect).toEqual({ enough: false, why: 'page split' })
  const early = await edits({ ...options, metrics: metrics.filter((one) => one.day < day(70)) })
  expect(early.report.edits[0]?.effect).toEqual({ enough: false, why: 'short window' })
  expect(early.report.edits[0]?.text).toContain('not enough data, since')
})

test('a page that was edited too is no control', async () => {
  const other = [1, 2, 3, 4, 5].flatMap((page) => [
    { page: `${site}/${page}`, version: 'a', from: day(0) },
    { page: `${site}/${page}`, version: 'b', from: day(90) },
  ])
  const { report } = await edits({ ...options, versions: [...versions, ...other] })
  expect(report.edits.find(({ page }) => page.endsWith('/0'))?.effect).toEqual({ enough: false, why: 'few controls' })
})
