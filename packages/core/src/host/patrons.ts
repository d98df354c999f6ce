// In: an address, a patron or words. Out: patrons, timelines and messages. Promise: every look is noted.
import type { Actor, Address, Instant, Interaction, Patron } from '../contract/index.ts'
import { sentFact } from '../conversation/index.ts'
import { collect, type Engine, noted, patronsAt } from '../runtime/index.ts'

export async function patrons(engine: Engine, by: Actor, address: Address): Promise<readonly Patron[]> {
  const known = await patronsAt(engine, address, Number.POSITIVE_INFINITY)
  if (known.length === 0) await noted(engine, by, 'patrons')
  for (const { id } of known) await noted(engine, by, 'patrons', id)
  return known
}

/** Newest first: facts by when they were stored, our own messages by when they were handed over, or are to be. */
export async function* timeline(
  engine: Engine,
  by: Actor,
  patronId: string,
  { since, limit = 100 }: { readonly since?: Instant; readonly limit?: number } = {},
): AsyncGenerator<Interaction> {
  await noted(engine, by, 'timeline', patronId)
  const query = { patronId, limit, order: 'newest', ...(since && { since }) } as const
  const { patronId: key, ...page } = query
  // What they are told of somebody else, such as a child, is the other's.
  const told = collect(engine.scope.find('decision', { about: { source: 'told', key }, ...page }))
  const [facts, own, others] = await Promise.all([
    collect(engine.scope.find('interaction', query)),
    collect(engine.scope.find('message', query)),
    told.then((decisions) => Promise.all(decisions.map((one) => engine.scope.get('message', one.key)))),
  ])
  const messages = [...own, ...others.flatMap((row) => (row ? [row.value] : []))]
  const all = [...facts, ...messages.map(sentFact)].sort((a, b) => ((a.seen ?? '') < (b.seen ?? '') ? 1 : -1))
  yield* all.slice(0, limit)
}

/** Each fact that is shown is noted, once a patron. */
export async function* search(
  engine: Engine,
  by: Actor,
  text: string,
  query?: { readonly limit?: number; readonly before?: Instant },
): AsyncGenerator<Interaction> {
  const seen = new Set<string | undefined>()
  for await (const fact of engine.scope.search(text, query)) {
    if (!seen.has(fact.patronId)) await noted(engine, by, 'search', fact.patronId)
    seen.add(fact.patronId)
    yield fact
  }
}
