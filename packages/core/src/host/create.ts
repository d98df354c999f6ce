import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'eventemitter3'
import type { Adapters } from '../contract/adapter.ts'
import { written } from '../contract/address.ts'
import type { Decision } from '../contract/decision.ts'
import type { Shared } from '../contract/decision-inputs.ts'
import { PrmError } from '../contract/errors.ts'
import { deadFact, messageDelivery, messageReceived } from '../contract/events.ts'
import type { Observed, Options, Prm } from '../contract/host.ts'
import type { Actor } from '../contract/interaction.ts'
import { notice } from '../contract/notice.ts'
import type { Ask } from '../contract/preview.ts'
import type { Json } from '../contract/primitives.ts'
import type { Send } from '../contract/send.ts'
import type { Scope } from '../contract/store.ts'
import { conversation, conversations } from '../conversation/read.ts'
import { reply } from '../conversation/reply.ts'
import { noteGap } from '../deliver/restore-gap.ts'
import { consent } from '../ingest/consent.ts'
import { lookUp } from '../ingest/directory.ts'
import type { Pulls } from '../ingest/feed.ts'
import { record } from '../ingest/record.ts'
import { handle } from '../ingest/webhook.ts'
import { erase } from '../privacy/erase.ts'
import { erasedSince } from '../privacy/erased-since.ts'
import { expire } from '../privacy/retention.ts'
import { noted } from '../runtime/audit.ts'
import type { Engine, Gaps } from '../runtime/engine.ts'
import { seal, sealed } from '../runtime/erased.ts'
import { typesOf } from '../runtime/event-types.ts'
import { put } from '../runtime/lookup.ts'
import { hash } from '../runtime/names.ts'
import { cancel } from '../send/cancel.ts'
import { viaOf } from '../send/drafts.ts'
import { foresee } from '../send/preview.ts'
import { sendPage } from '../send/send.ts'
import { refuseTelling } from '../send/template.ts'
import { redrive } from './dead-letters.ts'
import { explain } from './explain.ts'
import { checked } from './options.ts'
import { outages } from './outages.ts'
import { patrons, search, timeline } from './patrons.ts'
import { decided, replay } from './replay.ts'
import { pull, run } from './run.ts'

/** How many sends of `sendAll` share a transaction. */
const page = 500

/** Composes adapters, store, purposes and templates into one host. Throws `config` naming the field, before any call. */
export function createPrm<
  const A extends Adapters,
  const U extends string,
  const T extends string = never,
  const R extends string = never,
>(options: Options<A, U, T, R>): Prm<A, U, T, R> {
  // Inside, the names of adapters, purposes and templates are plain texts.
  const general = checked(options as unknown as Options<Adapters, string, string, string>)
  const { adapters, library, store } = options
  const events = new EventEmitter<{ [K in keyof Observed]: [Observed[K]] }>()
  const pulls: Pulls = new Map()
  const shared = sharedOf(general)
  const sharedId = hash(JSON.stringify(shared))
  const scope = store.scope(library.id)
  let sharing: Promise<unknown> | undefined
  let secret: Promise<string> | undefined
  let matched = false
  let gaps: Promise<Gaps> | undefined
  const now = (): Date => options.now?.() ?? new Date()
  const stop = new AbortController()
  const works = new Set<Promise<unknown>>()
  const tracked = <R>(work: Promise<R>): Promise<R> => {
    const ended = (): void => void works.delete(work)
    works.add(work)
    work.then(ended, ended)
    return work
  }
  const engine: Engine = {
    options: general,
    scope,
    shared,
    sharedId,
    share() {
      const row = { id: sharedId, value: shared as unknown as Json }
      sharing ??= engine
        .gaps()
        .then(() => scope.commit([{ unless: [{ kind: 'shared', id: sharedId }], put: [put('shared', row)] }]))
      sharing.catch(() => {
        sharing = undefined
      })
      return sharing
    },
    secret() {
      secret ??= secretOf(scope, options.pseudonymKey)
      secret.catch(() => {
        secret = undefined
      })
      return secret
    },
    async sealed() {
      if (!matched) {
        const there = (await scope.get('shared', sealed))?.value.value
        if (there === undefined) return undefined
        if (there !== seal(await engine.secret()).value) throw otherSecret()
        matched = true
      }
      return engine.secret()
    },
    types: typesOf([
      messageReceived,
      messageDelivery,
      notice,
      deadFact,
      ...(options.events ?? []),
      ...Object.values(adapters).flatMap((adapter) => adapter.emits),
    ]),
    kept: new Set(),
    flows: new Map(),
    paused: new Map(),
    silent: new Map(),
    down: new Set(),
    fresh: new Map(),
    senders: new Map(),
    lines: new Map(),
    began: now().getTime(),
    gaps() {
      gaps ??= noteGap(engine)
      gaps.catch(() => {
        gaps = undefined
      })
      return gaps
    },
    now,
    emit(event, value) {
      for (const listener of events.listeners(event) as ((value: unknown) => unknown)[])
        new Promise((resolve) => resolve(listener(value))).catch((error: unknown) =>
          options.log?.('error', 'A listener threw.', { event, error: nameOf(error) }),
        )
    },
    context: (id, signal) => ({
      id,
      library: library.id,
      ...(options.publicUrl && { publicUrl: `${options.publicUrl.replace(/\/$/, '')}/${id}` }),
      signal,
      now: () => engine.now(),
      log: (level, message, data = {}) => options.log?.(level, message, { adapter: id, ...data }),
    }),
  }
  for (const [name, template] of Object.entries(engine.options.templates ?? {}))
    for (const [id, { channel }] of Object.entries(engine.options.adapters))
      if (channel && library.showTitles !== 'everywhere')
        refuseTelling(name, template, viaOf(engine, id, channel, library.locale))

  /** The same for everybody, but for the name under which it is done. */
  const actingAs = (by: Actor): Prm<A, U, T, R> => ({
    adapters,
    options,
    context: (id, signal = stop.signal) => engine.context(id, signal),
    async send(one) {
      const decision = (await sendPage(engine, [one as unknown as Send], named(by)))[0] as Decision
      // It shows what is known of a patron, and leaves nothing behind.
      if (one.dryRun) await noted(engine, by, 'send', decision.patronId)
      return decision
    },
    async *sendAll(sends) {
      let some: Send[] = []
      for await (const one of sends as AsyncIterable<Send>) {
        some.push(one)
        if (some.length < page) continue
        yield* await sendPage(engine, some, named(by))
        some = []
      }
      yield* await sendPage(engine, some, named(by))
    },
    cancel: (bulk, why) => cancel(engine, by, bulk, why),
    foresee: (asks, takes) => foresee(engine, asks as AsyncIterable<Ask>, takes),
    async record(facts, people = []) {
      const interactions = named(by) ? facts.map((fact) => ({ by, ...fact })) : facts
      const { fresh } = await record(engine, { interactions, people, from: 'host' })
      return { fresh }
    },
    consent: (said) => consent(engine, by, said),
    async *dead() {
      for await (const { key, name, runAt, error } of scope.jobs({ state: 'dead' }))
        yield { key, name, runAt, ...(error !== undefined && { error }) }
    },
    redrive: (keys) => redrive(engine, by, keys),
    pull: (id) => tracked(pull(engine, store, pulls, id, stop.signal)),
    flow(name, on, run, { retired = false } = {}) {
      if (engine.flows.has(name))
        throw new PrmError('config', `There is a flow "${name}" already: two of one name would share their jobs.`, {
          field: 'name',
        })
      const prm = actingAs({ kind: 'flow', id: name })
      typesOf([on], engine.types)
      engine.flows.set(name, {
        on: on.name,
        retired,
        run: ({ event, patron, step, at, signal }) =>
          run({ event: event as never, ...(patron && { patron }), step, prm: counted(prm, at), signal }),
      })
    },
    handle: (request) => handle(engine, request, () => actingAs(host) as unknown as Prm),
    run: (how = {}) =>
      tracked(
        run(engine, store, pulls, {
          ...how,
          signal: how.signal ? AbortSignal.any([how.signal, stop.signal]) : stop.signal,
        }),
      ),
    explain: (key) => explain(engine, by, key),
    async replay(key) {
      const decision = await decided(engine, by, 'replay', key)
      const again = await replay(engine, decision)
      const same = JSON.stringify(again) === JSON.stringify({ outcome: decision.outcome, reasons: decision.reasons })
      return { decision, again, same }
    },
    lookUp: (adapter, address, signal) => lookUp(engine, by, adapter, written(address), signal),
    patrons: (address) => patrons(engine, by, written(address)),
    timeline: (patronId, query) => timeline(engine, by, patronId, query),
    search: (text, query) => search(engine, by, text, query),
    conversations: (query) => conversations(engine, by, query),
    conversation: (id, query) => conversation(engine, by, id, query),
    reply: (id, content, options) => reply(engine, by, id, content, options),
    as: actingAs,
    outages: (query) => outages(engine, by, query),
    audit: (query = {}) => scope.find('audit', { order: 'newest', ...query }),
    erase: (who) => erase(engine, by, typeof who === 'string' ? who : written(who)),
    erasedSince: (people, since) => erasedSince(engine, people, since),
    expire: () => expire(engine),
    async *export() {
      await noted(engine, by, 'export')
      yield* scope.export()
    },
    import: (rows) => scope.import(rows),
    on(event, listener) {
      events.on(event, listener as never)
      return () => void events.off(event, listener as never)
    },
    async close() {
      stop.abort()
      await Promise.allSettled(works) // what has begun still needs its adapter
      for (const [id, adapter] of Object.entries(adapters)) {
        try {
          await adapter.close?.()
        } catch (error) {
          engine.context(id, stop.signal).log('error', 'It could not be closed.', { error: nameOf(error) })
        }
      }
      await store.close()
    },
  })
  return actingAs(host)
}

/** What a flow does through its host is work of its run, over which that is not suspended. */
function counted<P extends object>(prm: P, at: <R>(work: () => PromiseLike<R> | R) => Promise<R>): P {
  const calls = [
    'send',
    'reply',
    'record',
    'consent',
    'explain',
    'replay',
    'patrons',
    'conversation',
    'pull',
    'erase',
    'expire',
  ]
  const wrapped = Object.entries(prm)
    .filter(([name]) => calls.includes(name))
    .map(([name, call]) => [name, (...given: unknown[]) => at(() => call(...given))])
  return { ...prm, ...Object.fromEntries(wrapped) }
}

/** Who acts where nobody is named: that need not be said in each row. */
const host: Actor = { kind: 'system', id: 'host' }

function named(by: Actor): Actor | undefined {
  return by === host ? undefined : by
}

/** The host's key, or one that keeps itself: whoever comes first makes it. */
async function secretOf(scope: Scope, given: string | undefined): Promise<string> {
  if (given === undefined) {
    const row = { id: 'secret', value: randomBytes(32).toString('base64url') }
    await scope.commit([{ unless: [{ kind: 'shared', id: row.id }], put: [put('shared', row)] }])
  }
  return given ?? String((await scope.get('shared', 'secret'))?.value.value)
}

/** No erased refusal would be found again, so nothing is decided. */
function otherSecret(): PrmError {
  return new PrmError(
    'config',
    "createPrm: pseudonymKey is not the one that this store's erased refusals were made with. Give that one, or they hold no more.",
    { field: 'secret' },
  )
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

function sharedOf({ library, purposes, adapters }: Engine['options']): Shared {
  const channels = Object.entries(adapters).flatMap(([id, { channel }]) => {
    if (!channel) return []
    const from = channel.senders?.[0]?.address
    return [{ id, medium: channel.medium, schemes: channel.schemes, exposure: channel.exposure, ...(from && { from }) }]
  })
  // Through JSON, so that what decides is exactly what is stored and decided from again.
  return JSON.parse(JSON.stringify({ library, purposes, channels })) as Shared
}
