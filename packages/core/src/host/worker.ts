// In: a lease. Out: what became of its job: the table of job names and the rooms that do them.
import { type Code, type Lease, PrmError, type Settled } from '../contract/index.ts'
import { again, ask, deliver, sweep } from '../deliver/index.ts'
import { runFlow } from '../flow/index.ts'
import { blockThere, type Pulls, pullFeed, reportAgain } from '../ingest/index.ts'
import { expireDaily, removeThere } from '../privacy/index.ts'
import type { Engine } from '../runtime/index.ts'
import { closeDigest } from '../send/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { tellOutcomes } from './write-back.ts'

/** After this many tries a flow that throws is a dead letter. */
const flowTries = 8

/** What a flow throws that no later try mends: two steps of one name, a field that is wrong, a write that may have been taken. */
const permanent: ReadonlySet<Code> = new Set(['invalid', 'unsupported', 'unknown'])

/** When a message whose data could not be read is looked at again. */
const readAgainMs = milliseconds('30s')

/** Does one job, whatever it is. No error of one stops another. A run that has phases need not wait for the others of a digest. */
export function worker(
  engine: Engine,
  pulls: Pulls,
  phases: boolean,
): (lease: Lease, signal: AbortSignal) => Promise<Settled> {
  return async (lease, signal) => {
    const { name } = lease.job
    try {
      if (name === 'deliver') return await deliver(engine, lease, signal)
      if (name === 'digest') return await closeDigest(engine, lease, !phases)
      if (name === 'again') return await again(engine, lease)
      if (name === 'sweep') return await sweep(engine)
      if (name === 'ask') return await ask(engine, lease, signal)
      if (name === 'early') return await reportAgain(engine, lease)
      if (name === 'remove') return await removeThere(engine, lease, signal)
      if (name === 'block') return await blockThere(engine, lease, signal)
      if (name === 'expire') return await expireDaily(engine, lease, signal)
      if (name.startsWith('outcomes:')) return await tellOutcomes(engine, lease, signal)
      if (name.startsWith('pull:')) return await pullFeed(engine, pulls, lease, signal)
      return await runFlow(engine, lease, signal)
    } catch (thrown) {
      if (signal.aborted) return { outcome: { release: true } }
      const error = PrmError.is(thrown)
        ? thrown
        : new PrmError('unavailable', `${name} threw ${thrown instanceof Error ? thrown.name : 'something'}.`, {
            cause: thrown,
          })
      const backoff = Math.min(2 ** lease.attempt * 1_000, milliseconds('15m'))
      // A vendor that asks to wait longer is asked again all the same.
      const asked = Math.min(error.retryAfterMs || 0, milliseconds('1d'))
      const again = instant(engine.now().getTime() + Math.max(backoff, asked))
      // It threw before its call, since `deliver` keeps what a call comes to: that was no start.
      if (name === 'deliver') {
        const after = (): void => engine.emit('jobFailed', { job: lease.job, error, dead: false })
        return { outcome: { release: true, runAt: instant(engine.now().getTime() + readAgainMs) }, after }
      }
      // A write that may have been taken is not done again: whether it was is for a person to find out.
      const last = name.startsWith('flow:') && (lease.attempt >= flowTries || permanent.has(error.code))
      const reason = { code: error.code, message: error.message }
      return {
        outcome: last ? { dead: true, error: reason } : { retryAt: again, error: reason },
        after: () => engine.emit('jobFailed', { job: lease.job, error, dead: last }),
      }
    }
  }
}
