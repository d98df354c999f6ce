import { createHash } from 'node:crypto'
import {
  type Actor,
  type Adapters,
  type Conversation,
  type Decision,
  type Instant,
  type Interaction,
  type Message,
  type MessageReceived,
  messageReceived,
  type Patron,
  type Prm,
  PrmError,
  type Ref,
} from '@prm/core'
import type { Closing } from './events.ts'
import * as events from './events.ts'
import { type Measures, measured } from './measures.ts'
import { type Matter, mattersOf, numberIn, whichOne } from './which.ts'

export interface InboxOptions<U extends string> {
  /** The purpose that answers are sent for: `service`, and with `quietHours: 'ignore'` if they may go at once. */
  readonly purpose: U
  /** How a patron is asked which of several matters a text is about. The default is in English. */
  readonly which?: (matters: readonly Matter[]) => string
}

/** What was asked of a conversation, when nothing names what somebody had before their eyes. */
export interface Seen {
  /** The `turn` that was looked at: a command done twice from one look is done once. */
  readonly seen?: number
}

export interface Listed {
  readonly conversation: Conversation
  /** Since when somebody is to act: a snoozed one, since it was to come back. */
  readonly waits: Instant
}

export interface Thread {
  readonly conversation: Conversation
  readonly patron?: Patron
  /** What was said and done, oldest first; of a merged one too, without what was split off. */
  readonly thread: readonly Interaction[]
  readonly more: boolean
}

export interface Answered {
  /** Not so when it, or another answer from the same look, was sent before: `message` is that one. */
  readonly fresh: boolean
  readonly decision: Decision
  readonly message?: Message
}

/** Conversations, and what staff do with them. Each command is a fact with its actor; each throws `conflict` with why not. */
export interface Inbox {
  /** What somebody is to act on, longest waiting first, those back from a snooze among them. */
  list(query?: {
    readonly queue?: string
    readonly assignee?: string
    readonly limit?: number
  }): Promise<readonly Listed[]>
  /** By state, newest first. */
  among(state: Conversation['state'], limit?: number): Promise<readonly Conversation[]>
  /** Noted in the audit, as each look at a patron is. */
  thread(id: string, limit?: number): Promise<Thread>
  reply(id: string, text: string, options?: Seen): Promise<Answered>
  /** Takes it; refused with who has it. */
  claim(id: string): Promise<void>
  release(id: string): Promise<void>
  assign(id: string, to: string): Promise<void>
  /** Puts it into a queue; '' takes it out of the one it is in. */
  move(id: string, queue: string): Promise<void>
  tag(id: string, change: { readonly add?: readonly string[]; readonly remove?: readonly string[] }): Promise<void>
  /** For staff only. `key` names it: the same note twice is one. */
  note(id: string, text: string, options?: { readonly key?: string }): Promise<void>
  /** Comes back at that moment, or when the patron writes. */
  snooze(id: string, until: Instant, options?: Seen): Promise<void>
  close(id: string, how?: Closing): Promise<void>
  reopen(id: string): Promise<void>
  /** `id` goes on in `into`, also what its patron writes from now on. */
  merge(id: string, into: string): Promise<void>
  unmerge(id: string): Promise<void>
  /** These texts become a conversation of their own; answers its id. To take it back, merge it. */
  split(id: string, texts: readonly Ref[]): Promise<string>
  /** Something that staff are to do, without a patron's text. `key` names it for ever; answers its id. */
  task(task: Omit<events.Task, 'queue' | 'context'> & Partial<events.Task> & { readonly key: string }): Promise<string>
  /**
   * What a flow does with a text that no keyword answers. `asked`: it may be about several matters, and the patron was
   * asked which; `bound`: it says which. Else it waits for staff.
   */
  receive(event: Interaction<string, MessageReceived>): Promise<'asked' | 'bound' | 'waits'>
  measures(query: { readonly since: Instant; readonly until: Instant }): Promise<Measures>
  /** The same, done by somebody: commands but those of flows need it. */
  as(actor: Actor): Inbox
}

/** The conversations of one host. `createPrm` needs `events: inboxEvents`. */
export function inbox<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  options: InboxOptions<U>,
): Inbox {
  return inboxOf(prm, options, undefined)
}

function inboxOf<A extends Adapters, U extends string, T extends string, R extends string>(
  host: Prm<A, U, T, R>,
  options: InboxOptions<U>,
  actor: Actor | undefined,
): Inbox {
  const prm = actor ? host.as(actor) : host
  const { purpose, which = whichOne } = options
  const me = actor?.id ?? ''
  const now = (): number => prm.now().getTime()

  const look = async (id: string): Promise<Conversation> => (await prm.conversation(id, { limit: 1 })).conversation

  /** A fact about a conversation. Its key is made of what was looked at, so that twice is once. */
  const act = async (type: string, conversationId: string, key: string, data: object): Promise<void> => {
    await prm.record([{ source: 'inbox', key: `${type} ${conversationId} ${key}`, type, conversationId, data }])
  }
  const actOn = async (type: string, id: string, data: object, seen?: number): Promise<void> => {
    const turn = seen ?? (await look(id)).turn
    await act(type, id, `${turn} ${me}`, data)
  }

  return {
    async list({ queue, assignee, limit = 100 } = {}) {
      const fits = (one: Conversation): boolean =>
        (queue === undefined || one.queue === queue) && (assignee === undefined || one.assignee === assignee)
      const found: Listed[] = []
      for await (const one of prm.conversations({ state: 'open', order: 'oldest' })) {
        if (fits(one)) found.push({ conversation: one, waits: one.since })
        if (found.length === limit) break
      }
      for await (const one of prm.conversations({ state: 'snoozed' })) {
        const { until } = one.context
        if (fits(one) && typeof until === 'string' && Date.parse(until) <= now())
          found.push({ conversation: one, waits: until })
      }
      return found.sort((a, b) => (a.waits < b.waits ? -1 : 1)).slice(0, limit)
    },
    among: (state, limit = 100) => collect(prm.conversations({ state, order: 'newest', limit })),
    thread: (id, limit) => threadOf(prm, id, limit),
    async reply(id, text, { seen } = {}) {
      const turn = seen ?? (await look(id)).turn
      return prm.reply(id, { text }, { key: `reply ${id} ${turn}`, purpose, seen: turn })
    },
    claim: (id) => actOn(events.claimed.name, id, {}),
    release: (id) => actOn(events.released.name, id, {}),
    assign: (id, to) => actOn(events.assigned.name, id, { to }),
    move: (id, queue) => actOn(events.moved.name, id, { queue }),
    tag: (id, { add = [], remove = [] }) => actOn(events.tagged.name, id, { add, remove }),
    note: async (id, text, { key } = {}) =>
      act(events.noted.name, id, key ?? `${(await look(id)).turn} ${me}`, { text }),
    snooze: (id, until, { seen } = {}) =>
      actOn(events.snoozed.name, id, { until, ...(seen !== undefined && { seen }) }, seen),
    close: (id, how = {}) => actOn(events.closed.name, id, how, how.seen),
    reopen: (id) => actOn(events.reopened.name, id, {}),
    async merge(id, into) {
      const own = await look(id)
      const { turn } = own
      if (id === into) throw new PrmError('invalid', 'merge: into another one.', { field: 'into' })
      if (own.into === into) return
      events.notMerged(own)
      const theirs = joining(own, own.pending)
      // First where it goes on: cut off in between, it shows there twice, and nothing is lost.
      await act(events.joined.name, into, `${id} ${turn}`, theirs)
      await act(events.merged.name, id, `${turn} ${into}`, { into }).catch(async (error: unknown) => {
        // Somebody was quicker: it goes on in one only.
        await act(events.parted.name, into, `${id} ${turn}`, theirs)
        throw error
      })
    },
    async unmerge(id) {
      const { into, turn } = await look(id)
      if (into === undefined) return
      const { conversation: target } = await prm.conversation(into)
      events.notMerged(target)
      const own = await threadOf(prm, id, 1_000)
      const theirs = new Set(own.thread.map(refId))
      const pending = target.pending.filter((one) => theirs.has(refId(one)))
      const answered = target.questions.at(-1)?.answered
      await act(events.unmerged.name, id, `${turn}`, { pending, ...(answered && { answered }) })
      await act(events.parted.name, into, `${id} ${turn}`, joining(own.conversation, pending))
    },
    async split(id, texts) {
      const { conversation, thread } = await prm.conversation(id, { limit: 1_000 })
      events.notMerged(conversation)
      // What else is there, as a public post, is answered in one place only.
      const there = new Set(thread.filter(({ type }) => type === messageReceived.name).map(refId))
      for (const one of leftIn(conversation)) there.delete(refId(one))
      if (texts.length === 0 || texts.some((one) => !there.has(refId(one))))
        throw new PrmError('invalid', 'split: texts must be some that are in this conversation.', { field: 'texts' })
      const chosen = new Set(texts.map(refId))
      const pending = conversation.pending.filter((one) => chosen.has(refId(one)))
      const { source, who, to, last, patronId, queue, assignee, context, turn } = conversation
      const { merged: _, left: __, part: ___, ...rest } = context
      const asked = thread.find((one) => chosen.has(refId(one)))?.seen ?? conversation.since
      const data = { source, who, to, last, patronId, queue, assignee, context: rest, from: id, texts, pending, asked }
      const part = `${id}.${turn}.${createHash('sha256').update(texts.map(refId).join()).digest('base64url').slice(0, 6)}`
      await act(events.split.name, part, '', JSON.parse(JSON.stringify(data)))
      await act(events.left.name, id, `${turn}`, { to: part, texts })
      return part
    },
    async task({ key, queue = 'tasks', context = {}, ...task }) {
      const id = `task ${key}`
      await act(events.opened.name, id, '', { ...task, queue, context })
      return id
    },
    async receive(event) {
      const id = event.conversationId
      if (id === undefined) return 'waits'
      const { conversation } = await prm.conversation(id, { limit: 1 })
      const matters = mattersOf(conversation)
      const answer = { source: event.source, key: event.key }
      if (event.about?.source === 'prm' && event.about.key.startsWith(`which ${id} `)) {
        const matter = matters[numberIn(event.data.content.text) - 1]
        if (!matter) return 'waits'
        await act(events.bound.name, id, refId(answer), { matter, answer })
        return 'bound'
      }
      if (matters.length < 2) return 'waits'
      // Once for each question of the patron's, whatever else they write.
      const key = `which ${id} ${conversation.questions.length}`
      const { fresh, decision } = await prm.reply(id, { text: which(matters) }, { key, purpose, inReplyTo: [] })
      const again = decision.about.some((ref) => refId(ref) === refId(answer)) // cut off behind the sending
      return (fresh || again) && decision.outcome.send ? 'asked' : 'waits'
    },
    as: (other) => inboxOf(host, options, other),
    measures: async (query) => {
      const all: Conversation[] = []
      for (const state of ['open', 'waiting', 'snoozed', 'closed'] as const)
        for await (const one of prm.conversations({ state })) all.push(one)
      return measured(all, { ...query, now: now() })
    },
  }
}

async function threadOf(prm: Pick<Prm, 'conversation'>, id: string, limit = 100): Promise<Thread> {
  const own = await prm.conversation(id, { limit })
  const { merged = [], part } = own.conversation.context as {
    merged?: readonly string[]
    part?: { readonly from: string; readonly texts: readonly Ref[] }
  }
  const gone = new Set(leftIn(own.conversation).map(refId))
  const theirs = new Set(part?.texts.map(refId))
  const others = await Promise.all(merged.map((one) => threadOf(prm, one, limit)))
  const before = part
    ? (await prm.conversation(part.from, { limit: 1_000 })).thread.filter((one) => theirs.has(refId(one)))
    : []
  const all = [
    ...before,
    ...own.thread.filter((one) => !gone.has(refId(one))),
    ...others.flatMap(({ thread }) => thread),
  ]
  const thread = [...new Map(all.map((one) => [refId(one), one])).values()]
  thread.sort((a, b) => ((a.seen ?? '') < (b.seen ?? '') ? -1 : (a.seen ?? '') > (b.seen ?? '') ? 1 : 0))
  return {
    ...own,
    thread: thread.slice(-limit),
    more: own.more || thread.length > limit || others.some(({ more }) => more),
  }
}

/** What a merge carries over. */
function joining({ id, questions, state, since, context }: Conversation, pending: readonly Ref[]): events.Joining {
  const last = questions.at(-1)
  const asked = last && !last.closed && !last.answered ? last.asked : state === 'open' ? since : context.waited
  return { from: id, pending, ...(typeof asked === 'string' && { asked }) }
}

/** What was split off. */
function leftIn({ context }: Conversation): readonly Ref[] {
  return (context.left ?? []) as unknown as readonly Ref[]
}

function refId({ source, key }: Ref): string {
  return `${source} ${key}`
}

async function collect<V>(rows: AsyncIterable<V>): Promise<readonly V[]> {
  const all: V[] = []
  for await (const row of rows) all.push(row)
  return all
}
