import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { twilio } from '../src/index.ts'

// Twilio's clock is right. One message is taken, and the connection breaks before the answer.
test.for([-10, -5, -2, 0, 2, 5, 10])('a host whose clock is %i minutes off sends a text once', async (minutes) => {
  const at = Date.parse('2026-11-24T16:00:00.000Z')
  let now = () => new Date(at)
  const simulator = await simulate({ now: () => now() })
  const prm = await testPrm({
    at: new Date(at + minutes * 60_000).toISOString(),
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
    purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
    publicUrl: 'https://library.example/prm',
  })
  now = () => new Date(prm.context('sms').now().getTime() - minutes * 60_000)
  const to = { scheme: 'tel', value: '+12125550134' }
  await prm.send({ to, purpose: 'pickup', content: { text: 'Your hold is ready.' }, key: 'hold:17' })
  simulator.fault('reset-after-accept')
  await prm.settled()
  for (let step = 0; step < 30; step++) await prm.advance('30s')
  expect(simulator.messages()).toHaveLength(1)
  await prm.close()
  await simulator.close()
})
