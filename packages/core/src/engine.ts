import { createHash } from 'node:crypto'
import type { Channel, Context, Measure } from './adapter.ts'
import type { Shared } from './decide.ts'
import type { Adapters, Observed, Options } from './host.ts'
import type { Address, Content, Interaction, Patron } from './interaction.ts'
import type { Job, Put, Scope } from './store.ts'
import type { EventType } from './vocabulary.ts'
import type { Instant } from './words.ts'

/** What the parts of the engine share: one per `createPrm`. */
export interface Engine {
  readonly options: Options<Adapters, string, string>
  readonly scope: Scope
  readonly shared: Shared
  readonly sharedId: string
  /** Stores what decisions share, once a process and before the first of them. */
  share(): Promise<unknown>
  readonly types: Map<string, EventType>
  readonly flows: Map<string, Flow>
  /** Adapters that wait for somebody to mend their set-up, and until when. */
  readonly paused: Map<string, number>
  now(): Date
  emit<K extends keyof Observed>(event: K, value: Observed[K]): void
  context(adapter: string, signal: AbortSignal): Context
}

export interface Flow {
  readonly on: string
  run(event: Interaction, patron: Patron | undefined, signal: AbortSignal): Promise<void>
}

export function now(engine: Engine): Instant {
  return engine.now().toISOString()
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

/** A short name for a value, the same on every machine. */
export function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}

export function addressId({ scheme, realm = '', value }: Address): string {
  return `${scheme} ${realm} ${value}`
}

/** The work that sends a message. One address, one group: its messages go one after the other. */
export function deliverJob(key: string, to: Address, runAt: Instant): Job {
  return { key: `deliver:${key}`, name: 'deliver', group: `to ${addressId(to)}`, runAt, payload: { key } }
}

/** The promise that each matching flow looks at this fact, in the order of one person's facts. */
export function flowJobs(engine: Engine, fact: Interaction): readonly Job[] {
  const payload = { source: fact.source, key: fact.key }
  const group = fact.who && `who ${addressId(fact.who)}`
  return [...engine.flows]
    .filter(([, flow]) => flow.on === fact.type)
    .map(([name]) => ({
      key: `flow:${name} ${fact.source} ${fact.key}`,
      name: `flow:${name}`,
      runAt: now(engine),
      payload,
      ...(group && { group }),
    }))
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
export async function patronsAt(engine: Engine, address: Address): Promise<readonly Patron[]> {
  if (address.scheme === 'ils') {
    const met = (await engine.scope.get('patron', patronId(engine, address)))?.value
    if (met?.identities.some((identity) => addressId(identity) === addressId(address))) return [met]
  }
  return collect(engine.scope.find('patron', { address, limit: 2 }))
}
