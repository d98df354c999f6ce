// One interaction between the library and a patron, from any source.
import type { Address } from './address.ts'
import type { Instant, LocalDate } from './primitives.ts'
import type { Ref } from './ref.ts'

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
  /** What the source itself calls the exchange that this is part of. */
  readonly thread?: string
  /** Core sets it for what a patron wrote; a command names the conversation that it changes. */
  readonly conversationId?: string
  /** What the source calls it in its own books, to be told what became of it: i-tiva's message_id. No part of the key. */
  readonly origin?: string
  /** Who did it, where that is not `who`: a member of staff, a flow. */
  readonly by?: Actor
  /** The page that it is about, or was asked on. */
  readonly page?: PageRef
  /** For counting voices: what has the same `independence` is one voice (a repost, a thread, one person twice). No names. */
  readonly evidence?: { readonly person?: string; readonly independence: string }
}

/** A page as its system names it; `version` says what a reader saw, `heading` where on it. */
export interface PageRef {
  readonly system: string
  readonly id: string
  readonly url?: string
  readonly heading?: string
  readonly version?: string
}

/** Who acts: the audit names them. */
export interface Actor {
  readonly kind: 'staff' | 'patron' | 'flow' | 'system'
  readonly id: string
}

/** What one message says, whatever carries it. */
export interface Content {
  readonly text: string
  readonly subject?: string
  /** The same as `text`, for a channel that shows it. */
  readonly html?: string
  readonly media?: readonly Attachment[]
}

/** An attachment by reference: an inlet's `media` fetches it, since it may need our credentials. */
export interface Attachment {
  readonly ref: string
  readonly type: string
}
