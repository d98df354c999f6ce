import type { Instant, Json, LocalDate, Medium, Span } from './words.ts'

// ── what passed between library and patron ───────────────────────────────────────────────────

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

/** One exchange with one person, or a staff task (source `prm`). What its facts make of it: its row is their index. */
export interface Conversation {
  readonly id: string
  /** The adapter that it came by, and answers go by; `prm` for a staff task. */
  readonly source: string
  /** The source's own name for it. Absent: what one address wrote to one of ours. */
  readonly thread?: string
  /** `open`: somebody at the library is to act; `waiting`: the patron is. */
  readonly state: 'open' | 'waiting' | 'snoozed' | 'closed'
  /** Since when it stands so. */
  readonly since: Instant
  /** How many facts and replies have changed it: it names what somebody had before their eyes. */
  readonly turn: number
  /** The turn of the last answer. */
  readonly replied?: number
  /** The turn of the patron's last text. */
  readonly heard?: number
  readonly who?: Address
  /** Our own number or mailbox. */
  readonly to?: Address
  /** By what the patron wrote last, and to where: answers go that way. */
  readonly last?: Pick<Interaction, 'source' | 'who' | 'to'>
  readonly patronId?: string
  readonly subject?: string
  readonly assignee?: string
  readonly queue?: string
  readonly tags: readonly string[]
  /** What the patron wrote and nobody has answered, oldest first, the last 50. */
  readonly pending: readonly Ref[]
  /** Each time that it was opened, oldest first, the last 50. */
  readonly questions: readonly Question[]
  /** The key of an answer that did not arrive. */
  readonly failed?: string
  /** What this one was merged into: what is said here goes on there. */
  readonly into?: string
  /** `notice`, `kind`, `branch` and `items` of the notice it answers, or several under `matters` where that is not known. */
  readonly context: { readonly [key: string]: Json }
}
/** From the patron's word to its end. A machine's answer leaves no `answered`. */
export interface Question {
  readonly asked: Instant
  /** First answered by a person. */
  readonly answered?: Instant
  readonly closed?: Instant
  /** Effort, knowledge and skill, 1 to 6 (the READ Scale). */
  readonly readLevel?: 1 | 2 | 3 | 4 | 5 | 6
  readonly transactionClass?: 'reference' | 'directional' | 'technical' | 'policy'
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

// ── with whom ────────────────────────────────────────────────────────────────────────────────

/**
 * Where a patron can be reached or recognised. `tel` is E.164 (anything else under `tel` is a number as the source wrote
 * it, and can only be decided against); `mailto` is in lower case (core sees to it); `ils`
 * values are opaque and their realm says what they are: `<source>/card`.
 */
export interface Address {
  readonly scheme: 'tel' | 'mailto' | 'ils' | 'acct' | 'web' | (string & {})
  readonly value: string
  readonly realm?: string
}

/** One address of one patron, and which source says so. */
export interface Identity extends Address {
  readonly seenBy: string
  readonly seenAt: Instant
}

/** Ordered media per purpose; `'*'` is the rest. Read from the ILS where the ILS keeps it. */
export type Preferences = { readonly [purpose: string]: readonly Medium[] }

/** A person the library serves, under our own id, with every address a source has named. Several may share one phone. */
export interface Patron {
  readonly id: string
  readonly identities: readonly Identity[]
  readonly name?: string
  readonly locale?: string
  readonly timeZone?: string
  readonly branch?: string
  readonly category?: string
  readonly birthDate?: LocalDate
  /** The day on which the card ends. */
  readonly expires?: LocalDate
  readonly blocks?: readonly Block[]
  /** Whose child or ward this is, who acts for them, with whom they live. */
  readonly relations?: readonly { readonly kind: RelationKind; readonly patronId: string }[]
  readonly preferences?: Preferences
  readonly quiet?: Span
}
export type RelationKind = 'guardian' | 'proxy' | 'household'
export type Block =
  | 'expired'
  | 'card-lost'
  | 'restricted'
  | 'debt'
  | 'too-many-loans'
  | 'too-many-overdues'
  | 'address'
  | 'other'

/** What a source says about somebody beside the fact: a notice row carries card, phone, name, language and wish. */
export interface Person {
  /** The address the source knows this person by; it finds the patron or makes one. */
  readonly at: Address
  /** All other addresses this source knows now: they replace all that the same source said before. */
  readonly also: readonly Address[]
  /** Here and below `null` is none, and takes away what was known; what is absent is not told. */
  readonly name?: string | null
  readonly locale?: string | null
  /** An IANA zone. */
  readonly timeZone?: string | null
  readonly branch?: string | null
  readonly category?: string | null
  readonly birthDate?: LocalDate | null
  readonly expires?: LocalDate | null
  readonly blocks?: readonly Block[]
  /** By the address this source knows them by, their card mostly. */
  readonly relations?: readonly { readonly kind: RelationKind; readonly at: Address }[]
  readonly preferences?: Preferences
}

/** One grant or refusal, with its evidence. It belongs to the address: a phone shared by two cards has one STOP. */
export interface Consent {
  readonly id: string
  readonly address: Address
  /** A purpose, `'*'` for all, or `'class:promotional'` for all of that class. */
  readonly purpose: string
  readonly state: 'granted' | 'denied'
  readonly basis: 'request' | 'service' | 'legal' | 'stop' | 'bounce' | 'complaint'
  readonly at: Instant
  /** Who said so: an adapter's name, or a member of staff. */
  readonly by: string
  readonly evidence?: { readonly text?: string; readonly fact?: Ref }
}
