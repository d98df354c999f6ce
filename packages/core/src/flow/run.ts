import type { Address } from '../contract/address.ts'
import { PrmError } from '../contract/errors.ts'
import type { Correlation, Step } from '../contract/flow.ts'
import type { Interaction } from '../contract/interaction.ts'
import type { Duration, Instant, Json } from '../contract/primitives.ts'
import { type Ref, refId } from '../contract/ref.ts'
import type { Batch, FlowRun, Job, Lease, RunStep, Settled } from '../contract/store.ts'
import { again, waitedId, waitKey } from '../ingest/wake.ts'
import { type Engine, now } from '../runtime/engine.ts'
import { resumeJob } from '../runtime/jobs.ts'
import { checkJson } from '../runtime/json.ts'
import { decisionOf, put } from '../runtime/lookup.ts'
import { addressId, short } from '../runtime/names.ts'
import { instant, milliseconds } from '../time/instants.ts'

/** A fact that was being stored while a wait began may have missed it: its run looks once more, this much later. */
const lookAgainMs = milliseconds('10s')

/** A run that is called off has this long to come to an end; then its lease is left, and it is begun again elsewhere. */
const graceMs = milliseconds('10s')

/** A step that was begun beside one that threw has this long. */
const siblingMs = milliseconds('1m')

/** Clocks of two machines are not quite alike. */
const skewMs = milliseconds('10s')

/** Runs a flow over a fact, from where it stands: to its end, to its next sleep or wait, or to what it throws. */
export async function runFlow(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { resume, woke, ...ref } = lease.job.payload as unknown as {
    source: string
    key: string
    resume?: boolean
    woke?: Ref
  }
  const name = lease.job.name.slice('flow:'.length)
  const flow = engine.flows.get(name)
  const fact = (await engine.scope.get('interaction', refId(ref)))?.value
  if (fact?.type !== flow?.on || !flow || !fact) return { outcome: { done: true } }
  const run = runOf(engine, name, fact, woke)
  // What only goes on, and does not begin, is over when its row is gone.
  if (resume && !(await run.begun())) return { outcome: { done: true } }
  const patron = fact.patronId === undefined ? undefined : (await engine.scope.get('patron', fact.patronId))?.value
  const over = new AbortController()
  try {
    const ran = flow.run({ event: fact, patron, step: run.step, at: run.at, signal }).then(() => 'ended' as const)
    const how = await Promise.race([ran, run.suspended, givenUp(signal, over.signal)])
    if (how === 'left') return { outcome: { release: true } }
    run.close()
    // A timer that woke this run may be promised again: its job is done first.
    return { outcome: { done: true }, batches: [how === 'ended' ? await run.over() : { jobs: run.timers() }] }
  } catch (error) {
    // What was begun beside it comes to its end first, or the next try would do it a second time at once.
    await Promise.race([run.idle(), new Promise((resolve) => setTimeout(resolve, siblingMs).unref())])
    throw error
  } finally {
    run.close()
    over.abort()
  }
}

/** Answers some time after the signal, unless it is `over` before. */
function givenUp(signal: AbortSignal, over: AbortSignal): Promise<'left'> {
  return new Promise((resolve) => {
    const leave = (): void => void setTimeout(() => resolve('left'), graceMs).unref()
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true, signal: over })
  })
}

/** The message that a send became, and what came in its place. */
async function messagesOf(engine: Engine, about: Ref): Promise<readonly Ref[]> {
  if (about.source !== 'prm') return [about]
  const keys = new Set<string>()
  for (let key = about.key; ; key += again) {
    const decision = await decisionOf(engine, key)
    if (keys.size > 0 && !decision) break
    keys.add(key).add(decision?.key ?? key)
  }
  return [...keys].map((key) => ({ source: 'prm', key }))
}

interface Run {
  readonly step: Step
  /** Counts a call that the flow makes as work of the run. */
  at<T>(work: () => PromiseLike<T> | T): Promise<T>
  /** Answers once all that the run still does is to sleep and wait. */
  readonly suspended: Promise<'suspended'>
  /** Once nothing that was begun is under way. */
  idle(): Promise<void>
  begun(): Promise<boolean>
  timers(): readonly Job[]
  /** Nothing that the flow still does counts any more. */
  close(): void
  /** What takes the row, and the timers that were promised, away with the run. */
  over(): Promise<Pick<Batch, 'drop' | 'cancel'>>
}

/** The end of a step on its way to the flow: those that are stored in the order in which they came, then new ones by time. */
interface End {
  readonly order: readonly [number, Instant]
  hand(): Promise<void>
}

function runOf(engine: Engine, flow: string, fact: Interaction, woke?: Ref): Run {
  const { source, key, patronId, who, seen = now(engine) } = fact
  const id = short(`${flow} ${refId(fact)}`)
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
  let suspend: (value: 'suspended') => void
  const suspended = new Promise<'suspended'>((resolve) => {
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
  /** One after the other, since each is written over the version before it. An end gets its number. */
  const save = (name: string, state: Unnumbered, changes: { add?: string; drop?: string } = {}): Promise<void> => {
    const saved = saving.then(async () => {
      if (closed) return never()
      const ends = Object.values(row.steps).filter((one) => 'n' in one).length
      const stored = ('at' in state ? { ...state, n: ends } : state) as RunStep
      const waits = [...row.waits.filter((wait) => wait !== changes.drop), ...(changes.add ? [changes.add] : [])]
      const next: FlowRun = { ...row, steps: { ...row.steps, [name]: stored }, waits }
      const type = changes.add?.split(' ', 1)[0]
      const marks = type ? [put('shared', { id: waitedId(type), value: true })] : []
      const gone = version === 0 && !(await engine.scope.get('interaction', refId(fact)))
      const [written] = gone ? [false] : await engine.scope.commit([{ put: [put('run', next, version), ...marks] }])
      // Somebody else has this run, since our lease was lost; or the one it is of was erased.
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

  const ends: End[] = []
  let handing = false
  /** Hands out one end after the other, and lets the flow go on between: a race is won as it was won before. */
  const handOut = async (): Promise<void> => {
    if (handing) return
    handing = true
    while (ends.length > 0) {
      await turn()
      ends.sort((a, b) => a.order[0] - b.order[0] || (a.order[1] < b.order[1] ? -1 : 1))
      // What has ended only now waits for all that is still being looked up.
      if (ends[0]?.order[0] === fresh && working > 0) continue
      await ends.shift()?.hand()
    }
    handing = false
  }
  const ended = <T>(order: End['order'], hand: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      ends.push({ order, hand: () => hand().then(resolve, reject) })
      void handOut()
    })
  /** What a step tells the flow, in its turn. */
  const known = <T>(state: RunStep & { n: number }, value: () => Promise<T> | T): Promise<T> =>
    ended([state.n, ''], async () => value())

  const idle = async (): Promise<void> => {
    do await turn()
    while (working > 0 || handing)
  }
  /** The rest of the run comes with the timer or the fact. Sleeps and waits side by side are all registered first. */
  const rest = async (name: string, until: Instant): Promise<never> => {
    timers.push(resumeJob(row, timerKey(id, name, until), until))
    await idle()
    suspend('suspended')
    return never()
  }
  /** What came since the last answer, or since the run began, and was not heard. */
  const lastHeard = (): Instant =>
    Object.values(row.steps).reduce(
      (last, one) => (one.is === 'answered' && one.fact && one.at > last ? one.at : last),
      seen,
    )

  const step = <T>(name: string, run: () => T | PromiseLike<T>): Promise<T> => {
    const result = at(async () => {
      const state = await enter(name)
      if (state?.is === 'done') return { state, value: state.value }
      const value = await run()
      if (value !== undefined) checkJson(value, `flow "${flow}"`, `the result of step "${name}"`)
      await save(name, { is: 'done', at: now(engine), ...(value !== undefined && { value: value as Json }) })
      return { value: value as Json | undefined }
    }).then(({ state, value }) => {
      if (closed) return never()
      // A copy, so that it is the same on the first run as on the next.
      const copy = (value === undefined ? undefined : structuredClone(value)) as T
      return state ? known(state, () => copy) : copy
    })
    result.catch(() => undefined) // the flow may look at it only after its next wait
    return result
  }

  const sleep: Step['sleep'] = async (name, until) => {
    const state = await at(async () => {
      const kept = await enter(name)
      if (kept?.is === 'asleep' || kept?.is === 'slept') return kept
      const asleep = { is: 'asleep', until: momentOf(engine, flow, name, until) } as const
      await save(name, asleep)
      return asleep
    })
    if (closed) return never()
    if (state.is === 'slept') return known(state, () => undefined)
    if (state.until > now(engine)) await rest(name, state.until)
    return ended([fresh, state.until], () => save(name, { is: 'slept', at: state.until, until: state.until }))
  }

  const wait: Step['wait'] = async (name, event, on, { timeout, only }) => {
    const answer = await at(async () => {
      const kept = await enter(name)
      if (kept?.is === 'answered') return { kept }
      if (!on.about && on.patronId === undefined && !on.address)
        throw new PrmError(
          'invalid',
          `The wait "${name}" of flow "${flow}" must go by \`about\`, \`patronId\` or \`address\`.`,
          { field: 'on' },
        )
      const mark = waitKey(event.name, on)
      const first = kept?.is !== 'waiting'
      const state = first
        ? ({ is: 'waiting', since: lastHeard(), until: momentOf(engine, flow, name, timeout) } as const)
        : kept
      // First the mark, then the look: a fact is either found, or finds the mark.
      if (first) await save(name, state, { add: mark })
      const found = await find(event.name, on, state.since, only as ((fact: Interaction) => boolean) | undefined)
      return { mark, first, until: state.until, found }
    })
    if (closed) return never()
    if (answer.kept) {
      const { fact: ref } = answer.kept
      return known(
        answer.kept,
        async () => (ref && (await engine.scope.get('interaction', refId(ref)))?.value) as never,
      )
    }
    const { found, until, mark } = answer
    if (!found && until > now(engine)) {
      const look = instant(engine.now().getTime() + lookAgainMs)
      if (answer.first && look < until) timers.push(resumeJob(row, lookKey(id, name), look))
      return rest(name, until)
    }
    const heard = found && { fact: { source: found.source, key: found.key } }
    const when = found?.seen ?? until
    return ended([fresh, when], async () => {
      await save(name, { is: 'answered', at: when, until, ...heard }, { drop: mark })
      return found as never
    })
  }

  async function find(
    type: string,
    on: Correlation,
    since: Instant,
    only: (fact: Interaction) => boolean = () => true,
  ): Promise<Interaction | undefined> {
    const { about, patronId, address } = on
    const abouts = about && (await messagesOf(engine, about))
    const from = instant(Date.parse(since) - skewMs)
    const queries = abouts
      ? abouts.map((one) => ({ about: one }))
      : [{ ...(patronId === undefined ? { address: address as Address } : { patronId }), since: from }]
    // Neither what began the run, nor what another wait has had.
    const taken = new Set([
      refId(fact),
      ...Object.values(row.steps).flatMap((one) => (one.is === 'answered' && one.fact ? [refId(one.fact)] : [])),
    ])
    const fits = (one: Interaction): boolean =>
      one.type === type && matches(one, on, abouts) && !taken.has(refId(one)) && only(one)
    // What woke the run came after all that it had heard, whatever the clocks say.
    const waker = woke && (await engine.scope.get('interaction', refId(woke)))?.value
    if (waker && fits(waker)) return waker
    for (const query of queries)
      for await (const one of engine.scope.find('interaction', query)) if (fits(one)) return one
    return undefined
  }

  return {
    step: Object.assign(step, { sleep, wait }),
    at,
    suspended,
    idle,
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
      if (version === 0) return {}
      const keys = Object.entries(row.steps).flatMap(([name, state]) =>
        'until' in state ? [timerKey(id, name, state.until), lookKey(id, name)] : [],
      )
      return { drop: [{ kind: 'run', id }], cancel: keys.map((one) => ({ key: one })) }
    },
  }
}

/** The place of an end that is not stored yet: after all that are. */
const fresh = Number.MAX_SAFE_INTEGER

type Unnumbered = RunStep extends infer S ? (S extends { n: number } ? Omit<S, 'n'> : S) : never

const timerKey = (id: string, name: string, until: Instant): string => short(`wait:${id} ${name} ${until}`)

const lookKey = (id: string, name: string): string => short(`look:${id} ${name}`)

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function matches(one: Interaction, { patronId, address }: Correlation, abouts: readonly Ref[] | undefined): boolean {
  return (
    (!abouts || abouts.some((about) => one.about && refId(one.about) === refId(about))) &&
    (patronId === undefined || one.patronId === patronId) &&
    (!address || (one.who !== undefined && addressId(one.who) === addressId(address)))
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
