import { sign } from 'node:crypto'
import type { Context, Interaction } from '@prm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newKeys, type SimulateOptions, simulate, type TelnyxSimulator } from '../simulator/index.ts'
import { type Telnyx, telnyx } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const patron = '+12125550134'
const keys = newKeys()
let simulator: TelnyxSimulator
let sms: Telnyx
const started: TelnyxSimulator[] = []

async function begin(options: SimulateOptions = {}): Promise<TelnyxSimulator> {
  const one = await simulate({ keys, ...options })
  started.push(one)
  return one
}
beforeEach(async () => {
  simulator = await begin()
  sms = telnyx({ ...simulator.credentials, baseUrl: simulator.url })
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})

const says = (text: string, more: object = {}) => simulator.webhook({ from: patron, text, url: publicUrl, ...more })
const receive = async (request: Request, ctx: Context = context()): Promise<readonly Interaction[]> =>
  (await sms.webhook.receive(request, ctx)).interactions
/** Signed by the account, whatever it says. */
function signed(body: string, { at = Date.now(), by = keys } = {}): Request {
  const timestamp = String(Math.floor(at / 1000))
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), by.privateKey).toString('base64')
  const headers = { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature }
  return new Request(publicUrl, { method: 'POST', headers, body })
}
const later = (ms: number): Context => context({ now: () => new Date(Date.now() + ms) })

describe('a text', () => {
  test('is one fact: who, to whom, when, and what', async () => {
    const [fact] = await receive(says('When do you close?'))
    expect(fact).toMatchObject({
      key: expect.stringMatching(/^[\da-f-]{36}$/),
      type: 'message.received',
      source: 'sms',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      who: { scheme: 'tel', value: patron },
      to: { scheme: 'tel', value: '+12125550100' },
      data: { content: { text: 'When do you close?' } },
    })
    expect(fact?.data).not.toHaveProperty('optOut')
  })
  test('with pictures, whose links need no credentials', async () => {
    const media = [{ url: 'https://media.example/1.png', type: 'image/png' }]
    const [fact] = await receive(says('', { media }))
    expect(fact?.data).toEqual({
      content: { text: '', media: [{ ref: 'https://media.example/1.png', type: 'image/png' }] },
    })
  })
  test.each([
    ['STOP', { optOut: 'stop', confirmed: true }],
    [' stop all ', { optOut: 'stop', confirmed: true }],
    ['Unstop', { optOut: 'start', confirmed: true }],
    ['REVOKE', { optOut: 'stop' }], // of 47 CFR 64.1200, but not among Telnyx's words
    ['YES', { optOut: 'start' }],
    ['please stop texting me', { optOut: 'stop' }],
    ['HELP', { optOut: 'help' }],
  ])('%j is %j', async (text, expected) => {
    const [fact] = await receive(says(text))
    const { content: _, ...rest } = (fact?.data ?? {}) as { content?: unknown }
    expect(rest).toEqual(expected)
  })
  test('a keyword of the profile’s own is what Telnyx names it', async () => {
    const [fact] = await receive(says('ARRETEZ TOUT', { autoresponse: 'OPT_OUT' }))
    expect(fact?.data).toMatchObject({ optOut: 'stop', confirmed: true })
  })
})

describe('a status', () => {
  async function report(status: string) {
    const content = { text: 'Your hold is ready.' }
    const message = { key: 'hold 17', to: { scheme: 'tel', value: patron }, content, purpose: 'holds' } as const
    const { id = '' } = await sms.channel.send(message, context())
    return [id, simulator.webhook({ id, status })] as const
  }
  test('names our message, its parts and what it cost', async () => {
    const [id, request] = await report('delivered')
    const [fact] = await receive(request)
    expect(fact).toMatchObject({
      key: `${id} delivered`,
      type: 'message.delivery',
      about: { source: 'prm', key: 'hold 17' },
      data: { raw: 'delivered', state: 'delivered', providerId: id, units: 1, cost: { micros: 5100, currency: 'USD' } },
    })
  })
  test('our key is that of the signed body: the query of the request is anybody’s', async () => {
    const [, request] = await report('delivered')
    const moved = new Request(`${publicUrl}?key=another`, request)
    expect((await receive(moved))[0]?.about).toEqual({ source: 'prm', key: 'hold 17' })
  })
  test('an error number says what it means for the address; a word of next year leaves the state alone', async () => {
    simulator.refuse(patron, 40001)
    const [, failed] = await report('delivery_failed')
    expect((await receive(failed))[0]?.data).toMatchObject({
      code: '40001',
      addressStatus: 'undeliverable',
      state: 'undelivered',
    })
    const [, odd] = await report('teleported')
    const [fact] = await receive(odd)
    expect(fact?.data).toMatchObject({ raw: 'teleported' })
    expect(fact?.data).not.toHaveProperty('state')
  })
})

describe('the signature', () => {
  test('a redelivery within five minutes is the same fact; a replay after them is refused, and so is one from the future', async () => {
    const request = says('hello')
    const once = await receive(request.clone())
    expect(await receive(request.clone(), later(4 * 60_000))).toEqual(once)
    for (const ms of [5 * 60_000 + 1000, 86_400_000, -6 * 60_000])
      expect((await thrown(receive(request.clone(), later(ms)), patron)).code).toBe('signature')
  })
  test('another account’s key is refused, until it is the previous one', async () => {
    const others = newKeys()
    const body = await says('hello').text()
    expect((await thrown(receive(signed(body, { by: others })), patron)).code).toBe('signature')
    sms = telnyx({ ...simulator.credentials, publicKey: others.publicKey, previousPublicKey: keys.publicKey })
    expect(await receive(signed(body, { by: others }))).toHaveLength(1)
    expect(await receive(signed(body))).toHaveLength(1)
    sms = telnyx({ ...simulator.credentials, publicKey: others.publicKey })
    expect((await thrown(receive(signed(body)))).code).toBe('signature')
  })
  test.each([
    ['telnyx-signature-ed25519', ''],
    ['telnyx-signature-ed25519', 'c2lnbmF0dXJl'],
    ['telnyx-timestamp', ''],
    ['telnyx-timestamp', 'now'],
    ['telnyx-timestamp', '1e10'],
  ])('with %s: %j it is refused', async (header, value) => {
    const request = says('hello')
    request.headers.set(header, value)
    expect((await thrown(receive(request), patron)).code).toBe('signature')
  })
  test('any byte of body or timestamp', async () => {
    const request = says('hello')
    const body = await request.clone().text()
    const other = new Request(publicUrl, {
      method: 'POST',
      headers: request.headers,
      body: body.replace('hello', 'hellp'),
    })
    expect((await thrown(receive(other))).code).toBe('signature')
    request.headers.set('telnyx-timestamp', String(Number(request.headers.get('telnyx-timestamp')) + 1))
    expect((await thrown(receive(request))).code).toBe('signature')
  })
})

describe('a body of another instance of the same account', () => {
  test('of another profile, although it is signed and came to our URL', async () => {
    const branch = await begin({ from: '+12125550177' })
    const request = branch.webhook({ from: patron, text: 'STOP', url: publicUrl })
    expect((await thrown(receive(request), patron)).code).toBe('signature')
  })
  test('of the same profile, whose events go to another URL: its key would be one of ours by chance', async () => {
    const branch = context({ publicUrl: 'https://library.example/prm/branch' })
    const message = {
      key: 'hold 17',
      to: { scheme: 'tel', value: patron },
      content: { text: 'ready' },
      purpose: 'holds',
    }
    const { id = '' } = await sms.channel.send(message, branch)
    const request = simulator.webhook({ id, status: 'delivered' })
    expect(await receive(request.clone(), branch)).toHaveLength(1)
    expect((await thrown(receive(request), patron)).code).toBe('signature')
  })
  test('where no profile is set, by the URL it was meant for; and where it names none, by our number', async () => {
    const { apiKey, publicKey, from } = simulator.credentials
    sms = telnyx({ apiKey, publicKey, from })
    const elsewhere = await says('hello', { url: 'https://branch.example/prm/sms' }).text()
    expect((await thrown(receive(signed(elsewhere)), patron)).code).toBe('signature')
    const said = JSON.parse(await says('hello').text())
    const bare = (payload: object) =>
      signed(
        JSON.stringify({ data: { ...said.data, payload: { ...said.data.payload, webhook_url: null, ...payload } } }),
      )
    expect(await receive(bare({}))).toHaveLength(1)
    const others = bare({ to: [{ phone_number: '+12125550177' }] })
    expect((await thrown(receive(others), patron)).code).toBe('signature')
  })
})

describe('bad bodies, signed', () => {
  test.each([
    ['no JSON', 'STOP'],
    ['null', 'null'],
    ['no event', '{"data":{}}'],
    ['no payload', '{"data":{"event_type":"message.received"}}'],
    ['an empty id', '{"data":{"event_type":"message.received","payload":{"id":""}}}'],
    ['a text that is none', '{"data":{"event_type":"message.received","payload":{"id":"1","text":{"a":1}}}}'],
  ])('%s is invalid', async (_, body) => {
    expect((await thrown(receive(signed(body)))).code).toBe('invalid')
  })
  test('more than 1 MiB is invalid', async () => {
    expect((await thrown(receive(signed(`"${'x'.repeat(1024 * 1024)}"`)))).code).toBe('invalid')
  })
  test('an event of another product is no fact and no error', async () => {
    expect(await receive(signed('{"data":{"event_type":"call.initiated","payload":{"call_leg_id":"1"}}}'))).toEqual([])
  })
  test('numbers as text, and text as numbers', async () => {
    const said = JSON.parse(await says('hello').text())
    const payload = { ...said.data.payload, id: 17, parts: '1', cost: { amount: 0.004, currency: 'USD' } }
    const [fact] = await receive(signed(JSON.stringify({ data: { ...said.data, payload } })))
    expect(fact?.key).toBe('17')
  })
})
