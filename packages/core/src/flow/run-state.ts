// What the steps of one run share: its interaction, its row, the order of its ends, and the timers that it promised.
import { type Duration, type Instant, type Interaction, type Job, PrmError, type Ref } from '../contract/index.ts'
import { type Engine, resumeJob } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { newReplay, type Replay } from './replay.ts'
import { never, type Row, rowOf, timerKey } from './row.ts'

export interface RunState {
  readonly engine: Engine
  readonly flow: string
  readonly event: Interaction
  /** The interaction that woke the run. */
  readonly woke: Ref | undefined
  readonly row: Row
  readonly replay: Replay
  readonly timers: Job[]
  /** Answers once all that the run still does is to sleep and wait. */
  readonly suspended: Promise<'suspended'>
  /** Leaves the rest of the run to a timer. Sleeps and waits side by side are all registered first. */
  rest(name: string, until: Instant): Promise<never>
}

export function stateOf(engine: Engine, flow: string, event: Interaction, woke: Ref | undefined): RunState {
  const row = rowOf(engine, flow, event)
  const replay = newReplay()
  const timers: Job[] = []
  const { promise: suspended, resolve: suspend } = Promise.withResolvers<'suspended'>()
  return {
    engine,
    flow,
    event,
    woke,
    row,
    replay,
    timers,
    suspended,
    async rest(name, until) {
      timers.push(resumeJob(row.value(), timerKey(row.value().id, name, until), until))
      await replay.idle()
      suspend('suspended')
      return never()
    },
  }
}

/** When a sleep or a wait is over. Throws `invalid` for what is neither a duration nor an instant. */
export function endOf({ engine, flow }: RunState, name: string, until: Duration | Instant): Instant {
  const ms = milliseconds(until as Duration)
  const at = Number.isNaN(ms) ? Date.parse(until) : engine.now().getTime() + ms
  if (!Number.isNaN(at)) return instant(at)
  throw new PrmError('invalid', `The step "${name}" of flow "${flow}" needs a duration such as 2d, or an instant.`, {
    field: 'until',
  })
}
