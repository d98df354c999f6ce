import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { twilio } from '../src/index.ts'

const to = { scheme: 'tel', value: '+12125550134' } as const
const content = { text: 'Alder Library: your hold is ready.' }
const url = 'https://library.example/prm'

async function library() {
  const simulator = await simulate()
  const prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
    purposes: { pickup: { basis: 'service', class: 'service', media: ['sms'] } },
    publicUrl: url,
  })
  const send = async (key: string) => {
    const decision = await prm.send({ to, purpose: 'pickup', content, key })
    await prm.settled()
    return decision
  }
  const texts = async (body: string) => {
    const response = await prm.handle(simulator.webhook({ from: to.value, body, url: `${url}/sms` }))
    await prm.settled()
    return response.status
  }
  return { simulator, prm, send, texts, sent: () => simulator.received().map(({ text }) => text) }
}

test.each([
  ['STOP', 0],
  ['please stop texting me', 1],
  ['ＳＴＯＰ', 1],
])('after “%s” nothing more goes out but %i confirmation of ours', async (body, confirmations) => {
  const { simulator, send, texts, sent } = await library()
  await send('hold:17')
  expect(await texts(body)).toBe(200)
  expect((await send('hold:18')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  expect(sent()).toHaveLength(1 + confirmations)
  expect(sent().filter((text) => text === content.text)).toHaveLength(1)
  await simulator.close()
})

test('a question about the branch is no STOP', async () => {
  const { simulator, send, texts, sent } = await library()
  expect(await texts('can you stop by?')).toBe(200)
  await send('hold:17')
  expect(sent()).toEqual([content.text])
  await simulator.close()
})

test('a forged STOP stores nothing and answers 401', async () => {
  const { simulator, prm, send, sent } = await library()
  // More than the word, so that Twilio's own block list has no part in it.
  const forged = simulator.webhook({ from: to.value, body: 'STOP please', url: `${url}/sms` })
  forged.headers.set('x-twilio-signature', 'c2lnbmF0dXJl')
  expect((await prm.handle(forged)).status).toBe(401)
  await send('hold:17')
  expect(sent()).toEqual([content.text])
  await simulator.close()
})

test('a STOP that staff wrote down, and one in words of another language, are on Twilio’s list too; its own are not told again', async () => {
  const { simulator, prm, texts } = await library()
  const other = '+12125550135'
  await prm.as({ kind: 'staff', id: 'ann' }).recordConsent({
    address: { scheme: 'tel', value: other },
    purpose: '*',
    state: 'denied',
    basis: 'stop',
  })
  await texts('por favor no me envíen más mensajes')
  expect([other, to.value].map(simulator.blocked)).toEqual([false, false])
  await prm.advance('10m')
  expect([other, to.value].map(simulator.blocked)).toEqual([true, true])
  await simulator.close()
})
