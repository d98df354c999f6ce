/**
 * What patrons say to get no more texts, in one language. Words and patterns are written as `asWords` leaves a text, and
 * without accents, unless `accents` says otherwise. A pattern is the source of a regular expression.
 */
export interface Language {
  readonly locale: string
  /** Words with and without accents are different ones, as in Vietnamese: all here is written with them, but for what is said
   * around a request. A text typed without accents is read against it without accents. */
  readonly accents?: true
  /** Written without blanks between words. */
  readonly joined?: true
  /** Said alone, it is an opt-out whatever the patron's language; a request to begin again; one for help. */
  readonly stop: readonly string[]
  readonly start: readonly string[]
  readonly help: readonly string[]
  /** Opt-outs said alone that are ordinary words elsewhere: for patrons of this language only. */
  readonly local?: readonly string[]
  /** Typed without accents it can only mean the opt-out. */
  readonly typed?: readonly string[]
  /** What is said before and after, without accents, and changes nothing. Patterns. */
  readonly courtesy: readonly string[]
  /** What is said before only: a wish, a reason. Patterns. */
  readonly opening: readonly string[]
  /** What is said after only: "anymore". Patterns. */
  readonly closing?: readonly string[]
  /** What makes a question or a wish of a request: "can you". Before a bare word it is more than that. Patterns. */
  readonly asking: readonly string[]
  /** Requests that are complete in themselves, also as one sentence among others. Patterns. */
  readonly sentences: readonly string[]
  /** Requests only where they are the whole text. Patterns. */
  readonly short?: readonly string[]
  /** Requests also at the end of a longer clause, unless the word before them is `denied`. Patterns. */
  readonly anywhere?: readonly string[]
  readonly denied?: string
  /** Requests of one kind of message. Patterns. */
  readonly narrowed: readonly (readonly [pattern: string, scope: string])[]
  /** Where one of these is said, no sentence beside it is an opt-out. Patterns. */
  readonly unless: readonly string[]
}
