import assert from 'node:assert/strict'
import { type Adapter, type Context, PrmError } from '@prm/core/adapter'
import { type AnySimulator, type Rig, Skip, type Suite, type Witness } from './checks.ts'
import { real } from './clock.ts'

export const publicUrl = 'https://library.example/prm/conformance'
/** A guard against what hangs, not a measure: a mail server that is just starting on a busy machine takes seconds. */
const patience = 15_000

export async function start(suite: Suite<AnySimulator>): Promise<Rig> {
  const before = process.getActiveResourcesInfo()
  const simulator = await suite.simulate?.()
  const witness: Witness = { adapters: [], errors: [], logs: [] }
  let closed: Promise<void> | undefined
  const { outcomes } = suite
  return {
    ...(outcomes && { outcomes: { results: outcomes.results, told: () => outcomes.told(simulator) } }),
    fixtures: suite.fixtures,
    witness,
    before,
    live: suite.live !== undefined && !simulator,
    simulator() {
      if (!simulator) throw new Skip('no simulator')
      return simulator
    },
    make() {
      const adapter: Adapter = suite.make(simulator)
      witness.adapters.push(adapter)
      return adapter
    },
    context: (more = {}): Context => ({
      id: 'conformance',
      library: 'alder',
      publicUrl,
      signal: new AbortController().signal,
      now: () => real(),
      log: (...entry) => void witness.logs.push(entry),
      ...more,
    }),
    fault(fault, times = 1) {
      try {
        simulator?.fault(fault, times)
      } catch (error) {
        if (error instanceof TypeError || error instanceof ReferenceError) throw error // a bug of its own
        // How it says that its vendor cannot fail like this.
        throw new Skip(`the simulator has no fault ${fault}`)
      }
    },
    async refused(call, ...codes) {
      const wanted = codes.join(' or ')
      const answered = Symbol('answered')
      const error: unknown = await within(call.then(() => answered)).catch((error: unknown) => error)
      if (error instanceof assert.AssertionError) throw error
      assert(error !== answered, `it gave an answer and should have thrown ${wanted}`)
      witness.errors.push(error)
      assert(PrmError.is(error), `it threw no PrmError, but ${error instanceof Error ? error.name : typeof error}`)
      assert(codes.includes(error.code), `it threw ${error.code} and should have thrown ${wanted}`)
      return error
    },
    close() {
      closed ??= Promise.all(witness.adapters.map((adapter) => within(Promise.resolve(adapter.close?.()))))
        .then(() => undefined)
        .finally(() => simulator?.close())
      return closed
    },
  }
}

/** An adapter that hangs fails its check, not the runner. */
export async function within<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new assert.AssertionError({ message: `no end after ${patience} ms` })), patience)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks until it holds, or so long has passed: what is to happen may take longer on a busy machine than what is not to. */
export async function until(holds: () => boolean, ms = 1_000): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end && !holds(); ) await pause(10)
  return holds()
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
