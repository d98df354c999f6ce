// In: a time and daily windows. Out: the first time outside, or inside, of them.
import type { OpeningTimes, Span } from '../contract/index.ts'
import { instant, unit } from './instants.ts'
import { atLocal, wallClock } from './zones.ts'

export interface QuietWindow {
  readonly span: Span
  readonly zone: string
}

/**
 * The first moment at or after `ms` that is in none of the quiet hours; `NaN` where they leave none. Local time decides, so
 * DST nights are right.
 */
export function nextOpen(ms: number, quiet: readonly QuietWindow[]): number {
  let at = ms
  // Each round leaves one window; one that is quiet all round is refused when the library is made, two may fill the day.
  for (let round = 0; round < 100; round++) {
    const closed = quiet.find((hours) => isQuiet(at, hours))
    if (!closed) return at
    at = endOfQuiet(at, closed)
  }
  return Number.NaN
}

function isQuiet(ms: number, { span, zone }: QuietWindow): boolean {
  const [from, to] = [minutes(span.from), minutes(span.to)]
  const now = Math.floor((wallClock(ms, zone) % 86_400_000) / 60_000)
  return from <= to ? now >= from && now < to : now >= from || now < to
}

function endOfQuiet(ms: number, { span, zone }: QuietWindow): number {
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
export function nextOpening(ms: number, { openingHours, closedDays = [] }: OpeningTimes, zone: string): number {
  const wall = wallClock(ms, zone)
  const today = wall - (wall % dayMs)
  for (let day = today; day <= today + 366 * dayMs; day += dayMs) {
    if (closedDays.includes(instant(day).slice(0, 10))) continue
    const spans = openingHours ? (openingHours[weekdays[new Date(day).getUTCDay()] as 'sun'] ?? []) : allDay
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
