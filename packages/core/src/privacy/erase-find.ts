// In: a patron or an address. Out: every row that is about them.
import {
  type Address,
  type Interaction,
  type Job,
  type Kind,
  type Message,
  type Patron,
  type Query,
  type Ref,
  refId,
  sameAddress,
} from '../contract/index.ts'
import { addressId, claimsBy, deliverJob, type Engine, patronsAt } from '../runtime/index.ts'
import { type Kept, lookMs, mostLooks } from './kept.ts'

export interface Found {
  readonly patron: { readonly value: Patron; readonly version: number } | undefined
  /** Nobody else's. */
  readonly addresses: readonly Address[]
  readonly shared: readonly Address[]
  readonly facts: readonly Interaction[]
  readonly messages: readonly Message[]
  readonly rows: readonly { readonly kind: Kind; readonly id: string }[]
}

/** Everything that the store holds of a patron, or of one address. */
export async function gather(engine: Engine, who: string | Address): Promise<Found> {
  const search = await begin(engine, who)
  await theirOwn(engine, search)
  await aboutThem(engine, search)
  await whatBelongs(engine, search)
  const { patron, addresses, shared, facts, messages, rows } = search
  return {
    patron,
    addresses: [...addresses.values()],
    shared: [...shared.values()],
    facts: [...facts.values()],
    messages: [...messages.values()],
    rows: [...rows.values()],
  }
}

/** What was found so far, by id. */
interface Search {
  readonly who: string | Address
  readonly whole: boolean
  readonly patron: Found['patron']
  readonly addresses: Map<string, Address>
  readonly shared: Map<string, Address>
  readonly facts: Map<string, Interaction>
  readonly messages: Map<string, Message>
  readonly rows: Map<string, { kind: Kind; id: string }>
  row(kind: Kind, id: string): void
}

async function begin(engine: Engine, who: string | Address): Promise<Search> {
  const whole = typeof who === 'string'
  const patron = whole ? await engine.scope.get('patron', who) : undefined
  const rows: Search['rows'] = new Map()
  const search: Search = {
    who,
    whole,
    patron,
    addresses: new Map(),
    shared: new Map(),
    facts: new Map(),
    messages: new Map(),
    rows,
    row: (kind, id) => void rows.set(`${kind} ${id}`, { kind, id }),
  }
  for (const address of patron?.value.identities ?? (whole ? [] : [who])) await consider(engine, search, address)
  return search
}

/** Is this address theirs alone? */
async function consider(engine: Engine, search: Search, { scheme, value, realm }: Address): Promise<void> {
  const address = { scheme, value, ...(realm !== undefined && { realm }) }
  const others = search.whole && (await patronsAt(engine, address)).some(({ id }) => id !== search.who)
  ;(others ? search.shared : search.addresses).set(addressId(address), address)
}

async function collectBy({ scope }: Engine, { who, whole, facts, messages, row }: Search, query: Query): Promise<void> {
  for await (const fact of scope.find('interaction', query)) facts.set(refId(fact), fact)
  for await (const message of scope.find('message', query)) messages.set(message.key, message)
  for await (const { id } of scope.find('run', query)) row('run', id)
  for await (const { id } of scope.find('conversation', query)) {
    row('conversation', id)
    // What staff did in it, and what this patron wrote; on a shared phone others may have written in it too.
    for await (const fact of scope.find('interaction', { conversationId: id }))
      if (!whole || (fact.patronId ?? (fact.who ? undefined : who)) === who) facts.set(refId(fact), fact)
    for await (const message of scope.find('message', { conversationId: id }))
      if (message.patronId === undefined || message.patronId === who || !whole) messages.set(message.key, message)
  }
}

/** The rows that name the patron or one of their addresses. */
async function theirOwn(engine: Engine, search: Search): Promise<void> {
  const { who, addresses, facts, messages, row } = search
  const { scope } = engine
  if (typeof who === 'string') {
    await collectBy(engine, search, { patronId: who })
    for await (const { key } of scope.find('decision', { patronId: who })) row('decision', key)
    for await (const { id } of scope.find('audit', { patronId: who })) row('audit', id)
    // Where they were reached before, if that is nobody else's now.
    for (const { to } of messages.values()) await consider(engine, search, to)
    for (const { who: from } of facts.values()) if (from) await consider(engine, search, from)
  }
  for (const address of addresses.values()) await collectBy(engine, search, { address })
}

/** The decisions, messages and interactions that are about them, or about what they wrote. */
async function aboutThem({ scope }: Engine, search: Search): Promise<void> {
  const { who, whole, addresses, shared, facts, messages, row } = search
  // Sent to them about somebody else, or decided about an address at which nobody is known.
  for (const ref of [...(typeof who === 'string' ? [toldId(who)] : []), ...[...addresses.values()].map(atId)])
    for await (const { key } of scope.find('decision', { about: ref })) {
      row('decision', key)
      const message = await scope.get('message', key)
      if (message) messages.set(key, message.value)
    }
  // Sent elsewhere about what they wrote: a ticket of a help desk.
  for (const fact of facts.values())
    for await (const { key, patronId } of scope.find('decision', { about: fact })) {
      const message = patronId === undefined ? (await scope.get('message', key))?.value : undefined
      if (message && !shared.has(addressId(message.to))) messages.set(key, message)
    }
  for (const { decision } of messages.values()) row('decision', decision)
  // Reports of these messages, and notes about these interactions.
  const named: Ref[] = [...[...messages.values()].map(({ key }) => ({ source: 'prm', key })), ...facts.values()]
  for (const { source, key } of named)
    for await (const fact of scope.find('interaction', { about: { source, key } }))
      if (fact.patronId === undefined || fact.patronId === who || !whole) facts.set(refId(fact), fact)
}

/** The rows that belong to what was found: decisions, claims, write-backs, consents. */
async function whatBelongs({ scope }: Engine, search: Search): Promise<void> {
  const { who, whole, patron, addresses, facts, messages, rows, row } = search
  for (const fact of facts.values()) {
    for await (const { key, patronId } of scope.find('decision', { about: fact }))
      if (patronId === undefined || patronId === who || !whole) row('decision', key)
    row('interaction', refId(fact))
    for (const { kind, id } of claimsBy(fact)) if (await scope.get(kind, id)) row(kind, id)
  }
  for (const { kind, id } of [...rows.values()]) {
    const { keys = [] } = (kind === 'decision' && (await scope.get(kind, id))?.value) || {}
    for (const key of keys.slice(1)) row('claim', key)
  }
  for await (const { id, about } of scope.find('outcome', {})) if (facts.has(refId(about))) row('outcome', id)
  for (const { key } of messages.values()) row('message', key)
  for (const address of addresses.values())
    for await (const { id } of scope.find('consent', { address })) row('consent', id)
  if (patron) row('patron', patron.value.id)
}

/** As the store indexes who was told something in place of another, and where nobody is known. */
export function toldId(patronId: string): Ref {
  return { source: 'told', key: patronId }
}

function atId({ scheme, value }: Address): Ref {
  return { source: 'at', key: `${scheme}:${value}` }
}

/** An address that names no realm is meant in all of them. */
export function covers(who: Address, one: Address): boolean {
  return sameAddress(who, who.realm === undefined ? { scheme: one.scheme, value: one.value } : one)
}

/** Lets calls and flows that have begun come to their end: what they come to is to go too. Were there any? */
export async function landed(engine: Engine, { messages, facts }: Found, kept: Map<string, Kept>): Promise<boolean> {
  const keys = new Set(messages.map(({ key }) => deliverKey(key)))
  const ids = new Set(facts.map(refId))
  const theirs = ({ key, name, payload }: Job): boolean =>
    keys.has(key) || (name.startsWith('flow:') && ids.has(refId(payload as { source: string; key: string })))
  for (let look = 0; ; look++) {
    let calls = 0
    for await (const job of engine.scope.jobs({ state: 'active' })) if (theirs(job)) calls++
    if (calls === 0) return look > 0
    if (look >= mostLooks) {
      kept.set('call', {
        what: `what ${calls} call${calls === 1 ? ' or flow does' : 's or flows do'} at this moment`,
        reason: 'it had not come to its end after half a minute: erase again when it has',
      })
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

function deliverKey(key: string): string {
  return deliverJob(key, { scheme: '', value: '' }, '').key
}
