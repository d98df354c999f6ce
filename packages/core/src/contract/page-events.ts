// The event types of pages and of questions that other systems took.
import * as z from 'zod/mini'
import { defineEvent, type EventType } from './event-type.ts'
import type { Instant, Medium } from './primitives.ts'

/** A page reads otherwise than before; the fact's `page` names it, with its new version. */
export interface PageChanged {
  readonly title: string
  /** Absent where it is new. */
  readonly before?: string
  /** It is there no more. */
  readonly gone?: true
}

export const pageChanged: EventType<'page.changed', PageChanged> = defineEvent(
  'page.changed',
  z.object({ title: z.string(), before: z.exactOptional(z.string()), gone: z.exactOptional(z.literal(true)) }),
  { retention: '730d' },
)

/**
 * A question that another system took: a chat, a ticket, a tally at the desk. `at` of the fact is when it was asked, its `page`
 * where.
 */
export interface QuestionAsked {
  readonly medium: Medium
  readonly text?: string
  /** First answered by a person, and closed. Absent: not, or not known, as `open` says. */
  readonly answered?: Instant
  readonly closed?: Instant
  readonly open?: boolean
  /** Effort, knowledge and skill, 1 to 6 (the READ Scale). */
  readonly readLevel?: 1 | 2 | 3 | 4 | 5 | 6
  readonly transactionClass?: 'reference' | 'directional' | 'technical' | 'policy'
  readonly queue?: string
  readonly tags?: readonly string[]
  /** What else the source says, by its own names. */
  readonly other?: { readonly [name: string]: string }
}

const text = z.string()

export const questionAsked: EventType<'question.asked', QuestionAsked> = defineEvent(
  'question.asked',
  z.object({
    medium: text,
    text: z.exactOptional(text),
    answered: z.exactOptional(text),
    closed: z.exactOptional(text),
    open: z.exactOptional(z.boolean()),
    readLevel: z.exactOptional(z.literal([1, 2, 3, 4, 5, 6])),
    transactionClass: z.exactOptional(z.enum(['reference', 'directional', 'technical', 'policy'])),
    queue: z.exactOptional(text),
    tags: z.exactOptional(z.array(text)),
    other: z.exactOptional(z.record(text, text)),
  }),
)

/**
 * What somebody said in public where the library does not look: a post, a comment, a news story. `who` of the fact is the
 * post, `{ scheme: 'post', value, realm }`, the same in all its versions: an answer goes to it, and what is known of it can
 * be erased by it. Its author is kept as a keyed pseudonym in `evidence` alone; `at` is when it was said, or edited; `thread`
 * is what it is part of.
 */
export interface MentionSeen {
  /** What a reader sees; empty where it is `gone`. */
  readonly text: string
  readonly title?: string
  /** Canonical: without what only counts visits. Absent only where it is gone. */
  readonly url?: string
  readonly language?: string
  /** Where it was written, in words, where its author or the source says so. */
  readonly place?: string
  /** The query pack that found it. */
  readonly query?: string
  /** It names the library's own account, or answers it. */
  readonly addressed?: true
  /** The adapter's channel may answer it. Absent: only a person can, by hand. */
  readonly answerable?: true
  /** The post that it answers, as `value` of a post's address. */
  readonly inReplyTo?: string
  /** It was seen before, and reads otherwise now. */
  readonly edited?: true
  /** Its author or its site took it back. */
  readonly gone?: true
}

/** Of people who are no patrons mostly, so that it is kept for as long as somebody needs to decide. */
export const mentionSeen: EventType<'mention.seen', MentionSeen> = defineEvent(
  'mention.seen',
  z.object({
    text,
    title: z.exactOptional(text),
    url: z.exactOptional(z.url()),
    language: z.exactOptional(text),
    place: z.exactOptional(text),
    query: z.exactOptional(text),
    addressed: z.exactOptional(z.literal(true)),
    answerable: z.exactOptional(z.literal(true)),
    inReplyTo: z.exactOptional(text),
    edited: z.exactOptional(z.literal(true)),
    gone: z.exactOptional(z.literal(true)),
  }),
  { retention: '30d' },
)

/** What somebody did with a post of ours, its `who`, without words: who it was is a keyed pseudonym in `evidence`. */
export interface ReactionSeen {
  readonly kind: 'like' | 'repost' | 'quote' | (string & {})
  /** It was taken back. */
  readonly gone?: true
}

export const reactionSeen: EventType<'reaction.seen', ReactionSeen> = defineEvent(
  'reaction.seen',
  z.object({ kind: text, gone: z.exactOptional(z.literal(true)) }),
  { retention: '30d' },
)
