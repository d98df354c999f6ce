// In: an id or an address. Out: the rows that several rooms read: patrons, consents, decisions, interactions.
import {
  type Address,
  type Consent,
  type Decision,
  type Interaction,
  type Message,
  type Patron,
  type Put,
  type Ref,
  refId,
  type Send,
} from '../contract/index.ts'
import { milliseconds } from '../time/index.ts'
import type { Engine } from './engine.ts'
import { erasedAddress } from './erased.ts'
import { addressId, patronId } from './names.ts'

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

/** The decision on a send, by its key: the one to send it, be it in a digest, else the newest against it. */
export async function decisionOf(engine: Engine, key: string): Promise<Decision | undefined> {
  const decisions = await collect(engine.scope.find('decision', { about: { source: 'prm', key }, order: 'newest' }))
  return decisions.find((decision) => decision.outcome.send) ?? decisions[0]
}

export const untold: ReadonlySet<Message['state']> = new Set(['cancelled', 'expired', 'rejected', 'undelivered'])

/** How long before it may go a message is planned at most, where caps look for it. */
export const plannedMs: number = milliseconds('400d')

/** Each address once, that of the source which changed its mind last first; a card number reaches nobody. */
export function reachable(patron: Patron): readonly Address[] {
  const byId = new Map<string, Address>()
  const newest = [...patron.identities].sort((a, b) => (a.seenAt < b.seenAt ? 1 : a.seenAt > b.seenAt ? -1 : 0))
  for (const { scheme, value, realm } of newest)
    if (scheme !== 'ils')
      byId.set(addressId({ scheme, value, ...(realm && { realm }) }), { scheme, value, ...(realm && { realm }) })
  return [...byId.values()]
}

export async function factsOf(engine: Engine, about: readonly Ref[]): Promise<readonly Interaction[]> {
  const found = await Promise.all(about.map((ref) => engine.scope.get('interaction', refId(ref))))
  return found.flatMap((row) => (row ? [row.value] : []))
}

/** This host has all that these sends name. */
export function knows({ options }: Engine, sends: readonly Send[]): boolean {
  const { purposes, unwritten, templates = {} } = options
  return sends.every(
    ({ purpose, content }) =>
      (Object.hasOwn(purposes, purpose) || unwritten.includes(purpose)) &&
      (!('template' in content) || Object.hasOwn(templates, content.template)),
  )
}
