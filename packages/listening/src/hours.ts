import type { Library } from '@prm/core'

const step = 15 * 60_000
const longest = (14 * 24 * 60 * 60_000) / step

/**
 * The moment itself where the library is open then, or has no hours; else an hour after it opens next, so that nobody is late
 * for what fell due in the night. To a quarter of an hour.
 */
export function whenOpen(
  { openingHours, closedDays = [], timeZone }: Pick<Library, 'openingHours' | 'closedDays' | 'timeZone'>,
  due: Date,
): Date {
  if (!openingHours) return due
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const open = (at: number): boolean => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    if (closedDays.includes(`${parts.year}-${parts.month}-${parts.day}`)) return false
    const time = `${parts.hour}:${parts.minute}`
    return (openingHours[parts.weekday?.toLowerCase() as keyof typeof openingHours] ?? []).some(
      ({ from, to }) => time >= from && time < to,
    )
  }
  if (open(due.getTime())) return due
  const first = Math.ceil(due.getTime() / step) * step
  for (let n = 0; n < longest; n++) if (open(first + n * step)) return new Date(first + n * step + 4 * step)
  return due // closed for a fortnight
}
