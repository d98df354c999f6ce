// In: a failed attempt. Out: when the next one is due.
import type { Channel, Message, PrmError } from '../contract/index.ts'
import { settleMs } from '../runtime/index.ts'
import { milliseconds } from '../time/index.ts'

/** As the provider says, if it says something sensible: a second to a week. */
export function waitOf({ retryAfterMs = Number.NaN }: PrmError, message: Message): number {
  if (!(retryAfterMs >= 0 && retryAfterMs <= milliseconds('7d'))) return backoff(message)
  return Math.max(retryAfterMs, 1_000)
}

/** Waiting for somebody's set-up, or for a rate, is no try. */
export function tries({ attempts }: Message): number {
  return attempts.filter(({ outcome }) => !/(^|: )(config|auth|forbidden|rate_limited|outage): /.test(outcome)).length
}

export function backoff(message: Message): number {
  return Math.min(milliseconds('5s') * 2 ** Math.min(message.attempts.length, 10), milliseconds('15m'))
}

/** Until it is asked for first: what was taken mostly shows soon, and only that it was not has to wait for `settle`. */
export function lookMs(channel: Channel): number {
  return Math.min(settleMs(channel), 60_000) / 4
}

/** How often it was started and may have gone. */
export function unknowns({ attempts }: Message): number {
  return attempts.filter(({ outcome }) => outcome.startsWith('unknown')).length
}

/** Each time twice as long, up to some hours. */
export function longer(message: Message, but: number): number {
  return 2 ** Math.min(Math.max(unknowns(message) - but, 0), 8)
}
