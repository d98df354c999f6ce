import assert from 'node:assert/strict'
import type { Adapter } from '@prm/core/adapter'
import { channel } from './channel.ts'
import {
  type AnySimulator,
  type Check,
  type Deviation,
  type Need,
  Skip,
  type Suite,
  type Test,
  type Witness,
} from './checks.ts'
import { feed } from './feed.ts'
import { catalogue, circulation, directory } from './library.ts'
import { check, lifecycle } from './lifecycle.ts'
import { manifest } from './manifest.ts'
import { knowledge, metrics } from './pages.ts'
import { privacy } from './privacy.ts'
import { start } from './rig.ts'
import { webhook } from './webhook.ts'
import { writeBack } from './write-back.ts'

interface Outcome {
  readonly witness: Witness
  readonly failed?: unknown
  readonly skipped?: string
}

/** How a check came out: `error` is what failed, `why` is of a skip or a deviation. */
export type Verdict =
  | { readonly result: 'pass' }
  | { readonly result: 'fail'; readonly error: unknown }
  | { readonly result: 'skip' | 'deviation'; readonly why: string }

/** One check that this adapter's shape calls for, or one that it does not and why. */
export interface Planned {
  readonly id: string
  /** With its deviation, or why it is skipped. */
  readonly name: string
  judge(): Promise<Verdict>
}

/**
 * One test for each check that the adapter's shape calls for; what it does not offer is one test whose name says so. Runs
 * in any runner: hand in its `test`.
 */
export function adapterSuite<S extends AnySimulator>(test: Test, suite: Suite<S>): void {
  for (const { id, name, judge } of plan(suite)) {
    // As a rest parameter, since runners count parameters.
    test(name, async (...[context]) => {
      const verdict = await judge()
      if (verdict.result === 'fail') throw verdict.error
      // What the name says is no test that was left out.
      if (verdict.result !== 'skip' || name !== id) return
      context?.skip ? context.skip(verdict.why) : console.log(`${id} skipped: ${verdict.why}`)
    })
  }
}

/** All checks in their order. `barred` says why one is not to be run. */
export function plan<S extends AnySimulator>(
  suite: Suite<S>,
  barred: (id: string) => string | undefined = () => undefined,
): readonly Planned[] {
  const shape = shapeOf(suite)
  const outcome = runner(suite)
  const deviations = new Map(suite.deviations?.map((deviation) => [deviation.check, deviation]))
  const planned: Planned[] = []
  const skips = new Map<string, Planned>()

  for (const check of checks) {
    const { id } = check
    const why = barred(id) ?? (shape && missing(check, shape, suite))
    if (!why) planned.push(judged(id, () => outcome(check)))
    else {
      // A facet that is missing is told once.
      const said = why === `no ${facetOf(id)}` ? `${id.slice(0, id.indexOf('/'))}/…` : id
      const name = `${said} skipped: ${why}`
      skips.set(name, { id: said, name, judge: async () => ({ result: 'skip', why }) })
    }
  }
  for (const [id, judge] of Object.entries(privacy)) {
    const all = async (): Promise<Outcome> => {
      const seen: Outcome[] = []
      for (const check of checks) if (!barred(check.id)) seen.push(await outcome(check))
      const of = <K extends keyof Witness>(key: K) => seen.flatMap(({ witness }) => witness[key])
      const witness = { adapters: of('adapters'), errors: of('errors'), logs: of('logs') } as Witness
      return { witness, ...failing(() => judge(witness, suite.fixtures)) }
    }
    planned.push(judged(id, all))
  }
  const none = [...deviations.keys()].map((id): Planned => {
    const error = new assert.AssertionError({ message: 'there is no such check, or it is skipped' })
    return { id, name: `${id} deviation`, judge: async () => ({ result: 'fail', error }) }
  })
  return [...planned, ...skips.values(), ...none]

  function judged(id: string, outcome: () => Promise<Outcome>): Planned {
    const deviation = deviations.get(id)
    deviations.delete(id)
    const name = deviation ? `${id} deviation until ${deviation.until}: ${deviation.why}` : id
    return {
      id,
      name,
      async judge() {
        const { failed, skipped } = await outcome()
        if (deviation) {
          const { failed: error } = failing(() => judgeDeviation(deviation, failed))
          return error === undefined ? { result: 'deviation', why: deviation.why } : { result: 'fail', error }
        }
        if (failed !== undefined) return { result: 'fail', error: failed }
        return skipped === undefined ? { result: 'pass' } : { result: 'skip', why: skipped }
      },
    }
  }
}

const checks: readonly Check[] = [
  ...manifest,
  ...channel,
  ...webhook,
  ...feed,
  ...writeBack,
  ...directory,
  ...circulation,
  ...catalogue,
  ...knowledge,
  ...metrics,
  ...check,
  ...lifecycle,
]
/** As the adapter has it: `writeBack` of `write-back/again`. */
const facetOf = (id: string): string =>
  id.slice(0, id.indexOf('/')).replace(/-[a-z]/g, (letter) => letter.slice(1).toUpperCase())

/** Why this check cannot be run on an adapter of this shape. */
function missing({ id, needs = [] }: Check, shape: Adapter, suite: Suite<AnySimulator>): string | undefined {
  const facet = facetOf(id)
  if (
    /^(channel|webhook|feed|writeBack|directory|circulation|catalogue|knowledge|metrics|check)$/.test(facet) &&
    !(facet in shape)
  )
    return `no ${facet}`
  const { known, unknown, shared, loans, isbns, pages, metrics } = suite.fixtures
  const there: { readonly [need in Need]: unknown } = {
    simulator: suite.simulate,
    vendor: suite.simulate ?? suite.live,
    'fixtures.known': known,
    'fixtures.unknown': unknown,
    'fixtures.shared': shared,
    'fixtures.loans': loans,
    'fixtures.isbns': isbns,
    'fixtures.pages': pages,
    'fixtures.metrics': metrics,
    channel: shape.channel,
    'channel.find': shape.channel?.lookup,
    'circulation.renew': shape.circulation?.renew,
    'knowledge.search': shape.knowledge?.search,
    'webhook.signature': shape.webhook?.proof !== 'secret',
    close: shape.close,
    'outcomes.told': suite.outcomes,
  }
  const need = needs.find((need) => !there[need])
  return need && `no ${need === 'vendor' ? 'simulator' : need}`
}

function judgeDeviation({ until }: Deviation, failed: unknown): void {
  assert(until >= new Date().toISOString().slice(0, 10), `the deviation ended on ${until}`)
  assert(failed !== undefined, 'the check passes: the deviation is no more')
}

/** What the adapter offers, or `undefined` where it cannot say without a simulator: then it turns out in the run. */
function shapeOf<S extends AnySimulator>(suite: Suite<S>): Adapter | undefined {
  try {
    const shape = suite.make(undefined)
    Promise.resolve(shape.close?.()).catch(() => undefined) // `lifecycle/close` is the judge of that.
    return shape
  } catch (error) {
    if (suite.simulate) return undefined
    throw error
  }
}

/** Runs each check once, however many tests ask, and never two at a time: they count what is open. */
function runner<S extends AnySimulator>(suite: Suite<S>): (check: Check) => Promise<Outcome> {
  const outcomes = new Map<Check, Promise<Outcome>>()
  let last: Promise<unknown> = Promise.resolve()
  return (check) => {
    const outcome = outcomes.get(check) ?? last.then(() => run(check, suite))
    if (!outcomes.has(check)) last = outcome
    outcomes.set(check, outcome)
    return outcome
  }
}

async function run(check: Check, suite: Suite<AnySimulator>): Promise<Outcome> {
  const rig = await start(suite)
  const { witness } = rig
  try {
    const why = missing(check, rig.make(), suite)
    if (why) return { witness, skipped: why }
    await check.run(rig)
    await rig.close()
    return { witness }
  } catch (error) {
    if (error instanceof Skip) return { witness, skipped: error.message }
    if (!(error instanceof assert.AssertionError)) witness.errors.push(error)
    return { witness, failed: error }
  } finally {
    await rig.close().catch(() => undefined) // It failed above.
  }
}

function failing(judge: () => void): { failed?: unknown } {
  try {
    judge()
    return {}
  } catch (failed) {
    return { failed }
  }
}
