import { createHash, createHmac } from 'node:crypto'
import { type MessageReceived, PrmError } from '@prm/core'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { simulate, type TwilioSimulator } from '../simulator/index.ts'
import { type Twilio, type TwilioConfig, twilio } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const authToken = '12345'
const patron = '+12125550134'
const config: TwilioConfig = { accountSid: `AC${'0a'.repeat(16)}`, authToken, from: '+12125550100' }
const sms = twilio(config)

/** A request whose signature is over this text, whatever it says. */
function request(
  url: string,
  body: string,
  over: string,
  more: { token?: string; type?: string; method?: string } = {},
): Request {
  const { token = authToken, type = 'application/x-www-form-urlencoded', method = 'POST' } = more
  return new Request(url, {
    method,
    headers: { 'content-type': type, 'x-twilio-signature': createHmac('sha1', token).update(over).digest('base64') },
    ...(method === 'POST' && { body }),
  })
}
const text = { MessageSid: 'SM1', From: patron, To: '+12125550100', Body: 'When do you close?', SmsStatus: 'received' }
/** Its names are in code-unit order already, but for the vectors below. */
const over = (url: string, fields: Record<string, string>) =>
  url +
  Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
    .join('')
const signed = (fields: Record<string, string>, url = publicUrl, more: { token?: string; type?: string } = {}) =>
  request(url, new URLSearchParams(fields).toString(), over(url, fields), more)

const facts = async (one: Request, ctx = context(), adapter: Twilio = sms) =>
  (await adapter.webhook.receive(one, ctx)).interactions

describe('the signature', () => {
  test('a vector made by hand, with a repeated name, another case, a query and a port', async () => {
    // printf %s 'https://library.example/prm/sms?b=2&a=1%20xBodyhi éFrom+1MessageSidSM7Zlastaxax2ay' |
    //   openssl dgst -sha1 -hmac 12345 -binary | base64
    const signature = 'J3+5QEx5Camf5mRXsNDJWJISw7E='
    const url = `${publicUrl}?b=2&a=1%20x`
    const body = 'a=y&a=x&a=x&a=x2&Zlast=&MessageSid=SM7&From=%2B1&Body=hi+%C3%A9'
    const one = new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
      body,
    })
    expect(await facts(one)).toMatchObject([{ key: 'SM7', data: { content: { text: 'hi é' } } }])
  })

  test.each(['https://Library.Example/prm/sms', 'https://LIBRARY.example:8443/prm/sms'])(
    'over %s is taken as that host is written, and in lower case',
    async (written) => {
      const ctx = { ...context(), publicUrl: written }
      for (const url of [written, new URL(written).href])
        expect(await facts(signed(text, url), ctx)).toMatchObject([{ key: 'SM1' }])
      const other = written.replace(/library/i, 'other')
      expect(await thrown(facts(signed(text, other), ctx))).toMatchObject({ code: 'signature' })
    },
  )

  test('any change of a name, a value, the URL or the token breaks it, and stores nothing', async () => {
    const word = fc.stringMatching(/^[A-Za-z0-9 +é]{1,8}$/)
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(word, word, { maxKeys: 5, noNullPrototype: true }),
        word,
        word,
        fc.nat(4),
        async (extra, name, value, kind) => {
          const fields = { ...extra, ...text }
          const changed = { ...fields, [kind === 0 ? name : 'Body']: kind === 0 ? value : `${text.Body} ${value}` }
          if (kind === 0) fc.pre(!(name in fields) || fields[name as keyof typeof fields] !== value)
          const body = (all: object) => new URLSearchParams(all as Record<string, string>).toString()
          const { From: _, ...dropped } = fields
          const one = [
            request(publicUrl, body(changed), over(publicUrl, fields)),
            request(publicUrl, body(changed), over(publicUrl, fields)),
            request(publicUrl, body(dropped), over(publicUrl, fields)),
            request(`${publicUrl}?key=${encodeURIComponent(value)}`, body(fields), over(publicUrl, fields)),
            request(publicUrl, body(fields), over(publicUrl, fields), { token: `${authToken}${value}` }),
          ][kind]
          if (!one) throw new Error('There are five.')
          expect((await thrown(facts(one), authToken, patron)).code).toBe('signature')
          expect(await facts(signed(fields))).toHaveLength(1)
        },
      ),
      { numRuns: 200 },
    )
  })

  test.each([
    ['missing', {}],
    ['empty', { 'x-twilio-signature': '' }],
    ['of another length', { 'x-twilio-signature': 'abc' }],
  ])('%s: refused', async (_, headers) => {
    const body = new URLSearchParams(text).toString()
    const one = new Request(publicUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    })
    expect((await thrown(facts(one), authToken, patron)).code).toBe('signature')
  })

  test.each([
    ['without a port', 'https://library.example/prm/sms', 'https://library.example/prm/sms'],
    ['with the default port', 'https://library.example/prm/sms', 'https://library.example:443/prm/sms'],
    ['with its own port', 'https://library.example:8443/prm/sms', 'https://library.example:8443/prm/sms'],
    ['without its own port', 'https://library.example:8443/prm/sms', 'https://library.example/prm/sms'],
    ['plain http with port 80', 'http://library.example/prm/sms', 'http://library.example:80/prm/sms'],
    ['a query as it was sent', `${publicUrl}?key=it%27s%20%22x%22`, `${publicUrl}?key=it%27s%20%22x%22`],
    ['a query written anew', `${publicUrl}?key=it%27s%20%22x%22`, `${publicUrl}?key=it's%20%22x%22`],
    ['both', `${publicUrl}?key=it%27s`, "https://library.example:443/prm/sms?key=it's"],
  ])('Twilio signs a URL %s', async (_, called, overUrl) => {
    const url = called.replace(/\?.*/, '')
    expect(
      await facts(
        request(called, new URLSearchParams(text).toString(), over(overUrl, text)),
        context({ publicUrl: url }),
      ),
    ).toHaveLength(1)
  })

  test('the public URL counts, not what the request says of itself', async () => {
    const inside = 'http://10.0.0.7:3000/prm/sms'
    const body = new URLSearchParams(text).toString()
    expect(await facts(request(inside, body, over(publicUrl, text)))).toHaveLength(1)
    // Signed for another host: whoever did that has the token of another app, or none.
    const forged = request('https://evil.example/prm/sms', body, over('https://evil.example/prm/sms', text))
    expect((await thrown(facts(forged))).code).toBe('signature')
    const { publicUrl: _, ...nowhere } = context()
    expect(await thrown(facts(signed(text), nowhere as ReturnType<typeof context>))).toMatchObject({
      code: 'config',
      field: 'url',
    })
  })

  test('while a token is rotated both sign, and afterwards one', async () => {
    const old = () => signed(text, publicUrl, { token: 'old' })
    const rotating = twilio({ ...config, previousAuthToken: async () => 'old' })
    expect(await facts(old(), context(), rotating)).toHaveLength(1)
    expect(await facts(signed(text), context(), rotating)).toHaveLength(1)
    expect((await thrown(facts(signed(text, publicUrl, { token: 'older' }), context(), rotating), 'old')).code).toBe(
      'signature',
    )
    expect((await thrown(facts(old()))).code).toBe('signature')
  })

  test('a JSON body is signed by its hash in the URL', async () => {
    const json = JSON.stringify({ ...text, Body: 'hallo “you”' })
    const url = (body: string) => `${publicUrl}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const type = 'application/json; charset=utf-8'
    expect(await facts(request(url(json), json, url(json), { type }))).toMatchObject([
      { key: 'SM1', data: { content: { text: 'hallo “you”' } } },
    ])
    expect((await thrown(facts(request(url(json), `${json} `, url(json), { type })))).code).toBe('signature')
    // A hash that fits a forged body is not the URL that was signed.
    expect((await thrown(facts(request(url('{}'), '{}', url(json), { type })))).code).toBe('signature')
    expect((await thrown(facts(request(url('{'), '{', url('{'), { type })))).code).toBe('invalid')
  })

  test('a GET is signed by its URL alone', async () => {
    const url = `${publicUrl}?${new URLSearchParams(text)}`
    expect(await facts(request(url, '', url, { method: 'GET' }))).toMatchObject([
      { key: 'SM1', data: { content: { text: text.Body } } },
    ])
    expect((await thrown(facts(request(`${url}x`, '', url, { method: 'GET' })))).code).toBe('signature')
  })

  test.each([
    ['no form', 'application/json', '{"Body":"x"}', 'invalid'],
    ['no type', '', 'Body=x', 'invalid'],
    ['more than 1 MiB', 'application/x-www-form-urlencoded', `Body=${'x'.repeat(1024 * 1024)}`, 'invalid'],
    ['a truncated form', 'application/x-www-form-urlencoded', 'MessageSid=SM1&Bo', 'signature'],
    ['bytes', 'application/x-www-form-urlencoded', '\u0000\ufffd%ff%zz', 'signature'],
  ] as const)('%s is refused', async (_, type, body, code) => {
    expect((await thrown(facts(request(publicUrl, body, over(publicUrl, text), { type })))).code).toBe(code)
  })
})

describe('a text', () => {
  test('is a fact: from whom, to which number, in what words, under its sid', async () => {
    const { interactions, reply } = await sms.webhook.receive(signed(text), context())
    expect(interactions).toEqual([
      {
        key: 'SM1',
        type: 'message.received',
        source: 'sms',
        who: { scheme: 'tel', value: patron },
        to: { scheme: 'tel', value: '+12125550100' },
        data: { content: { text: 'When do you close?' } },
      },
    ])
    expect([reply?.status, reply?.headers.get('content-type'), await reply?.text()]).toEqual([
      200,
      'text/xml',
      '<Response/>',
    ])
  })
  test('twice is the same fact twice', async () => {
    expect(await facts(signed(text))).toEqual(await facts(signed(text)))
  })
  test('with pictures', async () => {
    const fields = {
      ...text,
      Body: '',
      MessageSid: 'MM1',
      NumMedia: '2',
      MediaUrl0: 'https://a/0',
      MediaContentType0: 'image/png',
      MediaUrl1: 'https://a/1',
    }
    expect((await facts(signed(fields)))[0]?.data).toEqual({
      content: {
        text: '',
        media: [
          { ref: 'https://a/0', type: 'image/png' },
          { ref: 'https://a/1', type: '' },
        ],
      },
    })
    // A number that would count for ever.
    expect((await facts(signed({ ...fields, NumMedia: '1e9' })))[0]?.data).toMatchObject({
      content: { media: { length: 2 } },
    })
  })
  test('of another channel keeps its scheme', async () => {
    expect(await facts(signed({ ...text, From: `whatsapp:${patron}` }))).toMatchObject([
      { who: { scheme: 'whatsapp', value: patron } },
    ])
  })
  test('that names nobody is still a fact; one without a sid has no key', async () => {
    const { From: _, ...nobody } = text
    expect((await facts(signed(nobody)))[0]).not.toHaveProperty('who')
    const { MessageSid: __, ...nameless } = text
    expect((await thrown(facts(signed(nameless)))).code).toBe('invalid')
    expect(await facts(signed({ ...nameless, SmsSid: 'SM2' }))).toMatchObject([{ key: 'SM2' }])
  })
  test.each([
    ['STOP', {}, { optOut: 'stop', confirmed: true }],
    [' stop ', {}, { optOut: 'stop', confirmed: true }],
    ['OptOut', {}, { optOut: 'stop', confirmed: true }],
    ['ＳＴＯＰ', {}, { optOut: 'stop' }],
    ['Stop please', {}, { optOut: 'stop' }],
    ['please stop texting me', {}, { optOut: 'stop' }],
    ['STOP NEWS', {}, { optOut: 'stop', scope: 'news' }],
    ['stop sending me ads', {}, { optOut: 'stop', scope: 'promotional' }],
    ['STOP NEWS', { OptOutType: 'STOP' }, { optOut: 'stop', confirmed: true }],
    ['START', {}, { optOut: 'start', confirmed: true }],
    ['help', {}, { optOut: 'help', confirmed: true }],
    ['BASTA', { OptOutType: 'STOP' }, { optOut: 'stop', confirmed: true }],
    ['ayuda', { OptOutType: 'HELP' }, { optOut: 'help', confirmed: true }],
    ['can you stop by', {}, {}],
    ['When do you close?', { OptOutType: '' }, {}],
  ])('“%s” %j: %j', async (body, more, expected) => {
    const [fact] = await facts(signed({ ...text, ...more, Body: body }))
    expect(fact?.data).toEqual({ content: { text: body }, ...expected })
  })
})

describe('a status', () => {
  const status = {
    MessageSid: 'SM1',
    MessageStatus: 'delivered',
    SmsStatus: 'delivered',
    To: patron,
    From: '+12125550100',
  }
  const url = `${publicUrl}?key=${encodeURIComponent('hold 17 & “späte” +')}`

  test('is a fact about our message, and is answered with nothing', async () => {
    const { interactions, reply } = await sms.webhook.receive(signed(status, url), context())
    expect(interactions).toEqual([
      {
        key: 'SM1 delivered',
        type: 'message.delivery',
        source: 'sms',
        about: { source: 'prm', key: 'hold 17 & “späte” +' },
        data: { raw: 'delivered', state: 'delivered', providerId: 'SM1' },
      },
    ])
    expect([reply?.status, await reply?.text()]).toEqual([204, ''])
  })
  test('late, twice and out of order it is the same facts', async () => {
    const come = async (...words: string[]) => {
      const keys = await Promise.all(
        words.map(async (word) => (await facts(signed({ ...status, MessageStatus: word }, url)))[0]?.key),
      )
      return new Set(keys)
    }
    expect(await come('sent', 'delivered')).toEqual(await come('delivered', 'sent', 'delivered', 'sent'))
  })
  test.each([
    ['undelivered', { ErrorCode: '30003' }, { state: 'undelivered', code: '30003' }],
    ['failed', { ErrorCode: '30001' }, { state: 'rejected', code: '30001' }],
    ['canceled', {}, { state: 'rejected' }],
    ['sent', { ErrorCode: '' }, { state: 'sent' }],
    ['sent', { ErrorCode: '0' }, { state: 'sent' }],
    ['read', {}, { state: 'read' }],
    ['a word of next year', {}, {}],
  ])('%s %j: %j', async (raw, more, expected) => {
    const [fact] = await facts(signed({ ...status, MessageStatus: raw, ...more }, url))
    expect(fact?.data).toEqual({ raw, providerId: 'SM1', ...expected })
  })
  test('of a service’s own callback URL names the provider’s id only', async () => {
    expect((await facts(signed(status)))[0]).not.toHaveProperty('about')
  })
  test('the key counts in the query only, where it is ours', async () => {
    expect((await facts(signed({ ...status, key: 'forged' })))[0]).not.toHaveProperty('about')
  })
})

test('a webhook of another kind is no fact and no error', async () => {
  const ctx = context()
  expect(await facts(signed({ EventType: 'TYPING_STARTED', From: patron }), ctx)).toEqual([])
  expect(JSON.stringify(ctx.logged)).not.toContain(patron)
})

describe('with the simulator', () => {
  let simulator: TwilioSimulator
  let adapter: Twilio
  beforeEach(async () => {
    simulator = await simulate({ webhookUrl: publicUrl })
    adapter = twilio({ ...simulator.credentials, baseUrl: simulator.url })
  })
  afterEach(() => simulator.close())

  test('its requests are taken, and a picture is fetched with our credentials', async () => {
    const bytes = new Uint8Array([1, 2, 3])
    const one = simulator.webhook({ from: patron, body: 'look', media: [{ type: 'image/png', bytes }] })
    const [fact] = await facts(one, context(), adapter)
    const attachment = (fact?.data as MessageReceived | undefined)?.content.media?.[0]
    if (!attachment) throw new Error('There is one.')
    const response = await adapter.webhook.media(attachment, context())
    expect([response.headers.get('content-type'), new Uint8Array(await response.arrayBuffer())]).toEqual([
      'image/png',
      bytes,
    ])
    const refused = await fetch(attachment.ref)
    expect(refused.status).toBe(401)
  })
  test('credentials go to no other host than the API’s', async () => {
    for (const ref of ['https://evil.example/x.png', 'http://127.0.0.1:1/x.png', 'file:///etc/passwd']) {
      const error: unknown = await adapter.webhook
        .media({ ref, type: 'image/png' }, context())
        .catch((error: unknown) => error)
      expect(PrmError.is(error) && error.code).toBe('contract')
    }
  })
})
