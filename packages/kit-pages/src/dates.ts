import type { Instant, LocalDate } from '@prm/core/adapter'
import type { Clock, Wall } from './clock.ts'

/** Which comes first where both are numbers with slashes or dashes: `04/05/2026`. */
export type Order = 'month first' | 'day first'

/** A date as somebody wrote it. */
export interface Written {
  /** What a clock showed, by each order; the same twice where the order does not matter, nothing where there is no such day. */
  readonly walls: { readonly [order in Order]: Wall | undefined }
  /** It names a zone itself, so that the wall is UTC. */
  readonly utc: boolean
  /** It has a time of day. */
  readonly timed: boolean
}

const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/
const numbers = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/
/** `24 Nov 2026`, `24 de noviembre de 2026`, `1er novembre 2026`. */
const dayWords = /^(\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?(\p{L}{3,12})\.?,?\s+(?:de\s+|del\s+)?(\d{4})/iu
/** `Nov 24, 2026`. */
const wordsDay = /^(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})/iu
const weekday = /^\p{L}{2,10}\.?,\s+/iu
/** Beginnings of months in English, Spanish, French and German, without accents. */
const months = [
  /^(jan|ene)/,
  /^(feb|fev)/,
  /^(mar)/,
  /^(apr|abr|avr)/,
  /^(may|mai)/,
  /^(jun|juin)/,
  /^(jul|juil)/,
  /^(aug|ago|aou)/,
  /^(sep)/,
  /^(oct|okt)/,
  /^(nov)/,
  /^(dec|dic|dez)/,
]
const time =
  /^[T,\s]*(\d{1,2})(?::|h)(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?(?:m\.?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i

/** Nothing where it is no date. */
export function readDate(text: string): Written | undefined {
  const plain = text.normalize('NFKC').trim().replace(weekday, '')
  const day = dayIn(plain)
  if (!day) return undefined
  const rest = plain.slice(day.length).replace(/^\s*(?:at|a las|à|um)\s+/i, ' ')
  const clock = timeIn(rest)
  if (!clock) return undefined
  const wall = (date: number | undefined): Wall | undefined => (date === undefined ? undefined : date + clock.ms)
  const walls = { 'month first': wall(day.monthFirst), 'day first': wall(day.dayFirst) }
  if (walls['month first'] === undefined && walls['day first'] === undefined) return undefined
  return { walls, utc: clock.utc, timed: clock.timed }
}

interface Day {
  readonly length: number
  readonly monthFirst: number | undefined
  readonly dayFirst: number | undefined
}

function dayIn(text: string): Day | undefined {
  const same = (length: number, date: number | undefined) => ({ length, monthFirst: date, dayFirst: date })
  const whole = iso.exec(text)
  if (whole) return same(whole[0].length, dateOf(whole[1], whole[2], whole[3]))
  const pair = numbers.exec(text)
  if (pair) {
    const [all, a, dot, b, y = ''] = pair
    const year = y.length === 2 ? `20${y}` : y
    const dayFirst = dateOf(year, b, a)
    // Where they are dotted, the day comes first.
    if (dot === '.') return same(all.length, dayFirst)
    return { length: all.length, monthFirst: dateOf(year, a, b), dayFirst }
  }
  const words = dayWords.exec(text)
  if (words) return same(words[0].length, dateOf(words[3], monthOf(words[2]), words[1]))
  const other = wordsDay.exec(text)
  return other ? same(other[0].length, dateOf(other[3], monthOf(other[1]), other[2])) : undefined
}

function monthOf(word = ''): string {
  const plain = word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return String(months.findIndex((begins) => begins.test(plain)) + 1)
}

function dateOf(year = '', month = '', day = ''): number | undefined {
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day))
  const back = new Date(ms)
  const exists = back.getUTCMonth() === Number(month) - 1 && back.getUTCDate() === Number(day)
  return exists && Number(year) >= 1900 ? ms : undefined
}

function timeIn(text: string): { readonly ms: number; readonly utc: boolean; readonly timed: boolean } | undefined {
  if (text.trim() === '') return { ms: 0, utc: false, timed: false }
  const found = time.exec(text)
  if (!found) return undefined
  const [, h = '', m = '', s = '0', half, zone] = found
  const hour = half ? (Number(h) % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : Number(h)
  if (hour > 23 || Number(m) > 59 || Number(s) > 59 || (half && Number(h) > 12)) return undefined
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '') ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  return { ms: (hour * 60 + Number(m) - offset) * 60_000 + Number(s) * 1000, utc: zone !== undefined, timed: true }
}

// ── which order ──────────────────────────────────────────────────────────────────────────────
/** How a file writes its days, and how that is known. */
export interface Dating {
  readonly order?: Order
  /** `set`: it was configured. `read`: other dates of the file can be read in one order only. `mixed`: some in one, some in the other. */
  readonly by: 'set' | 'read' | 'mixed' | 'unknown'
}

/** What the dates of a file say of their order: one that can be read in one order only decides, unless another says otherwise. */
export function datingOf(texts: Iterable<string>, set?: Order): Dating {
  if (set) return { order: set, by: 'set' }
  const only = new Set<Order>()
  for (const text of texts) {
    const walls = readDate(text)?.walls
    if (!walls || walls['month first'] === walls['day first']) continue
    if (walls['month first'] === undefined) only.add('day first')
    if (walls['day first'] === undefined) only.add('month first')
  }
  const [order] = only
  if (only.size !== 1 || !order) return { by: only.size === 0 ? 'unknown' : 'mixed' }
  return { order, by: 'read' }
}

export type When =
  | { readonly at: Instant | LocalDate; readonly wall: Wall; readonly guessed?: true }
  | { readonly why: string }

/** When it was: an instant, or a day where no time is told. What can be read in two ways is not guessed but by `dating`. */
export function whenOf(text: string, { order, by }: Dating, clock: Clock): When {
  const written = readDate(text)
  if (!written) return { why: 'it is no date' }
  const { 'month first': month, 'day first': day } = written.walls
  const either = month !== undefined && day !== undefined && month !== day
  if (either && !order)
    return {
      why: `its day and month can be read in two ways, and the file ${by === 'mixed' ? 'has both' : 'does not tell'}`,
    }
  // One that cannot be as the others are is read as it can be.
  const wall = (order === 'day first' ? day : month) ?? month ?? day
  if (wall === undefined) return { why: 'it is no date' }
  const at = !written.timed ? dayOf(wall) : written.utc ? new Date(wall).toISOString() : clock.instant(wall)
  return { at, wall, ...(either && by === 'read' && { guessed: true as const }) }
}

export const dayOf = (wall: Wall): LocalDate => new Date(wall).toISOString().slice(0, 10)
