// In: interactions that are stored already. Out: those that go to their flows again, because they were not sent before.
import { type Interaction, type Put, refId } from '../contract/index.ts'
import { collect, type Engine, flowJobs, put } from '../runtime/index.ts'
import { awaited } from './awaited.ts'

/**
 * A source that tells its whole state tells most facts again. What was decided to send stays told; what was decided
 * against goes to its flows again with the row as it is now, since the number or the list may have come.
 */
export async function repeat(engine: Engine, fact: Interaction, repeats: boolean): Promise<void> {
  const about = { source: fact.source, key: fact.key }
  const decisions = await collect(engine.scope.find('decision', { about }))
  const standing = decisions.some((decision) => decision.outcome.send)
    ? 'sent'
    : decisions.length === 0 || !repeats
      ? 'pending'
      : 'retried'
  // Told under a new number in its source's books: that one is to hear of it too.
  const asks = await renamed(engine, fact)
  const jobs = standing === 'retried' ? flowJobs(engine, fact) : []
  if (standing === 'retried' || asks.length > 0)
    await engine.scope.commit([{ put: [put('interaction', fact), ...asks], jobs }])
  engine.emit('duplicate', { interaction: fact, status: standing })
}

async function renamed(engine: Engine, fact: Interaction): Promise<readonly Put[]> {
  if (fact.origin === undefined || !engine.options.adapters[fact.source]?.writeBack) return []
  const known = (await engine.scope.get('interaction', refId(fact)))?.value
  return known?.origin === fact.origin ? [] : [awaited(engine, fact)]
}
