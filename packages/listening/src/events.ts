import { defineEvent, type EventType, type Instant } from '@prm/core'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'
import { actor, asked, event, placed, refused, samePerson, standing, wordless } from './fold.ts'
import {
  type Copy,
  kind,
  type Mention,
  mentionOf,
  more,
  post,
  ref,
  sentiment,
  text,
  tone,
  urgency,
  yes,
} from './mention.ts'
import { firstWords, hash } from './text.ts'
import type { DecisionKind, Sentiment, Urgency } from './tone.ts'

// What is heard, and what staff do about it, are facts: a mention is what its facts make of its conversation.

const queue = 'mentions'
export const sampleQueue = 'mentions sample'

/** What a reading of one version says. */
export type Heard = Pick<
  Mention,
  | 'post'
  | 'source'
  | 'fact'
  | 'version'
  | 'title'
  | 'url'
  | 'language'
  | 'query'
  | 'pack'
  | 'addressed'
  | 'answerable'
  | 'score'
  | 'reasons'
  | 'tone'
  | 'suggested'
  | 'urgency'
  | 'due'
  | 'sample'
  | 'follows'
> & { readonly text: string; readonly sketch?: string; readonly voice: string }
const heardShape: Wire<Heard> = z.object({
  post,
  source: text,
  fact: ref,
  version: text,
  text,
  title: more,
  url: more,
  language: more,
  query: more,
  pack: more,
  addressed: yes,
  answerable: yes,
  score: z.number(),
  reasons: z.array(text),
  tone,
  suggested: kind,
  urgency,
  due: text,
  sample: yes,
  follows: more,
  sketch: more,
  voice: text,
})

/** Figures of one version, without its words: what precision and briefs are made of. */
export interface Scored {
  /** Hashes of the post and of its text. */
  readonly post: string
  readonly version: string
  readonly source: string
  readonly pack?: string
  readonly query?: string
  readonly score: number
  readonly shown: 'yes' | 'sample' | 'copy' | 'no'
  readonly sentiment: Sentiment
  readonly suggested: DecisionKind
  readonly urgency: Urgency
  /** When it is to be decided by. */
  readonly due: Instant
  readonly edited?: true
  /** When it was said, where its source tells. */
  readonly at?: Instant
}
const scoredShape: Wire<Scored> = z.object({
  post: text,
  version: text,
  source: text,
  pack: more,
  query: more,
  score: z.number(),
  shown: z.enum(['yes', 'sample', 'copy', 'no']),
  sentiment,
  suggested: kind,
  urgency,
  due: text,
  edited: yes,
  at: more,
})

// ── of one mention ───────────────────────────────────────────────────────────────────────────

export const heard: EventType<'listening.heard', Heard> = defineEvent('listening.heard', heardShape, {
  retention: '30d',
  fold(conversation, { data, seen = '', who }) {
    const before = conversation && mentionOf(conversation)
    const { text: words, sketch: _, voice: __, ...read } = data
    const turn = (conversation?.turn ?? 0) + 1
    if (!conversation || !before) {
      const tags = data.urgency === 'urgent' && !data.sample ? ['urgent'] : []
      const subject = firstWords(data.title && !words.startsWith(data.title) ? `${data.title}: ${words}` : words)
      const begun = {
        source: 'prm',
        state: 'open' as const,
        ...(who && { who }),
        subject,
        queue: data.sample ? sampleQueue : queue,
        tags,
        pending: [],
        questions: [{ asked: seen }],
        context: {},
      }
      return placed(begun, {
        ...read,
        text: words,
        copies: { posts: 0, voices: 0, links: [], by: [hash(data.voice).slice(0, 8)] },
        reactions: {},
        turn,
      })
    }
    if (before.gone) return conversation
    // Another source tells the same words: where it can be answered is worth more.
    if (before.version === data.version)
      return placed(conversation, { ...before, ...(data.answerable && { ...route(read), turn }) })
    const again =
      before.decision !== undefined && before.decision.is !== 'help' && data.suggested === 'help' && !before.posted
    const { decision: _decision, ...undecided } = before
    // What was approved for other words is not approved for these, unless it is posted.
    const { approved: _approved, failed: _failed, ...unapproved } = again ? undecided : before
    const kept = before.posted ? (again ? undecided : before) : unapproved
    const { sample: _sample, follows: _follows, ...news } = read
    // A draft for other words needs to be written again, also where these are edited back.
    const draft = kept.draft && { ...kept.draft, version: '' }
    const state = again ? ({ state: 'open', questions: [...conversation.questions, { asked: seen }] } as const) : {}
    // Of a sample an edit may make one that all are to see.
    const shown = data.sample ? {} : { sample: undefined }
    return placed(
      { ...conversation, ...state, ...(before.sample && !data.sample && { queue }), subject: firstWords(words) },
      { ...kept, ...news, ...shown, ...(draft && { draft }), faded: undefined, text: words, edited: true, turn },
    )
  },
})

function route({ post, source, fact, answerable }: Omit<Heard, 'text' | 'voice'>) {
  return { post, source, fact, ...(answerable && { answerable }) }
}

/** Figures only: it changes no conversation. */
export const scored: EventType<'listening.scored', Scored> = defineEvent('listening.scored', scoredShape, {
  retention: '730d',
})

const shownLinks = 20
const mostVoices = 500
/** Another post says the same. */
export const joined: EventType<'listening.joined', Copy> = event(
  'listening.joined',
  z.object({ post: text, url: more, voice: text, sketch: more }) as Wire<Copy>,
  ({ copies }, { data }, conversation) => {
    if (copies.links.some((one) => one.post === data.post)) return {}
    const voice = hash(data.voice).slice(0, 8)
    const known = copies.by.includes(voice)
    const voices = copies.voices + (known ? 0 : 1)
    const by = known ? copies.by : [...copies.by, voice].slice(0, mostVoices)
    const posts = copies.posts + 1
    const { sketch: _, ...link } = data
    const links = [...copies.links, link].slice(-shownLinks)
    const tags = new Set([...conversation.tags, ...(posts >= campaignFrom ? ['campaign'] : [])])
    return { copies: { posts, voices, links, by }, conversation: { ...conversation, tags: [...tags] } }
  },
  { keep: '30d' },
)
/** So many posts beside the first that say the same are no chance. */
const campaignFrom = 3

/** A copy was taken back: its link goes. */
export const left: EventType<'listening.left', { readonly post: string }> = event(
  'listening.left',
  z.object({ post: text }),
  ({ copies }, { data }) => ({
    copies: { ...copies, links: copies.links.filter((one) => one.post !== data.post) },
  }),
  { erases: true },
)

export interface Decided {
  readonly is: DecisionKind
  readonly owner?: string
  /** The turn that was looked at. */
  readonly seen?: number
}
const seen = z.exactOptional(z.number())
export const decided: EventType<'listening.decided', Decided> = event(
  'listening.decided',
  z.object({ is: kind, owner: more, seen }),
  (mention, fact, conversation) => {
    const { is, owner, seen: looked } = fact.data
    const by = actor(fact)
    standing(mention, looked)
    if (mention.posted) throw refused('It has been answered.')
    if (mention.approved && !mention.failed)
      throw refused(`An answer was approved by ${mention.approved.by}, and is on its way.`)
    const at = fact.seen ?? ''
    const acts = is === 'help' || is === 'thank'
    const questions = asked(conversation.questions, acts ? {} : { closed: at })
    const whose = owner ?? conversation.assignee ?? by
    return {
      decision: { is, by, at },
      conversation: { ...conversation, state: acts ? 'open' : 'closed', assignee: whose, questions },
    }
  },
  { acts: true },
)

/** Why it was decided so: apart, since it may say what the post says, and goes with it. */
export const reasoned: EventType<'listening.reasoned', { readonly why: string }> = event(
  'listening.reasoned',
  z.object({ why: text }),
  ({ decision }, fact) => (decision?.by === actor(fact) ? { decision: { ...decision, reason: fact.data.why } } : {}),
  { keep: '30d' },
)

export interface Drafted {
  readonly n: number
  readonly text: string
  readonly version: string
  readonly seen?: number
}
export const drafted: EventType<'listening.drafted', Drafted> = event(
  'listening.drafted',
  z.object({ n: z.number(), text, version: text, seen }) as Wire<Drafted>,
  (mention, fact, conversation) => {
    const by = actor(fact)
    const { n, text: words, version, seen: looked } = fact.data
    standing(mention, looked)
    if (mention.posted) throw refused('It has been answered.')
    if (mention.approved && !mention.failed)
      throw refused(`An answer was approved by ${mention.approved.by}, and is on its way.`)
    if (version !== mention.version) throw refused('The post was edited since: read it, then draft again.')
    const decision = mention.decision ?? {
      is: mention.suggested === 'thank' ? ('thank' as const) : ('help' as const),
      by,
      at: fact.seen ?? '',
    }
    return {
      decision:
        decision.is === 'help' || decision.is === 'thank'
          ? decision
          : { ...decision, is: 'help', by, at: fact.seen ?? '' },
      draft: { n, text: words, by, at: fact.seen ?? '', version },
      approved: undefined,
      failed: undefined,
      conversation: { ...conversation, state: 'open', assignee: conversation.assignee ?? by },
    }
  },
  { keep: '30d', acts: true },
)

export interface Returned {
  readonly n: number
  readonly why: string
}
/** Whoever was to approve asks for another draft. */
export const returned: EventType<'listening.returned', Returned> = event(
  'listening.returned',
  z.object({ n: z.number(), why: text }) as Wire<Returned>,
  (mention, fact) => {
    const by = actor(fact)
    const { draft } = mention
    if (!draft || draft.n !== fact.data.n) throw refused('There is another draft since.')
    if (mention.approved) throw refused(`It was approved by ${mention.approved.by}.`)
    return { draft: { ...draft, back: { by, why: fact.data.why } } }
  },
  { keep: '30d', acts: true },
)

export interface Approved {
  readonly n: number
  readonly version: string
  readonly seen?: number
}
export const approved: EventType<'listening.approved', Approved> = event(
  'listening.approved',
  z.object({ n: z.number(), version: text, seen }) as Wire<Approved>,
  (mention, fact) => {
    const by = actor(fact)
    const { n, version, seen: looked } = fact.data
    standing(mention, looked)
    const { draft, decision } = mention
    if (!draft) throw refused('There is no draft to approve.')
    if (mention.posted) throw refused('It has been answered.')
    if (decision?.is === 'note' || decision?.is === 'ignore')
      throw refused(`It was decided by ${decision.by}: ${decision.is}. Nothing is to be answered.`)
    if (draft.n !== n) throw refused('The draft was changed since: read it, then approve it.')
    if (draft.back) throw refused(`${draft.back.by} sent the draft back: ${draft.back.why}`)
    if (samePerson(draft.by, by)) throw refused('You wrote this draft: somebody else must approve it.')
    if (draft.version !== mention.version || version !== mention.version)
      throw refused('The post was edited since the draft was written: it needs another draft.')
    return { approved: { n, by, at: fact.seen ?? '' } }
  },
  { acts: true },
)

export interface Answered {
  readonly n: number
  readonly id?: string
  readonly url?: string
  readonly byHand?: true
  readonly at?: Instant
}
export const posted: EventType<'listening.posted', Answered> = event(
  'listening.posted',
  z.object({ n: z.number(), id: more, url: more, byHand: yes, at: more }) as Wire<Answered>,
  (mention, fact, conversation) => {
    if (mention.gone) return {}
    const { n, id, url, byHand, at = fact.seen ?? '' } = fact.data
    if (byHand) {
      actor(fact)
      if (mention.posted) throw refused('It has been answered.')
      if (mention.approved && mention.answerable && !mention.failed)
        throw refused('The answer that was approved is on its way: by hand it would be there twice.')
    }
    const decision = mention.decision ?? { is: 'help' as const, by: fact.by?.id ?? '', at }
    return {
      decision,
      posted: { n, at, ...(id !== undefined && { id }), ...(url !== undefined && { url }), ...(byHand && { byHand }) },
      failed: undefined,
      conversation: {
        ...conversation,
        state: 'waiting',
        questions: asked(conversation.questions, { answered: at }),
      },
    }
  },
  { acts: true },
)

export interface Failed {
  readonly n: number
  readonly why: string
}
/** What was approved is not there, and why. */
export const failed: EventType<'listening.failed', Failed> = event(
  'listening.failed',
  z.object({ n: z.number(), why: text }) as Wire<Failed>,
  (mention, { data }, conversation) =>
    mention.gone || mention.posted || mention.approved?.n !== data.n
      ? {}
      : { failed: data.why, conversation: { ...conversation, state: 'open' } },
  { acts: true },
)

export interface Reacted {
  readonly kind: string
  /** By whom the post is that was answered. */
  readonly author: boolean
  readonly sentiment?: Sentiment
  readonly gone?: true
  readonly mention?: string
}
/** Somebody did or said something about our answer; `mention` is the conversation of what they said. */
export const reacted: EventType<'listening.reacted', Reacted> = event(
  'listening.reacted',
  z.object({
    kind: text,
    author: z.boolean(),
    sentiment: z.exactOptional(sentiment),
    gone: yes,
    mention: more,
  }) as Wire<Reacted>,
  (mention, { data }) => {
    const { kind, author, sentiment: mood, gone: back } = data
    const count = Math.max(0, (mention.reactions[kind] ?? 0) + (back ? -1 : 1))
    const { [kind]: _, ...others } = mention.reactions
    return {
      reactions: count > 0 ? { ...others, [kind]: count } : others,
      ...(author && !back && { author: mood ?? 'positive' }),
    }
  },
)

/** Without words: what was decided, figures and hashes stay. */
function wiped({ draft, decision, tone: { sentiment } }: Mention) {
  return {
    text: undefined,
    title: undefined,
    ...(decision && { decision: { is: decision.is, by: decision.by, at: decision.at } }),
    tone: { sentiment, words: [] },
    reasons: [],
    ...(draft && { draft: { ...draft, text: '' } }),
  }
}

/** Its author took it back. */
export const taken: EventType<'listening.gone', Record<string, never>> = event(
  'listening.gone',
  z.object({}) as never,
  (mention, fact, conversation) => ({
    ...wiped(mention),
    url: undefined,
    draft: undefined,
    post: { value: '' },
    fact: { source: mention.source, key: '' },
    gone: true,
    copies: { ...mention.copies, links: mention.copies.links.map(({ post: one, voice }) => ({ post: one, voice })) },
    conversation: wordless(conversation, fact.seen),
  }),
  { acts: true, erases: true },
)

/** The time of these words is over: link, hash and decision stay. */
export const faded: EventType<'listening.faded', { readonly version: string }> = event(
  'listening.faded',
  z.object({ version: text }),
  (mention, fact, conversation) =>
    mention.version === fact.data.version
      ? {
          ...(mention.gone ? {} : wiped(mention)),
          draft: undefined,
          copies: { ...mention.copies, links: [], by: [] },
          faded: true,
          conversation: wordless(conversation, fact.seen),
        }
      : {},
  { acts: true, erases: true },
)

/** What is to be erased of a post that was taken back: it is the address itself that is kept for this day. */
export const erasing: EventType<'listening.erasing', { readonly post: Mention['post'] }> = defineEvent(
  'listening.erasing',
  z.object({ post }) as Wire<{ readonly post: Mention['post'] }>,
  { retention: '1d' },
)

// ── of no single mention ─────────────────────────────────────────────────────────────────────

export interface Jumped {
  readonly pack: string
  readonly day: string
  readonly voices: number
  readonly expected: number
  readonly bound: number
}
/** More was said than the weeks before let expect. */
export const jumped: EventType<'listening.jumped', Jumped> = defineEvent(
  'listening.jumped',
  z.object({ pack: text, day: text, voices: z.number(), expected: z.number(), bound: z.number() }) as Wire<Jumped>,
  { retention: '730d' },
)

/** One call to a source that has a budget. */
export interface Spent {
  readonly source: string
  /** `2026-11`. */
  readonly month: string
  readonly micros: number
}
export const spent: EventType<'listening.spent', Spent> = defineEvent(
  'listening.spent',
  z.object({ source: text, month: text, micros: z.number() }) as Wire<Spent>,
  { retention: '90d' },
)
export interface UsedUp {
  readonly source: string
  readonly month: string
  readonly why: string
}
/** Nothing more is asked of a source this month: for flows. */
export const usedup: EventType<'listening.usedup', UsedUp> = defineEvent(
  'listening.usedup',
  z.object({ source: text, month: text, why: text }) as Wire<UsedUp>,
  { retention: '730d' },
)

/** All of them, for `events` of `createPrm`. */
export const listeningEvents: readonly EventType[] = [
  heard,
  scored,
  joined,
  left,
  decided,
  reasoned,
  drafted,
  returned,
  approved,
  posted,
  failed,
  reacted,
  taken,
  faded,
  erasing,
  jumped,
  spent,
  usedup,
]
