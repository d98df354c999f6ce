// In: keys of jobs that failed for good. Out: those that are tried again, and those that are not, with the reason.
import type { Actor, Message, Prm } from '../contract/index.ts'
import { type Engine, noted, put } from '../runtime/index.ts'

/** Lets dead letters wait again. A message that ended by an error is planned again first, unless it may have gone. */
export async function redrive(engine: Engine, by: Actor, keys: readonly string[]): ReturnType<Prm['redrive']> {
  const wanted = new Set(keys)
  const redriven: string[] = []
  const kept = new Map(keys.map((key) => [key, 'there is no dead letter of this key']))
  for await (const { key, name, payload, attempt } of engine.scope.jobs({ state: 'dead' })) {
    if (!wanted.has(key)) continue
    const row = name === 'deliver' ? await engine.scope.get('message', (payload as { key: string }).key) : undefined
    const why = row && mayHaveGone(row.value, attempt)
    kept.set(key, why ?? 'it changed meanwhile')
    if (why) continue
    await noted(engine, by, 'redrive', row?.value.patronId)
    const again = row && put('message', { ...row.value, state: 'planned' }, row.version)
    const [planned] = await engine.scope.commit(again ? [{ put: [again] }] : [{}])
    if (planned && (await engine.scope.redrive([key])) > 0) redriven.push(key)
  }
  for (const key of redriven) kept.delete(key)
  return { redriven, kept: [...kept].map(([key, reason]) => ({ key, reason })) }
}

function mayHaveGone({ state, attempts, providerId, contradictions, to }: Message, starts: number): string | undefined {
  if (state !== 'planned' && state !== 'rejected') return `it is ${state}`
  if (to.scheme === 'expired') return 'it is past its retention'
  const unknown = starts > attempts.length || attempts.some(({ outcome }) => outcome.includes('unknown'))
  return unknown || providerId || contradictions ? 'it may have gone' : undefined
}
