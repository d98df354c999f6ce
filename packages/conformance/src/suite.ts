import assert from 'node:assert/strict'
import type { Adapter } from '@prm/core'
import { channel } from './channel.ts'
import { feed } from './feed.ts'
import { inlet } from './inlet.ts'
import { catalogue, circulation, directory } from './library.ts'
import { check, lifecycle } from './lifecycle.ts'
import { manifest } from './manifest.ts'
import { outcomes } from './outcomes.ts'
import { privacy } from './privacy.ts'
import { start } from './rig.ts'
import {
  type AnySimulator,
  type Check,
  type Deviation,
  type Need,
  Skip,
  type Suite,
  type Test,
  type Witness,
} from './words.ts'

interface Outcome {
  readonly witness: Witness
  readonly failed?: unknown
  readonly skipped?: string
}

/**
 * One test for each check that the adapter's shape calls for; what it does not offer is one test whose name says so. Runs
 * in any runner: hand in its `test`.
 */
export function adapterSuite<S extends AnySimulator>(test: Test, suite: Suite<S>): void {
  const shape = shapeOf(suite)
  const outcome = runner(suite)
  const deviations = new Map(suite.deviations?.map((deviation) => [deviation.check, deviation]))
  const names = new Set<string>()

  for (const check of checks) {
    const { id } = check
    const why = shape && missing(check, shape, suite)
    if (!why) register(id, () => outcome(check))
    // A facet that is missing is told once.
    else names.add(`${why === `no ${facetOf(id)}` ? `${facetOf(id)}/…` : id} skipped: ${why}`)
  }
  for (const [id, judge] of Object.entries(privacy)) {
    register(id, async () => {
      const all: Outcome[] = []
      for (const check of checks) all.push(await outcome(check))
      const of = <K extends keyof Witness>(key: K) => all.flatMap(({ witness }) => witness[key])
      const witness = { adapters: of('adapters'), errors: of('errors'), logs: of('logs') } as Witness
      return { witness, ...failing(() => judge(witness, suite.fixtures)) }
    })
  }
  for (const name of names) test(name, async () => undefined)
  for (const check of deviations.keys()) {
    test(`${check} deviation`, async () => assert.fail('there is no such check, or it is skipped'))
  }

  function register(id: string, outcome: () => Promise<Outcome>): void {
    const deviation = deviations.get(id)
    deviations.delete(id)
    const name = deviation ? `${id} deviation until ${deviation.until}: ${deviation.why}` : id
    // Of vitest and node:test alike. As a rest parameter, since runners count parameters.
    test(name, async (...[context]: readonly { skip?(why: string): void }[]) => {
      const { failed, skipped } = await outcome()
      if (deviation) judgeDeviation(deviation, failed)
      else if (failed !== undefined) throw failed
      else if (skipped !== undefined) context?.skip ? context.skip(skipped) : console.log(`${id} skipped: ${skipped}`)
    })
  }
}

const checks: readonly Check[] = [
  ...manifest,
  ...channel,
  ...inlet,
  ...feed,
  ...outcomes,
  ...directory,
  ...circulation,
  ...catalogue,
  ...check,
  ...lifecycle,
]
const facetOf = (id: string): string => id.slice(0, id.indexOf('/'))

/** Why this check cannot be run on an adapter of this shape. */
function missing({ id, needs = [] }: Check, shape: Adapter, suite: Suite<AnySimulator>): string | undefined {
  const facet = facetOf(id)
  if (/^(channel|inlet|feed|outcomes|directory|circulation|catalogue|check)$/.test(facet) && !(facet in shape))
    return `no ${facet}`
  const { known, unknown, shared, loans, isbns } = suite.fixtures
  const there: { readonly [need in Need]: unknown } = {
    simulator: suite.simulate,
    'fixtures.known': known,
    'fixtures.unknown': unknown,
    'fixtures.shared': shared,
    'fixtures.loans': loans,
    'fixtures.isbns': isbns,
    channel: shape.channel,
    'channel.find': shape.channel?.find,
    'circulation.renew': shape.circulation?.renew,
    'inlet.signature': shape.inlet?.proof !== 'secret',
    close: shape.close,
    'outcomes.told': suite.outcomes,
  }
  const need = needs.find((need) => !there[need])
  return need && `no ${need}`
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
