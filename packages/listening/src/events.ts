import {
  type Conversation,
  defineEvent,
  type EventType,
  type Folded,
  type Instant,
  type Interaction,
  PrmError,
  type Question,
  type Ref,
} from '@prm/core'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'
import { firstWords, hash } from './text.ts'
import type { DecisionKind, Sentiment, Tone, Urgency } from './tone.ts'

// What is heard, and what staff do about it, are facts: a mention is what its facts make of its conversation.

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

/** The mention in a conversation, if it is one. */
export function mentionOf({ context }: Pick<Conversation, 'context'>): Mention | undefined {
  return context.mention as unknown as Mention | undefined
}

const queue = 'mentions'
export const sampleQueue = 'mentions sample'

// ── shapes ───────────────────────────────────────────────────────────────────────────────────

const text = z.string()
const more = z.exactOptional(text)
const yes = z.exactOptional(z.literal(true))
const decisions = ['help', 'thank', 'note', 'ignore'] as const satisfies readonly DecisionKind[]
const sentiment = z.enum(['negative', 'neutral', 'positive', 'unknown'])
const tone = z.object({ sentiment, words: z.array(text), ironic: yes })
const post = z.object({ value: text, realm: more })
const urgency = z.enum(['urgent', 'normal', 'low'])

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
  fact: z.object({ source: text, key: text }),
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
  suggested: z.enum(decisions),
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
  suggested: z.enum(decisions),
  urgency,
  due: text,
  edited: yes,
  at: more,
})

// ── folds ────────────────────────────────────────────────────────────────────────────────────

type Fact<D> = Pick<Interaction<string, D>, 'data' | 'by' | 'seen'>

function refused(message: string): PrmError {
  return new PrmError('conflict', message)
}

function actor({ by }: Fact<unknown>): string {
  if (by?.kind === 'staff' && by.id.trim() !== '') return by.id
  throw new PrmError('invalid', 'A member of staff must do this: listening.as({ kind: "staff", id }).', { field: 'by' })
}

/** "Sam" and " sam" are one person, however the host spells them. */
function samePerson(one: string, other: string): boolean {
  const plain = (id: string): string => id.normalize('NFKC').trim().toLowerCase()
  return plain(one) === plain(other)
}

/** An event about a mention that is there. What `acts` changes what somebody else may have before their eyes. */
function event<const N extends string, D>(
  name: N,
  schema: Wire<D>,
  fold: (
    mention: Mention,
    fact: Fact<D>,
    conversation: Conversation,
  ) => Partial<Mention> & { readonly with?: Partial<Folded> },
  { keep = '730d', acts = false }: { readonly keep?: EventType['keep']; readonly acts?: boolean } = {},
): EventType<N, D> {
  return defineEvent(name, schema, {
    keep: keep as NonNullable<typeof keep>,
    fold(conversation, fact) {
      const mention = conversation && mentionOf(conversation)
      if (!conversation || !mention)
        throw new PrmError('not_found', 'There is no such mention.', { field: 'conversationId' })
      // What staff do goes on there; what happens to the post is still noted here.
      if (conversation.into !== undefined && fact.by?.kind === 'staff')
        throw refused(`It was merged: it goes on in ${conversation.into}.`)
      const { with: changed = {}, ...change } = fold(mention, fact, conversation)
      const turn = acts ? conversation.turn + 1 : mention.turn
      return placed({ ...conversation, ...changed }, { ...mention, ...change, turn })
    },
  })
}

function placed(conversation: Folded, mention: Mention): Folded {
  const context = { ...conversation.context, mention: said(mention) as never }
  return said({ ...conversation, context })
}
function said<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T
}

/** Nobody acts on what they have not seen, nor on what is there no more. */
function standing(mention: Mention, seen: number | undefined): void {
  if (mention.gone) throw refused('The post was taken back: there is nothing to act on.')
  if (seen !== undefined && mention.turn > seen) throw refused(`${sinceThen(mention)}: look at that, then do it again.`)
}
function sinceThen({ approved, draft, decision, edited, posted }: Mention): string {
  if (posted) return 'It has been answered since'
  if (approved) return `${approved.by} approved an answer since`
  if (draft && !decision) return `${draft.by} drafted an answer since`
  if (edited && !decision) return 'The post was edited since'
  return decision
    ? `It was decided by ${decision.by}: ${decision.is}${draft ? `, and drafted by ${draft.by}` : ''}`
    : 'It has changed since you looked'
}

const asked = (questions: readonly Question[], change: Partial<Question>): readonly Question[] => {
  const last = questions.at(-1)
  return last ? [...questions.slice(0, -1), { ...last, ...change }] : []
}

export const heard: EventType<'listening.heard', Heard> = defineEvent('listening.heard', heardShape, {
  keep: '30d',
  fold(conversation, { data, seen = '' }) {
    const before = conversation && mentionOf(conversation)
    const { text: words, sketch: _, voice: __, ...read } = data
    const turn = (conversation?.turn ?? 0) + 1
    if (!conversation || !before) {
      const tags = data.urgency === 'urgent' && !data.sample ? ['urgent'] : []
      const subject = firstWords(data.title && !words.startsWith(data.title) ? `${data.title}: ${words}` : words)
      const begun = {
        source: 'prm',
        state: 'open' as const,
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
    const shown = data.sample ? {} : gone('sample')
    return placed(
      { ...conversation, ...state, ...(before.sample && !data.sample && { queue }), subject: firstWords(words) },
      { ...kept, ...news, ...shown, ...(draft && { draft }), ...gone('faded'), text: words, edited: true, turn },
    )
  },
})

function route({ post, source, fact, answerable }: Omit<Heard, 'text' | 'voice'>): Partial<Mention> {
  return { post, source, fact, ...(answerable && { answerable }) }
}

/** Figures only: it changes no conversation. */
export const scored: EventType<'listening.scored', Scored> = defineEvent('listening.scored', scoredShape, {
  keep: '730d',
})

const shownLinks = 20
const mostVoices = 500
/** Another post says the same. */
export const joined: EventType<'listening.joined', Copy> = event(
  'listening.joined',
  z.object({ post: text, url: more, voice: text, sketch: more }) as Wire<Copy>,
  ({ copies }, { data }, { tags }) => {
    if (copies.links.some((one) => one.post === data.post)) return {}
    const voice = hash(data.voice).slice(0, 8)
    const known = copies.by.includes(voice)
    const voices = copies.voices + (known ? 0 : 1)
    const by = known ? copies.by : [...copies.by, voice].slice(0, mostVoices)
    const posts = copies.posts + 1
    const { sketch: _, ...link } = data
    const links = [...copies.links, link].slice(-shownLinks)
    return {
      copies: { posts, voices, links, by },
      with: { tags: posts >= campaignFrom ? [...new Set([...tags, 'campaign'])] : tags },
    }
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
  z.object({ is: z.enum(decisions), owner: more, seen }),
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
      with: { state: acts ? 'open' : 'closed', assignee: whose, questions },
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
      ...gone('approved', 'failed'),
      with: { state: 'open', assignee: conversation.assignee ?? by },
    }
  },
  { keep: '30d', acts: true },
)
/** What is not there any more: `placed` leaves it out. */
function gone<K extends keyof Mention>(...keys: readonly K[]): Partial<Mention> {
  return Object.fromEntries(keys.map((key) => [key, undefined])) as Partial<Mention>
}

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
      ...gone('failed'),
      with: { state: 'waiting', questions: asked(conversation.questions, { answered: at }) },
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
  (mention, { data }) =>
    mention.gone || mention.posted || mention.approved?.n !== data.n
      ? {}
      : { failed: data.why, with: { state: 'open' } },
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
function wiped(mention: Mention): Partial<Mention> {
  const { draft, decision } = mention
  return {
    ...gone('text', 'title'),
    ...(decision && { decision: { is: decision.is, by: decision.by, at: decision.at } }),
    tone: { sentiment: mention.tone.sentiment, words: [] },
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
    ...gone('url', 'draft'),
    post: { value: '' },
    fact: { source: mention.source, key: '' },
    gone: true,
    copies: { ...mention.copies, links: mention.copies.links.map(({ post: one, voice }) => ({ post: one, voice })) },
    with: {
      ...without,
      tags: [],
      state: 'closed',
      questions: asked(conversation.questions, { closed: fact.seen ?? '' }),
    },
  }),
  { acts: true },
)
const without = { subject: undefined } as unknown as Partial<Folded>

/** The time of these words is over: link, hash and decision stay. */
export const faded: EventType<'listening.faded', { readonly version: string }> = event(
  'listening.faded',
  z.object({ version: text }),
  (mention, fact, conversation) =>
    mention.version === fact.data.version
      ? {
          ...(mention.gone ? {} : wiped(mention)),
          ...gone('draft'),
          copies: { ...mention.copies, links: [], by: [] },
          faded: true,
          with: {
            ...without,
            tags: [],
            state: 'closed',
            questions: asked(conversation.questions, { closed: fact.seen ?? '' }),
          },
        }
      : {},
  { acts: true },
)

/** What is to be erased of a post that was taken back: it is the address itself that is kept for this day. */
export const erasing: EventType<'listening.erasing', { readonly post: Mention['post'] }> = defineEvent(
  'listening.erasing',
  z.object({ post }) as Wire<{ readonly post: Mention['post'] }>,
  { keep: '1d' },
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
  { keep: '730d' },
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
  { keep: '90d' },
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
  { keep: '730d' },
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
  jumped,
  spent,
  usedup,
]
