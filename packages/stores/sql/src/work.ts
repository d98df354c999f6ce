import { type Json, type Lease, PrmError, type Settled, type WorkOptions } from '@prm/core/adapter'
import { type Ending, ending, type Held, inTurns, type Jobs, type Line, lineKey } from './jobs.ts'
import type { Queue } from './queue.ts'
import type { Session } from './session.ts'
import { type Prepared, prepare } from './write.ts'

export interface Workplace {
  readonly queue: Queue
  readonly session: Session
  readonly jobs: Jobs
  /** The machine's clock: leases go by it. */
  readonly clock: () => Date
  /** Milliseconds. */
  readonly lease: number
  /** How often to look for what other processes promised, and for what has become due. Milliseconds. */
  readonly poll: number
  readonly log: (message: string) => void
  /** Calls `ring` after each commit of ours that promised a job. */
  onPromise(ring: () => void): () => void
}

type Run = (lease: Lease, signal: AbortSignal) => Promise<Settled>

export async function work(place: Workplace, names: readonly string[], run: Run, options: WorkOptions): Promise<void> {
  const { queue, clock, lease } = place
  const { signal, now } = options
  const id = crypto.randomUUID()
  const bell = new Bell()
  const held = new Set<Held>()
  const lines = new Map<string, Line>()
  for (const library of options.libraries)
    for (const name of names) lines.set(lineKey({ library, name }), { library, name, hand: 0 })
  let running = 0
  let claims = 0
  let broken: Error | undefined

  const renewals = setInterval(() => void renewAll(), lease / 3)
  const silence = place.onPromise(() => bell.ring())
  const onAbort = (): void => bell.ring()
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      const found = await claimSome()
      for (const one of inTurns(found, [...lines.values()])) void workOn(one)
      if (held.size === 0 && (options.once || signal.aborted)) break
      await (options.once || free() === 0 ? bell.wait() : waitForWork())
    }
  } finally {
    clearInterval(renewals)
    silence()
    signal.removeEventListener('abort', onAbort)
  }
  if (broken) throw broken

  function free(): number {
    return signal.aborted || broken ? 0 : options.concurrency - running
  }

  async function claimSome(): Promise<readonly Held[]> {
    bell.rung = false
    if (free() === 0) return []
    try {
      return await queue.claim((leaving) => {
        // A slot is free when its call has returned, but its lease ends when that is stored: with this claim, or before the next.
        const limit = Math.min(free(), options.concurrency - [...held].filter((one) => !leaving.has(one)).length)
        const at = clock().getTime()
        const token = `${id}:${++claims}`
        return limit <= 0
          ? undefined
          : { lines: [...lines.values()], limit, due: now().getTime(), now: at, until: at + lease, token }
      })
    } catch (error) {
      // Who runs once wants to know; who stays up goes on when the disk or the other process does.
      if (options.once) broken = error as Error
      else place.log(`Claiming failed and is tried again: ${(error as Error).message}`)
      return []
    }
  }

  /** A look without a lock, so that idle workers do not stand in each other's way. */
  async function waitForWork(): Promise<void> {
    while (!bell.rung) {
      await bell.wait(place.poll)
      if (bell.rung) return
      try {
        const at = clock().getTime()
        const due = await place.jobs.candidates(place.session, {
          lines: [...lines.values()],
          limit: 1,
          due: now().getTime(),
          now: at,
        })
        if (due.length > 0) return
      } catch (error) {
        place.log(`Looking for work failed and is tried again: ${(error as Error).message}`)
      }
    }
  }

  async function workOn(one: Held): Promise<void> {
    held.add(one)
    if (signal.aborted) {
      await conclude(one, { outcome: { release: true } })
    } else {
      const key = lineKey(one)
      const line = lines.get(key) ?? { library: one.library, name: one.name, hand: 0 }
      running++
      line.hand++
      lines.delete(key) // so that it stands last
      lines.set(key, line)
      const settled = await start(one)
      running--
      line.hand--
      bell.ring() // a slot is free now, whenever the commit is through
      await conclude(one, settled)
    }
    held.delete(one)
    bell.ring()
  }

  async function start(one: Held): Promise<Settled> {
    try {
      return await run(leaseOf(one), signal)
    } catch (error) {
      return failure(one, error)
    }
  }

  function leaseOf(one: Held): Lease {
    return {
      job: one.job,
      library: one.library,
      attempt: one.attempt,
      remainingMs: () => one.until - clock().getTime(),
      async renew() {
        const [ours] = await queue.renew([one], () => clock().getTime() + lease)
        return ours === true
      },
    }
  }

  async function conclude(one: Held, settled: Settled): Promise<void> {
    if (!(await stored(one, settled))) return
    try {
      settled.after?.()
    } catch (error) {
      place.log(`What was to run after ${one.name} failed: ${(error as Error).message}`)
    }
  }

  /** Tries to store the outcome as long as the lease lasts: after that the start counts as one without an outcome. */
  async function stored(one: Held, settled: Settled): Promise<boolean> {
    const { end, batches } = prepared(one, settled)
    for (;;) {
      try {
        const ours = await queue.settle(end, batches)
        if (!ours)
          place.log(`A lease of ${one.name} had run out: its outcome was not stored, whoever has it now goes on`)
        return ours
      } catch (error) {
        place.log(`An outcome of ${one.name} could not be stored: ${(error as Error).message}`)
        if (clock().getTime() >= one.until) return false
        await new Promise((resolve) => setTimeout(resolve, place.poll))
      }
    }
  }

  /** What cannot be stored is as if `run` had thrown it. */
  function prepared(one: Held, { outcome, batches = [] }: Settled): { end: Ending; batches: readonly Prepared[] } {
    try {
      return { end: ending(one, outcome), batches: batches.map((batch) => prepare(one.library, batch)) }
    } catch (error) {
      place.log(`An outcome of ${one.name} cannot be stored: ${(error as Error).message}`)
      return { end: ending(one, failure(one, error).outcome), batches: [] }
    }
  }

  /** For what core did not catch. */
  function failure(one: Held, error: unknown): Settled {
    const wait = Math.min(60 * 60_000, 1_000 * 2 ** (one.attempt - 1))
    return { outcome: { retryAt: new Date(now().getTime() + wait).toISOString(), error: described(error) } }
  }

  async function renewAll(): Promise<void> {
    if (held.size === 0) return
    try {
      await queue.renew([...held], () => clock().getTime() + lease)
    } catch (error) {
      place.log(`Leases could not be renewed: ${(error as Error).message}`)
    }
  }
}

/** An error that is not ours may hold patron data in its message: only its name is kept. */
function described(error: unknown): Json {
  if (PrmError.is(error)) return { code: error.code, message: error.message }
  return { name: error instanceof Error ? error.name : typeof error }
}

/** Wakes the one who waits; rung while nobody waits, it wakes the next who does. */
class Bell {
  rung = false
  #wake: (() => void) | undefined

  ring(): void {
    this.rung = true
    this.#wake?.()
  }

  async wait(atMost?: number): Promise<void> {
    if (this.rung) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (atMost !== undefined) timer = setTimeout(resolve, atMost)
    })
    clearTimeout(timer)
    this.#wake = undefined
  }
}
