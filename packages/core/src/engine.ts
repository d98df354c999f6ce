import { createHmac, hash as digest } from 'node:crypto'
import type { Channel, Context, Measure } from './adapter.ts'
import type { Shared } from './decide.ts'
import { PrmError } from './errors.ts'
import type { Adapters, Observed, Options, Purpose, Step } from './host.ts'
import type { Address, Consent, Content, Interaction, Patron, Ref } from './interaction.ts'
import { type Job, type Put, refId, type Scope, type Sender, type Settled } from './store.ts'
import { instant, milliseconds } from './time.ts'
import type { EventType } from './vocabulary.ts'
import type { Instant } from './words.ts'

/** The options of a host, with what it does not write about apart. */
export type Written = Omit<Options<Adapters, string, string, string>, 'purposes'> & {
  readonly purposes: { readonly [purpose: string]: Purpose }
  readonly unwritten: readonly string[]
}

/** What the parts of the engine share: one per `createPrm`. */
export interface Engine {
  readonly options: Written
  readonly scope: Scope
  readonly shared: Shared
  readonly sharedId: string
  /** Stores what decisions share, once a process and before the first of them. */
  share(): Promise<unknown>
  /** The host's key, or the store's own. */
  secret(): Promise<string>
  /** The key of what stays of erased addresses, if there are any. Throws `config` where they were made with another. */
  sealed(): Promise<string | undefined>
  /** Nobody had been erased when many began to be decided on: no refusal is looked for behind what stays of an address. */
  readonly noErasures?: boolean
  readonly types: Map<string, EventType>
  /** Types of which the store knows how long they are kept. */
  readonly kept: Set<string>
  readonly flows: Map<string, Flow>
  /** The timetables of rated senders, as far as this process knows them. */
  readonly senders: Map<string, { readonly value: Sender; readonly version: number }>
  /** By sender, the messages that ask whether it is their turn. */
  readonly lines: Map<string, { readonly at: Instant; ask(): void; reject(error: unknown): void }[]>
  /** Adapters that wait for somebody to mend their set-up, or for their provider, and until when. */
  readonly paused: Map<string, number>
  /** By adapter, how many calls in a row had no answer, and when the first and the last that failed were made. */
  readonly silent: Map<string, { readonly count: number; readonly since: number; readonly last: number }>
  /** Adapters of which this process knows an outage that is not over. */
  readonly down: Set<string>
  /** When this host began. In ms. */
  readonly began: number
  /** When the store may not know what went: asked, and noted, once a process and before its first decision. */
  gaps(): Promise<Gaps>
  /** How many in a row were looked up before they went, and had not gone. */
  readonly fresh: Map<Way, number>
  now(): Date
  emit<K extends keyof Observed>(event: K, value: Observed[K]): void
  context(adapter: string, signal: AbortSignal): Context
}

/** What went from then until a host began may have gone without this store's knowing. */
export type Gap = {
  readonly from: Instant
  readonly at: Instant
  /** When the first host that found it began. */
  readonly noted: Instant
}
/** Whether it was planned before the gap, or decided after it, and of which source's facts: feeds tell again. */
export type Way = `${string} planned` | `${string} told ${string}`

export type Gaps = {
  /** Oldest first. */
  readonly all: readonly Gap[]
  /** Until which gap enough is known of what goes this way. */
  readonly known: { readonly [way: Way]: Instant }
}

export interface Flow {
  readonly on: string
  /** Does what it was promised to before, and is promised no new fact. */
  readonly retired: boolean
  run(r: {
    event: Interaction
    patron: Patron | undefined
    step: Step
    at: <R>(work: () => PromiseLike<R> | R) => Promise<R>
    signal: AbortSignal
  }): Promise<void>
}

export function now(engine: Engine): Instant {
  return instant(engine.now().getTime())
}

/** What a content comes to. An adapter that cannot say so cannot carry it, and stops no other. */
export function measured(channel: Channel, content: Content, to: Address): Measure {
  try {
    return channel.measure(content, to)
  } catch (error) {
    const unfit = `its adapter threw ${error instanceof Error ? error.name : 'something'}`
    return { units: 0, unit: 'part', unfit, warnings: [] }
  }
}

/**
 * What this host does not know, a newer one of the same library may, while they are begun anew one by one: its work is left to
 * others for a day.
 */
export function leftToOthers(engine: Engine, since: Instant): Settled | undefined {
  const at = engine.now().getTime()
  if (at >= Date.parse(since) + milliseconds('1d')) return undefined
  return { outcome: { release: true, runAt: instant(at + milliseconds('1m')) } }
}

/** Longer than an adapter's own time-outs: a call without an end would keep its slot, and whoever stops, for ever. */
const mostCallMs = milliseconds('5m')

export async function inTime<T>(call: (cut: AbortSignal) => Promise<T>): Promise<T> {
  const cut = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new PrmError('unknown', 'The adapter did not answer within 5 minutes.'))
      cut.abort()
    }, mostCallMs)
  })
  try {
    return await Promise.race([call(cut.signal), silence])
  } finally {
    clearTimeout(timer)
  }
}

/** How long after a call it may be that what was taken does not show yet. */
export function settleMs({ limits }: Channel): number {
  return milliseconds(limits.settle ?? '60s') || 60_000
}

/** A short name for a value, the same on every machine. */
export function hash(...parts: readonly string[]): string {
  return digest('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
}

/** What a store finds rows by: an entry of an index has no room for more. In bytes of UTF-8. */
export const mostBytes = 1_000
export function fits(text: string, most: number): boolean {
  return text.length * 3 <= most || Buffer.byteLength(text) <= most
}

/** A name that is made of other names: of one that is too long a hash stands for the end, the same each time. */
export function short(name: string): string {
  return fits(name, mostBytes) ? name : `${name.slice(0, 200).toWellFormed()} ${hash(name)}`
}

export function addressId({ scheme, realm = '', value }: Address): string {
  return `${scheme} ${realm} ${value}`
}

/** The work that sends a message. One address, one group: its messages go one after the other. */
export function deliverJob(key: string, to: Address, runAt: Instant): Job {
  return { key: `deliver:${key}`, name: 'deliver', group: short(`to ${addressId(to)}`), runAt, payload: { key } }
}

/** The row that says, for as long as it stands, why nothing of a bulk is sent any more. */
export function bulkId(bulk: string): string {
  return `cancelled ${bulk}`
}

/** How long after it was decided, or handed over, a message is asked for of which no final report came: longer than a queue. */
export const reportMs: number = milliseconds('12h')

/** The promise to ask for a message that goes long after this: the sweep looks for those that were decided long ago. */
export function lateJobs(key: string, since: Instant, goes: Instant): readonly Job[] {
  const ms = Date.parse(goes)
  if (ms - Date.parse(since) <= reportMs) return []
  return [{ key: `late:${key}`, name: 'ask', runAt: instant(ms + reportMs), payload: { key, late: true } }]
}

/** The promise that each matching flow looks at this fact, in the order of one person's facts. */
export function flowJobs(engine: Engine, fact: Interaction): readonly Job[] {
  const payload = { source: fact.source, key: fact.key }
  return [...engine.flows]
    .filter(([, flow]) => flow.on === fact.type && !flow.retired)
    .map(([name]) => ({
      key: short(`flow:${name} ${refId(fact)}`),
      name: `flow:${name}`,
      group: flowGroup(fact),
      runAt: now(engine),
      payload,
    }))
}

/** One person's facts go through their flows one after the other; so does one fact through one flow, whatever wakes it. */
export function flowGroup(fact: Ref & Pick<Interaction, 'who'>): string {
  return short(fact.who ? `who ${addressId(fact.who)}` : `fact ${refId(fact)}`)
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

export function put<K extends Put['kind']>(
  kind: K,
  value: Extract<Put, { kind: K }>['value'],
  ifVersion?: number,
): Put {
  return { kind, value, ...(ifVersion !== undefined && { ifVersion }) } as Put
}

/** The id of a patron first met at this address: the same whichever process meets them. */
export function patronId(engine: Engine, address: Address): string {
  return hash('patron', engine.options.library.id, addressId(address))
}

/** Who is known at an address, two at the most: a number of the ILS is one person's, a phone may be a family's. */
export async function patronsAt(engine: Engine, address: Address, limit: number = 2): Promise<readonly Patron[]> {
  if (address.scheme === 'ils') {
    const met = (await engine.scope.get('patron', patronId(engine, address)))?.value
    if (met?.identities.some((identity) => addressId(identity) === addressId(address))) return [met]
  }
  return collect(engine.scope.find('patron', { address, limit }))
}

/** What was said of an address, also before it was erased. */
export async function consentsAt(engine: Engine, address: Address): Promise<readonly Consent[]> {
  const at = (one: Address) => collect(engine.scope.find('consent', { address: one }))
  if (engine.noErasures) return at(address)
  const before = async () => {
    const key = await engine.sealed()
    return key === undefined ? [] : at(erasedAddress(key, address))
  }
  const [said, refused] = await Promise.all([at(address), before()])
  // What was said since is later, also in the same millisecond.
  return [...refused.map((word) => ({ ...word, address })), ...said]
}

/** The row that says which key the erased addresses were made with: there is none before the first. */
export function seal(secret: string): { readonly id: string; readonly value: string } {
  return { id: sealed, value: mac(secret, sealed) }
}
export const sealed = 'secret check'

/** For many decisions at once: whether anybody was ever erased is asked once. Each start looks again. */
export async function forMany(engine: Engine): Promise<Engine> {
  return { ...engine, noErasures: (await engine.sealed()) === undefined }
}

/** What stands for an address that was erased: nobody without the key finds the number again by trying all. */
export function erasedAddress(key: string, { scheme, value }: Address): Address {
  return { scheme: 'erased', value: mac(key, addressId({ scheme, value })) }
}

/** Where it stands of an address when it was erased, and of a message that went to one where that was. */
export function erasedRow(key: string, what: string): string {
  return `erased ${mac(key, what)}`
}

/** What a key makes of a text. */
export function mac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** What is deeper might be too deep for whoever reads it. */
const mostDeep = 100

/** Stored data must come back as it went in: no functions, dates, `undefined` or numbers that JSON lacks. */
export function checkJson(value: unknown, call: string, path: string, within: readonly unknown[] = []): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number' && Number.isFinite(value)) return
  if (typeof value === 'object' && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)) {
    if (within.includes(value) || within.length === mostDeep)
      throw new PrmError('invalid', `${call}: ${path} must be JSON, neither in itself nor ${mostDeep} levels deep.`, {
        field: path,
      })
    for (const [name, one] of Object.entries(value))
      checkJson(one, call, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, [...within, value])
    return
  }
  const what =
    typeof value === 'object'
      ? (value.constructor?.name ?? 'an object')
      : String(typeof value === 'number' ? value : typeof value)
  throw new PrmError('invalid', `${call}: ${path} must be JSON, not ${what}.`, { field: path })
}
