import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'eventemitter3'
import { conversation, conversations, reply } from './conversation.ts'
import { type Shared, written } from './decide.ts'
import type { Decision, Message } from './decision.ts'
import { collect, type Engine, type Gaps, hash, put, seal, sealed } from './engine.ts'
import { erase, erasedSince } from './erase.ts'
import { PrmError } from './errors.ts'
import { expire, typesOf } from './expire.ts'
import { foresee } from './foresee.ts'
import { noteGap } from './gap.ts'
import type { Adapters, Ask, Observed, Options, Prm, Send } from './host.ts'
import { handle } from './inlet.ts'
import type { Actor, Interaction } from './interaction.ts'
import { checked } from './options.ts'
import { outages } from './outage.ts'
import { noted, patrons, search, timeline } from './people.ts'
import { consent, record, replay } from './record.ts'
import { claimsBy, decisionOf, isNotice, sendPage, viaOf } from './send.ts'
import { refId, type Scope } from './store.ts'
import { refuseTelling } from './template.ts'
import { spoken } from './time.ts'
import { deadFact, messageDelivery, messageReceived, type Notice, notice } from './vocabulary.ts'
import type { Json } from './words.ts'
import { cancel, lookUp, type Pulls, pull, redrive, run } from './work.ts'

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
      secret ??= secretOf(scope, options.secret)
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
      ...(options.url && { url: `${options.url.replace(/\/$/, '')}/${id}` }),
      signal,
      now: () => engine.now(),
      log: (level, message, data = {}) => options.log?.(level, message, { adapter: id, ...data }),
    }),
  }
  for (const [name, template] of Object.entries(engine.options.templates ?? {}))
    for (const [id, { channel }] of Object.entries(engine.options.adapters))
      if (channel && library.titles !== 'anywhere')
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
    "createPrm: secret is not the one that this store's erased refusals were made with. Give that one, or they hold no more.",
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

/** What was decided under a key, and that somebody looked. */
async function decided(engine: Engine, by: Actor, did: string, key: string): Promise<Decision> {
  const decision = await decisionOf(engine, key)
  if (!decision) throw new PrmError('not_found', 'Nothing was decided under this key.', { field: 'key' })
  await noted(engine, by, did, decision.patronId)
  return decision
}

// ── explain ──────────────────────────────────────────────────────────────────────────────────

async function explain(
  engine: Engine,
  by: Actor,
  key: string,
): Promise<{ decision: Decision; message?: Message; timeline: readonly Interaction[]; text: string }> {
  const decision = await decided(engine, by, 'explain', key)
  const message = (await engine.scope.get('message', decision.key))?.value
  const causes = await Promise.all(decision.about.map((ref) => engine.scope.get('interaction', refId(ref))))
  const other = await decisionOf(engine, `${key} again`)
  const reports = await collect(engine.scope.find('interaction', { about: { source: 'prm', key: decision.key } }))
  const timeline = [...causes.flatMap((row) => (row ? [row.value] : [])), ...reports]
  const text = [
    ...inWords(engine, decision, message, timeline),
    ...(await conflicts(engine, timeline)),
    ...(other ? [`  Then another way: see "${other.key}".`] : []),
  ].join('\n')
  return { decision, ...(message && { message }), timeline, text }
}

/** For the desk: what was decided and why, then what became of it, a line each; no name, number or title. */
function inWords(
  engine: Engine,
  { at, purpose, outcome, reasons, keys }: Decision,
  message: Message | undefined,
  timeline: readonly Interaction[],
): readonly string[] {
  const { library } = engine.options
  const when = (moment: string) => spoken(Date.parse(moment), library.timeZone)
  const reports = Map.groupBy(
    timeline.filter((fact) => fact.type === messageDelivery.name),
    (fact) => when(fact.seen ?? at),
  )
  const waits = message?.state === 'planned' && outcome.send && message.notBefore > outcome.notBefore
  const head = outcome.send
    ? `To be sent by ${outcome.via} from ${when(outcome.notBefore)}`
    : `Not sent: ${outcome.why}`
  return [
    `${head} (${purpose}${keys.length > 1 ? `, ${keys.length} in one` : ''}, decided ${when(at)}).`,
    ...reasons.map(
      ({ verdict, rule, via, detail }) =>
        `  ${{ pass: '✓', reject: '✗', defer: '…' }[verdict]} ${rule}${via ? ` (${via})` : ''}: ${detail}`,
    ),
    ...(message?.attempts ?? []).map((attempt) => `  → ${when(attempt.at)} ${attempt.outcome}`),
    ...[...reports].map(
      ([moment, words]) =>
        `  ← ${moment} reported: ${words.map(({ data }) => (data as { raw: string }).raw).join(', ')}`,
    ),
    ...(message ? [`  Now: ${message.state}${waits ? `, until ${when(message.notBefore)}` : ''}.`] : []),
  ]
}

/** What the newest word of another source on one of these matters says otherwise, and as which of them says it was told. */
async function conflicts(engine: Engine, timeline: readonly Interaction[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const fact of timeline.filter(isNotice)) {
    const heard = new Set([fact.source])
    for await (const other of engine.scope.find('interaction', { matter: fact.data.matter, order: 'newest' })) {
      if (!isNotice(other) || other.data.kind !== fact.data.kind || heard.has(other.source)) continue
      heard.add(other.source)
      const ours = saidBy(fact)
      const differ = Object.entries(saidBy(other)).filter(([what, said]) => said !== ours[what])
      if (differ.length === 0) continue
      // No title is named here.
      const words = differ.map(([what, said]) =>
        what === 'title' ? 'another title' : `${what} ${said}, not ${ours[what]}`,
      )
      const ids = new Set([fact, other].flatMap((one) => claimsBy(one).map(({ id }) => id)))
      const claims = await Promise.all([...ids].map((id) => engine.scope.get('claim', id)))
      const told = [...new Set(claims.flatMap((row) => row?.value.about?.source ?? []))]
      const first = ids.size === 1 ? ', decided first' : ''
      const how = told.length === 0 ? 'not told' : `told as ${told.join(' and as ')} says${first}`
      lines.push(`  ≠ ${other.source} says ${words.join('; ')}: ${how}.`)
    }
  }
  return lines
}

/** What two sources may see differently, for the desk. */
function saidBy({ data, branch = 'none' }: Interaction<'notice', Notice>): Readonly<Record<string, string>> {
  const of = (field: 'collectBy' | 'due' | 'title') =>
    data.items.flatMap((item) => item[field] ?? []).join(', ') || 'none'
  return { 'collect by': of('collectBy'), due: of('due'), pickup: data.pickup ?? 'none', branch, title: of('title') }
}
