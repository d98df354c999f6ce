// In: what a start came to. Out: the rows and jobs that record it. Promise: exactly one outcome for each start.
import type { Job, Message, Outcome, PrmError, Put, Settled } from '../contract/index.ts'
import { backJobs, goesOn, otherWay, put } from '../runtime/index.ts'
import { instant } from '../time/index.ts'
import { type Begun, isLate, nearMs, type Start } from './start.ts'

/** Its adapter is left alone so long; what would be late by then goes another way, where its purpose falls back. */
export function waits(start: Start, until: number): Settled {
  const late = isLate(start.message, until + nearMs) && otherWay(start.engine, start.message, 'deadline').length > 0
  return late
    ? instead(start, 'deadline', 'its adapter is paused')
    : { outcome: { release: true, runAt: instant(until) } }
}

/** It does not go this way: another is decided at once, where its purpose falls back so and this one surely did not go. */
export function instead(
  start: Start,
  reason: Parameters<typeof otherWay>[2],
  why: string,
  state: 'expired' | 'cancelled' = 'cancelled',
): Settled {
  const jobs = start.message.state === 'planned' ? otherWay(start.engine, start.message, reason) : []
  if (jobs.length === 0) return end(start, state, `${state}: ${why}`)
  return record(start, `cancelled: ${why}; ${goesOn}`, { done: true }, { state: 'cancelled' }, [], jobs)
}

export function end(start: Begun, state: 'expired' | 'cancelled', outcome: string): Settled {
  return record(start, outcome, { done: true }, { state })
}

/** A dead letter, and somebody is told. */
export function fail({ engine, lease }: Start, error: PrmError, settled: Settled): Settled {
  const after = (): void => {
    settled.after?.()
    engine.emit('jobFailed', { job: lease.job, error, dead: true })
  }
  return { ...settled, after }
}

/** The one way out: what this start came to, and the message as it is now, in the job's own transaction. */
export function record(
  start: Begun,
  outcome: string,
  settle: Outcome,
  changes: Partial<Message> = {},
  puts: readonly Put[] = [],
  jobs: readonly Job[] = [],
): Settled {
  const { state } = { ...start.message, ...changes }
  if ('retryAt' in settle && state === 'planned' && isLate(start.message, Date.parse(settle.retryAt) + nearMs)) {
    const other = otherWay(start.engine, start.message, 'deadline')
    if (other.length > 0)
      return record(start, `${outcome}; ${goesOn}`, { done: true }, { state: 'cancelled' }, [], other)
  }
  const unsent = changes.state === 'cancelled' || changes.state === 'expired'
  const maybe = unsent && start.mayHaveGone
  const message: Message = {
    ...start.message,
    ...changes,
    ...(maybe && { state: 'unknown' }),
    attempts: [...start.message.attempts, { at: start.at, outcome: maybe ? `not sent again: ${outcome}` : outcome }],
  }
  const over = 'done' in settle || 'dead' in settle
  return {
    outcome: settle,
    batches: [
      {
        put: [put('message', message), ...puts],
        jobs: [...jobs, ...backJobs(start.engine, message, 'dead' in settle)],
      },
    ],
    ...(over && { after: () => start.engine.emit('message', message) }),
  }
}
