// For a host's own tests: a host whose clock the test moves.
import type { Adapters } from './contract/adapter.ts'
import { PrmError } from './contract/errors.ts'
import type { Options, Prm } from './contract/host.ts'
import type { Duration, Instant } from './contract/primitives.ts'
import type { Store } from './contract/store.ts'
import { createPrm } from './host/create.ts'
import { milliseconds } from './time/instants.ts'

/** A host with a clock that the test moves, and the store that the test gave it. */
export interface TestPrm {
  readonly store: Store
  /** Moves the clock and does what became due. */
  advance(by: Duration): Promise<void>
  /** Does all that is due now. Throws the error of a flow that ended as a dead letter. */
  settled(): Promise<void>
}

/** Proves a flow in ten lines: time stands still at `at` until the test moves it. */
export async function testPrm<
  const A extends Adapters,
  const U extends string,
  const T extends string = never,
  const R extends string = never,
>(options: Omit<Options<A, U, T, R>, 'now'> & { readonly at: Instant }): Promise<Prm<A, U, T, R> & TestPrm> {
  let clock = Date.parse(options.at)
  if (Number.isNaN(clock))
    throw new PrmError('config', "testPrm: at must be an instant such as '2026-11-24T16:00:00.000Z'.", { field: 'at' })
  const { at: _, ...rest } = options
  const prm = createPrm<A, U, T, R>({ ...(rest as unknown as Options<A, U, T, R>), now: () => new Date(clock) })
  const settled = async (): Promise<void> => {
    let dead: PrmError | undefined
    const off = prm.on('jobFailed', (failed) => {
      if (failed.dead && failed.job.name.startsWith('flow:')) dead ??= failed.error
    })
    try {
      await prm.run({ once: true })
    } finally {
      off()
    }
    if (dead) throw dead
  }
  return {
    ...prm,
    store: options.store,
    settled,
    async advance(by) {
      clock += milliseconds(by)
      await settled()
    },
  }
}
