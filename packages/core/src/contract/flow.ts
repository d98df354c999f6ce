// What a flow is given to outlive restarts: steps, sleeps and waits.
import type { Address } from './address.ts'
import type { EventType, Of } from './event-type.ts'
import type { Duration, Instant } from './primitives.ts'
import type { Ref } from './ref.ts'

/** What a wait goes by; all that is named must be so. At least one. */
export interface Correlation {
  readonly about?: Ref
  readonly patronId?: string
  readonly address?: Address
}

/** Makes a flow outlive restarts. Names are unique in a run. */
export interface Step {
  /**
   * Runs once; its result is kept as JSON, and a retry or restart skips it. `prm.send` is idempotent by its key and needs
   * no step. Throws `invalid` for a result that is no JSON.
   */
  <T>(name: string, run: () => T | PromiseLike<T>): Promise<T>
  /** Goes on at this moment, or after this long. */
  sleep(name: string, until: Duration | Instant): Promise<void>
  /**
   * The first fact that fits; nothing after the time-out. It counts if it was stored since the wait before it was
   * answered, or since the run began; one about `about` always does. A digest is known by the key of each of its sends.
   */
  wait<E extends EventType>(
    name: string,
    event: E,
    on: Correlation,
    options: { readonly timeout: Duration; readonly only?: (fact: Of<E>) => boolean },
  ): Promise<Of<E> | undefined>
}
