import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SimulateOptions, simulate, type TwilioSimulator } from '../simulator/index.ts'
import { twilio } from '../src/index.ts'
import { context, publicUrl } from './context.ts'

const patron = '+12125550134'
let simulator: TwilioSimulator
let library: Server
let heard: { body: URLSearchParams; verified: boolean }[]
let url: string
const open: TwilioSimulator[] = []

async function begin(options: SimulateOptions = {}): Promise<void> {
  simulator = await simulate(options)
  open.push(simulator)
  simulator.setWebhookUrl(url)
}

/** A library that hears webhooks on loopback and checks them with the adapter. */
beforeEach(async () => {
  heard = []
  library = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const body = Buffer.concat(chunks)
      const copy = new Request(new URL(request.url ?? '', url), {
        method: 'POST',
        headers: request.headers as Record<string, string>,
        body,
      })
      const { webhook } = twilio({ ...simulator.credentials, baseUrl: simulator.url })
      const verified = await webhook.receive(copy, context({ publicUrl: url })).then(
        () => true,
        () => false,
      )
      heard.push({ body: new URLSearchParams(body.toString()), verified })
      response.writeHead(verified ? 204 : 403).end()
    })
  })
  await new Promise<void>((done) => library.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(library.address() as AddressInfo).port}/prm/sms`
  await begin()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  library.closeAllConnections()
  library.close()
})

const api = (path: string, init: RequestInit & { token?: string } = {}) => {
  const { accountSid, authToken } = simulator.credentials
  return fetch(`${simulator.url}/2010-04-01/Accounts/${accountSid}${path}`, {
    ...init,
    headers: { authorization: `Basic ${btoa(`${accountSid}:${init.token ?? authToken}`)}` },
  })
}
const post = (fields: Record<string, string>) =>
  api('/Messages.json', {
    method: 'POST',
    body: new URLSearchParams({ From: simulator.credentials.from, To: patron, Body: 'hello', ...fields }),
  })
// biome-ignore lint/suspicious/noExplicitAny: what an API answers is for the test to say
const answer = async (response: Promise<Response> | Response): Promise<any> => (await response).json()
const statuses = () => heard.map(({ body }) => body.get('MessageStatus'))

describe('the API', () => {
  test('takes a message with 201, and shows it, listed and alone', async () => {
    const response = await post({})
    const message = await answer(response)
    expect([response.status, message]).toMatchObject([
      201,
      { status: 'queued', num_segments: '1', price: null, direction: 'outbound-api', to: patron },
    ])
    expect(await answer(api(`/Messages/${message.sid}.json`))).toMatchObject({
      sid: message.sid,
      status: 'delivered',
    })
    expect(await answer(api('/Messages.json'))).toMatchObject({
      messages: [{ sid: message.sid }],
      next_page_uri: null,
    })
    expect(simulator.received()).toMatchObject([{ to: { scheme: 'tel', value: patron }, text: 'hello' }])
  })
  test('refuses as Twilio does: JSON with code, message, more_info and status', async () => {
    const refused = async (fields: Record<string, string>) => {
      const response = await post(fields)
      const body = await answer(response)
      expect(body).toEqual({
        code: body.code,
        message: expect.any(String),
        more_info: `https://www.twilio.com/docs/errors/${body.code}`,
        status: response.status,
      })
      return [response.status, body.code]
    }
    expect(await refused({ To: '' })).toEqual([400, 21604])
    expect(await refused({ To: '5551234' })).toEqual([400, 21211])
    expect(await refused({ From: '' })).toEqual([400, 21603])
    expect(await refused({ From: '+12125559999' })).toEqual([400, 21606])
    expect(await refused({ From: '+15005550001' })).toEqual([400, 21212])
    expect(await refused({ From: '+15005550008' })).toEqual([429, 21611])
    expect(await refused({ Body: '' })).toEqual([400, 21602])
    expect(await refused({ Body: 'a'.repeat(1601) })).toEqual([400, 21617])
    expect(await refused({ StatusCallback: 'https://my_library.example/x' })).toEqual([400, 21609])
    expect(await refused({ StatusCallback: 'library' })).toEqual([400, 21609])
    expect(await refused({ ValidityPeriod: '36001' })).toEqual([400, 21621])
    expect(await refused({ MessagingServiceSid: `MG${'0'.repeat(32)}` })).toEqual([404, 21701])
    expect(simulator.received()).toEqual([])
    const wrong = await api('/Messages.json', { token: 'hunter2' })
    expect([wrong.status, (await answer(wrong)).code]).toEqual([401, 20003])
    const missing = await api('/Calls.json')
    expect([missing.status, (await answer(missing)).code]).toEqual([404, 20404])
  })
  test('lists by number and day, newest first, in pages', async () => {
    let day = '2026-11-22'
    await begin({ now: () => new Date(`${day}T12:00:00Z`) })
    for (day of ['2026-11-22', '2026-11-23', '2026-11-24']) {
      await post({ Body: day })
      await post({ Body: day, To: '+12125550135' })
    }
    const bodies = async (query: string) => {
      const all: string[] = []
      let path: string | null = `/Messages.json?${query}`
      while (path) {
        const page: { messages: { body: string }[]; next_page_uri: string | null } = await answer(api(path))
        all.push(...page.messages.map(({ body }) => body))
        path = page.next_page_uri?.replace(/.*(?=\/Messages)/, '') ?? null
      }
      return all
    }
    const to = `To=${encodeURIComponent(patron)}`
    expect(await bodies(to)).toEqual(['2026-11-24', '2026-11-23', '2026-11-22'])
    expect(await bodies(`${to}&DateSent%3E=2026-11-23`)).toEqual(['2026-11-24', '2026-11-23'])
    expect(await bodies(`${to}&DateSent%3C=2026-11-22`)).toEqual(['2026-11-22'])
    expect(await bodies(`${to}&DateSent=2026-11-23`)).toEqual(['2026-11-23'])
    expect(await bodies('PageSize=4')).toHaveLength(6)
    expect(await bodies(`${to}&PageSize=1`)).toEqual(['2026-11-24', '2026-11-23', '2026-11-22'])
  })
})

describe('reports', () => {
  test('come signed, one for each status after the first', async () => {
    await post({ StatusCallback: `${url}?key=a%20b` })
    await simulator.idle()
    expect(statuses()).toEqual(['sending', 'sent', 'delivered'])
    expect(heard.every(({ verified }) => verified)).toBe(true)
    expect(simulator.posted().map(({ answer }) => answer)).toEqual([204, 204, 204])
    expect(simulator.received()[0]).toMatchObject({ key: 'a b' })
  })
  test('through a Messaging Service they begin with queued', async () => {
    const messagingServiceSid = `MG${'a'.repeat(32)}`
    await begin({ messagingServiceSid })
    const response = await post({ From: '', MessagingServiceSid: messagingServiceSid, StatusCallback: url })
    expect(await response.json()).toMatchObject({ status: 'accepted', from: null, num_segments: '0' })
    await simulator.idle()
    expect(statuses()).toEqual(['queued', 'sending', 'sent', 'delivered'])
  })
  test('come twice, or in the wrong order, when told to', async () => {
    simulator.fault('duplicate-report')
    await post({ StatusCallback: url })
    await simulator.idle()
    simulator.fault('reordered-reports')
    await post({ StatusCallback: url })
    await simulator.idle()
    expect(statuses()).toEqual([
      'sending',
      'sending',
      'sent',
      'sent',
      'delivered',
      'delivered',
      'delivered',
      'sent',
      'sending',
    ])
  })
  test.each([
    [30003, ['sending', 'sent', 'undelivered']],
    [30001, ['failed']],
  ])('%i is told by report', async (code, words) => {
    simulator.refuse(patron, code)
    expect((await post({ StatusCallback: url })).status).toBe(201)
    await simulator.idle()
    expect([statuses(), heard.at(-1)?.body.get('ErrorCode')]).toEqual([words, String(code)])
  })
  test('nobody listening is noted and hurts nobody', async () => {
    await post({ StatusCallback: 'http://127.0.0.1:1/gone' })
    await simulator.idle()
    expect(simulator.posted().map(({ answer }) => answer)).toEqual([0, 0, 0])
  })
  test('leave the machine never', async () => {
    await post({ StatusCallback: publicUrl })
    await simulator.idle()
    simulator.setWebhookUrl(publicUrl)
    expect(await simulator.text({ from: patron, body: 'STOP' })).toBeUndefined()
    expect([simulator.posted(), simulator.blocked(patron)]).toEqual([[], true])
  })
  test('stop when it is closed', async () => {
    await begin({ delayMs: 60_000 })
    await post({ StatusCallback: url })
    await simulator.close()
    await simulator.idle()
    expect(statuses()).toEqual([])
  })
})

describe('a patron', () => {
  test('texts the library, signed', async () => {
    expect((await simulator.text({ from: patron, body: 'When do you close?' }))?.status).toBe(204)
    expect(heard[0]?.body.get('Body')).toBe('When do you close?')
    expect(heard[0]?.verified).toBe(true)
  })
  test('who texts STOP is refused with 21610 until START, and is answered by Twilio itself', async () => {
    await simulator.text({ from: patron, body: ' stop ' })
    expect(await answer(post({}))).toMatchObject({ code: 21610 })
    expect(simulator.blocked(patron)).toBe(true)
    expect((await post({ To: '+12125550135' })).status).toBe(201)
    await simulator.text({ from: patron, body: 'START' })
    expect((await post({})).status).toBe(201)
    expect(simulator.autoReplies()).toEqual([
      { to: patron, word: 'stop' },
      { to: patron, word: 'start' },
    ])
    expect(heard.map(({ body }) => body.get('Body'))).toEqual([' stop ', 'START'])
  })
  test('who texts more than the word is not blocked', async () => {
    await simulator.text({ from: patron, body: 'STOP PLEASE' })
    expect(simulator.blocked(patron)).toBe(false)
  })
  test('is kept by the block list when there is no webhook, too', async () => {
    const quiet = await simulate()
    open.push(quiet)
    expect(await quiet.text({ from: patron, body: 'STOP' })).toBeUndefined()
    expect(quiet.blocked(patron)).toBe(true)
    expect(() => quiet.webhook({ from: patron, body: 'x' })).toThrow('webhookUrl')
  })
  test('with Advanced Opt-Out the webhook says what was meant', async () => {
    await begin({ advancedOptOut: true })
    const form = new URLSearchParams(await simulator.webhook({ from: patron, body: 'Quit', url: publicUrl }).text())
    expect(form.get('OptOutType')).toBe('STOP')
  })
})

test('two simulators know nothing of each other', async () => {
  const first = simulator
  await post({})
  await begin()
  expect([first.received().length, simulator.received().length]).toEqual([1, 0])
  expect(first.credentials).not.toEqual(simulator.credentials)
})

test('it listens where it is told, and says when it cannot', async () => {
  const port = Number(new URL(simulator.url).port)
  await expect(simulate({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('with firstComer its account, token and number are what the first call names, and then no others', async () => {
  await begin({ firstComer: true })
  const own = { accountSid: 'ACmine', authToken: 'mine', from: '+12125550177', baseUrl: simulator.url }
  const ctx = context()
  const receipt = await twilio(own).channel.send(
    { key: 'k1', to: { scheme: 'tel', value: patron }, content: { text: 'hello' }, purpose: 'news' },
    ctx,
  )
  expect(receipt.state).toBe('accepted')
  const [account] = await twilio({ ...own, authToken: 'other' }).check(context())
  expect(account).toMatchObject({ what: 'account', ok: false })
  const sent = twilio({ ...own, from: '+12125550178' }).channel.send(
    { key: 'k2', to: { scheme: 'tel', value: patron }, content: { text: 'hello' }, purpose: 'news' },
    ctx,
  )
  await expect(sent).rejects.toThrow(/21606|From/)
})
