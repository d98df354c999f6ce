import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Code, Context, Fault, LookupQuery, Outbound, Receipt } from '@prm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SimulateOptions, simulate, type TwilioSimulator } from '../simulator/index.ts'
import { codeOf, type Twilio, type TwilioConfig, twilio } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const patron = '+12125550134'
const to = { scheme: 'tel', value: patron } as const
const text = (key = 'notice 17/2026-11-24', words = 'Your hold is ready.'): Outbound => ({
  key,
  to,
  content: { text: words },
  purpose: 'holds',
})

let simulator: TwilioSimulator
let sms: Twilio
let began = 0
const started: TwilioSimulator[] = []

async function begin(options: SimulateOptions = {}, config: Partial<TwilioConfig> = {}): Promise<void> {
  simulator = await simulate(options)
  started.push(simulator)
  sms = twilio({ ...simulator.credentials, baseUrl: simulator.url, ...config })
}
beforeEach(() => {
  began = Date.now()
  return begin()
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})

/** Nothing is posted anywhere. */
const silent = (more: Partial<Context> = {}): Context => {
  const { publicUrl: _, ...rest } = context(more)
  return rest
}
/** Calls off what does not come back, a while after it was taken. */
async function impatient(message: Outbound, more: Partial<Context> = {}): Promise<Receipt> {
  const stop = new AbortController()
  const before = simulator.received().length
  let over = false
  const sent = sms.channel.send(message, silent({ ...more, signal: stop.signal })).finally(() => {
    over = true
  })
  sent.catch(() => undefined) // It is awaited below.
  while (!over && simulator.received().length === before) await pause(5)
  await Promise.race([sent.catch(() => undefined), pause(200)])
  stop.abort()
  return sent
}

const sought = (more: Partial<LookupQuery> = {}): LookupQuery => {
  return {
    key: 'notice 17/2026-11-24',
    to,
    from: new Date(began - 1000).toISOString(),
    until: new Date().toISOString(),
    content: text().content,
    excludeProviderIds: [],
    ...more,
  }
}

describe('measure', () => {
  test('parts, without a cost where no price is known', () => {
    expect(sms.channel.measure(text().content, to)).toEqual({ units: 1, unit: 'part', encoding: 'gsm7', warnings: [] })
  })
  test('one price for all, per part', async () => {
    await begin({}, { price: { micros: 7900, currency: 'USD' } })
    expect(sms.channel.measure({ text: 'a'.repeat(161) }).cost).toEqual({ micros: 15_800, currency: 'USD' })
  })
  test('a price per country, also inside one dialling prefix; none for a country that has none', async () => {
    const dollars = (micros: number) => ({ micros, currency: 'USD' })
    await begin({}, { price: { US: dollars(7900), CA: dollars(8200), GB: dollars(46_000) } })
    const cost = (value: string) => sms.channel.measure({ text: 'a' }, { scheme: 'tel', value }).cost
    expect([patron, '+14165550100', '+447400123456', '+33612345678'].map(cost)).toEqual([
      dollars(7900),
      dollars(8200),
      dollars(46_000),
      undefined,
    ])
    expect(sms.channel.measure({ text: 'a' })).not.toHaveProperty('cost')
    await begin({}, { price: { US: dollars(7900), '*': dollars(90_000) } })
    expect(cost('+33612345678')).toEqual(dollars(90_000))
  })
  test('above 1,600 characters it is too long, Twilio error 21617', async () => {
    expect(sms.channel.measure({ text: 'a'.repeat(1600) })).not.toHaveProperty('tooLong')
    expect(sms.channel.measure({ text: 'a'.repeat(1601) }).tooLong).toBe(true)
    expect((await thrown(sms.channel.send(text('k', 'a'.repeat(1601)), silent()))).vendor).toEqual({
      status: 400,
      code: '21617',
    })
  })
  test('a landline is unfit where the numbering plan tells, which it does not in the US', () => {
    expect(sms.channel.measure({ text: 'a' }, { scheme: 'tel', value: '+442079460958' }).unreachable).toBe('a landline')
    expect(sms.channel.measure({ text: 'a' }, to)).not.toHaveProperty('unreachable')
  })
  test('pictures make it one message, at a price that is not the parts’', async () => {
    await begin({}, { price: { micros: 7900, currency: 'USD' } })
    const media = [{ ref: 'https://library.example/a.jpg', type: 'image/jpeg' }]
    expect(sms.channel.measure({ text: 'a'.repeat(500), media }, to)).toEqual({
      units: 1,
      unit: 'message',
      warnings: [],
    })
    expect(sms.channel.measure({ text: 'a', media: Array(11).fill(media[0]) }, to)).toMatchObject({ tooLong: true })
  })
})

describe('send', () => {
  test('returns what was taken: id, state, sender', async () => {
    const receipt = await sms.channel.send(text(), context())
    expect(receipt).toMatchObject({
      id: expect.stringMatching(/^SM[0-9a-f]{32}$/),
      state: 'accepted',
      from: { scheme: 'tel', value: '+12125550100' },
      raw: { status: 'queued', num_segments: '1', price: null },
    })
    expect(receipt).not.toHaveProperty('code')
  })
  test('our key travels in the status callback, whatever is in it', async () => {
    const key = 'hold 17 & “späte” 100%/?#+=x'
    await sms.channel.send(text(key), context())
    expect(simulator.received()).toMatchObject([{ key, to, text: 'Your hold is ready.' }])
  })
  test('without a public URL no callback is asked for', async () => {
    await sms.channel.send(text(), silent())
    expect(simulator.received()[0]).not.toHaveProperty('key')
  })
  test('a message’s own sender is used, and a Messaging Service instead of one', async () => {
    await sms.channel.send({ ...text(), from: { scheme: 'tel', value: '+15005550006' } }, silent())
    expect(simulator.messages()[0]).toMatchObject({ from: '+15005550006' })
    const messagingServiceSid = `MG${'a'.repeat(32)}`
    await begin({ messagingServiceSid })
    const { accountSid, authToken } = simulator.credentials
    sms = twilio({ accountSid, authToken, messagingServiceSid, baseUrl: simulator.url })
    expect(sms.channel.senders).toEqual([])
    const receipt = await sms.channel.send(text(), silent())
    expect(receipt).toMatchObject({ state: 'accepted', raw: { status: 'accepted' } })
    expect(receipt.raw.num_segments).toBe('0') // until Twilio has chosen a sender
  })
  test('pictures go along', async () => {
    const media = ['a', 'b'].map((name) => ({ ref: `https://library.example/${name}.jpg`, type: 'image/jpeg' }))
    const { id } = await sms.channel.send({ ...text(), content: { text: '', media } }, silent())
    expect(id).toMatch(/^MM/)
    expect(simulator.messages()[0]).toMatchObject({ num_media: '2', body: '' })
  })

  /** What arrived, from a server that takes everything. */
  async function form(message: Outbound, ctx: Context): Promise<URLSearchParams> {
    let body = ''
    const server = createServer((request, response) => {
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => response.end('{"sid":"SM1","status":"queued"}'))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const adapter = twilio({
      ...simulator.credentials,
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    try {
      await adapter.channel.send(message, ctx)
    } finally {
      server.closeAllConnections()
      server.close()
    }
    return new URLSearchParams(body)
  }
  const at = '2026-11-24T10:00:00.000Z'
  const clock = { now: () => new Date(at) }

  test.each([
    ['2026-11-24T12:00:00.000Z', '7200'],
    ['2026-11-25T12:00:00.000Z', '36000'],
    ['2026-11-24T10:00:02.500Z', '5'],
  ])('until %s Twilio may keep it for %s s', async (expireAt, seconds) => {
    expect((await form({ ...text(), expireAt }, silent(clock))).get('ValidityPeriod')).toBe(seconds)
  })
  test('what has expired is not sent', async () => {
    for (const expireAt of [at, '2026-11-24T09:00:00.000Z', 'tomorrow']) {
      expect((await thrown(sms.channel.send({ ...text(), expireAt }, silent(clock)))).code).toBe('invalid')
    }
    expect(simulator.received()).toEqual([])
  })
  test('the form says no more than it must', async () => {
    expect([...(await form(text('k'), context()))]).toEqual([
      ['To', patron],
      ['From', '+12125550100'],
      ['Body', 'Your hold is ready.'],
      ['StatusCallback', `${publicUrl}?key=k`],
    ])
  })
  test('other addresses than numbers are not for Twilio', async () => {
    expect(
      (await thrown(sms.channel.send({ ...text(), to: { scheme: 'mailto', value: 'a@b.example' } }, silent()))).code,
    ).toBe('invalid')
  })

  test.each([
    ['queued', 'accepted'],
    ['accepted', 'accepted'],
    ['scheduled', 'accepted'],
    ['sending', 'accepted'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'undelivered'],
    ['failed', 'rejected'],
    ['canceled', 'rejected'],
    ['partially_delivered', 'accepted'],
    ['a word of next year', 'accepted'],
  ])('a status %s is %s, and stays in raw', async (status, state) => {
    const server = createServer((_, response) =>
      response.end(JSON.stringify({ sid: 'SM1', status, error_code: status === 'failed' ? 30002 : null })),
    )
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const adapter = twilio({
      ...simulator.credentials,
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    const receipt = await adapter.channel.send(text(), silent())
    server.closeAllConnections()
    server.close()
    expect([receipt.state, receipt.raw.status, receipt.code]).toEqual([
      state,
      status,
      status === 'failed' ? '30002' : undefined,
    ])
  })
})

describe('errors', () => {
  // reference/channels.md §1.6, row by row; the last column is what core does with it.
  const rows: readonly (readonly [Code, ...number[]])[] = [
    ['auth', 20003],
    ['rate_limited', 20429, 21611, 30001, 30022, 30023, 35118, 35125, 63018, 63038],
    ['undeliverable', 21211, 21614, 30005, 30006, 63003, 63024],
    ['config', 21212, 21606, 21603, 21703, 21704, 21705, 21712, 30018, 30024, 30032, 30034, 30035, 63007, 63015],
    ['config', 20404, 21609, 11200, 11205, 11210, 11750, 12100, 12300],
    ['unsupported', 21408],
    ['invalid', 21602, 21617, 21608, 30007, 30009, 35111, 35114, 35115, 35117],
    ['invalid', 63013, 63016, 63019, 63021, 63027, 63028, 63030, 63031, 63032, 63049],
    ['blocked', 21610, 30004],
    ['forbidden', 30002, 63051],
    ['unavailable', 30003, 30008, 30017, 30450, 63012],
  ]
  test.each(rows.flatMap(([code, ...numbers]) => numbers.map((number) => [number, code] as const)))(
    'Twilio error %i is %s',
    async (number, code) => {
      const server = createServer((request, response) => {
        request.resume().on('end', () => {
          const body = { code: number, message: `to ${patron}`, more_info: 'https://www.twilio.com/docs', status: 400 }
          response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body))
        })
      })
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
      const adapter = twilio({
        ...simulator.credentials,
        baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      })
      const error = await thrown(
        adapter.channel.send(text(), context()),
        patron,
        simulator.credentials.authToken,
        'Your hold',
      )
      server.closeAllConnections()
      server.close()
      expect([error.code, error.vendor]).toEqual([code, { status: 400, code: String(number) }])
    },
  )
  test('an unknown number goes by its HTTP status', async () => {
    expect(codeOf(29_999)).toBeUndefined()
    simulator.refuse(patron, 29_999)
    expect((await thrown(sms.channel.send(text(), silent()))).code).toBe('invalid')
  })

  test.each([
    [21610, 'blocked'],
    [21211, 'undeliverable'],
    [21614, 'undeliverable'],
    [20429, 'rate_limited'],
  ] as const)('a number that Twilio refuses with %i: %s', async (number, code) => {
    simulator.refuse(patron, number)
    const error = await thrown(sms.channel.send(text(), context()), patron, simulator.credentials.authToken)
    expect([error.code, error.vendor?.code]).toEqual([code, String(number)])
    expect(simulator.received()).toEqual([])
  })
  test('Twilio’s own test numbers refuse as they do there', async () => {
    const codes = ['+15005550001', '+15005550003', '+15005550004', '+15005550009'].map(async (value) => {
      const error = await thrown(sms.channel.send({ ...text(), to: { scheme: 'tel', value } }, silent()), value)
      return error.vendor?.code
    })
    expect(await Promise.all(codes)).toEqual(['21211', '21408', '21610', '21614'])
  })
  test.each([30003, 30004, 30005, 30006, 30007, 30008])('%i comes later: taken, then undelivered', async (number) => {
    simulator.refuse(patron, number)
    const { id, state } = await sms.channel.send(text(), silent())
    expect(state).toBe('accepted')
    expect(await sms.channel.lookup(sought({ id: id ?? '' }), silent())).toMatchObject({
      state: 'undelivered',
      code: String(number),
    })
  })
  test('only an error of the address itself speaks against the address', async () => {
    const means = async (number: number) => {
      simulator.refuse(patron, number)
      const { id } = await sms.channel.send(text(), silent())
      return ((await sms.channel.lookup(sought({ id: id ?? '' }), silent())) as Receipt).addressStatus
    }
    expect([
      await means(30003),
      await means(30004),
      await means(30005),
      await means(30006),
      await means(30007),
    ]).toEqual([undefined, 'blocked', 'undeliverable', 'undeliverable', undefined])
  })
  test('a wrong token is auth; a token that changed since is asked for again', async () => {
    const { authToken } = simulator.credentials
    const wrong = twilio({ ...simulator.credentials, authToken: 'hunter2', baseUrl: simulator.url })
    const error = await thrown(wrong.channel.send(text(), silent()), 'hunter2', patron)
    expect([error.code, error.vendor]).toEqual(['auth', { status: 401, code: '20003' }])
    const tokens = ['old', authToken]
    const rotated = twilio({
      ...simulator.credentials,
      authToken: () => tokens.shift() ?? authToken,
      baseUrl: simulator.url,
    })
    expect(await rotated.channel.send(text(), silent())).toMatchObject({ state: 'accepted' })
  })

  test.each([
    ['rate-limited-seconds', 'rate_limited', 0],
    ['rate-limited-date', 'rate_limited', 0],
    ['server-error', 'unknown', 0],
    ['html', 'unknown', 0],
    ['reset', 'unknown', 0],
    ['reset-after-accept', 'unknown', 1],
    ['oversize-body', 'unknown', 1],
    ['hang-after-accept', 'unknown', 1],
    ['slow-body', 'unknown', 1],
    ['expired-token', 'auth', 0],
  ] satisfies [Fault, Code, number][])('%s is %s, with %i taken', async (fault, code, taken) => {
    const now = () => new Date('2026-11-24T15:00:00.300Z') // for both: a date to wait for comes nearer meanwhile
    await begin({ now })
    simulator.fault(fault)
    const error = await thrown(
      impatient(text(), { now }),
      patron,
      simulator.credentials.authToken,
      'Your hold',
      'sign in',
    )
    expect(error.code).toBe(code)
    if (code === 'rate_limited') expect(error.retryAfterMs).toBe(fault === 'rate-limited-date' ? 3_700 : 2_000)
    expect(simulator.received()).toHaveLength(taken)
    // Only that once.
    await sms.channel.send(text(), silent())
    expect(simulator.received()).toHaveLength(taken + 1)
  })
  test('nobody there: nothing was sent, so unavailable', async () => {
    await simulator.close()
    expect((await thrown(sms.channel.send(text(), silent()), patron)).code).toBe('unavailable')
    await begin()
  })
})

describe('find', () => {
  test('after a hang: what was taken is found, by its text', async () => {
    simulator.fault('hang-after-accept')
    expect((await thrown(impatient(text()))).code).toBe('unknown')
    const [message] = simulator.messages()
    expect(await sms.channel.lookup(sought(), silent())).toMatchObject({ id: message?.sid, state: 'delivered' })
  })
  test('what was not taken is absent', async () => {
    simulator.fault('server-error')
    expect((await thrown(sms.channel.send(text(), silent()))).code).toBe('unknown')
    expect(await sms.channel.lookup(sought(), silent())).toBe('absent')
  })
  test('two equal texts to one phone: each to its own, by what is bound already', async () => {
    const first = await sms.channel.send(text('card 1'), silent())
    simulator.fault('hang-after-accept')
    await thrown(impatient(text('card 2')))
    const second = await sms.channel.lookup(sought({ key: 'card 2', excludeProviderIds: [first.id ?? ''] }), silent())
    expect(second).toMatchObject({ id: simulator.messages()[1]?.sid })
    expect(
      await sms.channel.lookup(sought({ excludeProviderIds: simulator.messages().map(({ sid }) => sid) }), silent()),
    ).toBe('absent')
  })
  test('of several the oldest', async () => {
    const first = await sms.channel.send(text('a'), silent())
    await sms.channel.send(text('b'), silent())
    expect(await sms.channel.lookup(sought(), silent())).toMatchObject({ id: first.id })
  })
  test('another text, another number, another time is not it', async () => {
    await sms.channel.send(text('a', 'Something else.'), silent())
    await sms.channel.send({ ...text(), to: { scheme: 'tel', value: '+12125550135' } }, silent())
    await simulator.text({ from: '+12125550100', to: patron, body: 'Your hold is ready.' })
    expect(await sms.channel.lookup(sought(), silent())).toBe('absent')
    await sms.channel.send(text(), silent())
    const hour = 3_600_000
    const then = (ms: number) => new Date(Date.now() + ms).toISOString()
    expect(await sms.channel.lookup(sought({ from: then(-2 * hour), until: then(-hour) }), silent())).toBe('absent')
    expect(await sms.channel.lookup(sought({ from: then(hour), until: then(2 * hour) }), silent())).toBe('absent')
    expect(await sms.channel.lookup(sought({ from: then(-hour), until: then(hour) }), silent())).toMatchObject({
      state: 'delivered',
    })
  })
  test('a message still in the queue, without a date of sending, counts', async () => {
    await begin({ delayMs: 60_000 })
    const { id } = await sms.channel.send(text(), silent())
    expect(simulator.messages()[0]).toMatchObject({ status: 'queued', date_sent: null })
    expect(await sms.channel.lookup(sought(), silent())).toMatchObject({ id, state: 'accepted' })
  })
  test('by id: what became of it; an id that Twilio lists no more is no reason to send again', async () => {
    const { id } = await sms.channel.send(text(), silent())
    expect(await sms.channel.lookup(sought({ id: id ?? '' }), silent())).toMatchObject({ id, state: 'delivered' })
    expect(await sms.channel.lookup(sought({ id: `SM${'0'.repeat(32)}` }), silent())).toBe('unsure')
  })
  test('a failure to look is thrown, never called absent', async () => {
    simulator.fault('html')
    expect((await thrown(sms.channel.lookup(sought(), silent()), patron)).code).toBe('contract')
    simulator.fault('expired-token')
    expect((await thrown(sms.channel.lookup(sought(), silent()), patron)).code).toBe('auth')
    simulator.fault('page-moved')
    expect((await thrown(sms.channel.lookup(sought(), silent()), patron)).code).toBe('contract')
  })

  /** A list that says what it is told, page by page. */
  async function listing(pages: readonly object[][], dated: readonly object[][] = pages): Promise<string[]> {
    const asked: string[] = []
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      asked.push(url.search)
      const page = Number(url.searchParams.get('Page') ?? 0)
      const all = url.searchParams.has('DateSent>') ? dated : pages
      url.searchParams.set('Page', String(page + 1))
      response.end(
        JSON.stringify({
          messages: all[page] ?? [],
          next_page_uri: page + 1 < all.length ? `${url.pathname}${url.search}` : null,
        }),
      )
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    sms = twilio({ ...simulator.credentials, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    started.push({
      async close() {
        server.closeAllConnections()
        server.close()
      },
    } as unknown as TwilioSimulator)
    return asked
  }
  const listed = (sid: string, body: string | null, more: object = {}) => ({
    sid,
    body,
    status: 'sent',
    direction: 'outbound-api',
    date_created: new Date().toUTCString(),
    ...more,
  })

  test('it goes through the pages', async () => {
    const asked = await listing([[listed('SM1', 'x')], [listed('SM2', 'y')], [listed('SM3', 'Your hold is ready.')]])
    expect(
      await sms.channel.lookup(
        sought({ from: '2026-11-24T00:30:00.000Z', until: '2099-01-01T00:00:00.000Z' }),
        silent(),
      ),
    ).toMatchObject({ id: 'SM3' })
    expect(asked[0]).toBe('?To=%2B12125550134&DateSent%3E=2026-11-23&PageSize=1000')
    expect(asked).toHaveLength(3)
  })
  test('more pages than it reads: unsure, not absent', async () => {
    const asked = await listing(Array(9).fill([listed('SM1', 'x')]))
    expect(await sms.channel.lookup(sought(), silent())).toBe('unsure')
    expect(asked).toHaveLength(10)
  })
  test('if the date filter hides what is still queued, the list without it shows it', async () => {
    await listing([[listed('SM1', 'Your hold is ready.', { status: 'queued', date_sent: null })]], [[]])
    expect(await sms.channel.lookup(sought(), silent())).toMatchObject({ id: 'SM1', state: 'accepted' })
  })
  test.each([[''], [null]])('a redacted body may be ours: unsure', async (body) => {
    await listing([[listed('SM1', body)]])
    expect(await sms.channel.lookup(sought(), silent())).toBe('unsure')
    expect(await sms.channel.lookup(sought({ excludeProviderIds: ['SM1'] }), silent())).toBe('absent')
  })
  test('a body that Twilio wrote more plainly, or marked as a trial’s, is the same text', async () => {
    const content = { text: '“It’s here” – see you…' }
    for (const body of [
      `"It's here" - see you...`,
      'Sent from your Twilio trial account - “It’s here” – see you…',
      '“It’s here” – see you… ',
    ]) {
      await listing([[listed('SM1', body)]])
      expect(await sms.channel.lookup(sought({ content }), silent())).toMatchObject({ id: 'SM1' })
    }
  })
  test('a date that cannot be read does not hide a message', async () => {
    await listing([[listed('SM1', 'Your hold is ready.', { date_created: 'soon' })]])
    expect(await sms.channel.lookup(sought(), silent())).toMatchObject({ id: 'SM1' })
  })
})

describe('remove', () => {
  test('deletes a message at Twilio, a text that came in too, and one that is gone is gone', async () => {
    const { id = '' } = await sms.channel.send(text(), silent())
    await simulator.text({ from: patron, body: 'hello' })
    await sms.channel.remove(id, silent())
    expect(simulator.messages()).toEqual([])
    expect(simulator.received()).toEqual([])
    expect((await thrown(sms.channel.remove(id, silent()), patron)).code).toBe('not_found')
    expect(await sms.channel.lookup(sought({ id }), silent())).toBe('unsure')
  })
  test('one on its way is refused, to be asked for again', async () => {
    await begin({ delayMs: 60_000 })
    const { id = '' } = await sms.channel.send(text(), silent())
    expect((await thrown(sms.channel.remove(id, silent()))).code).toBe('conflict')
    expect(simulator.messages().length).toBe(1)
  })
})

describe('block', () => {
  const said = (blocked: boolean, value = patron) => ({
    id: `said ${value}`,
    address: { scheme: 'tel', value },
    optedOut: blocked,
    at: '2026-11-24T16:00:00.123Z',
  })
  const block = async (...told: Parameters<typeof said>) => sms.channel.setOptOut?.(said(...told), silent())
  test('puts a number on the list and takes it off, twice as well as once, whoever texted what', async () => {
    for (const blocked of [true, true, false, false, true]) {
      await block(blocked)
      expect(simulator.blocked(patron)).toBe(blocked)
    }
    expect((await thrown(sms.channel.send(text(), silent()))).code).toBe('blocked')
    await simulator.text({ from: patron, body: 'START' })
    expect(simulator.blocked(patron)).toBe(false)
  })
  test('what Twilio does not take is said without the number, and a lost answer is asked for again', async () => {
    const refused = await thrown(block(true, '+1'))
    expect([refused.code, refused.message]).toEqual(['invalid', 'Twilio took no consent: error 30646.'])
    simulator.fault('server-error', 5)
    expect((await thrown(block(true))).code).toBe('unavailable')
    await begin({ messagingServiceSid: 'MG1' }, { from: undefined, messagingServiceSid: 'MG1' })
    await block(true)
    expect(simulator.blocked(patron)).toBe(true)
  })
  test('is not there for a sender name, which has no list', async () => {
    await begin({}, { from: 'Library' })
    expect(sms.channel).not.toHaveProperty('block')
  })
})

describe('check', () => {
  const findings = async (ctx: Context) => Object.fromEntries((await sms.check(ctx)).map(({ what, ok }) => [what, ok]))

  test('says what works here', async () => {
    simulator.setWebhookUrl(publicUrl)
    expect(await findings(context())).toEqual({
      account: true,
      'channel.send': true,
      'inlet.receive': true,
      'inlet.status': true,
    })
  })
  test('says what does not', async () => {
    expect(await findings(context())).toMatchObject({ 'inlet.receive': false })
    expect(await findings(silent())).toMatchObject({ 'inlet.receive': 'unknown', 'inlet.status': 'unknown' })
    expect(await findings(context({ publicUrl: 'https://my_library.example/prm/sms' }))).toMatchObject({
      'inlet.status': false,
    })
    expect(await findings(context({ publicUrl: 'http://localhost:3000/prm/sms' }))).toMatchObject({
      'inlet.status': 'unknown',
    })
    sms = twilio({ ...simulator.credentials, from: '+12125550999', baseUrl: simulator.url })
    expect(await findings(context())).toMatchObject({ 'channel.send': false })
    sms = twilio({ ...simulator.credentials, from: 'ALDER LIB', baseUrl: simulator.url })
    expect(await findings(context())).toMatchObject({ 'channel.send': 'unknown' })
    sms = twilio({ ...simulator.credentials, authToken: 'hunter2', baseUrl: simulator.url })
    const ctx = context()
    const found = await sms.check(ctx)
    expect(found).toMatchObject([{ what: 'account', ok: false, hint: expect.stringContaining('authToken') }])
    expect(JSON.stringify([found, ctx.logged])).not.toContain('hunter2')
  })
  test('an outage is no verdict', async () => {
    simulator.fault('server-error', 3)
    expect(await findings(context())).toEqual({ account: 'unknown' })
  })
})
