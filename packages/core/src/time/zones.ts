// In: an instant and a time zone. Out: the local day and wall clock there, right in nights of daylight saving.
import type { Instant, LocalDate } from '../contract/index.ts'
import { instant, unit } from './instants.ts'

/** What a wall clock in one zone shows, as if it were UTC, in milliseconds. */
export function wallClock(ms: number, zone: string): number {
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
