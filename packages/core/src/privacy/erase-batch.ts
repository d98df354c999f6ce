// In: everything that was found of a patron. Out: one transaction that removes it, and keeps their refusals under a hash.
import {
  type Address,
  type Batch,
  type Digest,
  type Instant,
  type Json,
  type Message,
  messageReceived,
  type Put,
  refId,
  type Send,
  sameAddress,
} from '../contract/index.ts'
import {
  addressId,
  collect,
  type Engine,
  erasedAddress,
  erasedRow,
  flowGroup,
  now,
  patronsAt,
  put,
  seal,
  short,
} from '../runtime/index.ts'
import { removal } from './erase-at-provider.ts'
import { covers, type Found, toldId } from './erase-find.ts'
import type { Kept } from './kept.ts'

export async function batchOf(
  engine: Engine,
  who: string | Address,
  found: Found,
  kept: Map<string, Kept>,
): Promise<Batch> {
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
      reason: `a STOP outlives its number: who is met there again is still not written to, and ${planned}`,
    })
  else if (addresses.length > 0 && !kept.has('hashes'))
    kept.set('hashes', {
      what: `when it was erased, ${hashed}`,
      reason: `${planned}, and a refusal that comes late counts`,
    })
  for (const address of shared)
    kept.set(addressId(address), {
      what: `a shared ${address.scheme} address, its refusals, and what nobody in particular wrote from it`,
      reason: "it is another patron's too",
    })
  const received = facts.filter(({ type }) => type === messageReceived.name)
  const onShared = (address: Address | undefined) => address && shared.some((one) => sameAddress(one, address))
  return {
    delete: [
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
export async function marksOf(engine: Engine, { addresses, messages }: Found): Promise<readonly Put[]> {
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

export async function lastErased({ scope }: Engine): Promise<Instant> {
  return String((await scope.get('shared', lastId))?.value.value ?? '')
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
