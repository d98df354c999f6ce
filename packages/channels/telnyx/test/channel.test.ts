import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Code, Context, LookupQuery, Outbound, Receipt } from '@prm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SimulateOptions, simulate, type TelnyxSimulator } from '../simulator/index.ts'
import { codeOf, type Telnyx, type TelnyxConfig, telnyx } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const patron = '+12125550134'
const to = { scheme: 'tel', value: patron } as const
const text = (key = 'notice 17/2026-11-24', words = 'Your hold is ready.'): Outbound => ({
  key,
  to,
  content: { text: words },
  purpose: 'holds',
})

let simulator: TelnyxSimulator
let sms: Telnyx
let began = 0
const started: { close(): unknown }[] = []

async function begin(options: SimulateOptions = {}, config: Partial<TelnyxConfig> = {}): Promise<void> {
  simulator = await simulate(options)
  started.push(simulator)
  sms = telnyx({ ...simulator.credentials, baseUrl: `${simulator.url}/v2`, ...config })
}
beforeEach(() => {
  began = Date.now()
  return begin()
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})

const silent = (more: Partial<Context> = {}): Context => {
  const { publicUrl: _, ...rest } = context(more)
  return rest
}
const sought = (more: Partial<LookupQuery> = {}): LookupQuery => {
  const [from, until] = [new Date(began - 1000).toISOString(), new Date().toISOString()]
  return { key: 'notice 17/2026-11-24', to, from, until, content: text().content, excludeProviderIds: [], ...more }
}

/** A Telnyx that answers this and nothing else; what it was sent is kept. */
async function answering(status: number, body: string, type = 'application/json'): Promise<string[]> {
  const sent: string[] = []
  const server = createServer((request, response) => {
    let said = ''
    request.on('data', (chunk) => {
      said += chunk
    })
    request.on('end', () => {
      sent.push(said)
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  started.push({ close: () => server.close().closeAllConnections() })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  sms = telnyx({ ...simulator.credentials, baseUrl })
  return sent
}
const message = (more: object) => JSON.stringify({ data: { id: 'a1', to: [{ status: 'queued' }], ...more } })

describe('measure', () => {
  test('parts, and a price of the recipient’s country', async () => {
    expect(sms.channel.measure(text().content, to)).toEqual({ units: 1, unit: 'part', encoding: 'gsm7', warnings: [] })
    const dollars = (micros: number) => ({ micros, currency: 'USD' })
    await begin({}, { price: { US: dollars(4000), '*': dollars(60_000) } })
    const cost = (value: string) => sms.channel.measure({ text: 'a'.repeat(161) }, { scheme: 'tel', value }).cost
    expect([patron, '+33612345678'].map(cost)).toEqual([dollars(8000), dollars(120_000)])
  })
  test('letters of GSM-7 that Telnyx leaves out make a text UTF-16: € and Ç, not ñ', () => {
    const encoding = (words: string) => sms.channel.measure({ text: words }).encoding
    expect(['5 €', 'Çanakkale', 'Ω', 'mañana {1}'].map(encoding)).toEqual(['ucs2', 'ucs2', 'ucs2', 'gsm7'])
    expect(sms.channel.measure({ text: `5 €${'a'.repeat(100)}` }).units).toBe(2)
  })
  test('above 10 parts it is too long, and so are 11 pictures', () => {
    expect(sms.channel.measure({ text: 'a'.repeat(1530) })).not.toHaveProperty('tooLong')
    expect(sms.channel.measure({ text: 'a'.repeat(1531) }).tooLong).toBe(true)
    const media = Array(11).fill({ ref: 'https://library.example/a.jpg', type: 'image/jpeg' })
    expect(sms.channel.measure({ text: 'a', media })).toMatchObject({ units: 1, unit: 'message', tooLong: true })
  })
  test('a landline is unfit where the numbering plan tells', () => {
    expect(sms.channel.measure({ text: 'a' }, { scheme: 'tel', value: '+442079460958' }).unreachable).toBe('a landline')
  })
})

describe('send', () => {
  test('says no more than it must, and our key travels in the URL of its events', async () => {
    const sent = await answering(200, message({}))
    const key = 'hold 17 & “späte” 100%/?#+=x'
    expect(await sms.channel.send(text(key), context())).toMatchObject({ id: 'a1', state: 'accepted' })
    expect(JSON.parse(sent[0] ?? '')).toEqual({
      to: patron,
      from: '+12125550100',
      messaging_profile_id: simulator.credentials.messagingProfileId,
      text: 'Your hold is ready.',
      webhook_url: `${publicUrl}?key=${encodeURIComponent(key)}`,
    })
    await begin()
    await sms.channel.send(text(key), context())
    expect(simulator.received()).toMatchObject([{ key, to, text: 'Your hold is ready.' }])
  })
  test('a profile’s pool sends without a number, and pictures go along', async () => {
    const { apiKey, publicKey, messagingProfileId } = simulator.credentials
    sms = telnyx({ apiKey, publicKey, messagingProfileId, baseUrl: simulator.url })
    expect(sms.channel.senders).toEqual([])
    const media = [{ ref: 'https://library.example/a.jpg', type: 'image/jpeg' }]
    await sms.channel.send({ ...text(), content: { text: '', media } }, silent())
    expect(simulator.messages()).toMatchObject([{ type: 'MMS', media: [{ url: media[0]?.ref }], text: '' }])
  })
  test('what has expired, and what is no number, is not sent', async () => {
    const late = { ...text(), expireAt: '2026-11-24T09:00:00.000Z' }
    expect((await thrown(sms.channel.send(late, silent()))).code).toBe('invalid')
    const mail = { ...text(), to: { scheme: 'mailto', value: 'ada@pine.example' } }
    expect((await thrown(sms.channel.send(mail, silent()), 'ada@pine')).code).toBe('invalid')
    expect(simulator.received()).toEqual([])
  })
  test.each([
    ['queued', 'accepted'],
    ['sending', 'accepted'],
    ['sent', 'sent'],
    ['delivery_unconfirmed', 'sent'],
    ['delivered', 'delivered'],
    ['delivery_failed', 'undelivered'],
    ['expired', 'undelivered'],
    ['sending_failed', 'rejected'],
    ['cancelled', 'rejected'],
    ['a word of next year', 'accepted'],
  ])('a status %s is %s', async (status, state) => {
    await answering(200, message({ to: [{ status }] }))
    expect((await sms.channel.send(text(), silent())).state).toBe(state)
  })
  test('a message that Telnyx took and failed at once says so', async () => {
    await answering(200, message({ to: [{ status: 'sending_failed' }], errors: [{ code: 40001 }] }))
    expect(await sms.channel.send(text(), silent())).toMatchObject({
      state: 'rejected',
      code: '40001',
      addressStatus: 'undeliverable',
    })
  })
})

describe('bad answers', () => {
  test('ids and amounts as numbers are read', async () => {
    await answering(200, JSON.stringify({ data: { id: 17, parts: '2', cost: { amount: 0.0051, currency: 'USD' } } }))
    expect(await sms.channel.send(text(), silent())).toMatchObject({ id: '17', state: 'accepted' })
  })
  test.each([
    ['an error inside', 200, '{"errors":[{"code":"40300","title":"Blocked"}]}', 'application/json'],
    ['no id', 200, '{"data":{"to":[]}}', 'application/json'],
    ['nothing', 200, '', 'application/json'],
    ['HTML', 200, '<html>Sign in</html>', 'text/html'],
    ['HTML of a proxy', 502, '<html>Bad gateway</html>', 'text/html'],
  ])('%s instead of a message: it may have been taken', async (_, status, body, type) => {
    await answering(status, body, type)
    expect((await thrown(sms.channel.send(text(), context()), patron, 'Your hold')).code).toBe('unknown')
  })
  test.each([
    ['40300 as text', '{"errors":[{"code":"40300"}]}', 'blocked'],
    ['40300 as a number', '{"errors":[{"code":40300}]}', 'blocked'],
    ['no list', '{"errors":"no"}', 'invalid'],
    ['null', 'null', 'invalid'],
    ['HTML', '<html>', 'invalid'],
  ])('a refusal with %s', async (_, body, code) => {
    await answering(400, body)
    expect((await thrown(sms.channel.send(text(), context()), patron)).code).toBe(code)
  })
})

describe('errors', () => {
  const rows: readonly (readonly [Code, ...number[]])[] = [
    ['auth', 10009],
    ['forbidden', 10010, 40314, 10038],
    ['rate_limited', 10011, 40318, 40011, 40016, 40018, 40333],
    ['config', 40305, 40306, 40307, 40308, 40013, 40312, 40321, 40010, 40100, 40150, 40151, 40329, 40330],
    ['undeliverable', 10001, 10002, 10016, 40001, 40012, 40310],
    ['blocked', 40300],
    ['unsupported', 40309, 40319, 10039],
    ['invalid', 10003, 10004, 10015, 10023, 10027, 40009, 40301, 40302, 40303, 40304, 40316, 40317, 40328],
    ['invalid', 40002, 40003, 40015, 40017, 40322],
    ['unavailable', 40004, 40005, 40006, 40007, 40008, 40014, 40315, 40320],
  ]
  test.each(rows.flatMap(([code, ...numbers]) => numbers.map((number) => [number, code] as const)))(
    'Telnyx error %i is %s',
    async (number, code) => {
      await answering(400, JSON.stringify({ errors: [{ code: String(number), detail: `from to ${patron}` }] }))
      const error = await thrown(sms.channel.send(text(), context()), patron, simulator.credentials.apiKey, 'Your hold')
      expect([error.code, error.vendor]).toEqual([code, { status: 400, code: String(number) }])
    },
  )
  test('an unknown number goes by its HTTP status', () => expect(codeOf(49_999)).toBeUndefined())
  test('only an error of the address itself speaks against the address', async () => {
    const means = async (number: number) => {
      simulator.refuse(patron, number)
      const { id = '' } = await sms.channel.send(text(), silent())
      return ((await sms.channel.lookup(sought({ id }), silent())) as Receipt).addressStatus
    }
    expect([await means(40001), await means(40008), await means(40002)]).toEqual([
      'undeliverable',
      undefined,
      undefined,
    ])
  })
  test('a wrong key is auth; one that changed since is asked for again', async () => {
    const { apiKey } = simulator.credentials
    const config = { ...simulator.credentials, baseUrl: simulator.url }
    const error = await thrown(
      telnyx({ ...config, apiKey: 'hunter2' }).channel.send(text(), silent()),
      'hunter2',
      patron,
    )
    expect([error.code, error.vendor]).toEqual(['auth', { status: 401, code: '10009' }])
    const keys = ['old', apiKey]
    const rotated = telnyx({ ...config, apiKey: () => keys.shift() ?? apiKey })
    expect(await rotated.channel.send(text(), silent())).toMatchObject({ state: 'accepted' })
  })
})

describe('find', () => {
  test('after a lost answer, by our key: the same text to the same number is another message', async () => {
    simulator.fault('reset-after-accept')
    await thrown(sms.channel.send(text('lost'), context()))
    const { id } = await sms.channel.send(text('known'), context())
    const found = await sms.channel.lookup(sought({ key: 'lost' }), context())
    expect(found).toMatchObject({ id: simulator.messages()[0]?.id, state: 'delivered' })
    expect(await sms.channel.lookup(sought({ key: 'known' }), context())).toMatchObject({ id })
    expect(await sms.channel.lookup(sought({ key: 'never' }), context())).toBe('absent')
  })
  test('without a URL of ours, by the text, typography apart', async () => {
    await sms.channel.send(text('a', 'Another text.'), silent())
    const { id = '' } = await sms.channel.send(text('b', '“The hold” is ready…'), silent())
    const content = { text: '"The hold" is ready...' }
    expect(await sms.channel.lookup(sought({ content }), silent())).toMatchObject({ id })
    expect(await sms.channel.lookup(sought({ content, excludeProviderIds: [id] }), silent())).toBe('absent')
  })
  test('by id; one that Telnyx no longer shows is unsure', async () => {
    const { id = '' } = await sms.channel.send(text(), context())
    expect(await sms.channel.lookup(sought({ id }), context())).toMatchObject({ id, state: 'delivered' })
    expect(await sms.channel.lookup(sought({ id: 'c0ffee' }), context())).toBe('unsure')
  })
  test('more than 250 records, or more than 20 of these minutes, are unsure', async () => {
    for (let n = 0; n < 21; n++) await sms.channel.send(text(`k${n}`), context())
    expect(await sms.channel.lookup(sought({ key: 'never' }), context())).toBe('unsure')
    for (let n = 21; n < 251; n++) await sms.channel.send(text(`k${n}`), context())
    const taken = simulator.messages().map(({ id }) => id)
    expect(await sms.channel.lookup(sought({ key: 'never', excludeProviderIds: taken }), context())).toBe('unsure')
  })
  test('what is queued is in no record yet, which is why `settle` is as long as the queue', async () => {
    await begin({ delayMs: 60_000 })
    await sms.channel.send(text(), context())
    expect(await sms.channel.lookup(sought(), context())).toBe('absent')
    expect(sms.channel.limits).toEqual({ maxQueueTime: '4h', visibleAfter: '4h', idempotent: false })
  })
  test('HTML or another shape is a broken contract, not an absence', async () => {
    for (const body of ['<html>', '{"data":[]}', '{"data":[{"uuid":null}],"meta":{"total_results":1}}']) {
      await answering(200, body)
      expect((await thrown(sms.channel.lookup(sought(), context()), patron)).code).toBe('contract')
    }
  })
})

describe('check', () => {
  test('the number, its profile, and whether texts come here', async () => {
    simulator.setWebhookUrl(publicUrl)
    expect(await sms.check(context())).toMatchObject([
      { what: 'channel.send', ok: true },
      { what: 'inlet.receive', ok: true },
    ])
    simulator.setWebhookUrl('https://elsewhere.example/')
    expect((await sms.check(context()))[1]).toMatchObject({
      ok: false,
      hint: `Set the profile’s webhook URL to ${publicUrl}.`,
    })
    expect((await sms.check(silent()))[1]).toMatchObject({ ok: 'unknown' })
  })
  test('another’s number, a wrong key, an outage', async () => {
    const config = { ...simulator.credentials, baseUrl: simulator.url }
    expect((await telnyx({ ...config, from: '+12125550199' }).check(context()))[0]).toMatchObject({ ok: false })
    const [first] = await telnyx({ ...config, apiKey: 'hunter2' }).check(context())
    expect(first).toMatchObject({ ok: false, hint: expect.stringContaining('apiKey') })
    simulator.fault('server-error', 20)
    expect((await sms.check(context())).map(({ ok }) => ok)).toEqual(['unknown', 'unknown'])
  })
})
