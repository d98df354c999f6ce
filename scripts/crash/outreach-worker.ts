import { createPrm } from '@prm/core'
import { outreach } from '@prm/outreach'
import { twilio } from '@prm/twilio'
import { host, key, library, price } from './outreach-host.ts'
import { hostStore, planted, type Setup } from './setup.ts'

/* The host that is killed while it runs a plan. It is ready first, and begins when it is given its task. */

process.once('disconnect', () => process.exit(1)) // who started it is gone
process.once('message', (task) => void work(task as Setup & { readonly plan: string }))

async function work(task: Setup & { readonly plan: string }): Promise<void> {
  const store = hostStore(task)
  const prm = createPrm(host(store, planted(twilio({ ...task.account, price }), task), task.window))
  const stop = new AbortController()
  const ended = new Promise<void>((resolve) =>
    process.once('message', () => {
      stop.abort()
      resolve()
    }),
  )
  process.send?.('began')
  const options = { signal: stop.signal, canary: { size: 20, watch: '0ms' } } as const
  await outreach({ prm, store, library, key })
    .run(task.plan, options)
    .catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
  await ended // whoever is done stays until it is told
  await prm.close()
  process.exit()
}
