import type { Opening } from './host.ts'
import type { Duration, Instant, LocalDate, Span } from './words.ts'

const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

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

/** What a wall clock in one zone shows, as if it were UTC, in milliseconds. */
function wallClock(ms: number, zone: string): number {
  const quarter = Math.floor(ms / quarterMs)
  let known = offsets.get(zone)
  if (!known || known.size > mostQuarters) {
    known = new Map()
    offsets.set(zone, known)
  }
  let offset = known.get(quarter)
  if (offset === undefined) {
    const [first, last] = [quarter * quarterMs, (quarter + 1) * quarterMs - 1].map((at) => askedClock(at, zone) - at)
    // Within which a clock is changed, each moment is asked for.
    offset = first === last ? (first as number) : Number.NaN
    known.set(quarter, offset)
  }
  return Number.isNaN(offset) ? askedClock(ms, zone) : ms + offset
}

/** To ask a formatter costs more than all else of a decision, so what it said of a quarter of an hour is kept. */
const offsets = new Map<string, Map<number, number>>()
const quarterMs = 900_000
const mostQuarters = 1_000

function askedClock(ms: number, zone: string): number {
  let year = 0,
    month = 0,
    day = 0,
    hour = 0,
    minute = 0,
    second = 0
  for (const { type, value } of clockOf(zone).formatToParts(ms)) {
    if (type === 'year') year = Number(value)
    else if (type === 'month') month = Number(value)
    else if (type === 'day') day = Number(value)
    else if (type === 'hour') hour = Number(value)
    else if (type === 'minute') minute = Number(value)
    else if (type === 'second') second = Number(value)
  }
  // Before 1970 what is left of a second is counted from below.
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((ms % 1_000) + 1_000) % 1_000)
}

/** A formatter costs thirty times what formatting does, so each zone has one. */
const clocks = new Map<string, Intl.DateTimeFormat>()
function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    clocks.set(zone, clock)
  }
  return clock
}

/** Whether this runtime knows the IANA zone. */
export function zoneExists(zone: string): boolean {
  try {
    clockOf(zone)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * The first instant later than `after` at which a wall clock in the zone shows this local time. An autumn fold shows it
 * twice; in a spring gap no clock shows it, and it is the moment the gap ends.
 */
export function atLocal(wall: number, zone: string, after: number = Number.NEGATIVE_INFINITY): number {
  // The two offsets in force around that moment; a day on each side is more than any change of clocks.
  const by = (near: number): number => wall - (wallClock(near, zone) - near)
  const candidates = [by(wall - 86_400_000), by(wall + 86_400_000)] as const
  if (candidates[0] === candidates[1]) return candidates[0]
  const shown = candidates.filter((ms) => wallClock(ms, zone) === wall)
  const later = shown.filter((ms) => ms > after)
  if (later.length > 0) return Math.min(...later)
  if (shown.length > 0) return Math.max(...shown)
  let [before, end] = [Math.min(...candidates), Math.max(...candidates)]
  while (end - before > 1) {
    const middle = Math.floor((before + end) / 2)
    if (wallClock(middle, zone) < wall) before = middle
    else end = middle
  }
  return end
}

/** The first instant after this calendar day in the zone. A day that is due ends at midnight, not before. */
export function endOfDay(date: LocalDate, zone: string): number {
  return atLocal(Date.parse(`${date}T00:00:00.000Z`) + 86_400_000, zone)
}

/** The calendar day that the zone has then. */
export function localDay(ms: number, zone: string): LocalDate {
  const day = Math.floor(wallClock(ms, zone) / unit.d)
  const date = dates.get(day) ?? instant(day * unit.d).slice(0, 10)
  if (dates.size < 1_000) dates.set(day, date)
  return date
}
const dates = new Map<number, LocalDate>()

/** A moment given as an instant or as a day, which lasts until its end in the zone. */
export function deadline(moment: Instant | LocalDate, zone: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(moment) ? endOfDay(moment, zone) : Date.parse(moment)
}

export interface QuietHours {
  readonly span: Span
  readonly zone: string
}

/**
 * The first moment at or after `ms` that is in none of the quiet hours; `NaN` where they leave none. Local time decides, so
 * DST nights are right.
 */
export function nextOpen(ms: number, quiet: readonly QuietHours[]): number {
  let at = ms
  // Each round leaves one window; one that is quiet all round is refused when the library is made, two may fill the day.
  for (let round = 0; round < 100; round++) {
    const closed = quiet.find((hours) => isQuiet(at, hours))
    if (!closed) return at
    at = endOfQuiet(at, closed)
  }
  return Number.NaN
}

function isQuiet(ms: number, { span, zone }: QuietHours): boolean {
  const [from, to] = [minutes(span.from), minutes(span.to)]
  const now = Math.floor((wallClock(ms, zone) % 86_400_000) / 60_000)
  return from <= to ? now >= from && now < to : now >= from || now < to
}

function endOfQuiet(ms: number, { span, zone }: QuietHours): number {
  const wall = wallClock(ms, zone)
  const midnight = wall - (wall % 86_400_000)
  let end = midnight + minutes(span.to) * 60_000
  if (end <= wall) end += 86_400_000
  return atLocal(end, zone, ms)
}

const dayMs = unit.d
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const allDay = [{ from: '00:00', to: '24:00' }]

/** The first moment at or after `ms` at which the place is open by its wall clock; `NaN` where it is not within a year. */
export function nextOpening(ms: number, { hours, closed = [] }: Opening, zone: string): number {
  const wall = wallClock(ms, zone)
  const today = wall - (wall % dayMs)
  for (let day = today; day <= today + 366 * dayMs; day += dayMs) {
    if (closed.includes(instant(day).slice(0, 10))) continue
    const spans = hours ? (hours[weekdays[new Date(day).getUTCDay()] as 'sun'] ?? []) : allDay
    let first = Number.NaN
    for (const { from, to } of spans) {
      const [opens, shuts] = [day + minutes(from) * 60_000, day + minutes(to) * 60_000]
      if (wall >= opens && wall < shuts) return ms
      if (opens <= wall) continue
      // What lies wholly in the gap of a spring night is no opening.
      const at = atLocal(opens, zone, ms)
      if (wallClock(at, zone) < shuts && !(at > first)) first = at
    }
    if (!Number.isNaN(first)) return first
  }
  return Number.NaN
}

/** Minutes after midnight of `21:00`; `NaN` for what is no time of day. */
export function minutes(time: string): number {
  let known = timesOfDay.get(time)
  if (known === undefined) {
    const [, hour, minute] = /^([01]\d|2[0-3]|24(?=:00)):([0-5]\d)$/.exec(time) ?? []
    known = hour && minute ? Number(hour) * 60 + Number(minute) : Number.NaN
    if (timesOfDay.size < 1_500) timesOfDay.set(time, known) // a day has no more
  }
  return known
}
const timesOfDay = new Map<string, number>()

/** `Tue, Nov 24, 08:00` in the zone. */
export function spoken(ms: number, zone: string): string {
  let clock = spokenClocks.get(zone)
  if (!clock) {
    const words = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clock = { words, known: new Map() }
    spokenClocks.set(zone, clock)
  }
  const { words, known } = clock
  const minute = Math.floor(ms / 60_000)
  let text = known.get(minute)
  if (text === undefined) {
    text = words.format(ms)
    if (known.size >= 1_500) known.clear()
    known.set(minute, text) // of bulk thousands go in one minute
  }
  return text
}
const spokenClocks = new Map<string, { readonly words: Intl.DateTimeFormat; readonly known: Map<number, string> }>()
