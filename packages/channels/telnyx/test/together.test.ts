import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'
import { type SimulateOptions, simulate } from '../simulator/index.ts'
import { telnyx } from '../src/index.ts'

const at = '2026-11-24T15:00:00.000Z'
const to = { scheme: 'tel', value: '+12125550134' } as const
const content = { text: 'Alder Library: your hold is ready.' }
const url = 'https://library.example/prm'

async function library(options: SimulateOptions = {}) {
  let now = () => new Date(at)
  const simulator = await simulate({ now: () => now(), ...options })
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { sms: telnyx({ ...simulator.credentials, baseUrl: simulator.url }) },
    purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
    publicUrl: url,
  })
  now = () => new Date(prm.context('sms').now())
  const send = async (key: string) => {
    const decision = await prm.send({ to, purpose: 'pickup', content, key })
    await prm.settled()
    return decision
  }
  const texts = async (text: string) => {
    const response = await prm.handle(simulator.webhook({ from: to.value, text, url: `${url}/sms` }))
    await prm.settled()
    return response.status
  }
  return { simulator, prm, send, texts, sent: () => simulator.received().map(({ text }) => text) }
}

test.each([
  ['STOP', 0],
  ['please stop texting me', 1],
])('after “%s” nothing more goes out but %i confirmation of ours', async (text, confirmations) => {
  const { simulator, send, texts, sent } = await library()
  await send('hold:17')
  expect(await texts(text)).toBe(200)
  expect((await send('hold:18')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  expect(sent()).toHaveLength(1 + confirmations)
  await simulator.close()
})

test('a STOP that only Telnyx heard is learnt from its refusal, and kept', async () => {
  const { simulator, prm, send, sent } = await library()
  await simulator.text({ from: to.value, text: 'STOP' }) // no webhook anywhere
  await send('hold:17')
  expect((await prm.explain('hold:17')).message?.state).toBe('rejected')
  expect((await send('hold:18')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  expect(sent()).toEqual([])
  await simulator.close()
})

test('a lost answer is looked for within a minute, however long the queue, and nothing goes twice', async () => {
  const { simulator, prm, send, sent } = await library()
  simulator.fault('reset-after-accept')
  await send('hold:17')
  expect((await prm.explain('hold:17')).message?.state).toBe('unknown')
  await prm.advance('1m')
  expect((await prm.explain('hold:17')).message?.state).toBe('delivered')
  expect(sent()).toEqual([content.text])
  await simulator.close()
})

test('what was never taken is sent again once the queue’s four hours are over, and not before', async () => {
  const { simulator, prm, send, sent } = await library()
  simulator.fault('reset')
  await send('hold:17')
  await prm.advance('3h')
  expect(sent()).toEqual([])
  await prm.advance('2h')
  expect(sent()).toEqual([content.text])
  await simulator.close()
})
