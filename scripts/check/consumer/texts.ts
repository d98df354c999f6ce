import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'

const simulator = await simulate()
const prm = await testPrm({
  at: '2026-11-24T15:00:00.000Z',
  store: sqlite({ memory: true }),
  library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
  adapters: { sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
  purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
})
const to = { scheme: 'tel', value: '+12125550134' } as const
await prm.send({ to, purpose: 'pickup', content: { text: 'Your hold is ready.' }, key: 'hold:17' })
await prm.settled()
const { message } = await prm.explain('hold:17')
const taken = simulator.received().length
await prm.close()
await simulator.close()
if (taken !== 1 || message === undefined) throw new Error(`${taken} texts came to the provider, not 1`)
console.log(`1 text sent, ${message.state}`)
