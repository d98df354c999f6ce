import type { Context, Interaction } from '@prm/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type KannelSimulator, simulate } from '../simulator/index.ts'
import { type Kannel, kannel } from '../src/index.ts'
import { context, publicUrl, thrown } from './context.ts'

const patron = '+12125550134'
const secret = '0f512bda-ae1e-4597-8e11'
let simulator: KannelSimulator
let sms: Kannel

beforeEach(async () => {
  simulator = await simulate({ callbackSecret: secret })
  sms = kannel({ ...simulator.credentials, from: '1234', baseUrl: simulator.url })
})
afterEach(() => simulator.close())

const says = (text: string, more: object = {}) => simulator.webhook({ from: patron, text, url: publicUrl, ...more })
const receive = async (request: Request, ctx: Context = context()): Promise<readonly Interaction[]> =>
  (await sms.webhook.receive(request, ctx)).interactions
const called = (query: string, init: RequestInit = {}) => new Request(`${publicUrl}?${query}`, init)

describe('a text', () => {
  test('is one fact: who, to whom, when, and what; and the answer is empty, or Kannel would send it on', async () => {
    const { interactions, reply } = await sms.webhook.receive(says('When do you close?'), context())
    expect(interactions).toMatchObject([
      {
        key: expect.stringMatching(/^[\da-f-]{36}$/),
        type: 'message.received',
        source: 'sms',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        who: { scheme: 'tel', value: patron },
        to: { scheme: 'tel', value: '1234' },
        data: { content: { text: 'When do you close?' } },
      },
    ])
    expect([reply?.status, reply?.headers.get('content-type'), await reply?.text()]).toEqual([200, 'text/plain', ''])
  })
  test.each([
    ['get-url', 'UTF-8', {}],
    ['get-url', 'UTF-16BE', {}],
    ['post-url', 'UTF-8', { post: true }],
    ['post-url', 'UTF-16BE', { post: true }],
  ])('by %s in %s every letter comes through', async (_, charset, more) => {
    const words = 'Grüße €5 +1 & 100% “späte” Привет 한글 😀?\nline'
    const [fact] = await receive(says(words, { charset, ...more }))
    expect(fact?.data).toMatchObject({ content: { text: words } })
  })
  test('that is tried again is the same fact', async () => {
    const request = says('hello')
    expect(await receive(request.clone())).toEqual(await receive(request.clone()))
  })
  test('brings no field of its own: the first of a name counts', async () => {
    const [fact] = await receive(
      called(`secret=${secret}&from=%2B12125550134&to=1&charset=UTF-8&id=7&text=hi&from=%2B19005550100&id=8`),
    )
    expect(fact).toMatchObject({ key: '7', who: { value: patron } })
  })
  test.each([
    ['STOP', { optOut: 'stop' }],
    ['please stop texting me', { optOut: 'stop' }],
    ['START', { optOut: 'start' }],
    ['HELP', { optOut: 'help' }],
    ['can you stop by?', {}],
  ])('%j is %j, and never confirmed: Kannel answers nothing itself', async (words, expected) => {
    const [fact] = await receive(says(words))
    const { content: _, ...rest } = (fact?.data ?? {}) as { content?: unknown }
    expect(rest).toEqual(expected)
  })
  test.each([
    ['a number with 00', '0012125550134', patron, undefined],
    ['a number with its country', '12125550134', patron, undefined],
    ['a number of another country', '447400123456', '+447400123456', 'US'],
    ['a number with its country, in its country', '12125550134', patron, 'US'],
    ['a number as its country writes it', '2125550134', patron, 'US'],
    ['a number as Britain writes it', '07400123456', '+447400123456', 'GB'],
    ['a number that is one in Norway too', '4792345678', '+14792345678', 'US'],
    ['a short code', '70707', '70707', 'DE'],
    ['a name', 'Alder 1234567', 'Alder 1234567', 'US'],
  ])('from %s', async (_, from, value, region) => {
    sms = kannel({ ...simulator.credentials, from: '1234', baseUrl: simulator.url, region })
    expect((await receive(says('hi', { from })))[0]?.who).toEqual({ scheme: 'tel', value })
  })
  test.each(['2125550134', '02125550134', '15555550134'])(
    'from %s, which is no number, is kept and logged',
    async (from) => {
      const logs: unknown[] = []
      const [fact] = await receive(says('STOP', { from }), { ...context(), log: (...entry) => void logs.push(entry) })
      expect(fact?.who).toEqual({ scheme: 'tel', value: from })
      expect(logs).toEqual([['warn', expect.stringContaining('region')]])
    },
  )
})

describe('a report', () => {
  test.each([
    ['1', 'delivered'],
    ['2', 'undelivered'],
    ['4', 'sent'],
    ['8', 'sent'],
    ['16', 'rejected'],
    ['32', undefined],
  ])('%s is %s', async (dlr, state) => {
    const [fact] = await receive(called(`secret=${secret}&key=hold+17&dlr=${dlr}`))
    expect(fact).toEqual({
      key: `hold 17 ${dlr}`,
      type: 'message.delivery',
      source: 'sms',
      about: { source: 'prm', key: 'hold 17' },
      data: { raw: dlr, ...(state && { state }) },
    })
  })
  test.each(['dlr=1', 'key=&dlr=1', 'key=k&dlr=', 'key=k&dlr=%25d', 'key=k&dlr=delivered'])(
    '%s is invalid',
    async (query) => {
      expect((await thrown(receive(called(`secret=${secret}&${query}`)))).code).toBe('invalid')
    },
  )
})

describe('the secret', () => {
  test.each([
    '',
    'secret=',
    `secret=${secret.slice(1)}`,
    `secret=${secret.slice(0, -1)}`,
    `secret=${secret}x`,
    `Secret=${secret}`,
    `secret=x&secret=${secret}`,
  ])('with %j nothing is believed', async (query) => {
    const rest = 'from=%2B12125550134&to=1&charset=UTF-8&id=7&text=STOP'
    expect((await thrown(receive(called(`${query}&${rest}`)), patron, secret)).code).toBe('signature')
    expect((await thrown(receive(called(`${query}&key=k&dlr=1`)), secret)).code).toBe('signature')
  })
  test('of another instance is refused', async () => {
    const branch = await simulate({ callbackSecret: 'another-instance-1' })
    const request = branch.webhook({ from: patron, text: 'STOP', url: publicUrl })
    expect((await thrown(receive(request), patron)).code).toBe('signature')
    await branch.close()
  })
  test('both are taken during a change', async () => {
    const config = { ...simulator.credentials, baseUrl: simulator.url, callbackSecret: 'the-new-one-of-them' }
    sms = kannel({ ...config, previousCallbackSecret: secret })
    expect(await receive(says('hello'))).toHaveLength(1)
    sms = kannel(config)
    expect((await thrown(receive(says('hello')))).code).toBe('signature')
  })
})

describe('what is no text', () => {
  const head = `secret=${secret}&from=%2B12125550134&to=1`
  test.each([
    ['no id', `${head}&charset=UTF-8&text=hi`],
    ['no sender', `secret=${secret}&to=1&charset=UTF-8&id=7&text=hi`],
    ['no text', `${head}&charset=UTF-8&id=7`],
    ['bytes that are not of the charset', `${head}&charset=UTF-8&id=7&text=%FF%FE`],
    ['a charset that nobody knows', `${head}&charset=GSM&id=7&text=hi`],
    ['an escape that Kannel did not fill in', `${head}&charset=%25C&id=7&text=hi`],
  ])('%s is invalid, and says what to look at', async (_, query) => {
    const error = await thrown(receive(called(query)), patron, secret)
    expect(error.code).toBe('invalid')
    expect(error.message).toMatch(/get-url of the README|mo-recode/)
  })
  test('more than 1 MiB is invalid', async () => {
    const init = { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) }
    expect((await thrown(receive(called(`${head}&id=7`, init)))).code).toBe('invalid')
  })
  test('an empty text is one, and a time that is none is left out', async () => {
    const [fact] = await receive(called(`${head}&charset=UTF-8&id=7&text=&time=now`))
    expect(fact?.data).toEqual({ content: { text: '' } })
    expect(fact).not.toHaveProperty('at')
  })
})
