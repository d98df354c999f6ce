import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import { expect, test } from 'vitest'
import { askToKeep } from './flow.ts'

const card = { scheme: 'ils', realm: 'koha/card', value: '4711' }
const phone = '+12125550123'
const hold = {
  source: 'koha',
  key: 'hold-ready 17 2026-11-30',
  type: 'notice',
  who: card,
  data: { kind: 'hold-ready', subjectKey: 'hold:koha:17', items: [{ id: '17', collectBy: '2026-11-30' }] },
}

test('a patron who answers 1 keeps the hold a day longer', async () => {
  const provider = await simulate({ webhookUrl: 'https://library.example/prm/sms' })
  const prm = await testPrm({
    at: '2026-11-24T03:00:00.000Z', // nine in the evening in Chicago
    store: sqlite({ memory: true }),
    publicUrl: 'https://library.example/prm',
    library: {
      id: 'springfield',
      name: 'Springfield Library',
      timeZone: 'America/Chicago',
      locale: 'en',
      region: 'US',
      quietHours: { from: '21:00', to: '08:00' },
    },
    adapters: { sms: twilio({ ...provider.credentials, baseUrl: provider.url }) },
    purposes: { pickup: { basis: 'service', class: 'service' } },
  })
  askToKeep(prm)
  await prm.record([hold], [{ at: card, also: [{ scheme: 'tel', value: phone }] }])
  await prm.settled()
  expect(provider.received()).toEqual([]) // not at night
  await prm.advance('11h')
  await prm.handle(provider.webhook({ from: phone, body: ' 1 ' }))
  await prm.settled()
  expect(provider.received().map(({ text }) => text)).toEqual([
    expect.stringContaining('is ready'),
    'Kept until tomorrow.',
  ])
  await prm.advance('3d') // the time-out finds nothing to do
  expect(provider.received().length).toBe(2)
  await prm.close()
  await provider.close()
})
