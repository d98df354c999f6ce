// In: an error of a provider. Out: what follows from its code: retry, another medium, a pause, or the end.
import { type Outcome, PrmError, type Settled } from '../contract/index.ts'
import { otherWay, put } from '../runtime/index.ts'
import { instant } from '../time/index.ts'
import { refusal } from './accepted.ts'
import { isBack, isDown } from './outage.ts'
import { fail, record } from './outcome.ts'
import { longer, lookMs, tries, waitOf } from './retry.ts'
import { mostAttempts, pauseMs, recentMs, type Start, setUp } from './start.ts'

const mostSilent = 10

/** In a row, and for as long as a pause: that is an outage too, where little is sent. */
const fewSilent = 3

export async function refused(start: Start, thrown: unknown, said: string): Promise<Settled> {
  const { message, at } = start
  // What is not our error may have been thrown after the request went out.
  const error = PrmError.is(thrown)
    ? thrown
    : new PrmError('unknown', 'The adapter threw something that is no PrmError.', { cause: thrown })
  const outcome = `${said}${error.code}: ${error.message}`
  const reason = { code: error.code, message: error.message }
  const later = (ms: number): Outcome => ({ retryAt: instant(Date.parse(at) + ms), error: reason })
  if (setUp.has(error.code)) return pause(start, error, outcome)
  await heard(start, error)
  switch (error.code) {
    case 'blocked':
      return record(start, outcome, { done: true }, { state: 'rejected' }, [
        put('consent', await refusal(start, 'blocked')),
      ])
    case 'undeliverable':
      return record(
        start,
        outcome,
        { done: true },
        { state: 'undelivered' },
        [put('consent', await refusal(start, 'undeliverable'))],
        otherWay(start.engine, message, 'undeliverable'),
      )
    case 'rate_limited':
      return record(start, outcome, later(waitOf(error, message)))
    case 'unavailable':
      if (tries(message) < mostAttempts) return record(start, outcome, later(waitOf(error, message)))
      return fail(start, error, record(start, outcome, { dead: true, error: reason }))
    // `contract`: the request went out, and what came back tells nothing.
    case 'unknown':
    case 'contract':
      return record(start, `unknown: ${outcome}`, later(lookMs(start.channel) * longer(message, 0)), {
        state: 'unknown',
      })
    default:
      return fail(start, error, record(start, outcome, { dead: true, error: reason }, { state: 'rejected' }))
  }
}

/** Calls that wait for a provider that is down would take every slot, and hold up what goes by another. */
async function heard(start: Start, error: PrmError): Promise<void> {
  const { engine, message, at } = start
  const { silent } = engine
  const { via } = message
  // That it is too busy says neither that it is down nor that it is back.
  if (error.code === 'rate_limited') return
  // What breaks its shape may be the page of whoever stands in for it, and says nothing of what was called.
  const why = error.code === 'contract' ? 'unknown' : error.code
  if (why !== 'unavailable' && why !== 'unknown') {
    silent.delete(via)
    return isBack(engine, via, at)
  }
  const last = Date.parse(at)
  const known = silent.get(via)
  const { count, since } = known && last - known.last < recentMs ? known : { count: 0, since: last }
  silent.set(via, { count: count + 1, since, last })
  if (count + 1 >= mostSilent) leaveAlone(start, error)
  const long = count + 1 >= fewSilent && last - since >= pauseMs
  if (long || count + 1 >= mostSilent) await isDown(engine, via, instant(since), why)
}

function leaveAlone({ engine, message, at }: Start, { message: why }: PrmError): void {
  const news = (engine.paused.get(message.via) ?? 0) <= Date.parse(at)
  engine.paused.set(message.via, Date.parse(at) + pauseMs)
  if (news) engine.emit('adapter', { id: message.via, state: 'paused', reason: why })
}

export async function pause(start: Start, error: PrmError, outcome: string): Promise<Settled> {
  const { engine, message, at } = start
  leaveAlone(start, error)
  const last = Date.parse(at)
  engine.silent.set(message.via, { count: 0, since: last, ...engine.silent.get(message.via), last })
  await isDown(engine, message.via, at, error.code)
  return record(start, outcome, {
    retryAt: instant(Date.parse(at) + pauseMs),
    error: { code: error.code, message: error.message },
  })
}
