// In: a name and work. Out: what the work returned, the same in every later run. Promise: work whose result is stored is never
// done again.
import type { Json } from '../contract/index.ts'
import { checkJson, now } from '../runtime/index.ts'
import { never } from './row.ts'
import type { RunState } from './run-state.ts'

export function step<T>(run: RunState, name: string, work: () => T | PromiseLike<T>): Promise<T> {
  const { engine, flow, row, replay } = run
  const result = replay
    .at(async () => {
      const state = await row.enter(name)
      if (state?.is === 'done') return { state, value: state.value }
      const value = await work()
      if (value !== undefined) checkJson(value, `flow "${flow}"`, `the result of step "${name}"`)
      await row.save(name, { is: 'done', at: now(engine), ...(value !== undefined && { value: value as Json }) })
      return { value: value as Json | undefined }
    })
    .then(({ state, value }) => {
      if (row.closed()) return never()
      // A copy, so that it is the same on the first run as on the next.
      const copy = (value === undefined ? undefined : structuredClone(value)) as T
      return state ? replay.known(state, () => copy) : copy
    })
  result.catch(() => undefined) // the flow may look at it only after its next wait
  return result
}
