// In: a message with re-checks. Out: whether the source still says so, and what the purpose wants where it cannot say.
import { type Patron, PrmError, type Recheck, type Send, type Settled } from '../contract/index.ts'
import { againJob, type Engine, factsOf } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { fail, record } from './outcome.ts'
import { backoff, tries } from './retry.ts'
import { mostAttempts, type Start, sendsOf } from './start.ts'

/** How long a re-check may take. */
const askMs = milliseconds('10s')

/** Asks each send's re-check about its own facts. What is over is not told; what nobody can say goes by the purpose. */
export async function stillTrue(start: Start, patron: Patron | undefined): Promise<Settled | undefined> {
  const { engine, message, signal, at } = start
  const sends = sendsOf(message)
  const answers = await Promise.all(sends.map((send) => answerOf(engine, send, patron, signal)))
  if (signal.aborted) return { outcome: { release: true } }
  const over = sends.filter((_, index) => answers[index] === 'no').map(({ key }) => key)
  if (over.length > 0) {
    const rest = over.length < sends.length ? [againJob(engine, message.key, 'relevance', over)] : []
    const what = rest.length > 0 ? `${over.length} of ${sends.length} are over, the rest is told anew` : 'it is over'
    return record(start, `cancelled: relevance: ${what}`, { done: true }, { state: 'cancelled' }, [], rest)
  }
  const { onRecheckFailure = 'send' } = engine.options.purposes[message.purpose] ?? {}
  if (onRecheckFailure === 'send' || !answers.includes('unknown')) return undefined
  const why = 'relevance: nobody can say whether it is still true'
  const error = { code: 'unavailable', message: why } as const
  if (onRecheckFailure === 'wait' && tries(message) < mostAttempts)
    return record(start, why, { retryAt: instant(Date.parse(at) + backoff(message)), error })
  return fail(start, new PrmError(error.code, why), record(start, `${why}; left to a person`, { dead: true, error }))
}

async function answerOf(
  engine: Engine,
  { recheck, about = [] }: Send,
  patron: Patron | undefined,
  signal: AbortSignal,
): Promise<'yes' | 'no' | 'unknown'> {
  if (recheck === undefined) return 'yes'
  const facts = await factsOf(engine, about)
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  let silent = (): void => undefined
  const silence = new Promise<'unknown'>((resolve) => {
    silent = () => resolve('unknown')
    either.addEventListener('abort', silent)
    if (either.aborted) silent() // an event that is over is not heard
  })
  const timer = setTimeout(() => stop.abort(), askMs)
  try {
    const ask: Recheck | undefined = engine.options.rechecks?.[recheck]
    const answer = ask?.({ about: facts, signal: either, ...(patron && { patron }) })
    const said = await Promise.race([answer, silence])
    return said === 'yes' || said === 'no' ? said : 'unknown'
  } catch (error) {
    engine.options.log?.('warn', 'A re-check threw.', {
      recheck,
      error: error instanceof Error ? error.name : 'unknown',
    })
    return 'unknown'
  } finally {
    clearTimeout(timer)
    either.removeEventListener('abort', silent) // it would be kept for as long as the whole run
  }
}
