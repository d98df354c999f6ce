import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context, Outbound } from '@prm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KannelSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Kannel, type KannelConfig, kannel } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const patron = '+12125550134'
const to = { scheme: 'tel', value: patron } as const
const text = (key = 'hold 17', words = 'Your hold is ready.'): Outbound => ({
  key,
  to,
  content: { text: words },
  purpose: 'holds',
})

let simulator: KannelSimulator
let sms: Kannel
const started: { close(): unknown }[] = []

async function begin(options: SimulateOptions = {}, config: Partial<KannelConfig> = {}): Promise<void> {
  simulator = await simulate(options)
  started.push(simulator)
  sms = kannel({ ...simulator.credentials, from: '1234', baseUrl: simulator.url, ...config })
}
beforeEach(() => begin())
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
})
const silent = (more: Partial<Context> = {}): Context => {
  const { publicUrl: _, ...rest } = context(more)
  return rest
}

/** A gateway that answers this and nothing else; what it was asked is kept. */
async function answering(status: number, body: string): Promise<{ path: string; headers: object; body: string }[]> {
  const asked: { path: string; headers: object; body: string }[] = []
  const server = createServer((request, response) => {
    let said = ''
    request.on('data', (chunk) => {
      said += chunk
    })
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body: said })
      response.writeHead(status, { 'content-type': 'text/html' }).end(body)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  started.push({ close: () => server.close().closeAllConnections() })
  sms = kannel({
    ...simulator.credentials,
    from: '1234',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
  return asked
}

describe('send', () => {
  test('is taken without an id, whether it is passed on or queued', async () => {
    expect(await sms.channel.send(text(), silent())).toEqual({
      state: 'accepted',
      raw: { said: '0: Accepted for delivery' },
    })
    await begin({ connected: false })
    expect(await sms.channel.send(text(), silent())).toEqual({
      state: 'accepted',
      raw: { said: '3: Queued for later delivery' },
    })
    expect(sms.channel.lookup).toBeUndefined()
  })
  test('neither number, text nor password stands in the URL', async () => {
    const asked = await answering(202, '0: Accepted for delivery')
    await sms.channel.send(text('k', 'späte Grüße, 100%'), context())
    const { username, password, callbackSecret } = simulator.credentials
    expect(asked).toMatchObject([
      {
        path: '/cgi-bin/sendsms',
        body: 'späte Grüße, 100%',
        headers: {
          'content-type': 'text/plain; charset=UTF-8',
          'x-kannel-username': username,
          'x-kannel-password': password,
          'x-kannel-to': patron,
          'x-kannel-from': '1234',
          'x-kannel-coding': '0',
          'x-kannel-dlr-mask': '31',
          'x-kannel-dlr-url': `${publicUrl}?secret=${callbackSecret}&key=k&dlr=%d`,
        },
      },
    ])
    expect(asked[0]?.headers).not.toHaveProperty('x-kannel-validity')
  })
  test('our key survives Kannel’s own escapes, whatever is in it', async () => {
    const key = 'hold 17 & “späte” 100%/?#+=%d%C%A'
    await sms.channel.send(text(key), context())
    expect(simulator.received()).toMatchObject([{ key, to, text: 'Your hold is ready.' }])
    const [fact] = (await sms.webhook.receive(simulator.webhook({ key, dlr: 1 }), context())).interactions
    expect(fact).toMatchObject({ about: { source: 'prm', key }, data: { raw: '1', state: 'delivered' } })
  })
  test('what GSM-7 has not goes as UCS-2, where Kannel would write a question mark', async () => {
    for (const words of ['späte ñ €5 {x}', '“quoted”', 'Привет 😀'])
      await sms.channel.send(text(words, words), silent())
    expect(simulator.sent().map(({ coding, text }) => [coding, text])).toEqual([
      ['0', 'späte ñ €5 {x}'],
      ['2', '“quoted”'],
      ['2', 'Привет 😀'],
    ])
  })
  test('more parts than Kannel passes on are not sent: it would cut them off, and say that it took them', async () => {
    expect((await thrown(sms.channel.send(text('k', 'a'.repeat(161)), silent()))).code).toBe('invalid')
    await begin({ maxParts: 3 }, { maxParts: 3 })
    await sms.channel.send(text('k', 'a'.repeat(459)), silent())
    expect((await thrown(sms.channel.send(text('k', 'a'.repeat(460)), silent()))).code).toBe('invalid')
    expect(simulator.sent().map(({ text }) => text.length)).toEqual([459])
    await begin({ maxParts: 1 }, { maxParts: 3 }) // set wrongly: the simulator cuts as Kannel does
    await sms.channel.send(text('k', 'a'.repeat(459)), silent())
    expect(simulator.sent().map(({ text }) => text.length)).toEqual([160])
  })
  test.each([
    ['2026-11-24T12:00:00.000Z', '120'],
    ['2026-11-24T10:01:59.000Z', '1'],
    ['2026-11-24T10:00:10.000Z', '1'],
  ])('until %s the SMSC may try for %s minutes', async (expireAt, minutes) => {
    const now = () => new Date('2026-11-24T10:00:00.000Z')
    await sms.channel.send({ ...text(), expireAt }, silent({ now }))
    expect(simulator.sent()[0]?.validity).toBe(minutes)
  })
  test('what has expired, what is no number, and pictures are not sent', async () => {
    const wrong: Outbound[] = [
      { ...text(), expireAt: '2026-11-24T09:00:00.000Z' },
      { ...text(), to: { scheme: 'mailto', value: 'ada@pine.example' } },
      { ...text(), content: { text: 'a', media: [{ ref: 'https://a.example/b.png', type: 'image/png' }] } },
    ]
    for (const one of wrong) expect((await thrown(sms.channel.send(one, silent()), 'ada@')).code).toBe('invalid')
    expect(simulator.sent()).toEqual([])
  })
  test('through the connection that is named', async () => {
    await begin({}, { smsc: 'operator-a' })
    await sms.channel.send({ ...text(), from: { scheme: 'tel', value: 'Alder' } }, silent())
    expect(simulator.sent()[0]).toMatchObject({ smsc: 'operator-a', from: 'Alder' })
  })
})

describe('measure', () => {
  test('above maxParts it is too long, and so is a picture', async () => {
    expect(sms.channel.measure({ text: 'a'.repeat(160) })).toMatchObject({ units: 1, encoding: 'gsm7' })
    expect(sms.channel.measure({ text: 'a'.repeat(161) })).toMatchObject({ units: 2, tooLong: true })
    const media = [{ ref: 'https://a.example/b.png', type: 'image/png' }]
    expect(sms.channel.measure({ text: 'a', media })).toMatchObject({
      tooLong: true,
      warnings: ['Kannel sends no pictures'],
    })
    await begin({}, { maxParts: 2, price: { '*': { micros: 40_000, currency: 'EUR' } } })
    const landline = { scheme: 'tel', value: '+442079460958' }
    expect(sms.channel.measure({ text: 'a'.repeat(161) }, landline)).toEqual({
      units: 2,
      unit: 'part',
      encoding: 'gsm7',
      cost: { micros: 80_000, currency: 'EUR' },
      unreachable: 'a landline',
      warnings: [],
    })
  })
})

describe('refusals and bad answers', () => {
  test.each([
    [403, 'Authorization failed for sendsms', 'auth'],
    [404, 'Unknown request.', 'config'],
    [400, 'Sender missing and no global set, rejected', 'config'],
    [400, 'Number(s) has/have been denied by white- and/or black-lists.', 'unsupported'],
    [400, 'Missing receiver number, rejected', 'invalid'],
    [400, 'Empty text not allowed, rejected', 'invalid'],
    [503, 'Temporal failure, try again later.', 'unavailable'],
    [503, '<html>No upstream</html>', 'unknown'],
    [500, 'Sending failed.', 'unknown'],
    [502, '<html>Bad gateway</html>', 'unknown'],
    [429, 'slow down', 'rate_limited'],
    [202, '<html>Sign in</html>', 'unknown'],
    [202, '', 'unknown'],
    [202, '0', 'unknown'],
    [202, '{"status":0}', 'unknown'],
    [200, '4: Something new', 'unknown'],
    [200, 'ERR: 0: Accepted for delivery', 'unknown'],
  ])('%i %j is %s', async (status, body, code) => {
    await answering(status, body)
    const { password, callbackSecret } = simulator.credentials
    const error = await thrown(sms.channel.send(text(), context()), patron, 'Your hold', password, callbackSecret)
    expect(error.code).toBe(code)
  })
  test('an answer with a line end is read', async () => {
    await answering(202, '0: Accepted for delivery\r\n')
    expect((await sms.channel.send(text(), silent())).raw).toEqual({ said: '0: Accepted for delivery' })
  })
  test('a password that changed since is asked for again', async () => {
    const passwords = ['old', simulator.credentials.password]
    await begin(simulator.credentials, { password: () => passwords.shift() ?? '' })
    expect(await sms.channel.send(text(), silent())).toMatchObject({ state: 'accepted' })
  })
  test('a secret that Kannel would change is refused before anything is sent', async () => {
    await begin({}, { callbackSecret: () => 'short%d' })
    const error = await thrown(sms.channel.send(text(), context()), 'short%d')
    expect([error.code, simulator.sent()]).toEqual(['config', []])
  })
})
