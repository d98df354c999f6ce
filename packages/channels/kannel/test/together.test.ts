import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { kannel } from '../src/index.ts'

const to = { scheme: 'tel', value: '+12125550134' }
const url = 'https://library.example/prm'

async function library(region?: string) {
  const simulator = await simulate()
  const prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { sms: kannel({ ...simulator.credentials, from: '1234', baseUrl: simulator.url, region }) },
    purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
    publicUrl: url,
  })
  const texts = async (from: string) => {
    const { status } = await prm.handle(simulator.webhook({ from, text: 'STOP', url: `${url}/sms` }))
    await prm.settled()
    return status
  }
  return { simulator, prm, texts }
}

test.each([
  ['+12125550134', undefined],
  ['0012125550134', undefined],
  ['12125550134', undefined],
  ['12125550134', 'US'],
  ['2125550134', 'US'],
])('a STOP from %s holds, where the region is %s, and is confirmed to that number', async (from, region) => {
  const { simulator, prm, texts } = await library(region)
  expect(await texts(from)).toBe(200)
  const content = { text: 'Your hold is ready.' }
  const { outcome } = await prm.send({ to, purpose: 'pickup', content, key: 'hold:17' })
  await prm.settled()
  expect(outcome).toMatchObject({ send: false, rule: 'suppressed' })
  expect(simulator.sent()).toMatchObject([{ to: to.value, text: expect.stringContaining('no more messages') }])
  await simulator.close()
})

test.each(['2125550134', '70707'])('a STOP from %s, whose number nobody knows, is no promise', async (from) => {
  const { simulator, texts } = await library()
  expect(await texts(from)).toBe(200)
  expect(simulator.sent()).toEqual([])
  await simulator.close()
})
