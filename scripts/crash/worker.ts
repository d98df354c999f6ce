import { createPrm, notice } from '@prm/core'
import { noticeFiles } from '@prm/notice-files'
import { twilio } from '@prm/twilio'
import { hostStore, planted, type Setup } from './setup.ts'

/* The host that is killed: a notice file in, texts out. It is ready first, and begins when it is given its task. */

process.once('disconnect', () => process.exit(1)) // who started it is gone
process.once('message', (task) => void work(task as Setup & { readonly notices: string }))

async function work(task: Setup & { readonly notices: string }): Promise<void> {
  const prm = createPrm({
    library: { id: 'crash', name: 'Crash', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    store: hostStore(task),
    concurrency: task.window,
    adapters: {
      notices: noticeFiles({ path: task.notices, region: 'US' }),
      sms: planted(twilio(task.account), task),
    },
    purposes: { pickup: { basis: 'service', class: 'service', onUnknownOutcome: 'resend' } },
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
