import { expect, test } from 'vitest'
import { recurrence, type Said } from '../src/index.ts'

const other = [
  'renew a library book',
  'print in color',
  'reserve a study room',
  'opening hours sunday',
  'lost membership card',
  'wifi password laptop',
  'citation style paper',
]
const solved = '2026-07-01'
const dayAt = (n: number): string => new Date(Date.parse(solved) + n * 86_400_000).toISOString().slice(0, 10)
const chat = (text: string, day: number, n: number): Said => ({
  id: `${text.slice(0, 6)} ${day} ${n}`,
  kind: n % 2 ? 'chat' : 'mention',
  text: `${text} ${day} ${n}`,
  at: dayAt(day),
})
/** Eight weeks on both sides, some of each other theme a day, and the elevator so often a week. */
function town(before: number, after: number, busier = 1): readonly Said[] {
  const days = Array.from({ length: 113 }, (_, n) => n - 56).filter((n) => n !== 0)
  return days.flatMap((day) => {
    const others = other.flatMap((text, at) =>
      Array.from({ length: (1 + ((day + at + 70) % 2)) * (day > 0 ? busier : 1) }, (_, n) => chat(text, day, n)),
    )
    const weekly = day < 0 ? before : after
    const own = Array.from({ length: weekly }, (_, n) => n).filter((n) => (((n * 3 + day) % 7) + 7) % 7 === 0)
    return [...others, ...own.map((n) => chat('elevator is stuck again', day, n))]
  })
}
const of = (said: readonly Said[], more: object = {}) => {
  const rows = said.flatMap(({ id, at = '' }) => (id.startsWith('elevat') && at < solved ? [id] : []))
  return recurrence({ said, rows, solved, timeZone: 'America/Chicago', ...more })
}

test('a theme that was solved is raised less afterwards, with an interval, however much else is asked', async () => {
  for (const busier of [1, 3]) {
    const { report, rows } = await of(town(14, 3 * busier, busier))
    expect(report.label).toContain('elevator')
    expect(report.effect).toMatchObject({ enough: true, changed: true })
    const { ratio } = report.effect as { ratio: { low: number; value: number; high: number } }
    expect(ratio.value).toBeCloseTo(3 / 14, 1)
    expect(ratio.low).toBeLessThan(3 / 14)
    expect(ratio.high).toBeLessThan(0.6)
    expect(report.before.per1000?.value).toBeGreaterThan(3 * (report.after.per1000?.value ?? 0))
    expect(report.text).toMatch(/^.*elevator.*: before \d+ voices, .* After it was solved, it is raised less: \d+ %/)
    expect(rows.after?.every((id) => id.startsWith('elevat'))).toBe(true)
  }
})

test('one that comes back as before shows no change, and one that grows says so', async () => {
  expect((await of(town(14, 14))).report.text).toContain('no change shown')
  expect((await of(town(7, 35))).report.text).toContain('raised more than before')
})

test('is not enough data where few raised it, nothing else was said, or the time was short', async () => {
  const few = (await of(town(1, 1))).report
  expect(few.effect).toEqual({ enough: false, why: 'few questions' })
  expect(few.text).toContain('not enough data, since too few people raised it')
  const alone = town(14, 3).filter(({ id }) => id.startsWith('elevat') || id.startsWith('renew'))
  expect((await of(alone)).report.effect).toEqual({ enough: false, why: 'few controls' })
  const early = town(14, 3).filter(({ at = '' }) => at < dayAt(8))
  expect((await of(early)).report.effect).toEqual({ enough: false, why: 'short window' })
  expect((await recurrence({ said: town(14, 3), rows: [], solved, timeZone: 'UTC' })).report.effect.enough).toBe(false)
})

test('a campaign does not bring it back', async () => {
  const call = 'The elevator is stuck again and the council should resign over the elevator being stuck'
  const copies = Array.from({ length: 60 }, (_, n) => ({
    ...chat('', 20, 0),
    id: `elevat copy ${n}`,
    text: `${call} ${n}`,
  }))
  const { report } = await of([...town(14, 1), ...copies])
  expect(report.effect).toMatchObject({ enough: true, changed: true })
  expect(report.text).toContain('raised less')
})

test('a side of fewer than k is not shown, and none is 0', async () => {
  const some = town(14, 0)
  const { report } = await of([...some, chat('elevator is stuck again', 9, 1)])
  expect(report.after).toMatchObject({ voices: null, per1000: null })
  expect(report.effect).toEqual({ enough: false, why: 'few questions' })
  expect((await of(some)).report).toMatchObject({ after: { voices: 0 }, effect: { enough: true, changed: true } })
})
