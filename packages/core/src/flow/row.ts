// In: what a step has come to. Out: the stored row of its run. Promise: each change is written over the version before it, so that
// two processes never both go on with one run, and nothing is written once the run is closed.
import {
  type Batch,
  type FlowRun,
  type Instant,
  type Interaction,
  PrmError,
  type RunStep,
  refId,
} from '../contract/index.ts'
import { waitedId } from '../ingest/index.ts'
import { type Engine, put, short } from '../runtime/index.ts'
import { isEnd, type Unnumbered } from './states.ts'

export interface Row {
  value(): FlowRun
  /** Is it stored already? */
  begun(): Promise<boolean>
  /** Where this step stands. Throws `invalid` where the run has another step of this name. */
  enter(name: string): Promise<RunStep | undefined>
  /** Stores where the step stands now; `add` and `drop` are keys of waits. */
  save(name: string, state: Unnumbered, changes?: { add?: string; drop?: string }): Promise<void>
  closed(): boolean
  /** Nothing that the flow still does counts any more. */
  close(): void
  /** Takes the row, and the timers that were promised, away with the run. */
  over(): Promise<Pick<Batch, 'delete' | 'cancel'>>
}

export function rowOf(engine: Engine, flow: string, event: Interaction): Row {
  const { source, key, patronId, who } = event
  const id = short(`${flow} ${refId(event)}`)
  let row: FlowRun = {
    id,
    flow,
    event: { source, key },
    ...(patronId !== undefined && { patronId }),
    ...(who && { who }),
    steps: {},
    waits: [],
  }
  let version = 0
  let closed = false
  const names = new Set<string>()
  let reading: Promise<void> | undefined
  const read = (): Promise<void> => {
    reading ??= engine.scope.get('run', id).then((kept) => {
      if (kept) [row, version] = [kept.value, kept.version]
    })
    return reading
  }
  let saving: Promise<unknown> = Promise.resolve()
  const write = async (name: string, state: Unnumbered, { add, drop }: { add?: string; drop?: string }) => {
    if (closed) return never()
    const ends = Object.values(row.steps).filter(({ is }) => isEnd(is)).length
    const stored = (isEnd(state.is) ? { ...state, n: ends } : state) as RunStep
    const waits = [...row.waits.filter((wait) => wait !== drop), ...(add ? [add] : [])]
    const next: FlowRun = { ...row, steps: { ...row.steps, [name]: stored }, waits }
    const type = add?.split(' ', 1)[0]
    const marks = type ? [put('shared', { id: waitedId(type), value: true })] : []
    const erased = version === 0 && !(await engine.scope.get('interaction', refId(event)))
    const [written] = erased ? [false] : await engine.scope.commit([{ put: [put('run', next, version), ...marks] }])
    // Another process has this run, since our lease was lost; or its interaction was erased.
    if (!written) throw new PrmError('unavailable', `The flow "${flow}" was taken over by another process.`)
    row = next
    version++
  }
  return {
    value: () => row,
    async begun() {
      await read()
      return version > 0
    },
    async enter(name) {
      if (closed) return never()
      if (names.has(name))
        throw new PrmError(
          'invalid',
          `The flow "${flow}" has two steps "${name}" in one run: give each its own name.`,
          {
            field: 'name',
          },
        )
      names.add(name)
      await read()
      return row.steps[name]
    },
    save(name, state, changes = {}) {
      const saved = saving.then(() => write(name, state, changes))
      saving = saved.catch(() => undefined)
      return saved
    },
    closed: () => closed,
    close: () => {
      closed = true
    },
    async over() {
      await saving
      if (version === 0) return {}
      const keys = Object.entries(row.steps).flatMap(([name, state]) =>
        'until' in state ? [timerKey(id, name, state.until), lookKey(id, name)] : [],
      )
      return { delete: [{ kind: 'run', id }], cancel: keys.map((one) => ({ key: one })) }
    },
  }
}

export const timerKey = (id: string, name: string, until: Instant): string => short(`wait:${id} ${name} ${until}`)

export const lookKey = (id: string, name: string): string => short(`look:${id} ${name}`)

/** What a closed run gets: its flow goes no further. */
export function never(): Promise<never> {
  return new Promise(() => undefined)
}
