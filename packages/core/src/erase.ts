import { sameAddress, written as spelled } from './decide.ts'
import type { Message } from './decision.ts'
import {
  addressId,
  collect,
  deliverJob,
  type Engine,
  erasedAddress,
  erasedRow,
  flowGroup,
  inTime,
  now,
  patronsAt,
  put,
  seal,
  short,
} from './engine.ts'
import { PrmError } from './errors.ts'
import type { Prm, Send } from './host.ts'
import type { Actor, Address, Interaction, Patron, Person, Ref } from './interaction.ts'
import { noted } from './people.ts'
import { claimsBy } from './send.ts'
import {
  type Batch,
  type Digest,
  type Job,
  type Kind,
  type Lease,
  type Put,
  type Query,
  refId,
  type Settled,
} from './store.ts'
import { messageReceived } from './vocabulary.ts'
import type { Instant, Json } from './words.ts'

type Erased = Awaited<ReturnType<Prm['erase']>>
type Kept = Erased['kept'][number]

/** A call to a provider that has begun is waited for: half a minute. */
const lookMs = 50
const mostLooks = 600

/**
 * Takes a patron, or one address, out of everything in one transaction, promises the deletion at the providers with it, and
 * then clears the medium. What came in meanwhile is found by the next round.
 */
export async function erase(engine: Engine, by: Actor, who: string | Address): Promise<Erased> {
  const kept = new Map<string, Kept>()
  let removed = 0
  // A patron of whom nothing but this address is known goes with it.
  if (typeof who !== 'string')
    for (const { id, identities } of await patronsAt(engine, who, Number.POSITIVE_INFINITY))
      if (identities.every((one) => covers(who, one))) removed += (await round(engine, id, kept)) ?? 0
  for (let rounds = 0; ; rounds++) {
    const gone = await round(engine, who, kept)
    if (gone === 0) break
    removed += gone ?? 0
    if (rounds === mostRounds)
      throw new PrmError('conflict', 'Somebody else goes on writing what was to be erased: end that, and erase again.')
  }
  await noted(engine, by, 'erase')
  await engine.scope.scrub()
  return { removed, kept: [...kept.values()] }
}
const mostRounds = 10

/** Answers how many rows went; nothing when somebody wrote in between. */
async function round(engine: Engine, who: string | Address, kept: Map<string, Kept>): Promise<number | undefined> {
  let found = await gather(engine, who)
  for (;;) {
    const held = await holdBack(engine, found)
    const waited = await landed(engine, found, kept)
    if (kept.has('call') || !(held || waited)) break
    // What a call or a flow came to is known only now, and it may have begun another.
    found = await gather(engine, who)
  }
  const { put = [], ...batch } = await batchOf(engine, who, found, kept)
  const rows = (batch.drop?.length ?? 0) + put.length
  const stays = await marksOf(engine, found)
  if (rows + stays.length === 0) return 0
  const [written] = await engine.scope.commit([{ ...batch, put: [...put, ...stays] }])
  return written ? rows : undefined
}

/** What waits begins no more, on any host: a call that has begun by then is there to be seen, and its end is waited for. */
async function holdBack({ scope }: Engine, { messages }: Found): Promise<boolean> {
  const waiting = messages.filter(({ state }) => state === 'planned')
  const puts = waiting.map((one) => put('message', { ...one, state: 'cancelled' }))
  if (puts.length > 0) await scope.commit([{ put: puts }])
  return puts.length > 0
}

// ── what there is ────────────────────────────────────────────────────────────────────────────

interface Found {
  readonly patron: { readonly value: Patron; readonly version: number } | undefined
  /** Nobody else's. */
  readonly addresses: readonly Address[]
  readonly shared: readonly Address[]
  readonly facts: readonly Interaction[]
  readonly messages: readonly Message[]
  readonly rows: readonly { readonly kind: Kind; readonly id: string }[]
}

async function gather(engine: Engine, who: string | Address): Promise<Found> {
  const { scope } = engine
  const whole = typeof who === 'string'
  const patron = whole ? await scope.get('patron', who) : undefined
  const addresses = new Map<string, Address>()
  const shared = new Map<string, Address>()
  const consider = async ({ scheme, value, realm }: Address): Promise<void> => {
    const address = { scheme, value, ...(realm !== undefined && { realm }) }
    const others = whole && (await patronsAt(engine, address)).some(({ id }) => id !== who)
    ;(others ? shared : addresses).set(addressId(address), address)
  }
  const facts = new Map<string, Interaction>()
  const messages = new Map<string, Message>()
  const rows = new Map<string, { kind: Kind; id: string }>()
  const row = (kind: Kind, id: string): void => void rows.set(`${kind} ${id}`, { kind, id })
  const collectBy = async (query: Query): Promise<void> => {
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
  for (const address of patron?.value.identities ?? (whole ? [] : [who])) await consider(address)
  if (whole) {
    await collectBy({ patronId: who })
    for await (const { key } of scope.find('decision', { patronId: who })) row('decision', key)
    for await (const { id } of scope.find('audit', { patronId: who })) row('audit', id)
    // Where they were reached before, if that is nobody else's now.
    for (const { to } of messages.values()) await consider(to)
    for (const { who: from } of facts.values()) if (from) await consider(from)
  }
  for (const address of addresses.values()) await collectBy({ address })
  // Told about somebody else, or decided about an address that nobody is known at.
  for (const ref of [...(whole ? [toldId(who)] : []), ...[...addresses.values()].map(atId)])
    for await (const { key } of scope.find('decision', { about: ref })) {
      row('decision', key)
      const message = await scope.get('message', key)
      if (message) messages.set(key, message.value)
    }
  // What was told elsewhere of what they wrote: a ticket of a help desk.
  for (const fact of facts.values())
    for await (const { key, patronId } of scope.find('decision', { about: fact })) {
      const message = patronId === undefined ? (await scope.get('message', key))?.value : undefined
      if (message && !shared.has(addressId(message.to))) messages.set(key, message)
    }
  for (const { decision } of messages.values()) row('decision', decision)
  // Reports of these messages, and notes about these facts.
  const named: Ref[] = [...[...messages.values()].map(({ key }) => ({ source: 'prm', key })), ...facts.values()]
  for (const { source, key } of named)
    for await (const fact of scope.find('interaction', { about: { source, key } }))
      if (fact.patronId === undefined || fact.patronId === who || !whole) facts.set(refId(fact), fact)
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
  return {
    patron,
    addresses: [...addresses.values()],
    shared: [...shared.values()],
    facts: [...facts.values()],
    messages: [...messages.values()],
    rows: [...rows.values()],
  }
}

/** As the store indexes who was told something in place of another, and where nobody is known. */
function toldId(patronId: string): Ref {
  return { source: 'told', key: patronId }
}
function atId({ scheme, value }: Address): Ref {
  return { source: 'at', key: `${scheme}:${value}` }
}

/** An address that names no realm is meant in all of them. */
function covers(who: Address, one: Address): boolean {
  return sameAddress(who, who.realm === undefined ? { scheme: one.scheme, value: one.value } : one)
}

/** Lets calls and flows that have begun come to their end: what they come to is to go too. Were there any? */
async function landed(engine: Engine, { messages, facts }: Found, kept: Map<string, Kept>): Promise<boolean> {
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
        why: 'it had not come to its end after half a minute: erase again when it has',
      })
      return true
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

function deliverKey(key: string): string {
  return deliverJob(key, { scheme: '', value: '' }, '').key
}

// ── what goes, and what stays ────────────────────────────────────────────────────────────────

async function batchOf(engine: Engine, who: string | Address, found: Found, kept: Map<string, Kept>): Promise<Batch> {
  const { addresses, shared, facts, messages, rows } = found
  const digests = await digestsWithout(engine, who, found)
  const trimmed =
    typeof who === 'string'
      ? await relativesWithout(engine, who)
      : [...(await patronsWithout(engine, who)), ...(await decisionsWithout(engine, who, rows))]
  const refusals = (await Promise.all(addresses.map((address) => refusalsAt(engine, address)))).flat()
  const count = refusals.length
  const hashed = 'under a keyed hash in place of the address'
  const planned = 'a plan made before does not write there'
  if (count > 0)
    kept.set('hashes', {
      what: `${count} refusal${count === 1 ? '' : 's'}, ${hashed}, and when it was erased`,
      why: `a STOP outlives its number: who is met there again is still not written to, and ${planned}`,
    })
  else if (addresses.length > 0 && !kept.has('hashes'))
    kept.set('hashes', {
      what: `when it was erased, ${hashed}`,
      why: `${planned}, and a refusal that comes late counts`,
    })
  for (const address of shared)
    kept.set(addressId(address), {
      what: `a shared ${address.scheme} address, its refusals, and what nobody in particular wrote from it`,
      why: "it is another patron's too",
    })
  const received = facts.filter(({ type }) => type === messageReceived.name)
  const onShared = (address: Address | undefined) => address && shared.some((one) => sameAddress(one, address))
  return {
    drop: [
      ...rows,
      ...digests
        .filter(({ value }) => value.sends.length === 0)
        .map(({ value }) => ({ kind: 'digest' as const, id: value.id })),
    ],
    put: [...digests, ...trimmed, ...refusals, ...(await conversationsWithout(engine, found))],
    jobs: [
      ...messages.filter(went).flatMap(({ via, providerId }) => removal(engine, via, providerId, kept)),
      ...received.flatMap(({ source, key, origin = key }) => removal(engine, source, origin, kept)),
    ],
    cancel: [
      ...messages.flatMap(({ key }) => ['deliver', 'ask', 'late', 'again'].map((name) => ({ key: `${name}:${key}` }))),
      ...facts.filter((fact) => !onShared(fact.who)).map((fact) => ({ group: flowGroup(fact) })),
      ...facts.flatMap((fact) =>
        [...engine.flows.keys()].map((flow) => ({ key: short(`flow:${flow} ${refId(fact)}`) })),
      ),
    ],
  }
}

/** Also what may have gone. */
function went({ state, providerId, attempts }: Message): boolean {
  const unsent: readonly Message['state'][] = ['planned', 'rejected', 'expired', 'cancelled']
  // Held back while its call had begun, it stays cancelled, whatever the call came to.
  const unknown = attempts.at(-1)?.outcome.startsWith('unknown') ?? false
  return providerId !== undefined || !unsent.includes(state) || unknown
}

function removal({ options }: Engine, via: string, id: string | undefined, kept: Map<string, Kept>): readonly Job[] {
  if (!options.adapters[via]?.channel) return []
  if (id === undefined) {
    kept.set(`${via} unknown`, {
      what: `a message that went, or may have gone, by "${via}"`,
      why: 'nobody knows its id at the provider: ask it to delete what it keeps of the address, or wait for its own retention',
    })
    return []
  }
  if (options.adapters[via].channel.remove)
    return [
      { key: short(`remove:${via} ${id}`), name: 'remove', runAt: new Date(0).toISOString(), payload: { via, id } },
    ]
  kept.set(via, {
    what: `what the provider of "${via}" keeps of messages`,
    why: 'it offers no way to delete them: ask it, or wait for its own retention',
  })
  return []
}

/** Deletes one message at its provider. Tried until it is done. */
export async function removeThere(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { via, id } = lease.job.payload as { via: string; id: string }
  try {
    await inTime(async () => engine.options.adapters[via]?.channel?.remove?.(id, engine.context(via, signal)))
  } catch (error) {
    if (!PrmError.is(error) || error.code !== 'not_found') throw error
  }
  return { outcome: { done: true } }
}

/** The words that speak against writing there now, each under the hash. */
async function refusalsAt(engine: Engine, address: Address): Promise<readonly Put[]> {
  const said = await collect(engine.scope.find('consent', { address, order: 'newest' }))
  const latest = new Map(said.toReversed().map((one) => [one.purpose, one]))
  const denied = [...latest.values()].filter(({ state }) => state === 'denied')
  if (denied.length === 0) return []
  const to = erasedAddress((await engine.sealed()) ?? (await engine.secret()), address)
  return denied.map(({ purpose, state, basis, at, by }) =>
    put('consent', { id: `${to.value} ${purpose}`, address: to, purpose, state, basis, at, by }),
  )
}

/** When each address was erased, and, for who refuses only now, where each message went: all under a hash. */
async function marksOf(engine: Engine, { addresses, messages }: Found): Promise<readonly Put[]> {
  const sent = messages.filter(went)
  if (addresses.length + sent.length === 0) return []
  const known = await engine.sealed()
  const key = known ?? (await engine.secret())
  const mark = (what: string, value: string) => put('shared', { id: erasedRow(key, what), value })
  const at = now(engine)
  const last = await lastErased(engine)
  return [
    ...(last < at ? [put('shared', { id: lastId, value: at })] : []),
    // From now on only this key will do: of two hosts that are the first, with two keys, one begins anew, and is refused.
    ...(known === undefined ? [put('shared', seal(key), 0)] : []),
    ...addresses.map((address) => mark(addressId(address), at)),
    ...sent.flatMap(({ key: ours, via, providerId, to, purpose }) =>
      [{ source: 'prm', key: ours }, ...(providerId === undefined ? [] : [{ source: via, key: providerId }])].map(
        (ref) => mark(refId(ref), `${erasedAddress(key, to).value} ${purpose}`),
      ),
    ),
  ]
}

/** So that a list of a hundred thousand asks once where nobody was erased since. */
const lastId = 'last erased'
async function lastErased({ scope }: Engine): Promise<Instant> {
  return String((await scope.get('shared', lastId))?.value.value ?? '')
}

/** Who of these was erased since then, at any of their addresses. */
export async function erasedSince(
  engine: Engine,
  people: readonly Pick<Person, 'at' | 'also'>[],
  since: Instant,
): Promise<readonly boolean[]> {
  const key = await engine.sealed()
  if (key === undefined || (await lastErased(engine)) < since) return people.map(() => false)
  const isErased = async (address: Address): Promise<boolean> => {
    const mark = (await engine.scope.get('shared', erasedRow(key, addressId(address))))?.value.value
    return typeof mark === 'string' && mark >= since
  }
  return Promise.all(
    people.map(async ({ at, also }) => {
      const named = [at, ...also].map(spelled)
      // Erased without its realm, it was in all of them.
      const bare = named.flatMap(({ realm, scheme, value }) => (realm === undefined ? [] : [{ scheme, value }]))
      return (await Promise.all([...named, ...bare].map(isErased))).includes(true)
    }),
  )
}

/** Those who name them as their guardian, proxy or household. */
async function relativesWithout(engine: Engine, patronId: string): Promise<readonly Put[]> {
  const puts: Put[] = []
  for (const { id } of await patronsAt(engine, { scheme: 'relation', value: patronId }, Number.POSITIVE_INFINITY)) {
    const row = await engine.scope.get('patron', id)
    const relations = row?.value.relations?.filter((one) => one.patronId !== patronId)
    if (row && relations && id !== patronId) puts.push(put('patron', { ...row.value, relations }, row.version))
  }
  return puts
}

/** Decisions that stay, and were made of the address among others: what they were made of goes. */
async function decisionsWithout(engine: Engine, address: Address, gone: Found['rows']): Promise<readonly Put[]> {
  const dropped = new Set(gone.map(({ kind, id }) => `${kind} ${id}`))
  const puts = new Map<string, Put>()
  for (const { id } of await patronsAt(engine, address, Number.POSITIVE_INFINITY))
    for (const query of [{ patronId: id }, { about: toldId(id) }])
      for await (const decision of engine.scope.find('decision', query)) {
        const { key, inputs } = decision
        const { addresses = [] } = (inputs.own ?? {}) as { addresses?: readonly Address[] }
        if (!dropped.has(`decision ${key}`) && addresses.some((one) => covers(address, one)))
          puts.set(key, put('decision', { ...decision, inputs: { ...inputs, own: 'erased' } }))
      }
  return [...puts.values()]
}

async function patronsWithout(engine: Engine, address: Address): Promise<readonly Put[]> {
  const patrons = await patronsAt(engine, address, Number.POSITIVE_INFINITY)
  return Promise.all(
    patrons.map(async ({ id }) => {
      const row = await engine.scope.get('patron', id)
      const { value, version } = row as NonNullable<typeof row>
      return put('patron', { ...value, identities: value.identities.filter((one) => !covers(address, one)) }, version)
    }),
  )
}

/** Others' conversations that theirs was merged into: no answer goes to them from there. */
async function conversationsWithout(engine: Engine, { addresses, facts, rows }: Found): Promise<readonly Put[]> {
  const dropped = new Set(rows.flatMap(({ kind, id }) => (kind === 'conversation' ? [id] : [])))
  const gone = new Set(facts.map(refId))
  const puts: Put[] = []
  for (const id of new Set(facts.flatMap(({ conversationId = '' }) => conversationId))) {
    const row = dropped.has(id) ? undefined : await engine.scope.get('conversation', id)
    if (!row) continue
    const { last, ...rest } = row.value
    const theirs = last?.who !== undefined && addresses.some((one) => covers(one, last.who as Address))
    const pending = rest.pending.filter((one) => !gone.has(refId(one)))
    puts.push(put('conversation', { ...rest, ...(!theirs && last && { last }), pending }, row.version))
  }
  return puts
}

/** The open digests that hold a send to them, or about what goes. */
async function digestsWithout(
  engine: Engine,
  who: string | Address,
  { addresses, facts }: Found,
): Promise<readonly Extract<Put, { kind: 'digest' }>[]> {
  const about = new Set(facts.map(refId))
  const theirs = (json: Json): boolean => {
    const { to, about: refs = [] } = json as unknown as Send
    if (typeof to === 'string' ? to === who : addresses.some((one) => covers(one, to))) return true
    return refs.some((ref) => about.has(refId(ref)))
  }
  const puts: Extract<Put, { kind: 'digest' }>[] = []
  for await (const { id } of engine.scope.find('digest', {})) {
    const row = await engine.scope.get('digest', id)
    if (!row?.value.sends.some(theirs)) continue
    const digest: Digest = { id, sends: row.value.sends.filter((one) => !theirs(one)) }
    puts.push({ kind: 'digest', value: digest, ifVersion: row.version })
  }
  return puts
}
