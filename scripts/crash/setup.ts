import type { Store } from '@prm/core'
import { postgres } from '@prm/store-postgres'
import { sqlite } from '@prm/store-sqlite'
import type { Twilio } from '@prm/twilio'
import type { Account } from './provider.ts'

/** What every host that is killed is told. */
export interface Setup {
  readonly account: Account
  /** A file, or the URL of a PostgreSQL. */
  readonly store: string
  readonly window: number
  /** Whether the provider can say what it took. */
  readonly lookup: boolean
  readonly plant?: Plant
}

/** What is broken on purpose: a look-up that never finds, one that always does, a store that forgets that a job was started. */
export type Plant = 'find-nothing' | 'find-anything' | 'forget-lease'

/** The adapter, with a short settling time, since the provider is next door; blind, or broken. */
export function planted(sms: Twilio, { lookup, plant }: Setup): Twilio {
  const { lookup: find, ...blind } = sms.channel
  const seek: typeof find =
    plant === 'find-nothing'
      ? async () => 'absent'
      : plant === 'find-anything'
        ? async () => ({ state: 'sent', raw: null as never })
        : find
  const limits = { ...sms.channel.limits, visibleAfter: '2s' } as const
  return { ...sms, channel: { ...blind, ...(lookup && { lookup: seek }), limits } as Twilio['channel'] }
}

export function hostStore({ store, plant }: Setup): Store {
  return plant === 'forget-lease' ? forgetful(open(store)) : open(store)
}

function open(where: string): Store {
  const often = { lease: '1s', poll: '50ms' } as const
  return where.startsWith('postgresql:') ? postgres({ url: where, ...often }) : sqlite({ file: where, ...often })
}

function forgetful(store: Store): Store {
  return {
    ...store,
    work: (names, run, options) => store.work(names, (lease, signal) => run({ ...lease, attempt: 1 }, signal), options),
  }
}
