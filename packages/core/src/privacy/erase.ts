// In: a patron or an address. Out: how many rows are gone, and what is kept and why.
import { type Actor, type Address, PrmError } from '../contract/index.ts'
import { type Engine, noted, patronsAt, put } from '../runtime/index.ts'
import { batchOf, marksOf } from './erase-batch.ts'
import { covers, type Found, gather, landed } from './erase-find.ts'
import type { Erased, Kept } from './kept.ts'

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
  await engine.scope.purge()
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
  const rows = (batch.delete?.length ?? 0) + put.length
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
