import { addressId, checkJson, collect, type Engine, flowGroup, now, put } from './engine.ts'
import { PrmError } from './errors.ts'
import type { Correlation, Step } from './host.ts'
import type { Interaction } from './interaction.ts'
import { type Batch, type FlowRun, type Job, type Lease, type RunStep, refId, type Settled } from './store.ts'
import { instant, milliseconds } from './time.ts'
import type { Duration, Instant, Json } from './words.ts'

/** A fact that was being stored while a wait began may have missed it: its run looks once more, this much later. */
const lookAgainMs = milliseconds('10s')

/** Runs a flow over a fact, from where it stands: to its end, to its next sleep or wait, or to what it throws. */
export async function runFlow(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { resume, ...ref } = lease.job.payload as { source: string; key: string; resume?: boolean }
  const name = lease.job.name.slice('flow:'.length)
  const flow = engine.flows.get(name)
  const fact = (await engine.scope.get('interaction', refId(ref)))?.value
  if (fact?.type !== flow?.on || !flow || !fact) return { outcome: { done: true } }
  const run = runOf(engine, name, fact)
  // What only goes on, and does not begin, is over when its row is gone.
  if (resume && !(await run.begun())) return { outcome: { done: true } }
  const patron = fact.patronId === undefined ? undefined : (await engine.scope.get('patron', fact.patronId))?.value
  const ended = await Promise.race([
    flow.run({ event: fact, patron, step: run.step, signal }).then(() => true),
    run.suspended,
  ])
  run.close()
  // A timer that woke this run may be promised again: its job is done first.
  return { outcome: { done: true }, batches: [ended ? await run.over() : { jobs: run.timers() }] }
}

/** Of these types, those that some flow has waited for, ever: facts of others need not look for runs. */
export async function waitedTypes(engine: Engine, types: Iterable<string>): Promise<ReadonlySet<string>> {
  const waited = new Set<string>()
  for (const type of new Set(types)) if (await engine.scope.get('shared', waitedId(type))) waited.add(type)
  return waited
}

/** The jobs that wake the runs which wait for this fact. Written with it. */
export async function wakeJobs(engine: Engine, fact: Interaction): Promise<readonly Job[]> {
  const keys = [
    ...(fact.about ? [waitKey(fact.type, { about: fact.about })] : []),
    ...(fact.patronId ? [waitKey(fact.type, { patronId: fact.patronId })] : []),
    ...(fact.who ? [waitKey(fact.type, { address: fact.who })] : []),
  ]
  const runs = (await Promise.all(keys.map((wait) => collect(engine.scope.find('run', { wait }))))).flat()
  return runs.map((run) => resumeJob(run, `wake:${run.id} ${refId(fact)}`, now(engine)))
}

/** The one of what a wait goes by that the store finds it by: the narrowest. */
function waitKey(type: string, { about, patronId, address }: Correlation): string {
  if (about) return `${type} about ${refId(about)}`
  return patronId === undefined ? `${type} at ${address && addressId(address)}` : `${type} of ${patronId}`
}

/** Stands in the store from the first wait for this type on. */
function waitedId(type: string): string {
  return `waited ${type}`
}

function resumeJob({ flow, event, who }: FlowRun, key: string, runAt: Instant): Job {
  const payload = { source: event.source, key: event.key, resume: true }
  return { key, name: `flow:${flow}`, group: flowGroup({ ...event, ...(who && { who }) }), runAt, payload }
}

// ── one run ──────────────────────────────────────────────────────────────────────────────────

interface Run {
  readonly step: Step
  /** Answers false once all that the run still does is to sleep and wait. */
  readonly suspended: Promise<false>
  begun(): Promise<boolean>
  timers(): readonly Job[]
  /** Nothing that the flow still does counts any more. */
  close(): void
  /** What takes the row away with the run. */
  over(): Promise<Pick<Batch, 'drop'>>
}

function runOf(engine: Engine, flow: string, fact: Interaction): Run {
  const { source, key, patronId, who, seen = now(engine) } = fact
  const id = `${flow} ${refId(fact)}`
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
  let working = 0
  let suspend: (value: false) => void
  const suspended = new Promise<false>((resolve) => {
    suspend = resolve
  })
  const names = new Set<string>()
  const timers: Job[] = []

  let reading: Promise<void> | undefined
  const read = (): Promise<void> => {
    reading ??= engine.scope.get('run', id).then((kept) => {
      if (kept) [row, version] = [kept.value, kept.version]
    })
    return reading
  }

  /** Where this step stands, and that its name is its own. */
  const enter = async (name: string): Promise<RunStep | undefined> => {
    if (closed) return never()
    if (names.has(name))
      throw new PrmError('invalid', `The flow "${flow}" has two steps "${name}" in one run: give each its own name.`, {
        field: 'name',
      })
    names.add(name)
    await read()
    return row.steps[name]
  }

  let saving: Promise<unknown> = Promise.resolve()
  /** One after the other, since each is written over the version before it. */
  const save = (name: string, state: RunStep, changes: { add?: string; drop?: string } = {}): Promise<void> => {
    const saved = saving.then(async () => {
      const waits = [...row.waits.filter((wait) => wait !== changes.drop), ...(changes.add ? [changes.add] : [])]
      const next: FlowRun = { ...row, steps: { ...row.steps, [name]: state }, waits }
      const type = changes.add?.split(' ', 1)[0]
      const marks = type ? [put('shared', { id: waitedId(type), value: true })] : []
      const [written] = await engine.scope.commit([{ put: [put('run', next, version), ...marks] }])
      // Somebody else has this run: our lease was lost.
      if (!written) throw new PrmError('unavailable', `The flow "${flow}" was taken over by another process.`)
      row = next
      version++
    })
    saving = saved.catch(() => undefined)
    return saved
  }

  /** Work that the run is not suspended over. */
  const at = async <T>(work: () => PromiseLike<T> | T): Promise<T> => {
    working++
    try {
      return await work()
    } finally {
      working--
    }
  }
  /** The rest of the run comes with the timer or the fact. Sleeps and waits side by side are all registered first. */
  const rest = async (name: string, until: Instant): Promise<never> => {
    timers.push(resumeJob(row, `wait:${id} ${name} ${until}`, until))
    do await new Promise((resolve) => setImmediate(resolve))
    while (working > 0)
    suspend(false)
    return never()
  }
  const lastStep = (): Instant =>
    Object.values(row.steps).reduce((last, step) => ('at' in step && step.at > last ? step.at : last), seen)

  const step = async <T>(name: string, run: () => T | PromiseLike<T>): Promise<T> => {
    const result = await at(async () => {
      const known = await enter(name)
      if (known?.is === 'done') return known
      const value = await run()
      if (value !== undefined) checkJson(value, `flow "${flow}"`, `the result of step "${name}"`)
      const done = { is: 'done', at: now(engine), ...(value !== undefined && { value: value as Json }) } as const
      await save(name, done)
      return done
    })
    if (closed) return never()
    // A copy, so that it is the same on the first run as on the next.
    return (result.value === undefined ? undefined : structuredClone(result.value)) as T
  }

  const sleep: Step['sleep'] = async (name, until) => {
    const known = await at(async () => {
      const state = await enter(name)
      if (state?.is === 'asleep') return state
      const asleep = { is: 'asleep', until: momentOf(engine, flow, name, until) } as const
      await save(name, asleep)
      return asleep
    })
    if (known.until > now(engine)) await rest(name, known.until)
  }

  const wait: Step['wait'] = async (name, event, on, { timeout, only }) => {
    const answer = await at(async () => {
      const known = await enter(name)
      if (known?.is === 'answered')
        return { fact: known.fact && (await engine.scope.get('interaction', refId(known.fact)))?.value }
      if (!on.about && on.patronId === undefined && !on.address)
        throw new PrmError(
          'invalid',
          `The wait "${name}" of flow "${flow}" must go by \`about\`, \`patronId\` or \`address\`.`,
          { field: 'on' },
        )
      const mark = waitKey(event.name, on)
      const fresh = known?.is !== 'waiting'
      const state = fresh
        ? ({ is: 'waiting', since: lastStep(), until: momentOf(engine, flow, name, timeout) } as const)
        : known
      // First the mark, then the look: a fact is either found, or finds the mark.
      if (fresh) await save(name, state, { add: mark })
      const found = await find(event.name, on, state.since, only as ((fact: Interaction) => boolean) | undefined)
      if (!found && state.until > now(engine)) return { until: state.until, fresh }
      const fact = found && { source: found.source, key: found.key }
      await save(name, { is: 'answered', at: now(engine), ...(fact && { fact }) }, { drop: mark })
      return { fact: found }
    })
    if (closed) return never()
    if (answer.until === undefined) return answer.fact as never
    const look = instant(engine.now().getTime() + lookAgainMs)
    if (answer.fresh && look < answer.until) timers.push(resumeJob(row, `look:${id} ${name}`, look))
    return rest(name, answer.until)
  }

  async function find(
    type: string,
    on: Correlation,
    since: Instant,
    only: (fact: Interaction) => boolean = () => true,
  ) {
    const { about, patronId, address } = on
    const query = about
      ? { about }
      : { ...(patronId === undefined ? { address: address as never } : { patronId }), since }
    const taken = new Set(
      Object.values(row.steps).flatMap((one) => (one.is === 'answered' && one.fact ? [refId(one.fact)] : [])),
    )
    for await (const one of engine.scope.find('interaction', query))
      if (one.type === type && matches(one, on) && !taken.has(refId(one)) && only(one)) return one
    return undefined
  }

  return {
    step: Object.assign(step, { sleep, wait }),
    suspended,
    async begun() {
      await read()
      return version > 0
    },
    timers: () => timers,
    close: () => {
      closed = true
    },
    async over() {
      await saving
      return version > 0 ? { drop: [{ kind: 'run', id }] } : {}
    },
  }
}

function matches(fact: Interaction, { about, patronId, address }: Correlation): boolean {
  return (
    (!about || (fact.about !== undefined && refId(fact.about) === refId(about))) &&
    (patronId === undefined || fact.patronId === patronId) &&
    (!address || (fact.who !== undefined && addressId(fact.who) === addressId(address)))
  )
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function momentOf(engine: Engine, flow: string, name: string, until: Duration | Instant): Instant {
  const ms = milliseconds(until as Duration)
  const at = Number.isNaN(ms) ? Date.parse(until) : engine.now().getTime() + ms
  if (!Number.isNaN(at)) return instant(at)
  throw new PrmError('invalid', `The step "${name}" of flow "${flow}" needs a duration such as 2d, or an instant.`, {
    field: 'until',
  })
}
