import type { Instant } from '@prm/core/adapter'

/** What a wall clock shows, as if it were UTC, in ms since 1970. */
export type Wall = number

/** The wall clock of a place. */
export interface Clock {
  /** When it shows this; in an autumn fold the first time, in a spring gap as if it had not been changed. */
  instant(wall: Wall): Instant
  /** What it shows then. */
  wall(at: Date): Wall
}

/** Throws a RangeError where the runtime does not know the IANA zone. */
export function clockIn(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const shows = (ms: number): Wall => {
    const parts = format.formatToParts(ms)
    const of = (name: string) => Number(parts.find(({ type }) => type === name)?.value)
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  }
  return {
    wall: (at) => shows(at.getTime()),
    instant(wall) {
      // The two offsets in force around that moment; a day on each side is more than any change of clocks.
      const near = [wall - 86_400_000, wall + 86_400_000].map((ms) => wall - (shows(ms) - ms))
      const shown = near.filter((ms) => shows(ms) === wall - (wall % 1000))
      return new Date(shown.length > 0 ? Math.min(...shown) : Math.max(...near)).toISOString()
    },
  }
}
