import { type Cell, hide, threshold } from './cells.ts'
import { clock } from './clock.ts'
import type { Told } from './pages.ts'
import { once, people, type Questions, type Transaction } from './transaction.ts'

export interface HoursReport {
  /** Arrivals by weekday, Monday first, and hour of the library's clock; `null` is few. */
  readonly arrivals: readonly (readonly Cell[])[]
  /** Of these, how many nobody took. */
  readonly missed: readonly (readonly Cell[])[]
  readonly questions: Cell
  /** Known by their day only: in no cell. */
  readonly undated: Cell
  readonly text: string
}
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** When people ask: 7 × 24, by when they came and not by when they were answered, on the library's clock also over DST. */
export async function busiestHours(options: Questions): Promise<Told<HoursReport>> {
  const k = threshold(options.k)
  const local = clock(options.timeZone)
  const all = await once(options.questions)
  const rows: Record<string, readonly string[]> = {}
  const cells: Transaction[][] = Array.from({ length: 168 }, () => [])
  const undated: Transaction[] = []
  for (const one of all) {
    const { weekday, hour } = local(one.asked)
    if (hour === undefined) undated.push(one)
    else cells[weekday * 24 + hour]?.push(one)
  }
  const missed = cells.map((some) => some.filter((one) => one.missed))
  const cut = hide([...cells.map(people), people(undated)], k)
  // Beside its arrivals a missed cell is a table of two: who was taken is told by subtraction.
  const shownMissed = missed.map((some, at) => {
    const pair = hide([people(some), people((cells[at] ?? []).filter((one) => !one.missed))], k)
    return cut.cells[at] || pair.cells[0] || pair.total ? null : some.length
  })
  const shown = cells.map((some, at) => {
    if (cut.cells[at]) return null
    if (some.length > 0) rows[`hours ${at}`] = some.map(({ id }) => id)
    return some.length
  })
  const week = (values: readonly Cell[]): readonly (readonly Cell[])[] =>
    weekdays.map((_, day) => values.slice(day * 24, day * 24 + 24))
  const top = shown
    .map((count, at) => ({ count: count ?? 0, at }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || a.at - b.at)
    .slice(0, 3)
    .map(({ count, at }) => `${weekdays[Math.floor(at / 24)]} at ${`${at % 24}`.padStart(2, '0')}:00 (${count})`)
  return {
    report: {
      arrivals: week(shown),
      missed: week(shownMissed),
      questions: cut.total ? null : all.length,
      undated: cut.cells[168] ? null : undated.length,
      text: top.length === 0 ? 'No hour has enough questions to be shown.' : `Busiest: ${top.join(', ')}.`,
    },
    rows,
  }
}
