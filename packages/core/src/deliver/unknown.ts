// In: an attempt that may have reached the provider. Out: a look-up, a resend, or a task for a person, as the purpose says.
import { type Outcome, PrmError, type Settled } from '../contract/index.ts'
import { settleMs } from '../runtime/index.ts'
import { instant } from '../time/index.ts'
import { accepted } from './accepted.ts'
import { sendNow } from './attempt.ts'
import { look } from './look-first.ts'
import { fail, record } from './outcome.ts'
import { pause } from './refused.ts'
import { backoff, longer, tries, unknowns } from './retry.ts'
import { mostAttempts, type Start, setUp } from './start.ts'

/** So often one may have gone before a person is asked, each time after twice the wait: a look-up may never find. */
const mostUnknown = 10

/**
 * A start without an outcome: was it taken? The provider is asked, and sends again only when it says `absent` after a
 * settling time. Where nobody can say, the purpose decides: resend and show it, or leave it to a person.
 */
export async function settleUnknown(start: Start): Promise<Settled> {
  const { engine, message, channel, at } = start
  if (unknowns(message) >= (channel.limits.idempotent ? mostAttempts : mostUnknown))
    return leave(start, 'It was sent again and again, and each time nobody could say whether it went.')
  if (channel.limits.idempotent) return sendNow({ ...start, mayHaveGone: true }, 'sent again with the same key: ')
  if (!channel.lookup) {
    if (engine.options.purposes[message.purpose]?.onUnknownOutcome === 'resend')
      return sendNow({ ...start, mayHaveGone: true }, 'sent again, since nobody can say whether it went: ')
    return leave(start, 'Nobody can say whether this message went, and its purpose leaves that to a person.')
  }
  try {
    const found = await look(start, channel.lookup)
    if (typeof found === 'object') return accepted(start, found, 'found: ')
    const since = [...message.attempts].reverse().find((attempt) => attempt.outcome.startsWith('unknown'))?.at ?? at
    const settled = Date.parse(since) + settleMs(channel) * longer(message, 1)
    if (found === 'absent' && Date.parse(at) >= settled) return sendNow(start, 'it had not gone, sent again: ')
    const again = found === 'absent' ? Math.max(settled, Date.parse(at) + 100) : Date.parse(at) + backoff(message)
    return askAgain(start, `${found}: asked whether it went`, again)
  } catch (error) {
    const why = PrmError.is(error)
      ? `${error.code}: ${error.message}`
      : 'the adapter threw something that is no PrmError'
    const outcome = `could not ask whether it went: ${why}`
    if (PrmError.is(error) && setUp.has(error.code)) return pause(start, error, outcome)
    return askAgain(start, outcome, Date.parse(at) + backoff(message))
  }
}

function askAgain(start: Start, outcome: string, at: number): Settled {
  if (tries(start.message) >= mostAttempts)
    return leave(start, 'The provider was asked many times whether this message went, and does not say.')
  return record(start, outcome, { retryAt: instant(at), error: { code: 'unknown' } })
}

function leave(start: Start, why: string): Settled {
  const error = new PrmError('unknown', why)
  const dead: Outcome = { dead: true, error: { code: error.code, message: error.message } }
  return fail(start, error, record(start, 'unknown: left to a person', dead))
}
