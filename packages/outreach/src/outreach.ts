import { type Adapters, PrmError } from '@prm/core'
import type { Outreach, OutreachOptions } from './types.ts'

/** Bulk messages over one host. Throws `config` for a key that is too short. */
export function outreach<A extends Adapters, U extends string, T extends string, R extends string>(
  _options: OutreachOptions<A, U, T, R>,
): Outreach {
  const later = async (): Promise<never> => {
    throw new PrmError('unsupported', 'This comes with the next commits.')
  }
  return {
    plan: later,
    preview: later,
    show: later,
    approve: later,
    run: later,
    pause: later,
    resume: later,
    stop: later,
    reconcile: later,
    report: later,
    health: later,
  }
}
