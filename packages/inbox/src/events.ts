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
import * as z from 'zod/mini'

// What staff do is a fact like any other, with its actor: timeline and audit are one thing, and a conversation is what its
// facts make of it.

export type ReadLevel = NonNullable<Question['readLevel']>
export type TransactionClass = NonNullable<Question['transactionClass']>

const ref = z.object({ source: z.string(), key: z.string() })
const seen = z.exactOptional(z.number())
const address = z.object({ scheme: z.string(), value: z.string(), realm: z.exactOptional(z.string()) })
const json = z.record(z.string(), z.json())

type Fact<D> = Pick<Interaction<string, D>, 'data' | 'by' | 'seen'>

function refused(message: string): PrmError {
  return new PrmError('conflict', message)
}

/** An event about a conversation that is there; of one that was merged only what says so, and notes. */
function event<const N extends string, D>(
  name: N,
  schema: EventType<N, D>['schema'],
  fold: (conversation: Conversation, fact: Fact<D>) => Folded,
): EventType<N, D> {
  return defineEvent(name, schema, {
    fold(conversation, fact) {
      if (!conversation) throw new PrmError('not_found', 'There is no such conversation.', { field: 'conversationId' })
      if (!/noted|merged|parted/.test(name)) notMerged(conversation)
      return fold(conversation, fact)
    },
  })
}

function actor({ by }: Fact<unknown>): string {
  if (by) return by.id
  throw new PrmError('invalid', 'Somebody must do this: inbox(prm.as({ kind: "staff", id }), …).', { field: 'by' })
}

/** Nobody acts on what they have not seen. */
function unseen(conversation: Conversation, seen: number | undefined): void {
  if (seen !== undefined && conversation.turn > seen)
    throw refused('It has changed since you looked: see what is new, then do it again.')
}

/** What was merged is acted on where it goes on. */
export function notMerged({ into }: Pick<Conversation, 'into'>): void {
  if (into !== undefined) throw refused(`It was merged: it goes on in ${into}.`)
}

function lastQuestion({ questions }: Conversation, change: Partial<Question>): readonly Question[] {
  const last = questions.at(-1)
  return last ? [...questions.slice(0, -1), { ...last, ...change }] : []
}

function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>
}

export const claimed: EventType<'inbox.claimed', Record<string, never>> = event(
  'inbox.claimed',
  z.object({}) as never,
  (conversation, fact) => {
    const { assignee } = conversation
    const id = actor(fact)
    if (assignee !== undefined && assignee !== id) throw refused(`It is with ${assignee}.`)
    return { ...conversation, assignee: id }
  },
)

export const released: EventType<'inbox.released', Record<string, never>> = event(
  'inbox.released',
  z.object({}) as never,
  (conversation, fact) => {
    const { assignee } = conversation
    if (assignee !== undefined && assignee !== actor(fact)) throw refused(`It is with ${assignee}.`)
    return without(conversation, 'assignee')
  },
)

export const assigned: EventType<'inbox.assigned', { readonly to: string }> = event(
  'inbox.assigned',
  z.object({ to: z.string() }),
  (conversation, { data }) => ({ ...conversation, assignee: data.to }),
)

export const moved: EventType<'inbox.moved', { readonly queue: string }> = event(
  'inbox.moved',
  z.object({ queue: z.string() }),
  (conversation, { data: { queue } }) => ({ ...without(conversation, 'queue'), ...(queue && { queue }) }),
)

export const tagged: EventType<
  'inbox.tagged',
  { readonly add: readonly string[]; readonly remove: readonly string[] }
> = event(
  'inbox.tagged',
  z.object({ add: z.array(z.string()), remove: z.array(z.string()) }),
  (conversation, { data }) => ({
    ...conversation,
    tags: [...new Set([...conversation.tags.filter((tag) => !data.remove.includes(tag)), ...data.add])],
  }),
)

export const noted: EventType<'inbox.noted', { readonly text: string }> = event(
  'inbox.noted',
  z.object({ text: z.string() }),
  (conversation) => conversation,
)

export const snoozed: EventType<'inbox.snoozed', { readonly until: string; readonly seen?: number }> = event(
  'inbox.snoozed',
  z.object({ until: z.iso.datetime('a moment such as 2026-11-25T16:00:00.000Z'), seen }),
  (conversation, { data }) => {
    unseen(conversation, data.seen)
    return { ...conversation, state: 'snoozed', context: { ...conversation.context, until: data.until } }
  },
)

export interface Closing {
  /** Effort, knowledge and skill, 1 to 6 (the READ Scale). */
  readonly readLevel?: ReadLevel
  readonly transactionClass?: TransactionClass
  readonly seen?: number
}
export const closed: EventType<'inbox.closed', Closing> = event(
  'inbox.closed',
  z.object({
    readLevel: z.exactOptional(z.union([1, 2, 3, 4, 5, 6].map((level) => z.literal(level as ReadLevel)))),
    transactionClass: z.exactOptional(z.enum(['reference', 'directional', 'technical', 'policy'])),
    seen,
  }),
  (conversation, { data, seen: at = '' }) => {
    unseen(conversation, data.seen)
    if (conversation.state === 'closed') throw refused('It is closed already.')
    const { seen: _, ...coded } = data
    return {
      ...conversation,
      state: 'closed',
      pending: [],
      questions: lastQuestion(conversation, { closed: at, ...coded }),
    }
  },
)

export const reopened: EventType<'inbox.reopened', Record<string, never>> = event(
  'inbox.reopened',
  z.object({}) as never,
  (conversation, { seen: at = '' }) => {
    if (conversation.state === 'open') throw refused('It is open.')
    const goesOn = conversation.questions.at(-1)?.closed === undefined
    const questions = goesOn ? conversation.questions : [...conversation.questions, { asked: at }]
    return { ...conversation, state: 'open', questions }
  },
)

export const bound: EventType<
  'inbox.bound',
  { readonly matter: { readonly [key: string]: unknown }; readonly answer: Ref }
> = event('inbox.bound', z.object({ matter: json, answer: ref }), (conversation, { data }) => ({
  ...conversation,
  pending: conversation.pending.filter(({ source, key }) => source !== data.answer.source || key !== data.answer.key),
  context: { ...without(conversation.context, 'matters'), ...(data.matter as Conversation['context']) },
})) as never

export interface Task {
  readonly subject: string
  readonly queue: string
  readonly context: Conversation['context']
  readonly patronId?: string
}
/** A task of staff: a conversation without a patron's text. */
export const opened: EventType<'inbox.opened', Task> = defineEvent(
  'inbox.opened',
  z.object({
    subject: z.string(),
    queue: z.string(),
    context: json,
    patronId: z.exactOptional(z.string()),
  }) as EventType<'inbox.opened', Task>['schema'],
  {
    fold(conversation, { data, seen: at = '' }) {
      if (conversation) throw refused('There is such a task already.')
      return { source: 'prm', state: 'open', tags: [], pending: [], questions: [{ asked: at }], ...data }
    },
  },
)

// ── two that are one, one that is two ────────────────────────────────────────────────────────

// No wait becomes shorter by them: what is asked goes on with the moment at which it was asked.

const refs = z.array(ref)
const since = z.exactOptional(z.string())

export interface Joining {
  readonly from: string
  readonly pending: readonly Ref[]
  /** Since when its patron waits, if they do. */
  readonly asked?: Instant
}
const joining = z.object({ from: z.string(), pending: refs, asked: since })

/** On the one that goes on: what waits in the other waits here. */
export const joined: EventType<'inbox.joined', Joining> = event(
  'inbox.joined',
  joining,
  (conversation, { data, seen: at = '' }) => {
    const { from, asked = at } = data
    const merged = [...((conversation.context.merged ?? []) as readonly string[]), from]
    const context = { ...conversation.context, merged }
    if (data.pending.length === 0) return { ...conversation, context }
    const last = conversation.questions.at(-1)
    const opens = last === undefined || last.closed !== undefined
    return {
      ...conversation,
      context,
      pending: [...conversation.pending, ...data.pending],
      state: 'open',
      since: conversation.state === 'open' ? first(asked, conversation.since) : asked,
      heard: conversation.turn + 1,
      questions: opens
        ? [...conversation.questions, { asked }]
        : lastQuestion(conversation, last.answered ? {} : { asked: first(asked, last.asked) }),
    }
  },
)
function first(a: Instant, b: Instant): Instant {
  return a < b ? a : b
}

/** What was answered is over; what was not goes on there, and is counted there. */
export const merged: EventType<'inbox.merged', { readonly into: string }> = event(
  'inbox.merged',
  z.object({ into: z.string() }),
  (conversation, { data, seen: at = '' }) => {
    const { into, state, questions, context } = conversation
    if (into !== data.into) notMerged(conversation)
    const last = questions.at(-1)
    const over = last?.answered !== undefined && last.closed === undefined
    return {
      ...conversation,
      into: data.into,
      state: 'closed',
      pending: [],
      questions: over ? lastQuestion(conversation, { closed: at }) : questions,
      context: state === 'open' ? { ...context, waited: conversation.since } : context,
    }
  },
)
/** What was merged goes out again; what waits of it waits there. */
export const parted: EventType<'inbox.parted', Joining> = event('inbox.parted', joining, (conversation, { data }) => {
  const merged = ((conversation.context.merged ?? []) as readonly string[]).filter((id) => id !== data.from)
  const rest = { ...less(conversation, data.pending), context: { ...conversation.context, merged } }
  const [before, last] = rest.questions.slice(-2)
  // It was closed, and open only for what goes.
  const theirs = before?.closed !== undefined && last?.asked === data.asked && last?.answered === undefined
  if (rest.state !== 'waiting' || !theirs) return rest
  return { ...rest, state: 'closed', questions: rest.questions.slice(0, -1) }
})
export const unmerged: EventType<'inbox.unmerged', { readonly pending: readonly Ref[]; readonly answered?: Instant }> =
  event(
    'inbox.unmerged',
    z.object({ pending: refs, answered: since }),
    (conversation, { data: { pending, answered }, seen: at = '' }) => {
      const { waited, ...context } = conversation.context
      const last = conversation.questions.at(-1)
      const goesOn = last !== undefined && last.closed === undefined
      const back = { ...without(conversation, 'into'), context, pending }
      if (pending.length === 0)
        return {
          ...back,
          state: goesOn ? 'waiting' : 'closed',
          questions: goesOn && answered ? lastQuestion(conversation, { answered }) : conversation.questions,
        }
      const asked = String(waited ?? at)
      const questions = goesOn ? conversation.questions : [...conversation.questions, { asked }]
      return { ...back, state: 'open', since: asked, questions }
    },
  )

export type Part = Pick<
  Conversation,
  'source' | 'who' | 'to' | 'last' | 'patronId' | 'queue' | 'assignee' | 'context'
> & {
  readonly from: string
  readonly texts: readonly Ref[]
  readonly pending: readonly Ref[]
  /** When the first of them came. */
  readonly asked: Instant
}
const way = { source: z.string(), who: z.exactOptional(address), to: z.exactOptional(address) }
/** On the new one: the texts that are its own. */
export const split: EventType<'inbox.split', Part> = defineEvent(
  'inbox.split',
  z.object({
    ...way,
    last: z.exactOptional(z.object(way)),
    patronId: z.exactOptional(z.string()),
    queue: z.exactOptional(z.string()),
    assignee: z.exactOptional(z.string()),
    context: json,
    from: z.string(),
    texts: refs,
    pending: refs,
    asked: z.string(),
  }) as unknown as EventType<'inbox.split', Part>['schema'],
  {
    fold(conversation, { data }) {
      if (conversation) throw refused('It was split so already.')
      const { from, texts, asked, ...rest } = data
      const context = { ...rest.context, part: { from, texts } as never }
      return { ...rest, state: 'open', since: asked, tags: [], questions: [{ asked }], context }
    },
  },
)
export const left: EventType<
  'inbox.left',
  { readonly to: string; readonly texts: readonly Ref[]; readonly seen?: number }
> = event('inbox.left', z.object({ to: z.string(), texts: refs, seen }), (conversation, { data }) => {
  const gone = [...((conversation.context.left ?? []) as unknown as readonly Ref[]), ...data.texts]
  return { ...less(conversation, data.texts), context: { ...conversation.context, left: gone as never } }
})

function less(conversation: Conversation, refs: readonly Ref[]): Folded {
  const gone = new Set(refs.map(({ source, key }) => `${source} ${key}`))
  const pending = conversation.pending.filter(({ source, key }) => !gone.has(`${source} ${key}`))
  const waits = conversation.state === 'open' && pending.length === 0 && conversation.pending.length > 0
  return { ...conversation, pending, ...(waits && { state: 'waiting' }) }
}

/** All of them, for `events` of `createPrm`. */
export const inboxEvents: readonly EventType[] = [
  claimed,
  released,
  assigned,
  moved,
  tagged,
  noted,
  snoozed,
  closed,
  reopened,
  bound,
  opened,
  joined,
  merged,
  parted,
  unmerged,
  split,
  left,
]
