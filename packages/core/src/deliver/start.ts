// What every start of a delivery knows: the message, its channel, its lease and the time.
import type { Channel, Instant, Lease, Message, Send } from '../contract/index.ts'
import type { Engine } from '../runtime/index.ts'
import { milliseconds } from '../time/index.ts'

/** How long an adapter is left alone whose set-up is wrong, or of which so many calls in a row had no answer. */
export const pauseMs: number = milliseconds('1m')

/** How long a message waits that this host may not send: for one that may, it should be as good as due. */
export const heldMs: number = milliseconds('10s')

/** Somebody must mend the set-up: no other message would fare better. */
export const setUp: ReadonlySet<string> = new Set(['config', 'auth', 'forbidden'])

/** A next try this near to the deadline is too late where another way is left: that takes its time too. */
export const nearMs: number = milliseconds('15m')

/** About a day of trying at the longest pause. */
export const mostAttempts = 100

/** One start of one message's delivery. */
export interface Start extends Begun {
  readonly channel: Channel
}

export interface Begun {
  readonly engine: Engine
  readonly lease: Lease
  readonly message: Message
  readonly signal: AbortSignal
  readonly at: Instant
  /** An earlier start may have gone, and nobody can say. */
  readonly mayHaveGone?: true
}

export const worthless = 'expired: it was worthless before it could go'

export function isLate({ expireAt }: Message, ms: number): boolean {
  return expireAt !== undefined && ms >= Date.parse(expireAt)
}

/** Longer than any pause between two tries. */
export const recentMs: number = milliseconds('20m')

export function sendsOf({ sends = [] }: Message): readonly Send[] {
  return sends as unknown as readonly Send[]
}
