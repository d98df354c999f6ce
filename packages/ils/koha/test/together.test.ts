import { notice, PrmError } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { koha } from '../src/index.ts'
import { breaking, card, id, now, place, tel } from './context.ts'

const webhook = { clientId: 'koha-alder', clientSecret: 'wh-93ab77e01c2d52d6' }
const url = 'https://library.example/prm'

async function library(fetch = globalThis.fetch) {
  const simulator = await simulate({ now: () => now, plugins: ['webhook-notifications'] })
  onTestFinished(() => simulator.close())
  const told: string[] = []
  const prm = await testPrm({
    at: now.toISOString(),
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { koha: koha({ ...simulator.credentials, ...place, baseUrl: simulator.url, webhook, fetch }) },
    purposes: { notice: { basis: 'service', class: 'service', media: ['sms'] } },
    publicUrl: url,
  })
  prm.flow('tell', notice, async ({ event, patron, prm }) => {
    told.push(`${event.data.subjectKey} ${event.data.kind} ${patron?.name ?? '?'}`)
    if (!event.who) return
    const content = { text: 'Alder Library: something waits for you.' }
    await prm.send({ to: event.who, purpose: 'notice', content, key: `tell ${event.key}`, about: [event] })
  })
  return { simulator, prm, told }
}

test('a host hears of holds and loans once, and knows whose they are', async () => {
  const { simulator, prm, told } = await library()
  await prm.settled()
  expect(told.sort()).toEqual(['hold:koha:3001 hold-ready Ada Pine', 'loan:koha:2001 due-soon Ada Pine'])
  expect(await prm.patrons(card('23529000010001'))).toHaveLength(1)
  expect((await prm.patrons(tel('+12125550134')))[0]?.name).toBe('Ada Pine')
  await prm.advance('30m')
  expect(told).toHaveLength(2)
  simulator.hold({ hold_id: 3005, patron_id: 1002, biblio_id: 101, status: 'W', waiting_date: '2026-11-24' })
  await prm.advance('30m')
  expect(told.slice(2)).toEqual(['hold:koha:3005 hold-ready Ben Rowan'])
  await prm.close()
})

test('Koha’s plugin fetches a token, posts a notice, and hears that nobody was told', async () => {
  const { simulator, prm } = await library()
  const wrong = await prm.handle(simulator.tokenRequest(`${url}/koha/token`, webhook.clientId, 'wrong'))
  expect(wrong.status).toBe(401)
  const right = await prm.handle(simulator.tokenRequest(`${url}/koha/token`, webhook.clientId, webhook.clientSecret))
  const { access_token } = (await right.json()) as { access_token: string }
  const letter = { url: `${url}/koha`, message_id: 77, letter: 'HOLD', holds: [3001] }
  expect((await prm.handle(simulator.webhook(letter))).status).toBe(401)
  expect((await prm.handle(simulator.webhook({ ...letter, token: access_token }))).status).toBe(200)
  const odd = { ...letter, message_id: 78, letter: 'AUTO_RENEWALS', token: access_token }
  expect((await prm.handle(simulator.webhook(odd))).status).toBe(400)
  expect(simulator.town.messages.get(77)?.status).toBe('sent')
  await prm.advance('10m')
  // There is no channel in this host: Koha's queue says so.
  expect(simulator.town.messages.get(77)?.status).toBe('failed')
  await prm.close()
})

test('a renewal whose answer never comes is posted once, where the step keeps that it is unknown', async () => {
  let posted = 0
  const lost = breaking(/^POST .*renewal$/, 504)
  const { prm } = await library(async (...request) => {
    const asked = new Request(...request)
    if (/renewal$/.test(asked.url) && asked.method === 'POST') posted++
    return lost(asked)
  })
  const kept: unknown[] = []
  prm.flow('renew', notice, async ({ event, step, prm, signal }) => {
    if (event.data.kind !== 'due-soon') return
    const ctx = prm.context('koha', signal)
    const renew = async () => {
      try {
        return await prm.adapters.koha.circulation.renew(id(1001), '2001', ctx)
      } catch (error) {
        if (PrmError.is(error) && error.code === 'unknown') return 'unknown' as const
        throw error
      }
    }
    kept.push(await step('renew', renew))
  })
  await prm.settled()
  await prm.advance('1d')
  expect([kept, posted]).toEqual([['unknown'], 1])
  await prm.close()
})
