import { type Instant, type LocalDate, PrmError } from '@prm/core'

/** A moment as a clock on the library's wall shows it. */
export interface Local {
  readonly day: LocalDate
  /** 0 is Monday. */
  readonly weekday: number
  /** 0 to 23; absent where the source knows only the day. */
  readonly hour?: number
}

/** Reads moments in a time zone. Throws `invalid` on what is none, `config` on a zone that there is not. */
export function clock(timeZone: string): (at: Instant | LocalDate) => Local {
  const format = formatOf(timeZone)
  const seen = new Map<string, Local>()
  return (at) => {
    const key = at.length === 10 ? at : at.slice(0, 15) + zoneOf(at) // no zone changes its offset within ten minutes
    const known = seen.get(key)
    if (known) return known
    const local = at.length === 10 ? ofDay(at) : ofInstant(at)
    seen.set(key, local)
    return local
  }

  function ofInstant(at: Instant): Local {
    const time = Date.parse(at)
    if (Number.isNaN(time) || zoneOf(at) === '') throw unreadable()
    const part: Record<string, string> = {}
    for (const { type, value } of format.formatToParts(time)) part[type] = value
    return { ...ofDay(`${part.year}-${part.month}-${part.day}`), hour: Number(part.hour) }
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
    })
  } catch (cause) {
    throw new PrmError('config', 'timeZone: an IANA zone such as America/Chicago is expected.', {
      field: 'timeZone',
      cause,
    })
  }
}

const zoneOf = (at: string): string => /(?:Z|[+-]\d{2}:?\d{2})$/.exec(at)?.[0] ?? ''

function ofDay(day: LocalDate): Local {
  const time = Date.parse(`${day}T00:00:00.000Z`)
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day) throw unreadable()
  return { day, weekday: (new Date(time).getUTCDay() + 6) % 7 }
}

function unreadable(): PrmError {
  return new PrmError(
    'invalid',
    'at: a day (2026-11-24) or a moment with its zone (2026-11-24T10:00:00.000Z) is expected.',
    {
      field: 'at',
    },
  )
}

/** Days since 1970-01-01. */
export function numberOf(day: LocalDate): number {
  return Math.round(Date.parse(`${day}T00:00:00.000Z`) / 86_400_000)
}

export function dayOf(number: number): LocalDate {
  return new Date(number * 86_400_000).toISOString().slice(0, 10)
}
