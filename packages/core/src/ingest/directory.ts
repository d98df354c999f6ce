// In: an address to ask an adapter's directory for. Out: the patrons that it knows, stored.
import { type Actor, type Address, type Patron, PrmError, patronUpdateOf } from '../contract/index.ts'
import { type Engine, noted, patronsAt } from '../runtime/index.ts'
import { record } from './record.ts'

/** Who has this address by a directory's own word, stored as a feed of that adapter would have told it. */
export async function lookUp(
  engine: Engine,
  by: Actor,
  adapter: string,
  address: Address,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Patron[]> {
  const { directory } = engine.options.adapters[adapter] ?? {}
  if (!directory)
    throw new PrmError('unsupported', `The adapter "${adapter}" has no directory to look in.`, { field: 'adapter' })
  const people = (await directory.find(address, engine.context(adapter, signal))).map(patronUpdateOf)
  if (people.length > 0) await record(engine, { interactions: [], people, from: { adapter } })
  const found = await Promise.all(people.map(({ at }) => patronsAt(engine, at)))
  const patrons = found.flatMap(([one]) => one ?? [])
  for (const { id } of patrons) await noted(engine, by, 'lookUp', id)
  return patrons
}
