// In: people and a time. Out: which of them were erased since then.
import { type Address, type Instant, type PatronUpdate, written as spelled } from '../contract/index.ts'
import { addressId, type Engine, erasedRow } from '../runtime/index.ts'
import { lastErased } from './erase-batch.ts'

/** Who of these was erased since then, at any of their addresses. */
export async function erasedSince(
  engine: Engine,
  people: readonly Pick<PatronUpdate, 'at' | 'also'>[],
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
