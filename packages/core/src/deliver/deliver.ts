// In: the job of a message. Out: one recorded outcome. The order of the steps: start, release check, look-up, attempt, outcome.
import type { Lease, Settled } from '../contract/index.ts'
import type { Engine } from '../runtime/index.ts'
import { instant } from '../time/index.ts'
import { sendNow } from './attempt.ts'
import { inOutage, outageOf } from './failover.ts'
import { goneBefore } from './look-first.ts'
import { end, waits } from './outcome.ts'
import { type Begun, isLate, pauseMs, type Start, worthless } from './start.ts'
import { settleUnknown } from './unknown.ts'

/** Sends one message, or finds out that it went, or says why it does not go. One start, one recorded outcome. */
export async function deliver(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { key } = lease.job.payload as { key: string }
  const message = (await engine.scope.get('message', key))?.value
  if (!message)
    return { outcome: { dead: true, error: { code: 'not_found', message: 'The message of this job is gone.' } } }
  // A delivery report may have come before our own settlement.
  if (message.state !== 'planned' && message.state !== 'unknown')
    return { outcome: { done: true }, after: () => engine.emit('message', message) }
  const at = engine.now().getTime()
  const channel = engine.options.adapters[message.via]?.channel
  const rest = () => Math.max(engine.paused.get(message.via) ?? 0, channel ? 0 : at + pauseMs)
  const lost = lease.attempt - 1 - message.attempts.length
  const known = lost <= 0 && message.state !== 'unknown'
  const begun: Begun = { engine, lease, message, signal, at: instant(at) }
  if (!channel && known && isLate(message, at)) return end(begun, 'expired', worthless)
  if (!channel) return { outcome: { release: true, runAt: instant(rest()) } }
  const start: Start = { ...begun, channel }
  const down = known ? await outageOf(start) : undefined
  const urgent = down && (await inOutage(start, down))
  if (urgent) return urgent
  if (rest() > at) return known ? waits(start, rest()) : { outcome: { release: true, runAt: instant(rest()) } }
  if (known) return (await goneBefore(start)) ?? sendNow(start)
  const outcome = 'unknown: it was started and nobody recorded what became of it'
  const attempts = [
    ...message.attempts,
    ...Array.from({ length: Math.max(lost, 0) }, () => ({ at: start.at, outcome })),
  ]
  return settleUnknown({ ...start, message: { ...message, state: 'unknown', attempts } })
}
