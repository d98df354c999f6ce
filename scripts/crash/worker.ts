import { createPrm, notice } from '@prm/core'
import { noticeFiles } from '@prm/notice-files'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import type { Account } from './provider.ts'

/* The host that is killed: a notice file in, texts out. It writes a dash when it begins and a dot for each call it makes. */

interface Task {
  readonly account: Account
  readonly notices: string
  readonly store: string
  readonly window: number
  /** Whether the provider can say what it took. */
  readonly lookup: boolean
}
const { account, notices, store: file, window, lookup } = JSON.parse(process.argv[2] ?? '') as Task

const sms = twilio(account)
const { find, ...blind } = sms.channel
const prm = createPrm({
  library: { id: 'crash', name: 'Crash', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
  // A short lease and a short settling time, since the provider is next door and answers at once.
  store: sqlite({ file, lease: '1s' }),
  concurrency: window,
  adapters: {
    notices: noticeFiles({ path: notices, region: 'US' }),
    sms: {
      ...sms,
      channel: {
        ...blind,
        ...(lookup && { find }),
        limits: { ...sms.channel.limits, settle: '2s' },
        send(message, ctx) {
          process.stdout.write('.')
          return sms.channel.send(message, ctx)
        },
      },
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

process.stdout.write('-')
for (;;) {
  const { waiting, next } = await prm.run({ once: true })
  if (waiting === 0) break
  await new Promise((resolve) => setTimeout(resolve, Math.max(50, next ? Date.parse(next) - Date.now() : 0)))
}
await prm.close()
