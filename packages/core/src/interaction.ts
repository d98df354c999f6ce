import type { Address } from './people.ts'
import type { Instant, LocalDate } from './words.ts'

/** Names a fact or a message for ever: keys are unique per library and source. Source `prm` is what we sent ourselves. */
export interface Ref {
  readonly source: string
  readonly key: string
}

/**
 * One fact between library and patron, from any source. The key is made of the source's own ids and dates: never a
 * clock, never random, never the day of the run.
 */
export interface Interaction<Name extends string = string, Data = unknown> {
  readonly key: string
  readonly type: Name
  /** The adapter's name in this host. */
  readonly source: string
  /** When it happened, if the source says; a file row may know only a day. */
  readonly at?: Instant | LocalDate
  /** When core stored it. Core sets it. */
  readonly seen?: Instant
  readonly data: Data
  readonly who?: Address
  /** Core sets it where `who` is one patron and no more. */
  readonly patronId?: string
  /** Our own side: the number, mailbox or page that was addressed. */
  readonly to?: Address
  /** The branch or member library, where one source serves several. */
  readonly branch?: string
  /** What this answers: a delivery report names the message, a reply the notice. */
  readonly about?: Ref
}

/** What one message says, whatever carries it. */
export interface Content {
  readonly text: string
  readonly subject?: string
  readonly media?: readonly Attachment[]
}

/** An attachment by reference: an inlet's `media` fetches it, since it may need our credentials. */
export interface Attachment {
  readonly ref: string
  readonly type: string
}
