import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPrm, type Store } from '@prm/core'
import { csv, type Outreach, outreach, type RunSummary } from '@prm/outreach'
import { twilio } from '@prm/twilio'
import type { Recipient } from './audience.ts'
import type { Database } from './database.ts'
import { host, key, library, price } from './outreach-host.ts'
import type { Account } from './provider.ts'

export interface Planned {
  readonly file: string
  readonly count: number
  /** The numbers that are owed a text. */
  readonly owed: readonly string[]
  readonly progress: { waiting(): Promise<number>; isRead(): Promise<boolean> }
  /** What the provider charges, beside the plan. */
  bill(): Promise<{ readonly equal: boolean; readonly bill: number; readonly run: RunSummary }>
}

/** A plan of all of them, approved. Of each family one is written to. */
export async function plannedOutreach(
  folder: string,
  audience: readonly Recipient[],
  data: Database,
  account: Account,
): Promise<Planned> {
  const file = join(folder, 'plan.ndjson')
  const rows = audience.map(({ card, phone }) => `${card},Ann,${phone},yes`)
  const list = csv(bytes(['id,name,phone,consent', ...rows].join('\n')))
  const order = {
    audience: list,
    templates: [{ text: '{{ library }}: {{ name }}, we open on Sundays. Reply STOP to end.' }],
    purpose: 'news',
    via: ['sms'],
    by: 'planner',
  }
  const { summary } = await using(data.store(), account, async (bulk) => {
    const plan = await bulk.plan(order, { out: file })
    await bulk.approve(file, { by: 'approver' })
    return plan
  })
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1, -1)
  const owed = lines
    .map((line) => JSON.parse(line) as { is: string; to: string })
    .filter(({ is }) => is === 'recipient')
  const scope = () => data.store().scope(library.id)
  const standing = async (): Promise<string | undefined> => {
    const { state } = await using(data.store(), account, (bulk) => bulk.show(file))
    return state.standing
  }
  return {
    file,
    count: summary.included,
    owed: owed.map(({ to }) => to.replace('tel:', '')),
    progress: {
      async waiting() {
        const { waiting } = await scope().backlog(['deliver'])
        return waiting > 0 || (await standing()) === 'done' ? waiting : 1
      },
      async isRead() {
        for await (const _ of scope().find('message', { limit: 1 })) return true
        return false
      },
    },
    bill: () =>
      using(data.store(), account, async (bulk) => {
        await sleep(1_000) // a message is priced when it has left the queue
        const { equal, bill, planned } = await bulk.reconcile(file)
        const { summary } = await bulk.run(file, { once: true, deliver: false })
        const whole = JSON.stringify(bill) === JSON.stringify(planned)
        return { equal: equal && whole, bill: bill[0]?.micros ?? 0, run: summary }
      }),
  }
}

/** The harness's own host on the store, which is not closed with it. */
async function using<R>(store: Store, account: Account, work: (bulk: Outreach) => Promise<R>): Promise<R> {
  const prm = createPrm(host({ ...store, close: async () => undefined }, twilio({ ...account, price })))
  return work(outreach({ prm, store, library, key }))
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
