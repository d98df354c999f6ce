import { gzipSync } from 'node:zlib'
import type { Interaction, Notice, NoticeResult } from '@prm/core'
import { expect, test } from 'vitest'
import { koha } from '../src/index.ts'
import { type Alder, alder, breaking, context, id, now, place, thrown } from './context.ts'

const webhook = { clientId: 'koha-alder', clientSecret: 'wh-93ab77e01c2d52d6' }
const url = 'https://library.example/prm/koha'

async function posting(config = {}, more = {}): Promise<Alder & { token: string }> {
  const made = await alder({ plugins: ['webhook-notifications'] }, { webhook: { ...webhook, ...config }, ...more })
  const { koha, simulator, ctx } = made
  const asked = simulator.tokenRequest(`${url}/token`, webhook.clientId, webhook.clientSecret)
  const { reply, interactions } = (await koha.webhook?.receive(asked, ctx)) ?? {}
  expect(interactions).toEqual([])
  const said = (await reply?.json()) as { access_token: string; token_type: string; expires_in: number }
  expect(said).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 })
  simulator.useToken(said.access_token)
  return { ...made, token: said.access_token }
}

async function received({ koha, simulator, ctx }: Alder, letter: object): Promise<Interaction<'notice', Notice>> {
  const { interactions = [] } = (await koha.webhook?.receive(simulator.webhook({ url, ...letter }), ctx)) ?? {}
  expect(interactions).toHaveLength(1)
  return interactions[0] as Interaction<'notice', Notice>
}
const refused = ({ koha, simulator, ctx }: Alder, letter: object, more = ctx) =>
  thrown(Promise.resolve(koha.webhook?.receive(simulator.webhook({ url, ...letter }), more)), webhook.clientSecret)

test('a full payload is a notice, with Koha’s name for it', async () => {
  const host = await posting()
  expect(await received(host, { message_id: 12345, holds: [3001] })).toEqual({
    key: 'hold-ready message 12345',
    type: 'notice',
    source: 'koha',
    who: id(1001),
    branch: 'ELM',
    origin: '12345',
    data: {
      kind: 'hold-ready',
      subjectKey: 'hold:koha:3001',
      items: [{ id: '502', barcode: '3900010102', title: 'A Garden in Winter', collectBy: '2026-11-30' }],
      pickup: 'ELM',
      medium: 'sms',
      language: 'en',
    },
  })
})

test('a minimal one is the same matter, with less', async () => {
  const host = await posting()
  expect(await received(host, { format: 'minimal', message_id: 7, transport: 'phone', holds: [3001] })).toEqual({
    key: 'hold-ready message 7',
    type: 'notice',
    source: 'koha',
    who: id(1001),
    origin: '7',
    data: { kind: 'hold-ready', subjectKey: 'hold:koha:3001', items: [], medium: 'voice' },
  })
  const digest = await received(host, { format: 'minimal', letter: 'DUEDGST', checkouts: [2001, 2002] })
  expect(digest.data).toMatchObject({ kind: 'due-today', subjectKey: 'loan:koha:2001/2002' })
})

test('a digest is one notice of several items, zipped or not', async () => {
  const host = await posting()
  host.simulator.loan({ checkout_id: 2002, patron_id: 1001, item_id: 503, due_date: '2026-11-27T17:30:00-06:00' })
  const letter = { letter: 'PREDUEDGST', message_id: 9, checkouts: [2001, 2002], transport: 'email' }
  const plain = await received(host, letter)
  expect(plain).toMatchObject({
    branch: 'ELM',
    data: {
      kind: 'due-soon',
      subjectKey: 'loan:koha:2001/2002',
      items: [
        { id: '501', title: 'The Tall Ship', due: '2026-11-26' },
        { id: '503', title: 'Rivers of the North', due: '2026-11-27T23:30:00.000Z' },
      ],
      medium: 'email',
    },
  })
  expect(await received(host, { ...letter, zipped: true })).toEqual(plain)
})

test.each([
  ['HOLDDGST', 'hold-ready'],
  ['HOLD_REMINDER', 'hold-expiring'],
  ['HOLD_CANCELLATION', 'hold-cancelled'],
  ['PREDUE', 'due-soon'],
  ['DUE', 'due-today'],
  ['ODUE', 'overdue', 1],
  ['ODUE2', 'overdue', 2],
  ['ODUE3', 'overdue', 3],
  ['RENEWAL', 'renewed'],
  ['CHECKOUT', 'check-out'],
  ['CHECKIN', 'check-in'],
  ['MEMBERSHIP_EXPIRY', 'card-expiring'],
  ['WELCOME', 'welcome'],
  ['ODUE4', 'overdue', 4],
] as const)('the letter %s is %s', async (letter, kind, level?: number) => {
  const host = await posting({ letters: { ODUE4: 'overdue' } })
  const about = kind.startsWith('hold') ? { holds: [3001] } : kind.length < 8 ? {} : { checkouts: [2001] }
  const { data } = await received(host, { letter, ...about })
  expect(data.kind).toBe(kind)
  expect(data.level).toBe(level)
})

test('a hold that is over is read where the plugin puts it, and has no day to be collected by', async () => {
  const host = await posting()
  const { data } = await received(host, { letter: 'HOLD_CANCELLATION', holds: [3001], old: true })
  expect(data).toMatchObject({ subjectKey: 'hold:koha:3001', pickup: 'ELM' })
  expect(data.items[0]).not.toHaveProperty('collectBy')
})

test('what is about neither a hold nor a loan is about the patron', async () => {
  const host = await posting()
  expect((await received(host, { letter: 'WELCOME' })).data).toMatchObject({
    subjectKey: 'account:koha:1001',
    items: [],
  })
})

test('a letter that is not known is refused, so that Koha keeps it as failed', async () => {
  const host = await posting()
  expect(await refused(host, { letter: 'AUTO_RENEWALS' })).toMatchObject({ code: 'invalid', field: 'notice_type' })
})

test('a token is asked for with the right secret, and is over after an hour; another process knows it', async () => {
  const host = await posting()
  const { simulator, ctx } = host
  for (const [clientId, secret] of [
    ['koha-alder', 'wrong'],
    ['wrong', webhook.clientSecret],
  ] as const) {
    const asked = simulator.tokenRequest(`${url}/token`, clientId, secret)
    expect((await thrown(Promise.resolve(host.koha.webhook?.receive(asked, ctx)))).code).toBe('signature')
  }
  const other = koha({ ...place, ...simulator.credentials, baseUrl: simulator.url, webhook })
  expect(await received({ ...host, koha: other }, { holds: [3001] })).toBeDefined()
  const late = context({ now: () => new Date(now.getTime() + 3_600_001) })
  expect((await refused(host, { holds: [3001] }, late)).code).toBe('signature')
  const [until = '', signature = ''] = host.token.split('.')
  const longer = `${Number(until) + 9_000_000}.${signature}`
  for (const token of ['', longer, until, `NaN.${signature}`, 'x'])
    expect((await refused(host, { holds: [3001], token })).code).toBe('signature')
})

test('what is no JSON, or unpacks to more than anybody writes, is invalid', async () => {
  const { koha, simulator, ctx, token } = await posting()
  const post = (body: string) => {
    const headers = { authorization: `Bearer ${token}` }
    return thrown(Promise.resolve(koha.webhook?.receive(new Request(url, { method: 'POST', headers, body }), ctx)))
  }
  expect((await post('no json')).code).toBe('invalid')
  expect((await post('7')).code).toBe('invalid')
  expect((await post('{}')).code).toBe('invalid')
  expect((await post(' '.repeat(5 * 1024 * 1024))).code).toBe('invalid')
  const right = await simulator.webhook({ url, holds: [3001] }).text()
  const { interactions } = (await koha.webhook?.receive(zipped(right), ctx)) ?? {}
  expect(interactions).toHaveLength(1)
  const call = Promise.resolve(koha.webhook?.receive(zipped(right + ' '.repeat(17 * 1024 * 1024)), ctx))
  expect((await thrown(call)).code).toBe('invalid')

  function zipped(text: string): Request {
    const headers = { authorization: `Bearer ${token}`, 'content-encoding': 'gzip' }
    return new Request(url, { method: 'POST', headers, body: gzipSync(text) })
  }
})

test('Koha hears what became of its notices, twice as once, and what has no name there is left out', async () => {
  const host = await posting()
  const { koha, simulator, ctx } = host
  for (const message_id of [1, 2, 3, 4]) await received(host, { message_id, holds: [3001] })
  const result = (origin: string | undefined, state: NoticeResult['state']): NoticeResult => {
    return { about: { source: 'koha', key: 'k' }, ...(origin && { origin }), state, at: now.toISOString() }
  }
  const results = [
    result('1', 'delivered'),
    result('2', 'undelivered'),
    result('3', 'not-sent'),
    result('4', 'accepted'),
  ]
  for (let n = 0; n < 2; n++) await koha.writeBack?.report(results, ctx)
  const told = () => [1, 2, 3, 4].map((message) => simulator.town.messages.get(message)?.status)
  expect(told()).toEqual(['sent', 'failed', 'failed', 'sent'])
  await koha.writeBack?.report(
    [result(undefined, 'delivered'), result('?', 'delivered'), result('2/../1', 'rejected')],
    ctx,
  )
  expect(told()).toEqual(['sent', 'failed', 'failed', 'sent'])
})

test('a message that Koha deleted keeps the others from nothing; an outage does', async () => {
  const host = await posting()
  const { koha, simulator, ctx } = host
  await received(host, { message_id: 2, holds: [3001] })
  const results = ['1', '2'].map(
    (origin) => ({ about: { source: 'koha', key: origin }, origin, state: 'rejected', at: '' }) as const,
  )
  await koha.writeBack?.report(results, ctx)
  expect(simulator.town.messages.get(2)?.status).toBe('failed')
  for (const _ of results) simulator.faultAt('server-error', /status$/)
  expect((await thrown(Promise.resolve(koha.writeBack?.report(results, ctx)))).code).toBe('unknown')
})

test('a message that Koha breaks on keeps the others from nothing, and is told again alone', async () => {
  const host = await posting({}, { fetch: breaking(/message\/1\/status/) })
  const { koha, simulator, ctx } = host
  for (const message_id of [1, 2]) await received(host, { message_id, holds: [3001] })
  const results = ['1', '2'].map(
    (origin) => ({ about: { source: 'koha', key: origin }, origin, state: 'rejected', at: '' }) as const,
  )
  expect(await koha.writeBack?.report(results, ctx)).toEqual([results[0]])
  expect(simulator.town.messages.get(2)?.status).toBe('failed')
})

test('without webhook there is neither webhook nor writeBack', async () => {
  const { koha } = await alder()
  expect(koha).not.toHaveProperty('webhook')
  expect(koha).not.toHaveProperty('writeBack')
})
