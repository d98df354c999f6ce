import type { Conversation, Instant, Ref } from '@prm/core'
import * as z from 'zod/mini'
import type { DecisionKind, Sentiment, Tone, Urgency } from './tone.ts'

/** What staff see of one post: `context.mention` of its conversation. */
export interface Mention {
  /** Of an address `{ scheme: 'post' }`. */
  readonly post: { readonly value: string; readonly realm?: string }
  /** The adapter's name in this host. */
  readonly source: string
  /** The `mention.seen` that was read last. */
  readonly fact: Ref
  /** Names the text: what a draft and an approval are bound to. */
  readonly version: string
  /** With `title` and `url` absent once it is gone; once it faded, `text` and `title` are. */
  readonly text?: string
  readonly title?: string
  readonly url?: string
  readonly language?: string
  readonly query?: string
  readonly pack?: string
  readonly addressed?: true
  readonly answerable?: true
  readonly edited?: true
  readonly gone?: true
  readonly faded?: true
  /** 0 to 1, and what speaks for and against it. */
  readonly score: number
  readonly reasons: readonly string[]
  readonly tone: Tone
  readonly suggested: DecisionKind
  readonly urgency: Urgency
  /** When it is to be decided by. */
  readonly due: Instant
  /** It was scored too low to be shown, and is shown to learn what is missed. */
  readonly sample?: true
  /** The id of the mention of which it answers our answer. */
  readonly follows?: string
  /** Others that say the same: shown as one. `voices` counts each account once, this one apart. */
  readonly copies: Copies
  readonly decision?: { readonly is: DecisionKind; readonly by: string; readonly at: Instant; readonly reason?: string }
  readonly draft?: Draft
  readonly approved?: { readonly n: number; readonly by: string; readonly at: Instant }
  readonly posted?: Posted & { readonly at: Instant }
  /** Why the answer that was approved is not there. */
  readonly failed?: string
  /** What others did with our answer, by kind. */
  readonly reactions: { readonly [kind: string]: number }
  /** How its author took our answer. */
  readonly author?: Sentiment
  /** The conversation's turn when what somebody acts on changed last; a copy or a reaction changes nothing of that. */
  readonly turn: number
}
export interface Copies {
  readonly posts: number
  readonly voices: number
  /** The latest of them. */
  readonly links: readonly Copy[]
  /** Short hashes of whose they are, as many as are told apart. */
  readonly by: readonly string[]
}
export interface Copy {
  /** A hash of the post. */
  readonly post: string
  readonly url?: string
  readonly voice: string
  /** What it is compared by. */
  readonly sketch?: string
}
export interface Draft {
  readonly n: number
  readonly text: string
  readonly by: string
  readonly at: Instant
  /** Of the post that was read. */
  readonly version: string
  /** Sent back, by whom and why. */
  readonly back?: { readonly by: string; readonly why: string }
}
export interface Posted {
  readonly n: number
  /** What our answer is called there. */
  readonly id?: string
  readonly url?: string
  readonly byHand?: true
}

/** The mention in a conversation, if it is one: what is not of its shape is none. */
export function mentionOf({ context }: Pick<Conversation, 'context'>): Mention | undefined {
  return mentionShape.safeParse(context.mention).data
}

// ── shapes ───────────────────────────────────────────────────────────────────────────────────

/** @internal */
export const text: z.ZodMiniString = z.string()
const n = z.number()
/** @internal */
export const more: z.ZodMiniExactOptional<z.ZodMiniString> = z.exactOptional(text)
/** @internal */
export const yes: z.ZodMiniExactOptional<z.ZodMiniLiteral<true>> = z.exactOptional(z.literal(true))
const decisions = ['help', 'thank', 'note', 'ignore'] as const satisfies readonly DecisionKind[]
/** @internal */
export const kind: z.ZodMiniType<DecisionKind> = z.enum(decisions)
/** @internal */
export const sentiment: z.ZodMiniType<Sentiment> = z.enum(['negative', 'neutral', 'positive', 'unknown'])
/** @internal */
export const tone: z.ZodMiniType<Tone> = z.object({ sentiment, words: z.array(text), ironic: yes })
/** @internal */
export const post: z.ZodMiniType<Mention['post']> = z.object({ value: text, realm: more })
/** @internal */
export const urgency: z.ZodMiniType<Urgency> = z.enum(['urgent', 'normal', 'low'])
/** @internal */
export const ref: z.ZodMiniType<Ref> = z.object({ source: text, key: text })

/** What else stands there is left out: nobody knows whose it is. @internal */
export const mentionShape: z.ZodMiniType<Mention> = z.object({
  post,
  source: text,
  fact: ref,
  version: text,
  text: more,
  title: more,
  url: more,
  language: more,
  query: more,
  pack: more,
  addressed: yes,
  answerable: yes,
  edited: yes,
  gone: yes,
  faded: yes,
  score: n,
  reasons: z.array(text),
  tone,
  suggested: kind,
  urgency,
  due: text,
  sample: yes,
  follows: more,
  copies: z.object({
    posts: n,
    voices: n,
    links: z.array(z.object({ post: text, url: more, voice: text, sketch: more })),
    by: z.array(text),
  }),
  decision: z.exactOptional(z.object({ is: kind, by: text, at: text, reason: more })),
  draft: z.exactOptional(
    z.object({
      n,
      text,
      by: text,
      at: text,
      version: text,
      back: z.exactOptional(z.object({ by: text, why: text })),
    }),
  ),
  approved: z.exactOptional(z.object({ n, by: text, at: text })),
  posted: z.exactOptional(z.object({ n, id: more, url: more, byHand: yes, at: text })),
  failed: more,
  reactions: z.record(text, n),
  author: z.exactOptional(sentiment),
  turn: n,
})
