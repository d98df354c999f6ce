import { EventEmitter } from 'eventemitter3'
import type { Shared } from './decide.ts'
import type { Decision, Message } from './decision.ts'
import { collect, type Engine, hash, put } from './engine.ts'
import { PrmError } from './errors.ts'
import type { Adapters, Observed, Options, Prm, Send } from './host.ts'
import { handle } from './inlet.ts'
import type { Interaction } from './interaction.ts'
import { record } from './record.ts'
import { decisionOf, sendPage, viaOf } from './send.ts'
import { refId } from './store.ts'
import { refuseTelling } from './template.ts'
import { minutes, spoken, zoneExists } from './time.ts'
import { deadFact, messageDelivery, messageReceived, notice } from './vocabulary.ts'
import type { Json } from './words.ts'
import { type Pulls, pull, run } from './work.ts'

/** How many sends of `sendAll` share a transaction. */
const page = 500

/** Composes adapters, store, purposes and templates into one host. Throws `config` naming the field, before any call. */
export function createPrm<const A extends Adapters, const U extends string, const T extends string = never>(
  options: Options<A, U, T>,
): Prm<A, U, T> {
  // Inside, the names of adapters, purposes and templates are plain texts.
  const general = options as unknown as Engine['options']
  checkOptions(general)
  const { adapters, library, store } = options
  const events = new EventEmitter<{ [K in keyof Observed]: [Observed[K]] }>()
  const pulls: Pulls = new Map()
  const shared = sharedOf(general)
  const sharedId = hash(JSON.stringify(shared))
  const scope = store.scope(library.id)
  let sharing: Promise<unknown> | undefined
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
      sharing ??= scope.commit([{ unless: { kind: 'shared', id: sharedId }, put: [put('shared', row)] }])
      sharing.catch(() => {
        sharing = undefined
      })
      return sharing
    },
    types: new Map(
      [
        messageReceived,
        messageDelivery,
        notice,
        deadFact,
        ...Object.values(adapters).flatMap((adapter) => adapter.emits),
      ].map((type) => [type.name, type]),
    ),
    flows: new Map(),
    paused: new Map(),
    now: () => options.now?.() ?? new Date(),
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
      if (channel) refuseTelling(name, template, viaOf(engine, id, channel, library.locale))

  const send = async (one: Send): Promise<Decision> => (await sendPage(engine, [one]))[0] as Decision
  const prm: Prm<A, U, T> = {
    adapters,
    send: (one) => send(one as unknown as Send),
    async *sendAll(sends) {
      let some: Send[] = []
      for await (const one of sends as AsyncIterable<Send>) {
        some.push(one)
        if (some.length < page) continue
        yield* await sendPage(engine, some)
        some = []
      }
      yield* await sendPage(engine, some)
    },
    record: async (facts) => ({ fresh: await record(engine, { interactions: facts, from: 'host' }) }),
    pull: (id) => tracked(pull(engine, store, pulls, id, stop.signal)),
    flow(name, on, run) {
      if (engine.flows.has(name))
        throw new PrmError('config', `There is a flow "${name}" already: two of one name would share their jobs.`, {
          field: 'name',
        })
      engine.types.set(on.name, on)
      engine.flows.set(name, {
        on: on.name,
        run: (event, patron, signal) => run({ event: event as never, ...(patron && { patron }), prm, signal }),
      })
    },
    handle: (request) => handle(engine, request),
    run: (how = {}) =>
      tracked(
        run(engine, store, pulls, {
          ...how,
          signal: how.signal ? AbortSignal.any([how.signal, stop.signal]) : stop.signal,
        }),
      ),
    explain: (key) => explain(engine, key),
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
  }
  return prm
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

function sharedOf({ library, purposes, adapters }: Options<Adapters, string, string>): Shared {
  const channels = Object.entries(adapters).flatMap(([id, { channel }]) => {
    if (!channel) return []
    const from = channel.senders?.[0]?.address
    return [{ id, medium: channel.medium, schemes: channel.schemes, exposure: channel.exposure, ...(from && { from }) }]
  })
  // Through JSON, so that what decides is exactly what is stored and decided from again.
  return JSON.parse(JSON.stringify({ library, purposes, channels })) as Shared
}

function checkOptions({ library, adapters, purposes, url, concurrency = 1 }: Options<Adapters, string, string>): void {
  const wrong = (field: string, expected: string) =>
    new PrmError('config', `createPrm: ${field} must be ${expected}.`, { field })
  if (!library.id) throw wrong('library.id', 'a text that names this library in the store')
  const zones = [
    ['library.timeZone', library.timeZone],
    ...(library.branches ?? []).map((branch, index) => [
      `library.branches[${index}].timeZone`,
      branch.timeZone ?? library.timeZone,
    ]),
  ]
  for (const [field, zone] of zones)
    if (!zone || !zoneExists(zone)) throw wrong(field as string, 'an IANA zone such as America/Chicago')
  const spans = [
    ['library.quiet', library.quiet] as const,
    ...(library.branches ?? []).map((branch, index) => [`library.branches[${index}].quiet`, branch.quiet] as const),
  ]
  for (const [field, span] of spans)
    if (
      span &&
      (Number.isNaN(minutes(span.from)) ||
        Number.isNaN(minutes(span.to)) ||
        (span.from === '00:00' && span.to === '24:00'))
    )
      throw wrong(field, 'two times of day such as { from: "21:00", to: "08:00" }, and not the whole day')
  if (Object.keys(purposes).length === 0) throw wrong('purposes', 'at least one purpose')
  for (const [id, adapter] of Object.entries(adapters)) {
    if (!/^[a-z][a-z0-9-]*$/i.test(id))
      throw wrong(`adapters.${id}`, 'named with letters, digits and dashes, since the name is part of URLs and keys')
    if (adapter.spec !== 1) throw wrong(`adapters.${id}`, `an adapter of spec 1, not ${String(adapter.spec)}`)
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) throw wrong('concurrency', 'a whole number, 1 or more')
  if (url !== undefined && !URL.canParse(url)) throw wrong('url', 'an absolute URL such as https://library.example/prm')
}

// ── explain ──────────────────────────────────────────────────────────────────────────────────

async function explain(
  engine: Engine,
  key: string,
): Promise<{ decision: Decision; message?: Message; timeline: readonly Interaction[]; text: string }> {
  const decision = await decisionOf(engine, key)
  if (!decision) throw new PrmError('not_found', 'Nothing was decided under this key.', { field: 'key' })
  const message = (await engine.scope.get('message', decision.key))?.value
  const causes = await Promise.all(decision.about.map((ref) => engine.scope.get('interaction', refId(ref))))
  const reports = await collect(engine.scope.find('interaction', { about: { source: 'prm', key: decision.key } }))
  const timeline = [...causes.flatMap((row) => (row ? [row.value] : [])), ...reports]
  return { decision, ...(message && { message }), timeline, text: inWords(engine, decision, message, timeline) }
}

/** For the desk: what was decided and why, then what became of it, a line each; no name, number or title. */
function inWords(
  engine: Engine,
  { at, purpose, outcome, reasons, keys }: Decision,
  message: Message | undefined,
  timeline: readonly Interaction[],
): string {
  const { library } = engine.options
  const when = (moment: string) => spoken(Date.parse(moment), library.timeZone)
  const reports = Map.groupBy(
    timeline.filter((fact) => fact.type === messageDelivery.name),
    (fact) => when(fact.seen ?? at),
  )
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
    ...(message ? [`  Now: ${message.state}.`] : []),
  ].join('\n')
}
