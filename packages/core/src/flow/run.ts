// In: a job that names a flow and an interaction. Out: the end of the run, or the timers that continue it. Promise: a flow goes on
// where it stood, in one process at a time, whatever restarts.
import { type Lease, type Ref, refId, type Settled, type Step } from '../contract/index.ts'
import type { Engine } from '../runtime/index.ts'
import { milliseconds } from '../time/index.ts'
import { type RunState, stateOf } from './run-state.ts'
import { sleep } from './sleep.ts'
import { step } from './step.ts'
import { wait } from './wait.ts'

/** A run that is called off has this long to come to an end; then its lease is left, and it is begun again elsewhere. */
const graceMs = milliseconds('10s')

/** A step that was begun beside one that threw has this long. */
const siblingMs = milliseconds('1m')

/** Runs a flow from where it stands: to its end, to its next sleep or wait, or to what it throws. */
export async function runFlow(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { resume, woke, ...ref } = lease.job.payload as unknown as {
    source: string
    key: string
    resume?: boolean
    woke?: Ref
  }
  const name = lease.job.name.slice('flow:'.length)
  const flow = engine.flows.get(name)
  const event = (await engine.scope.get('interaction', refId(ref)))?.value
  if (event?.type !== flow?.on || !flow || !event) return { outcome: { done: true } }
  const run = stateOf(engine, name, event, woke)
  const { row, replay } = run
  // A run that is only to go on is over when its row is gone.
  if (resume && !(await row.begun())) return { outcome: { done: true } }
  const patron = event.patronId === undefined ? undefined : (await engine.scope.get('patron', event.patronId))?.value
  const over = new AbortController()
  try {
    const ran = flow.run({ event, patron, step: stepOf(run), at: replay.at, signal }).then(() => 'ended' as const)
    const how = await Promise.race([ran, run.suspended, givenUp(signal, over.signal)])
    if (how === 'left') return { outcome: { release: true } }
    row.close()
    // A timer that woke this run may be promised again: its job is done first.
    return { outcome: { done: true }, batches: [how === 'ended' ? await row.over() : { jobs: run.timers }] }
  } catch (error) {
    // What was begun beside it comes to its end first, or the next try would do it a second time at once.
    await Promise.race([replay.idle(), new Promise((resolve) => setTimeout(resolve, siblingMs).unref())])
    throw error
  } finally {
    row.close()
    over.abort()
  }
}

function stepOf(run: RunState): Step {
  const named: Pick<Step, 'sleep' | 'wait'> = {
    sleep: (name, until) => sleep(run, name, until),
    wait: (name, event, on, options) => wait(run, name, event, on, options as never) as never,
  }
  return Object.assign(<T>(name: string, work: () => T | PromiseLike<T>) => step(run, name, work), named)
}

/** Answers some time after the signal, unless it is `over` before. */
function givenUp(signal: AbortSignal, over: AbortSignal): Promise<'left'> {
  return new Promise((resolve) => {
    const leave = (): void => void setTimeout(() => resolve('left'), graceMs).unref()
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true, signal: over })
  })
}
