// In: who looks, and at whom. Out: a row that says so, before anything is shown.
import type { Actor, Audit } from '../contract/index.ts'
import { type Engine, now } from './engine.ts'
import { put } from './lookup.ts'
import { hash } from './names.ts'

/** Notes who looks before anything is shown: a look that cannot be noted is not had. */
export async function noted(engine: Engine, by: Actor, did: string, patronId?: string): Promise<void> {
  const at = now(engine)
  // The same look in the same millisecond is one.
  const id = `${at} ${hash(by.kind, by.id, did, patronId ?? '')}`
  const audit: Audit = { id, at, by, action: did, ...(patronId !== undefined && { patronId }) }
  await engine.scope.commit([{ put: [put('audit', audit)] }])
}
