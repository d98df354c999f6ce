// In: a decision and its message. Out: one transaction: decision, message and job, all or nothing.
import type { Batch, Put } from '../contract/index.ts'
import { deliverJob, lateJobs, put } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import type { Prepared } from './prepare.ts'

/** So long before all else that is due; a job of 1970 would be past any retention that counts from when it is due. */
const aheadMs = milliseconds('366d')

/** Decision, message and the job that sends it: all or, where one of its sends was decided to go meanwhile, nothing. */
export function batchOf({ decision, message, turn = [], urgent = false }: Prepared, version?: number): Batch {
  const { key, keys, at } = decision
  const due = message?.notBefore ?? at
  // Of what is due the oldest goes first.
  const runAt = urgent && due <= at ? instant(Date.parse(at) - aheadMs) : due
  const puts: Put[] = [put('decision', decision, version), ...turn]
  if (message) puts.push(put('message', message))
  for (const id of keys.slice(1)) puts.push(put('claim', { id, at, key }))
  return {
    ifAbsent: keys.flatMap((id) => [{ kind: 'message', id } as const, { kind: 'claim', id } as const]),
    put: puts,
    ...(message && {
      jobs: [deliverJob(key, message.to, runAt), ...lateJobs(key, at, due)],
    }),
  }
}

/** Of several turns at one sender the last holds them all; it is written on what the first was. */
export function merge(batches: readonly Batch[]): Batch {
  const puts = batches.flatMap(({ put = [] }) => put)
  const turns = puts.filter((one) => one.kind === 'sender').sort((a, b) => Number(a.ifVersion) - Number(b.ifVersion))
  const merged = [...Map.groupBy(turns, ({ value }) => value.id).values()].flatMap((of) =>
    of.slice(-1).map(({ value }) => put('sender', value, of[0]?.ifVersion)),
  )
  const rest = puts.filter(({ kind }) => kind !== 'sender')
  const [unless, jobs] = [batches.flatMap((one) => one.ifAbsent ?? []), batches.flatMap((one) => one.jobs ?? [])]
  return { ifAbsent: unless, put: [...rest, ...merged], jobs }
}
