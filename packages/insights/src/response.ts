import { type Instant, PrmError } from '@prm/core'
import { type Cell, hide, threshold } from './cells.ts'
import type { Told } from './pages.ts'
import { rounded } from './rate.ts'
import { once, people, type Questions } from './transaction.ts'

export interface ResponseReport {
  readonly groups: readonly ResponseGroup[]
  readonly method: string
}
export interface ResponseGroup {
  readonly name: string
  readonly questions: Cell
  /** Still without an answer at the end: they count as long as they have waited. */
  readonly open: Cell
  /** Minutes until half of them, and nine of ten, were answered; `null` where that is not yet so. */
  readonly median: number | null
  readonly p90: number | null
  /** The share that is answered after so many minutes, for a curve. */
  readonly curve: readonly { readonly minutes: number; readonly answered: number }[]
  readonly ref: string
  readonly text: string
}

/** How long people wait for a person's first answer. `until` is the moment that open questions are counted to. */
export async function firstResponse(
  options: Questions & { readonly until: Instant; readonly by?: 'kind' | 'desk' },
): Promise<Told<ResponseReport>> {
  const { until, by = 'kind' } = options
  const k = threshold(options.k)
  const end = momentOf(until, 'until')
  const rows: Record<string, readonly string[]> = {}
  const timed = (await once(options.questions)).filter(
    ({ asked, missed, untimed }) => asked.length > 10 && !missed && !untimed,
  )
  const named = [...Map.groupBy(timed, (one) => one[by] ?? 'not told')].sort(([a], [b]) => (a < b ? -1 : 1))
  const cut = hide(
    named.map(([, some]) => people(some)),
    k,
  )
  const groups = named.map(([name, some], at): ResponseGroup => {
    const waits = some.map((one) => {
      const from = momentOf(one.asked, 'asked')
      const answered = one.answered === undefined ? undefined : momentOf(one.answered, 'answered')
      const over = answered !== undefined && answered <= end
      return { minutes: Math.max(0, ((over ? answered : end) - from) / 60_000), over }
    })
    const ref = `response ${name}`
    const none = {
      name,
      questions: null,
      open: null,
      median: null,
      p90: null,
      curve: [],
      ref,
      text: `${name}: too few to be shown.`,
    }
    if (cut.cells[at]) return none
    rows[ref] = some.map(({ id }) => id)
    const curve = kaplanMeier(waits)
    const open = some.filter((_, which) => !waits[which]?.over)
    const pair = hide([people(open), people(some.filter((one) => !open.includes(one)))], k)
    const reached = (answered: number) => {
      const minutes = curve.find((point) => point.answered >= answered - 1e-9)?.minutes
      return minutes === undefined ? null : rounded(minutes)
    }
    const [median, p90] = [reached(0.5), reached(0.9)]
    const left = pair.cells[0] ? null : open.length
    return {
      name,
      questions: some.length,
      open: left,
      median,
      p90,
      // Each step of the curve is somebody's wait: told at the tenths only.
      curve: Array.from({ length: 9 }, (_, tenth) => (tenth + 1) / 10).flatMap((answered) => {
        const minutes = reached(answered)
        return minutes === null || some.length < 2 * k ? [] : [{ minutes, answered }]
      }),
      ref,
      text: `${name}: half are answered within ${spoken(median)}, nine of ten within ${spoken(p90)}; ${some.length} questions${left === null ? '' : `, ${left} of them still open`}.`,
    }
  })
  return { report: { groups, method: 'Kaplan and Meier: open questions count as long as they have waited.' }, rows }
}

interface Wait {
  readonly minutes: number
  readonly over: boolean
}

/** The share that is answered after each wait, with those who still wait among the ones who might have been (Kaplan, Meier 1958). */
export function kaplanMeier(
  waits: readonly Wait[],
): readonly { readonly minutes: number; readonly answered: number }[] {
  const curve: { minutes: number; answered: number }[] = []
  let [waiting, left] = [waits.length, 1]
  for (const [minutes, some] of [...Map.groupBy(waits, (one) => one.minutes)].sort(([a], [b]) => a - b)) {
    const answered = some.filter(({ over }) => over).length
    left *= 1 - answered / waiting
    if (answered > 0) curve.push({ minutes, answered: 1 - left })
    waiting -= some.length
  }
  return curve
}

function momentOf(at: Instant, field: string): number {
  const time = Date.parse(at)
  if (Number.isNaN(time))
    throw new PrmError('invalid', `${field}: a moment such as 2026-11-24T10:00:00.000Z is expected.`, { field })
  return time
}

function spoken(minutes: number | null): string {
  if (minutes === null) return 'a time that is not over yet'
  if (minutes < 2) return `${Math.round(minutes * 60)} seconds`
  if (minutes < 120) return `${rounded(minutes)} minutes`
  return minutes < 2_880 ? `${rounded(minutes / 60)} hours` : `${rounded(minutes / 1_440)} days`
}
