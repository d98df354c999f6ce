// In: sends. Out: their decisions, stored with message and job. Promise: a key that was decided to send is decided once.
import type { Actor, Decision, Send } from '../contract/index.ts'
import { decisionOf, type Engine, forMany } from '../runtime/index.ts'
import { batchOf } from './batch.ts'
import { join } from './digest.ts'
import { prepare } from './prepare.ts'
import { type Asked, check } from './request.ts'
import { forget } from './sender-schedule.ts'

/** Decides all of them and stores what it decided in one transaction. The answers are in the order of the sends. */
export async function sendPage(engine: Engine, sends: readonly Send[], by?: Actor): Promise<readonly Decision[]> {
  const checked = sends.map((send) => ({ ...check(engine, send), ...(by && { by }) }))
  const many = sends.length > 1 ? await forMany(engine) : engine
  const seen = new Map<string, Promise<Decision>>()
  const once = (send: Asked): Promise<Decision> => {
    const decision = seen.get(send.key) ?? sendOne(many, send)
    seen.set(send.key, decision)
    return decision
  }
  return Promise.all(checked.map(once))
}

async function sendOne(engine: Engine, send: Asked): Promise<Decision> {
  const known = await decisionOf(engine, send.key)
  if (known?.outcome.send) return known
  if (send.dryRun) return (await prepare(engine, [send], undefined, false)).decision
  if (send.digest !== undefined) return join(engine, send)
  for (;;) {
    const [prepared] = await Promise.all([prepare(engine, [send]), engine.share()])
    const [written] = await engine.scope.commit([batchOf(prepared)])
    if (written) engine.emit('decided', prepared.decision)
    if (written) return prepared.decision
    const told = await decisionOf(engine, send.key)
    if (told?.outcome.send || !forget(engine, [prepared])) return told ?? prepared.decision
  }
}
