import { createPrm, type Library } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { outreach, type RunOptions } from '../src/index.ts'

// A host of its own on a store file, which runs a plan until it is killed, or done: it prints what came of it.

export interface Told {
  readonly store: string
  readonly plan: string
  readonly key: string
  readonly library: Library
  readonly baseUrl: string
  readonly credentials: { readonly accountSid: string; readonly authToken: string; readonly from: string }
  readonly options: RunOptions
}

const { store: file, plan, key, library, baseUrl, credentials, options } = JSON.parse(process.argv[2] ?? '') as Told
const store = sqlite({ file, lease: '1s', poll: '50ms' })
const sms = twilio({ ...credentials, baseUrl, price: { micros: 7_900, currency: 'USD' } })
const prm = createPrm({
  library,
  store,
  concurrency: 8,
  // A short settling time, since the provider is next door.
  adapters: { sms: { ...sms, channel: { ...sms.channel, limits: { ...sms.channel.limits, visibleAfter: '1s' } } } },
  purposes: { news: { basis: 'consent', class: 'promotional', onUnknownOutcome: 'resend' } },
})
const run = await outreach({ prm, store, library, key }).run(plan, options)
process.stdout.write(JSON.stringify(run))
await prm.close()
process.exit()
