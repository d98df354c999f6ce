import { type Known, type LocalDate, type PageRef, PrmError } from '@prm/core/adapter'

// For adapters with `metrics`: days of a query, and figures that are known or not.

/** Both days are counted. */
export interface Days {
  readonly from: LocalDate
  readonly to: LocalDate
}

/** More is asked for in parts: three years and a bit. */
const mostDays = 1100
const dayMs = 86_400_000

/**
 * The days of a query that are over, so many at a time: what was counted of a day that goes on is not its figure. Throws
 * `invalid` naming `from` or `to` for what is no day, days in the wrong order, and more than 1,100 of them.
 */
export function spansOf({ from, to }: Days, today: LocalDate, each: number): readonly Days[] {
  const [first, last] = [msOf(from, 'from'), msOf(to, 'to')]
  if (first > last) throw new PrmError('invalid', 'The query ends before it begins: from is after to.', { field: 'to' })
  if ((last - first) / dayMs >= mostDays)
    throw new PrmError('invalid', `The query is of more than ${mostDays} days: ask for a part of them at a time.`, {
      field: 'from',
    })
  const end = Math.min(last, msOf(today, 'today') - dayMs)
  const spans: Days[] = []
  for (let ms = first; ms <= end; ms += each * dayMs)
    spans.push({ from: dayAt(ms), to: dayAt(Math.min(end, ms + (each - 1) * dayMs)) })
  return spans
}

function msOf(day: LocalDate, field: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) : Number.NaN
  // 2026-02-31 is taken for a day of March by some, for none by others.
  if (Number.isNaN(ms) || dayAt(ms) !== day)
    throw new PrmError('invalid', `The query is wrong: ${field} is no day: expected one such as 2026-11-24.`, { field })
  return ms
}
const dayAt = (ms: number): LocalDate => new Date(ms).toISOString().slice(0, 10)

/** The day in an IANA zone or at an offset such as `+05:30`. Throws a RangeError where the runtime knows no such zone. */
export function dayIn(timeZone: string, at: Date): LocalDate {
  const format = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`
}

export const known = (value: number): Known<number> => ({ is: 'value', value })
export const unavailable = (why: string): Known<number> => ({ is: 'unavailable', reason: why })

/** A count, whether it came as a number or as its digits; `undefined` where there is none. */
export function countIn(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof count === 'number' && Number.isFinite(count) && count >= 0 ? count : undefined
}

/** A count, or why there is none. */
export function figure(value: unknown, why: string): Known<number> {
  const count = countIn(value)
  return count === undefined ? unavailable(why) : known(count)
}

/** A page by its path, and by its host too where that is not the site's own: `/printing`, `//faq.library.example/printing`. */
export function pageAt(system: string, path: string, host: string | undefined, own: string | undefined): PageRef {
  const bare = (name: string) => name.replace(/^www\./, '')
  const url = host && `https://${host}${path}`
  return {
    system,
    id: !host || (own && bare(host) === bare(own)) ? path : `//${host}${path}`,
    ...(url && URL.canParse(url) && { url }),
  }
}
