// A library and its branches: time zone, hours, quiet hours, caps.
import type { Duration, LocalDate, Medium, Span } from './primitives.ts'

export interface FrequencyCap {
  readonly max: number
  readonly per: Duration
}

/** A daily window without messages: by these media, or by all. */
export interface QuietHours extends Span {
  readonly media?: readonly Medium[]
}

/**
 * When a place is open: a branch by its own `openingHours`, else by the library's, and closed on the days of both. Without
 * `openingHours` it is closed only on its `closedDays`.
 */
export interface OpeningTimes {
  /**
   * By day of the week, several spans for a break at noon; a day that is not named is closed. None crosses midnight: until
   * two in the night is `00:00` to `02:00` of the next day.
   */
  readonly openingHours?: { readonly [D in 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun']?: readonly Span[] }
  readonly closedDays?: readonly LocalDate[]
}

export interface Library extends OpeningTimes {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  readonly locale: string
  /** ISO 3166 country, for numbers written without it. */
  readonly region: string
  /** No message goes out in this daily window, in the patron's, else the branch's, else the library's zone. */
  readonly quietHours?: QuietHours
  /** No more than this to one patron over all purposes; what is more waits. */
  readonly frequencyCap?: FrequencyCap
  /** Who is a minor: below this age, 18 by default, or of a category of children. */
  readonly minors?: { readonly below?: number; readonly categories?: readonly string[] }
  /** May titles be said by text and other ways that others may see? The default is `private-channels`. */
  readonly showTitles?: 'private-channels' | 'everywhere'
  readonly branches?: readonly Branch[]
}

export interface Branch extends OpeningTimes {
  /** As the sources name it. */
  readonly id: string
  readonly name: string
  readonly timeZone?: string
  readonly quietHours?: QuietHours
  /** The adapters that carry what concerns this branch: its own number, its own mailbox. */
  readonly adapters?: readonly string[]
}
