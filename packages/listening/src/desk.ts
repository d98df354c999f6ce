import {
  type Actor,
  type Adapters,
  type Conversation,
  type Instant,
  type Interaction,
  type MentionSeen,
  type Message,
  mentionSeen,
  type Prm,
  PrmError,
  type Recheck,
  reactionSeen,
  type Scope,
  type Store,
} from '@prm/core'
import { blindSpots, type SourceSeen } from './blind.ts'
import { type Brief, briefOf } from './brief.ts'
import type { Meter, Standing } from './budget.ts'
import * as events from './events.ts'
import { sampleQueue } from './events.ts'
import { eraseTaken, fact, type Hearing, hear, idOf, react } from './hear.ts'
import { whenOpen } from './hours.ts'
import { english } from './language.ts'
import { lint } from './lint.ts'
import type { Period } from './measure.ts'
import { type Draft, type Mention, mentionOf } from './mention.ts'
import type { Pack } from './packs.ts'
import { judge } from './relevance.ts'
import { versionOf, wordsOf } from './text.ts'
import type { DecisionKind, ToneReader, Urgency } from './tone.ts'
import { tone } from './tone.ts'
import { watch } from './watch.ts'

export interface ListeningOptions<U extends string, R extends string = never> {
  /** The purpose that answers are posted for: `service`, and with `quietHours: 'ignore'` if they may go at once. */
  readonly purpose: U
  readonly packs: readonly Pack[]
  /** The name under which the host's `rechecks` have `stands`: an approved answer is looked at again before it goes. */
  readonly recheck?: R
  /** From which score on a post is shown; 0.5 by default. */
  readonly threshold?: number
  /** The share of what is below that staff judge too, so that it is known what is missed; 0.05 by default. */
  readonly sample?: number
  /** Chooses that share; any text. */
  readonly seed?: string
  /**
   * In which time each is to be decided, in milliseconds: 2 hours, a day, 3 days by default. What is not urgent and falls due
   * while the library is closed waits until an hour after it opens.
   */
  readonly targets?: { readonly [U in Urgency]?: number }
  /** What is as near as this may be a copy, in days; 7 by default. */
  readonly copiesWithin?: number
  readonly tone?: ToneReader
  /** Tells the language of a text whose source does not, nothing where that cannot be told; by default English alone is told. */
  readonly language?: (text: string) => string | undefined
  /** The library's own addresses and numbers, which an answer may say. */
  readonly ownContacts?: readonly string[]
  /** Counts what sources with a budget cost. */
  readonly meter?: Meter
}

/** What somebody had before their eyes: the `turn` of the conversation. */
export interface Seen {
  readonly seen?: number
}

export interface MentionRead {
  readonly conversation: Conversation
  readonly mention: Mention
  /** What was heard and done, oldest first. */
  readonly thread: readonly Interaction[]
  /** What became of the answer that was approved. */
  readonly message?: Pick<Message, 'key' | 'state' | 'providerId' | 'attempts'>
  /** Approved, and to be posted by a person: the text and where it goes. */
  readonly toCopy?: { readonly text: string; readonly url?: string }
}

/** Mentions, and what staff do with them. Each command is a fact with its actor; each throws `conflict` with why not. */
export interface Listening {
  /** What somebody is to act on: urgent ones first, then what is due first. */
  list(query?: {
    readonly step?: 'decide' | 'answer' | 'approve' | 'judge'
    readonly owner?: string
    readonly limit?: number
  }): Promise<readonly Conversation[]>
  read(id: string): Promise<MentionRead>
  /** `ignore`: it is not about the library, or nothing to note. */
  decide(
    id: string,
    what: { readonly is: DecisionKind; readonly reason?: string; readonly owner?: string } & Seen,
  ): Promise<void>
  /** Answers its number. Throws `invalid` naming what a public answer must not say, or that it is too long. */
  draft(id: string, text: string, options?: Seen): Promise<number>
  /** Asks for another draft. */
  sendBack(id: string, draft: { readonly n: number; readonly why: string }): Promise<void>
  /** By somebody else than who wrote it. It is posted once, or shown to be copied where the network lets no program answer. */
  approve(id: string, draft: { readonly n: number } & Seen): Promise<void>
  /** A person answered there. */
  byHand(id: string, answer?: { readonly url?: string } & Seen): Promise<void>
  /** What was said and done between two moments, as it stood at `until`. `markdown` and `html` write it out. With `check` the sources are asked first. */
  brief(period: Period & { readonly check?: boolean }): Promise<Brief>
  /** Where budgets stand this month. */
  budgets(): Promise<readonly Standing[]>
  /** The sources of mentions, asked what works with their credentials. */
  sources(check?: boolean): Promise<readonly SourceSeen[]>
  /** The same, done by somebody: commands need it. */
  as(actor: Actor): Listening
  /** For `rechecks` of the host: an approved answer goes only to what was read. */
  readonly stands: Recheck
}

const hour = 3_600_000
const targets: { readonly [U in Urgency]: number } = { urgent: 2 * hour, normal: 24 * hour, low: 72 * hour }
/** An answer that could not be posted for a day is worth nothing. */
const worthMs = 24 * hour
const fadeMs = '30d'

/** Mentions of one host. Registers its flows, so that it is made once, before `prm.run`; `createPrm` needs `events: listeningEvents`. */
export function listening<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  options: ListeningOptions<U, R>,
): Listening {
  const scope = prm.options.store.scope(prm.options.library.id)
  options.meter?.bind(prm as never)
  const within = { ...targets, ...options.targets }
  const by: Hearing = {
    judge: judge(options.packs),
    own: new Set(
      options.packs.flatMap(({ names, nicknames = [], places = [] }) =>
        [...names, ...nicknames, ...places].flatMap((name) => wordsOf(name).words),
      ),
    ),
    tone: options.tone ?? tone,
    threshold: options.threshold ?? 0.5,
    sample: options.sample ?? 0.05,
    seed: options.seed ?? 'listening',
    window: (options.copiesWithin ?? 7) * 24 * hour,
    due(from, urgency) {
      const at = new Date(from.getTime() + within[urgency])
      return (urgency === 'urgent' ? at : whenOpen(prm.options.library, at)).toISOString()
    },
    language: options.language ?? english,
  }
  // One after the other in this process: of two copies that come at once, the second finds the first.
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = <V>(run: () => Promise<V>): Promise<V> => {
    const next = before.then(run, run)
    before = next.catch(() => undefined)
    return next
  }
  prm.flow('listening', mentionSeen, async ({ event, prm: host }) =>
    inTurn(async () => {
      if (await hear(host as never, scope, event, by)) await watch(host as never, scope, host.now())
    }),
  )
  prm.flow('listening reaction', reactionSeen, async ({ event, prm: host }) => react(host as never, scope, event))
  prm.flow('listening gone', events.erasing, async ({ event, prm: host }) => eraseTaken(host as never, event.data.post))
  prm.flow('listening fade', events.scored, async ({ event, step, prm: host }) => {
    const { conversationId, data } = event
    if (conversationId === undefined || data.shown === 'copy') return
    await step.sleep('kept', fadeMs)
    const { version } = data
    if (await scope.get('conversation', conversationId))
      await host.record([{ ...fact(events.faded.name, event.key), conversationId, data: { version } }])
  })
  prm.flow('listening answer', events.approved, async ({ event, step, prm: host }) => {
    const { conversationId = '', data, by: whom } = event
    const mention = await mentionIn(scope, conversationId)
    if (!mention?.answerable || mention.posted || mention.approved?.n !== data.n || !mention.draft) return
    const { post, source, draft } = mention
    const key = messageKey(conversationId, data.n)
    const notPosted = async (why: string): Promise<void> =>
      void (await host.record([{ ...fact(events.failed.name, key), conversationId, data: { n: data.n, why } }]))
    const decision = await host
      .as(whom ?? { kind: 'system', id: 'listening' })
      .send({
        to: { scheme: 'post', ...post },
        adapters: [source],
        purpose: options.purpose,
        content: { text: draft.text },
        key,
        about: [mention.fact],
        expireAt: new Date(Date.parse(event.seen ?? '') + worthMs).toISOString(),
        ...(options.recheck !== undefined && { recheck: options.recheck }),
      } as never)
      .catch((error: unknown) => {
        // Nobody can send it like this however often it is tried: the adapter has another name now.
        if (PrmError.is(error) && error.code === 'invalid') return error
        throw error
      })
    if (PrmError.is(decision)) return notPosted(decision.message)
    if (!decision.outcome.send) {
      return notPosted(
        decision.reasons.findLast(({ verdict }) => verdict === 'reject')?.detail ?? decision.outcome.rule,
      )
    }
    for (const [look, wait] of looks.entries()) {
      await step.sleep(`look ${look}`, wait)
      if (await outcome(host as never, scope, conversationId, data.n)) return
    }
  })
  return deskOf(prm, options, scope, undefined)
}

/** When it is asked what became of an answer. */
const looks = ['5s', '30s', '2m', '10m', '1h', '6h', '25h'] as const

const messageKey = (id: string, n: number): string => `${id} answer ${n}`

/**
 * For `rechecks` of the host: an approved answer goes only while its post is there and reads as it did. Beside `createPrm`, since
 * it needs no more than the store.
 */
export function mentionStands(store: Store, library: string): Recheck {
  return standsIn(store.scope(library))
}

function standsIn(scope: Scope): Recheck {
  return async ({ about: [first] }) => {
    const { who } = first ?? {}
    if (who?.scheme !== 'post') return 'no'
    const mention = await mentionIn(scope, idOf(who))
    if (!mention?.approved || mention.gone || mention.draft?.version !== mention.version) return 'no'
    // What came since may not have been heard yet.
    for await (const { type, data } of scope.find('interaction', { address: who, order: 'newest' })) {
      if (type !== mentionSeen.name) continue
      const { gone, title, text } = data as MentionSeen
      return gone || versionOf(title, text) !== mention.version ? 'no' : 'yes'
    }
    return 'no'
  }
}

async function mentionIn(scope: Scope, id: string): Promise<Mention | undefined> {
  const row = (await scope.get('conversation', id))?.value
  return row && mentionOf(row)
}

/** Notes what became of an answer; whether that is known for good. */
async function outcome(
  prm: Prm<Adapters, string, string, string>,
  scope: Scope,
  conversationId: string,
  n: number,
): Promise<boolean> {
  const key = messageKey(conversationId, n)
  const message = (await scope.get('message', key))?.value
  if (!message) return true // it was erased with its post
  const { state, providerId, attempts } = message
  if (state === 'planned' || state === 'unknown') return false
  if (/^(accepted|sent|delivered|read)$/.test(state)) {
    const at = attempts.at(-1)?.at
    await prm.record([
      {
        ...fact(events.posted.name, key),
        conversationId,
        data: { n, ...(providerId !== undefined && { id: providerId }), ...(at !== undefined && { at }) },
      },
    ])
  } else await prm.record([{ ...fact(events.failed.name, key), conversationId, data: { n, why: whyOf(message) } }])
  return true
}

function whyOf({ state, attempts }: Message): string {
  const last = attempts.at(-1)?.outcome
  return last === undefined ? state : `${state}: ${last}`
}

function deskOf<A extends Adapters, U extends string, T extends string, R extends string>(
  host: Prm<A, U, T, R>,
  options: ListeningOptions<U, R>,
  scope: Scope,
  actor: Actor | undefined,
): Listening {
  const prm = actor ? host.as(actor) : host
  const me = actor?.id ?? ''

  const look = async (id: string): Promise<{ readonly conversation: Conversation; readonly mention: Mention }> => {
    const conversation = (await scope.get('conversation', id))?.value
    const mention = conversation && mentionOf(conversation)
    if (!conversation || !mention) throw new PrmError('not_found', 'There is no mention of this id.', { field: 'id' })
    return { conversation, mention }
  }
  /** Twice from one look is once; `key` names what was looked at. */
  const act = async (
    type: string,
    id: string,
    key: string,
    data: object,
    more: Partial<Interaction> = {},
  ): Promise<void> => {
    await prm.record([{ ...fact(type, `${id} ${key}`), conversationId: id, data, ...more }])
  }

  return {
    async list({ step, owner, limit = 100 } = {}) {
      const found: { readonly one: Conversation; readonly rank: string }[] = []
      for await (const one of scope.find('conversation', { state: 'open' })) {
        const mention = mentionOf(one)
        if (!mention || (owner !== undefined && one.assignee !== owner)) continue
        if (step === undefined ? one.queue === sampleQueue : stepOf(mention) !== step) continue
        found.push({ one, rank: `${mention.urgency === 'urgent' ? 0 : 1} ${mention.due}` })
      }
      return found
        .sort((a, b) => (a.rank < b.rank ? -1 : 1))
        .slice(0, limit)
        .map(({ one }) => one)
    },
    async read(id) {
      const { conversation, mention } = await look(id)
      const { thread } = await prm.conversation(id)
      const row = mention.approved && (await scope.get('message', messageKey(id, mention.approved.n)))?.value
      const { key, state, providerId, attempts } = row ?? {}
      const copied = mention.approved && !mention.answerable && !mention.posted && mention.draft
      return {
        conversation,
        mention,
        thread,
        ...(key !== undefined &&
          state !== undefined &&
          attempts && { message: { key, state, attempts, ...(providerId !== undefined && { providerId }) } }),
        ...(copied && { toCopy: { text: copied.text, ...(mention.url !== undefined && { url: mention.url }) } }),
      }
    },
    async decide(id, { is, reason, owner, seen }) {
      const { conversation, mention } = await look(id)
      const turn = seen ?? conversation.turn
      const key = `${id} ${turn} ${me}`
      const data = { is, seen: turn, ...(owner !== undefined && { owner }) }
      const about = { conversationId: id, who: { scheme: 'post', ...mention.post } }
      await prm.record([
        { ...fact(events.decided.name, key), conversationId: id, data },
        ...(reason ? [{ ...fact(events.reasoned.name, key), ...about, data: { why: reason } }] : []),
      ])
    },
    async draft(id, text, { seen } = {}) {
      const { conversation, mention } = await look(id)
      checkDraft(text, mention)
      let turn = seen ?? conversation.turn
      if (mention.decision?.is !== 'help' && mention.decision?.is !== 'thank') {
        await this.decide(id, { is: mention.suggested === 'thank' ? 'thank' : 'help', seen: turn })
        turn++
      }
      const n = nextDraft(mention)
      await act(
        events.drafted.name,
        id,
        `${n} ${turn} ${me}`,
        { n, text: text.trim(), version: mention.version, seen: turn },
        { who: { scheme: 'post', ...mention.post } },
      )
      return n
    },
    async sendBack(id, { n, why }) {
      const { mention } = await look(id)
      await act(events.returned.name, id, `${n} ${me}`, { n, why }, { who: { scheme: 'post', ...mention.post } })
    },
    async approve(id, { n, seen }) {
      const { mention } = await look(id)
      if (mention.approved?.n === n && mention.draft?.n === n) return // it is approved, by whomever
      await act(events.approved.name, id, `${n} ${mention.version} ${mention.draft?.at ?? ''}`, {
        n,
        version: mention.version,
        ...(seen !== undefined && { seen }),
      })
    },
    async byHand(id, { url, seen } = {}) {
      const { conversation, mention } = await look(id)
      const n = mention.approved?.n ?? 0
      await act(events.posted.name, id, `by hand ${seen ?? conversation.turn}`, {
        n,
        byHand: true,
        ...(url !== undefined && { url }),
      })
    },
    async brief({ check, since, until }) {
      const period = { since: moment('since', since), until: moment('until', until) }
      const [seen, standings, jumps] = await Promise.all([this.sources(check), this.budgets(), jumpsIn(scope, period)])
      const { library } = host.options
      const budgets = standings.map(({ text }) => text)
      return briefOf(scope, { ...period, library, packs: options.packs, budgets, blindSpots: blindSpots(seen), jumps })
    },
    budgets: async () => options.meter?.standing(host.now()) ?? [],
    async sources(check = false) {
      const told = Object.entries<Adapters[string]>(host.adapters).filter(([, { emits }]) =>
        emits.some(({ name }) => name === mentionSeen.name),
      )
      return Promise.all(
        told.map(async ([id, adapter]) => {
          const findings = check ? await adapter.check?.(host.context(id)) : undefined
          return { id, kind: adapter.kind, ...(findings && { findings }) }
        }),
      )
    },
    as: (other) => deskOf(host, options, scope, other),
    stands: standsIn(scope),
  }

  function checkDraft(text: string, { source, post, answerable, gone }: Mention): void {
    const refuse = (why: string): never => {
      throw new PrmError('invalid', `draft: ${why}`, { field: 'text' })
    }
    if (gone) throw new PrmError('conflict', 'The post was taken back: there is nothing to answer.')
    if (text.trim() === '') refuse('it says nothing.')
    const [found] = lint(text, options.ownContacts)
    if (found)
      refuse(`a public answer must not say ${found.what}: “${found.found}”. Ask them to write to the library instead.`)
    const channel = prm.adapters[source]?.channel
    if (!answerable || !channel) return
    const measure = channel.measure({ text }, { scheme: 'post', ...post })
    if (measure.tooLong) refuse(`it is too long for ${source}: ${measure.units} ${measure.unit}s.`)
    if (measure.unreachable !== undefined) refuse(`${source} cannot answer it: ${measure.unreachable}.`)
  }
}

function moment(field: 'since' | 'until', at: Instant): Instant {
  if (Number.isNaN(Date.parse(at)))
    throw new PrmError('invalid', `brief: ${field} must be a moment such as 2026-11-24T00:00:00.000Z.`, { field })
  return new Date(at).toISOString()
}

async function jumpsIn(scope: Scope, { since, until }: Period): Promise<Brief['jumps']> {
  const all: events.Jumped[] = []
  for await (const { data } of scope.find('interaction', { type: events.jumped.name, since, until }))
    all.push(data as events.Jumped)
  return all
}

function nextDraft({ draft }: { readonly draft?: Draft }): number {
  return (draft?.n ?? 0) + 1
}

/** What is to be done with a mention next, by whom it may be. */
export function stepOf({
  sample,
  decision,
  draft,
  approved,
  posted,
  failed,
  version,
  answerable,
}: Mention): 'decide' | 'answer' | 'approve' | 'judge' | 'wait' | 'done' {
  if (posted) return 'done'
  if (!decision) return sample ? 'judge' : 'decide'
  if (decision.is === 'note' || decision.is === 'ignore') return 'done'
  if (failed !== undefined) return 'answer'
  if (approved) return answerable ? 'wait' : 'answer'
  return draft && !draft.back && draft.version === version ? 'approve' : 'answer'
}
