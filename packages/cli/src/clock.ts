import type { QuietHours } from '@prm/core'

/** `2026-11-29 20:44 America/Chicago`: what its clocks show, and whose they are. */
export function timeIn(zone: string, instant: string | number): string {
  return `${clockOf(zone).format(new Date(instant))} ${zone}`
}

/** Moments in a text for a person, as the clocks of this zone show them. */
export function timesIn(zone: string, text: string): string {
  return text.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, (instant) => timeIn(zone, instant))
}

/** When the quiet hours end in which a zone is now; nothing where it is in none. */
export function quietUntil(now: number, { from, to }: QuietHours, zone: string): number | undefined {
  const isQuiet = (at: number): boolean => {
    const time = clockOf(zone).format(at).slice(-5)
    return from <= to ? time >= from && time < to : time >= from || time < to
  }
  let at = now
  while (isQuiet(at)) at = (Math.floor(at / 60_000) + 1) * 60_000
  return at === now ? undefined : at
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known) return known
  // Swedes write the day first, as ISO does.
  const made = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  clocks.set(zone, made)
  return made
}
const clocks = new Map<string, Intl.DateTimeFormat>()
