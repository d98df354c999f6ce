import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { telnyx } from '@prm/telnyx'
import { simulate as simulateTelnyx } from '@prm/telnyx/simulator'
import { twilio } from '@prm/twilio'
import { simulate as simulateTwilio, type TwilioSimulator } from '@prm/twilio/simulator'
import { expect, onTestFinished, test } from 'vitest'

// A library texts by Twilio. Its urgent notices may go by Telnyx while Twilio is down, for three cents a day.

const at = '2026-11-24T16:00:00.000Z'
const url = 'https://library.example/prm'
const cent = { micros: 10_000, currency: 'USD' }
const numberOf = (n: number) => ({ scheme: 'tel', value: `+1212555${2_000 + n}` })

async function library() {
  let now = () => new Date(at)
  const clock = { now: () => now() }
  let first: TwilioSimulator = await simulateTwilio(clock)
  const second = await simulateTelnyx({ ...clock, from: '+12125550111' })
  const { credentials } = first
  const port = Number(new URL(first.url).port)
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      twilio: twilio({ ...credentials, baseUrl: first.url, price: { micros: 8_000, currency: 'USD' } }),
      telnyx: telnyx({ ...second.credentials, baseUrl: second.url, price: cent }),
    },
    purposes: {
      closing: {
        basis: 'service',
        class: 'service',
        quietHours: 'ignore',
        failover: { after: '3m', perDay: { micros: 30_000, currency: 'USD' } },
      },
      pickup: { basis: 'service', class: 'service' },
    },
    publicUrl: url,
  })
  now = () => new Date(prm.context('twilio').now())
  // What was sent by a server that went down, and by the one that came back.
  let before: readonly (string | undefined)[] = []
  const texts = (simulator: { received(): readonly { readonly text?: string }[] }) =>
    simulator.received().map(({ text }) => text)
  onTestFinished(async () => {
    await prm.close()
    await Promise.all([first.close(), second.close()])
  })
  return {
    prm,
    second,
    send: (key: string, n: number, purpose: 'closing' | 'pickup' = 'closing') =>
      prm.send({ to: numberOf(n), purpose, content: { text: `Alder Library: ${key}.` }, key }),
    async minutes(count: number) {
      for (let minute = 0; minute < count; minute++) await prm.advance('1m')
    },
    fail: (...[fault, times]: Parameters<TwilioSimulator['fault']>) => first.fault(fault, times),
    async down() {
      before = texts(first)
      await first.close()
    },
    async up() {
      first = await simulateTwilio({ ...credentials, ...clock, port })
    },
    byTwilio: () => [...before, ...texts(first)],
    byTelnyx: () => texts(second),
  }
}

test('Twilio is down: what is urgent goes by Telnyx, within the money of the day, and the rest waits', async () => {
  const { prm, second, send, minutes, down, up, byTwilio, byTelnyx } = await library()
  await send('we open at nine', 0)
  await prm.settled()
  await down()
  for (let n = 0; n < 12; n++) await send(`hold ${n}`, n, 'pickup')
  for (let n = 0; n < 5; n++) await send(`closed today ${n}`, 20 + n)
  await prm.settled()
  await minutes(20)
  expect(byTelnyx()).toHaveLength(3)
  expect(byTelnyx().every((text) => text?.startsWith('Alder Library: closed today'))).toBe(true)
  const [lasting] = await prm.outages()
  expect(lasting).toMatchObject({ adapter: 'twilio', code: 'unavailable', cost: [{ micros: 30_000, currency: 'USD' }] })

  // A patron answers to the number that the text came from, and asks it to stop; that holds for both.
  const number = second.received()[0]?.to?.value ?? ''
  expect((await prm.handle(second.webhook({ from: number, text: 'Why?', url: `${url}/telnyx` }))).status).toBe(200)
  await prm.settled()
  for await (const one of prm.conversations({ state: 'open' }))
    expect(one).toMatchObject({ source: 'telnyx', who: { value: number }, to: { value: '+12125550111' } })
  await prm.handle(second.webhook({ from: number, text: 'STOP', url: `${url}/telnyx` }))
  expect(
    (await prm.send({ to: { scheme: 'tel', value: number }, purpose: 'pickup', content: { text: 'x' }, key: 'x' }))
      .outcome,
  ).toEqual({ send: false, rule: 'suppressed' })

  await up()
  await minutes(40)
  const all = [...byTwilio(), ...byTelnyx()]
  expect(all).toHaveLength(18)
  expect(new Set(all).size).toBe(18)
  expect(byTelnyx()).toHaveLength(3)
  await prm.advance('20h')
  const [outage] = await prm.outages()
  expect(outage?.text).toMatch(
    /^twilio: down from .*10:00 .*to .* \(unavailable\)\. Late: 14\. Another way: 3 for \$0\.03\./,
  )
})

test('Twilio took texts and lost its answers: none of those goes by Telnyx too, what comes later does', async () => {
  const { prm, send, minutes, fail, byTwilio, byTelnyx } = await library()
  fail('reset-after-accept', 12)
  fail('server-error', 200) // and cannot be asked for a while
  for (let n = 0; n < 12; n++) await send(`first ${n}`, n)
  await prm.settled()
  await minutes(1)
  await send('second', 30)
  await minutes(4)
  expect(byTelnyx()).toEqual(['Alder Library: second.'])
  await minutes(240)
  expect(byTwilio().toSorted()).toEqual(Array.from({ length: 12 }, (_, n) => `Alder Library: first ${n}.`).toSorted())
  expect(byTelnyx()).toEqual(['Alder Library: second.'])
  expect(await prm.outages()).toMatchObject([{ code: 'unknown', until: expect.any(String) }])
})
