import type { Instant, LocalDate, OpeningTimes } from '@prm/core'

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const dayMs = 86_400_000

/** "Open today 9:00-20:00." and what else HOURS tells at a moment, in the place's own time. */
export function hoursAt(at: Instant, opening: OpeningTimes, zone: string): string {
  const { today, spans, now, next } = look(at, opening, zone)
  const day = `${named(today)}: ${spans.length > 0 ? `open ${spans.map(spoken).join(' and ')}` : 'closed'}.`
  if (now) return `${day} Open now, until ${hour(now.to)}.`
  return next
    ? `${day} Closed now, opens ${next.today ? '' : `${named(next.day)}, `}${hour(next.from)}.`
    : `${day} Closed now.`
}

/** When a librarian reads what is written at that moment, to the minute. */
export function readsAt(at: Instant, opening: OpeningTimes, zone: string): string {
  const { now, next } = look(at, opening, zone)
  if (now) return `A librarian reads this today, until ${hour(now.to)}.`
  if (!next) return 'We are closed for now; a librarian reads this when we open again.'
  const minutes = Math.ceil((next.at - Date.parse(at)) / 60_000)
  const wait = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `We are closed now; a librarian reads this from ${named(next.day)}, ${hour(next.from)} on, in ${wait}.`
}

function look(at: Instant, { openingHours, closedDays = [] }: OpeningTimes, zone: string) {
  const wall = wallClock(Date.parse(at), zone)
  const today = dayOf(wall)
  const time = new Date(wall).toISOString().slice(11, 16)
  const spansOn = (day: LocalDate) =>
    closedDays.includes(day) ? [] : (openingHours?.[weekdays[new Date(day).getUTCDay()] as 'sun'] ?? [])
  const spans = spansOn(today)
  const now = spans.find(({ from, to }) => from <= time && time < to)
  const days = Array.from({ length: 366 }, (_, n) => dayOf(Date.parse(today) + n * dayMs))
  const day = days.find((one) => spansOn(one).some(({ from }) => one > today || from > time))
  const from = day && spansOn(day).find((span) => day > today || span.from > time)?.from
  const next = day && from ? { day, from, today: day === today, at: instantOf(day, from, zone) } : undefined
  return { today, spans, now, next }
}

/** What a wall clock shows then, as if it were UTC. */
function wallClock(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(ms)
  return Date.parse(`${parts.replace(' ', 'T')}Z`)
}

/** No library opens in the hour that a spring night leaves out, or in the one that an autumn night has twice. */
function instantOf(day: LocalDate, time: string, zone: string): number {
  const wall = Date.parse(`${day}T${time}:00Z`)
  const near = wall - (wallClock(wall, zone) - wall)
  return near - (wallClock(near, zone) - wall)
}

function dayOf(wall: number): LocalDate {
  return new Date(wall).toISOString().slice(0, 10)
}

function named(day: LocalDate): string {
  const words = { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat('en', words).format(Date.parse(day))
}

function hour(time: string): string {
  return time.replace(/^0/, '')
}

function spoken({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${hour(from)}-${hour(to)}`
}
