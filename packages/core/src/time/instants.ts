// Instants and durations as text and as milliseconds.
import type { Duration, Instant, LocalDate } from '../contract/index.ts'

/** The last that was said; of two in one millisecond the one that was stored last. */
export function latest<W extends { readonly at: Instant }>(words: readonly W[]): W | undefined {
  return words.reduce<W | undefined>((a, b) => (a && Date.parse(a.at) > Date.parse(b.at) ? a : b), undefined)
}

export const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a duration such as `90d`; `NaN` for what is none. */
export function milliseconds(duration: Duration): number {
  const [, count, word] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []
  return word ? Number(count) * unit[word as keyof typeof unit] : Number.NaN
}

export function instant(ms: number): Instant {
  if (ms === last.ms) return last.text
  const second = Math.floor(ms / 1_000)
  const start = second === last.second ? last.start : new Date(ms).toISOString().slice(0, -4)
  last = { ms, second, start, text: `${start}${String(Math.trunc(ms - second * 1_000)).padStart(3, '0')}Z` }
  return last.text
}

/** One turn is told several times, and the next is in the same second. */
let last = { ms: Number.NaN, second: Number.NaN, start: '', text: '' }

/** The same moment in UTC; nothing for what is none, or would be another on a machine in another zone. */
export function utc(moment: unknown): Instant | undefined {
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i
  if (typeof moment !== 'string' || !isWhole.test(moment) || !isDay(moment.slice(0, 10))) return undefined
  const ms = Date.parse(moment)
  return Number.isNaN(ms) ? undefined : instant(ms)
}

export function isDay(text: unknown): text is LocalDate {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  return new Date(text).getUTCDate() === Number(text.slice(8)) // or it is 31 February
}
