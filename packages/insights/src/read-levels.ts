import { type Cell, hide, threshold } from './cells.ts'
import { clock } from './clock.ts'
import type { Told } from './pages.ts'
import { type Rate, roundedRate, share } from './rate.ts'
import { once, people, type Questions, type Transaction } from './transaction.ts'

export interface ReadReport {
  readonly groups: readonly ReadGroup[]
  readonly text: string
}
/** The READ levels of one month, desk or kind. */
export interface ReadGroup {
  readonly name: string
  readonly questions: Cell
  /** Level 1 to 6, and what nobody coded: its own band, in no median. */
  readonly bands: readonly { readonly level: Level; readonly questions: Cell; readonly ref: string }[]
  readonly coded: Rate | null
  readonly median: number | null
  /** How many of the coded are 3 or more: what some libraries count as reference. */
  readonly fromThree: Rate | null
}
export type Level = 1 | 2 | 3 | 4 | 5 | 6 | 'uncoded'
const levels: readonly Level[] = [1, 2, 3, 4, 5, 6, 'uncoded']

/** How much effort questions took, on the READ Scale, by month, desk or kind. */
export async function readLevels(
  options: Questions & { readonly by?: 'month' | 'desk' | 'kind' },
): Promise<Told<ReadReport>> {
  const { by = 'month' } = options
  const k = threshold(options.k)
  const local = clock(options.timeZone)
  const all = await once(options.questions)
  const rows: Record<string, readonly string[]> = {}
  const nameOf = (one: Transaction): string =>
    by === 'month' ? local(one.asked).day.slice(0, 7) : ((by === 'desk' ? one.desk : one.kind) ?? 'not told')
  const named = [...Map.groupBy(all, nameOf)].sort(([a], [b]) => (a < b ? -1 : 1))
  const cut = hide(
    named.map(([, some]) => people(some)),
    k,
  )
  const groups = named.map(([name, some], at): ReadGroup => {
    const parts = levels.map((level) => some.filter(({ readLevel }) => (readLevel ?? 'uncoded') === level))
    const inside = hide(parts.map(people), k)
    const hidden = cut.cells[at] || inside.total
    const coded = some.filter(({ readLevel }) => readLevel !== undefined)
    const sorted = coded.map(({ readLevel }) => readLevel ?? 0).sort((a, b) => a - b)
    // What a hidden band could be reckoned from is hidden with it.
    const open = !hidden && !inside.cells[levels.indexOf('uncoded')]
    const whole = open && !inside.cells.includes(true) && coded.length > 0
    const fromThree = sorted.filter((level) => level >= 3).length
    return {
      name,
      questions: hidden ? null : some.length,
      bands: levels.map((level, band) => {
        const own = parts[band] ?? []
        const ref = `read ${name} ${level}`
        const shown = !hidden && !inside.cells[band]
        if (shown) rows[ref] = own.map(({ id }) => id)
        return { level, questions: shown ? own.length : null, ref }
      }),
      coded: open ? roundedRate(share(coded.length, some.length)) : null,
      median: !open || sorted.length < k ? null : (sorted[Math.floor((sorted.length - 1) / 2)] ?? null),
      fromThree: whole ? roundedRate(share(fromThree, coded.length)) : null,
    }
  })
  const coded = all.filter(({ readLevel }) => readLevel !== undefined).length
  const text =
    people(all) < k || groups.some(({ coded: one }) => one === null)
      ? `READ levels in ${groups.length} groups; some are too small to be shown.`
      : `${all.length} questions in ${groups.length} groups; ${percent(coded, all.length)} are coded.`
  return { report: { groups, text }, rows }
}

const percent = (part: number, of: number): string => `${of === 0 ? 0 : Math.round((100 * part) / of)} %`
