// In: a name and a time. Out: nothing, once the time has come. Promise: a sleep that is stored ends when it was to end, whatever
// restarts in between.
import type { Duration, Instant } from '../contract/index.ts'
import { now } from '../runtime/index.ts'
import { fresh } from './replay.ts'
import { never } from './row.ts'
import { endOf, type RunState } from './run-state.ts'

export async function sleep(run: RunState, name: string, until: Duration | Instant): Promise<void> {
  const { engine, row, replay } = run
  const state = await replay.at(async () => {
    const kept = await row.enter(name)
    if (kept?.is === 'asleep' || kept?.is === 'slept') return kept
    const asleep = { is: 'asleep', until: endOf(run, name, until) } as const
    await row.save(name, asleep)
    return asleep
  })
  if (row.closed()) return never()
  if (state.is === 'slept') return replay.known(state, () => undefined)
  if (state.until > now(engine)) await run.rest(name, state.until)
  return replay.ended([fresh, state.until], () => row.save(name, { is: 'slept', at: state.until, until: state.until }))
}
