// In: the key of a decision. Out: the same decision, made again from its stored inputs.
import { type Actor, type Decision, type Own, PrmError, type Shared } from '../contract/index.ts'
import { decide } from '../decide/index.ts'
import { decisionOf, type Engine, noted } from '../runtime/index.ts'

/** What was decided under a key, and that somebody looked. */
export async function decided(engine: Engine, by: Actor, did: string, key: string): Promise<Decision> {
  const decision = await decisionOf(engine, key)
  if (!decision) throw new PrmError('not_found', 'Nothing was decided under this key.', { field: 'key' })
  await noted(engine, by, did, decision.patronId)
  return decision
}

/** The decision from its stored inputs, for whoever doubts it: equal to the stored one. Throws `not_found` without them. */
export async function replay(engine: Engine, decision: Decision): Promise<Pick<Decision, 'outcome' | 'reasons'>> {
  // The confirmation of a STOP has no inputs: the STOP is its reason.
  const { own, shared: id } = decision.inputs
  if (own === null) return { outcome: decision.outcome, reasons: decision.reasons }
  const shared = await engine.scope.get('shared', id)
  // Its retention may be over: then no more than the figures is there.
  if (!shared || typeof own !== 'object')
    throw new PrmError('not_found', 'What this was decided from is not in the store any more.')
  return decide(shared.value.value as unknown as Shared, own as unknown as Own)
}
