import type { Message } from './decision.ts'
import { collect, type Engine, hash, now, patronsAt, put } from './engine.ts'
import type { Actor, Address, Interaction, Patron } from './interaction.ts'
import type { Audit } from './store.ts'
import type { Instant } from './words.ts'

/** What we sent, as it stands in a timeline. */
export type MessageSent = Pick<Message, 'via' | 'purpose' | 'state' | 'content'>

/** Notes who looks before anything is shown: a look that cannot be noted is not had. */
export async function noted(engine: Engine, by: Actor, did: string, patronId?: string): Promise<void> {
  const at = now(engine)
  // The same look in the same millisecond is one.
  const id = `${at} ${hash(by.kind, by.id, did, patronId ?? '')}`
  const audit: Audit = { id, at, by, did, ...(patronId !== undefined && { patronId }) }
  await engine.scope.commit([{ put: [put('audit', audit)] }])
}

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

export function sentFact(message: Message): Interaction<'message.sent', MessageSent> {
  const { key, patronId, to, from, via, purpose, state, content, attempts, notBefore, conversationId } = message
  return {
    key,
    type: 'message.sent',
    source: 'prm',
    seen: attempts.at(-1)?.at ?? notBefore,
    who: to,
    ...(patronId !== undefined && { patronId }),
    ...(from && { to: from }),
    ...(conversationId !== undefined && { conversationId }),
    data: { via, purpose, state, content },
  }
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
