// In: a query, or the id of a conversation. Out: conversations, and the thread of one. Promise: every look is noted.
import { type Actor, type Conversation, type Patron, type Prm, PrmError } from '../contract/index.ts'
import { collect, type Engine, noted } from '../runtime/index.ts'
import { sentFact } from './sent.ts'

export async function* conversations(
  engine: Engine,
  by: Actor,
  query: Parameters<Prm['conversations']>[0],
): AsyncGenerator<Conversation> {
  await noted(engine, by, 'conversations', query.patronId)
  yield* engine.scope.find('conversation', query)
}

export async function conversation(
  engine: Engine,
  by: Actor,
  id: string,
  { limit = 100 }: { readonly limit?: number } = {},
): ReturnType<Prm['conversation']> {
  const row = await engine.scope.get('conversation', id)
  if (!row) throw new PrmError('not_found', 'There is no conversation of this id.', { field: 'id' })
  const { patronId } = row.value
  await noted(engine, by, 'conversation', patronId)
  const query = { conversationId: id, order: 'newest', limit: limit + 1 } as const
  const [facts, messages] = await Promise.all([
    collect(engine.scope.find('interaction', query)),
    collect(engine.scope.find('message', query)),
  ])
  // What they answer was sent before, by whatever told them of it.
  const answered = new Set(facts.flatMap(({ about }) => (about?.source === 'prm' ? [about.key] : [])))
  for (const { key } of messages) answered.delete(key)
  const causes = await Promise.all([...answered].map((key) => engine.scope.get('message', key)))
  const shown = [...messages, ...causes.flatMap((row) => (row ? [row.value] : []))]
  const sent = shown.map(async (message) => {
    const decision = (await engine.scope.get('decision', message.decision))?.value
    return { ...sentFact(message), seen: decision?.at ?? '', ...(decision?.by && { by: decision.by }) }
  })
  const all = [...facts.toReversed(), ...(await Promise.all(sent)).toReversed()]
  all.sort((a, b) => ((a.seen ?? '') < (b.seen ?? '') ? -1 : (a.seen ?? '') > (b.seen ?? '') ? 1 : 0))
  const patron: Patron | undefined =
    patronId === undefined ? undefined : (await engine.scope.get('patron', patronId))?.value
  return { conversation: row.value, ...(patron && { patron }), thread: all.slice(-limit), more: all.length > limit }
}
