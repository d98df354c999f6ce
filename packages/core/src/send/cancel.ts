// In: a campaign. Out: its waiting messages cancelled. Promise: none begins to be sent afterwards.
import type { Actor, Message, Prm } from '../contract/index.ts'
import { bulkId, type Engine, noted, now, put } from '../runtime/index.ts'

/**
 * Cancels what waits of a bulk. The row comes first: whoever begins after it sees it, and who began before is among the jobs
 * that are listed after it, whose messages are left alone.
 */
export async function cancel(engine: Engine, by: Actor, bulk: string, why: string): ReturnType<Prm['cancel']> {
  const { scope } = engine
  await noted(engine, by, 'cancel')
  await scope.commit([{ put: [put('cursor', { id: bulkId(bulk), value: why })] }])
  const waiting = new Map<string, number>()
  for await (const { key, attempts, campaign: of } of scope.find('message', { state: 'planned' }))
    if (of === bulk) waiting.set(key, attempts.length)
  // What a kill left waiting may be taken up between two lists.
  for (const state of ['active', 'waiting', 'active'] as const)
    for await (const { payload, attempt } of scope.jobs({ state, names: ['deliver'] })) {
      const { key } = payload as { key: string }
      // It is under way, or nobody recorded what became of it.
      if (attempt > (waiting.get(key) ?? 0)) waiting.delete(key)
    }
  let cancelled = 0
  for (const key of waiting.keys()) {
    const row = await scope.get('message', key)
    if (row?.value.state !== 'planned') continue
    const attempts = [...row.value.attempts, { at: now(engine), outcome: `cancelled: stopped: ${why}` }]
    const message: Message = { ...row.value, state: 'cancelled', attempts }
    const gone = [{ key: `deliver:${key}` }, { key: `late:${key}` }]
    const [written] = await scope.commit([{ put: [put('message', message, row.version)], cancel: gone }])
    if (written) engine.emit('message', message)
    if (written) cancelled++
  }
  return { cancelled }
}
