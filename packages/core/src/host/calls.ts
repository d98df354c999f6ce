// In: an engine and who acts. Out: the calls of `Prm`, each a line that names the room which does it. Promise: whatever somebody
// does or looks at stands under their name.
import { type Actor, type Decision, type Prm, PrmError, type PrmEvents, type Send, written } from '../contract/index.ts'
import { conversation, conversations, reply } from '../conversation/index.ts'
import { consent, handle, lookUp, type Pulls, record } from '../ingest/index.ts'
import { erase, erasedSince, expire } from '../privacy/index.ts'
import { type Engine, noted, typesOf } from '../runtime/index.ts'
import { cancel, foresee, sendPage } from '../send/index.ts'
import { redrive } from './dead-letters.ts'
import { type Listeners, nameOf } from './engine.ts'
import { explain } from './explain.ts'
import { outages } from './outages.ts'
import { patrons, search, timeline } from './patrons.ts'
import { decided, replay } from './replay.ts'
import { pull, run } from './run.ts'

/** What all calls of one host share. */
export interface Host {
  readonly engine: Engine
  /** The options as they were given. */
  readonly options: Prm['options']
  readonly listeners: Listeners
  readonly pulls: Pulls
  readonly stop: AbortController
  /** Work that `close` waits for. */
  readonly works: Set<Promise<unknown>>
}

/** Who acts where nobody is named: that need not be said in each row. */
export const nobodyNamed: Actor = { kind: 'system', id: 'host' }

/** How many sends of `sendAll` share a transaction. */
const page = 500

/** The same for everybody, but for the name under which it is done. */
export function callsAs(host: Host, by: Actor): Prm {
  return { ...sending(host, by), ...reading(host, by), ...people(host, by), ...running(host, by) }
}

type Sending = Pick<Prm, 'send' | 'sendAll' | 'cancel' | 'preview' | 'reply' | 'record' | 'recordConsent'>

function sending({ engine }: Host, by: Actor): Sending {
  const name = by === nobodyNamed ? undefined : by
  return {
    async send(one) {
      const decision = (await sendPage(engine, [one], name))[0] as Decision
      // It shows what is known of a patron, and leaves nothing behind.
      if (one.dryRun) await noted(engine, by, 'send', decision.patronId)
      return decision
    },
    async *sendAll(sends) {
      let some: Send[] = []
      for await (const one of sends) {
        some.push(one)
        if (some.length < page) continue
        yield* await sendPage(engine, some, name)
        some = []
      }
      yield* await sendPage(engine, some, name)
    },
    cancel: (bulk, why) => cancel(engine, by, bulk, why),
    preview: (asks, takes) => foresee(engine, asks, takes),
    reply: (id, content, options) => reply(engine, by, id, content, options),
    async record(given, people = []) {
      const interactions = name ? given.map((one) => ({ by: name, ...one })) : given
      const { fresh } = await record(engine, { interactions, people, from: 'host' })
      return { recorded: fresh }
    },
    recordConsent: (said) => consent(engine, by, said),
  }
}

type Reading = Pick<
  Prm,
  'explain' | 'replay' | 'conversations' | 'conversation' | 'search' | 'outages' | 'audit' | 'deadLetters'
>

function reading({ engine }: Host, by: Actor): Reading {
  return {
    explain: (key) => explain(engine, by, key),
    async replay(key) {
      const decision = await decided(engine, by, 'replay', key)
      const again = await replay(engine, decision)
      const same = JSON.stringify(again) === JSON.stringify({ outcome: decision.outcome, reasons: decision.reasons })
      return { decision, replayed: again, same }
    },
    conversations: (query) => conversations(engine, by, query),
    conversation: (id, query) => conversation(engine, by, id, query),
    search: (text, query) => search(engine, by, text, query),
    outages: (query) => outages(engine, by, query),
    audit: (query = {}) => engine.scope.find('audit', { order: 'newest', ...query }),
    async *deadLetters() {
      for await (const { key, name, runAt, error } of engine.scope.jobs({ state: 'dead' }))
        yield { key, name, runAt, ...(error !== undefined && { error }) }
    },
  }
}

type People = Pick<
  Prm,
  'findPatrons' | 'patrons' | 'timeline' | 'erase' | 'erasedSince' | 'applyRetention' | 'export' | 'import'
>

function people({ engine }: Host, by: Actor): People {
  return {
    findPatrons: (adapter, address, signal) => lookUp(engine, by, adapter, written(address), signal),
    patrons: (address) => patrons(engine, by, written(address)),
    timeline: (patronId, query) => timeline(engine, by, patronId, query),
    erase: (who) => erase(engine, by, typeof who === 'string' ? who : written(who)),
    erasedSince: (people, since) => erasedSince(engine, people, since),
    applyRetention: () => expire(engine),
    async *export() {
      await noted(engine, by, 'export')
      yield* engine.scope.export()
    },
    import: (rows) => engine.scope.import(rows),
  }
}

type Running = Omit<Prm, keyof Sending | keyof Reading | keyof People>

function running(host: Host, by: Actor): Running {
  const { engine, listeners, pulls, stop, works } = host
  const { adapters, store } = engine.options
  const tracked = <R>(work: Promise<R>): Promise<R> => {
    const ended = (): void => void works.delete(work)
    works.add(work)
    work.then(ended, ended)
    return work
  }
  return {
    adapters,
    options: host.options,
    context(id, signal = stop.signal) {
      if (Object.hasOwn(adapters, id)) return engine.context(id, signal)
      const names = Object.keys(adapters).join(', ')
      throw new PrmError('config', `context: adapter must be one of ${names}.`, { field: 'adapter' })
    },
    now: () => engine.now(),
    as: (actor) => callsAs(host, actor),
    // A proxy asks again elsewhere; a 404 would tell the sender that the address is wrong.
    handle: (request) =>
      stop.signal.aborted ? Promise.resolve(closedAnswer()) : handle(engine, request, () => callsAs(host, nobodyNamed)),
    pull: (id) => tracked(pull(engine, store, pulls, id, stop.signal)),
    run: (how = {}) => {
      const signal = how.signal ? AbortSignal.any([how.signal, stop.signal]) : stop.signal
      return tracked(run(engine, store, pulls, { ...how, signal }))
    },
    redrive: (keys) => redrive(engine, by, keys),
    flow(name, on, run, { retired = false } = {}) {
      checkFlow(name, on, run)
      if (engine.flows.has(name))
        throw new PrmError('config', `A flow "${name}" is already registered. Flow names must be unique.`, {
          field: 'name',
        })
      const prm = callsAs(host, { kind: 'flow', id: name })
      typesOf([on], engine.types)
      engine.flows.set(name, {
        on: on.name,
        retired,
        run: ({ event, patron, step, at, signal }) =>
          run({ event: event as never, ...(patron && { patron }), step, prm: counted(prm, at), signal }),
      })
    },
    on(event, listener) {
      if (!Object.hasOwn(observed, event))
        throw new PrmError('config', `on: event must be one of ${Object.keys(observed).join(', ')}.`, {
          field: 'event',
        })
      listeners.on(event, listener as never)
      return () => void listeners.off(event, listener as never)
    },
    close: () => close(host),
  }
}

const observed: { readonly [E in keyof PrmEvents]: true } = {
  recorded: true,
  duplicate: true,
  rejected: true,
  decided: true,
  message: true,
  reported: true,
  jobFailed: true,
  adapter: true,
}

/** JavaScript hosts have no types: a flow on a name in place of a type would never run, and nobody would be told. */
function checkFlow(name: unknown, on: unknown, run: unknown): void {
  const wrong = (field: string, expected: string) =>
    new PrmError('config', `flow: ${field} must be ${expected}.`, { field })
  if (typeof name !== 'string' || name === '') throw wrong('name', 'a text that names this flow in the store')
  if (typeof on !== 'object' || on === null || !('name' in on && 'schema' in on))
    throw wrong('on', 'an event type, such as notice of @prm/core or one that defineEvent returns')
  if (typeof run !== 'function') throw wrong('run', 'an async function')
}

function closedAnswer(): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '30' }
  return new Response('This host is closed. Please send it again.', { status: 503, headers })
}

async function close({ engine, stop, works }: Host): Promise<void> {
  stop.abort()
  await Promise.allSettled(works) // what has begun still needs its adapter
  for (const [id, adapter] of Object.entries(engine.options.adapters)) {
    try {
      await adapter.close?.()
    } catch (error) {
      engine.context(id, stop.signal).log('error', 'It could not be closed.', { error: nameOf(error) })
    }
  }
  await engine.options.store.close()
}

/** The calls of a flow that are work of its run: it is not suspended over them. */
const work: ReadonlySet<string> = new Set<keyof Prm>([
  'send',
  'reply',
  'record',
  'recordConsent',
  'explain',
  'replay',
  'patrons',
  'conversation',
  'pull',
  'erase',
  'applyRetention',
])

function counted(prm: Prm, at: <R>(work: () => PromiseLike<R> | R) => Promise<R>): Prm {
  const wrapped = Object.entries(prm)
    .filter(([name]) => work.has(name))
    .map(([name, call]) => [name, (...given: unknown[]) => at(() => call(...given))])
  return { ...prm, ...Object.fromEntries(wrapped) }
}
