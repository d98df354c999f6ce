// In: a message that is erased here. Out: the same, deleted at its provider, tried until it is done.
import { type Job, type Lease, PrmError, type Settled } from '../contract/index.ts'
import { type Engine, inTime, short } from '../runtime/index.ts'
import type { Kept } from './kept.ts'

export function removal(
  { options }: Engine,
  via: string,
  id: string | undefined,
  kept: Map<string, Kept>,
): readonly Job[] {
  if (!options.adapters[via]?.channel) return []
  if (id === undefined) {
    kept.set(`${via} unknown`, {
      what: `a message that went, or may have gone, by "${via}"`,
      reason:
        'nobody knows its id at the provider: ask it to delete what it keeps of the address, or wait for its own retention',
    })
    return []
  }
  if (options.adapters[via].channel.remove)
    return [
      { key: short(`remove:${via} ${id}`), name: 'remove', runAt: new Date(0).toISOString(), payload: { via, id } },
    ]
  kept.set(via, {
    what: `what the provider of "${via}" keeps of messages`,
    reason: 'it offers no way to delete them: ask it, or wait for its own retention',
  })
  return []
}

/** Deletes one message at its provider. Tried until it is done. */
export async function removeThere(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { via, id } = lease.job.payload as { via: string; id: string }
  try {
    await inTime(async () => engine.options.adapters[via]?.channel?.remove?.(id, engine.context(via, signal)))
  } catch (error) {
    if (!PrmError.is(error) || error.code !== 'not_found') throw error
  }
  return { outcome: { done: true } }
}
