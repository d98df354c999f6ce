import { createPrm, notice, type Store } from '@prm/core'
import { noticeFiles } from '@prm/notice-files'
import { postgres } from '@prm/store-postgres'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import type { Account } from './provider.ts'

/* The host that is killed: a notice file in, texts out. It is ready first, and begins when it is given its task. */

export interface Task {
  readonly account: Account
  readonly notices: string
  /** A file, or the URL of a PostgreSQL. */
  readonly store: string
  readonly window: number
  /** Whether the provider can say what it took. */
  readonly lookup: boolean
  readonly plant?: Plant
}

/** What is broken on purpose: a look-up that never finds, one that always does, a store that forgets that a job was started. */
export type Plant = 'find-nothing' | 'find-anything' | 'forget-lease'

process.once('disconnect', () => process.exit(1)) // who started it is gone
process.once('message', (task) => void work(task as Task))

async function work({ account, notices, store: where, window, lookup, plant }: Task): Promise<void> {
  const sms = twilio(account)
  const { find, ...blind } = sms.channel
  const seek: typeof find =
    plant === 'find-nothing'
      ? async () => 'absent'
      : plant === 'find-anything'
        ? async () => ({ state: 'sent', raw: null as never })
        : find
  const prm = createPrm({
    library: { id: 'crash', name: 'Crash', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    store: plant === 'forget-lease' ? forgetful(open(where)) : open(where),
    concurrency: window,
    adapters: {
      notices: noticeFiles({ path: notices, region: 'US' }),
      // A short settling time, since the provider is next door.
      sms: {
        ...sms,
        channel: { ...blind, ...(lookup && { find: seek }), limits: { ...sms.channel.limits, settle: '2s' } },
      },
    },
    purposes: { pickup: { basis: 'service', class: 'service', unknown: 'resend' } },
    templates: { ready: () => ({ text: 'Your hold is ready.' }) },
  })
  prm.flow('tell', notice, async ({ event, prm }) => {
    if (!event.who) return
    await prm.send({
      to: event.who,
      purpose: 'pickup',
      content: { template: 'ready', data: null },
      key: event.key,
      about: [event],
      digest: 'ready',
    })
  })
  const stop = new AbortController()
  process.once('message', () => stop.abort())
  process.send?.('began')
  await prm.run({ signal: stop.signal })
  await prm.close()
  process.exit()
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
