import { loopback } from '@prm/kit/simulator'
import { afterEach, describe, expect, test } from 'vitest'
import { type LibAnswersSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type LibAnswersConfig, libanswers } from '../src/index.ts'
import { context, thrown } from './context.ts'

const open: LibAnswersSimulator[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function tenant(options: SimulateOptions = {}, more: Partial<LibAnswersConfig> = {}) {
  const simulator = await simulate(options)
  open.push(simulator)
  const { clientId, clientSecret, queue } = simulator.credentials
  const answers = libanswers({
    baseUrl: simulator.url,
    clientId,
    clientSecret,
    queue,
    timeZone: 'America/Chicago',
    ...more,
  })
  return { simulator, answers }
}
const mail = { address: 'desk@alder.example', seal: 'a long random text', secret: 'another' }
const ticket = (value: string, text: string, key = 'Zx0YwVuTsRqPoNmLkJiHgF.3') => ({
  key,
  to: { scheme: 'ticket', value },
  content: { text },
  purpose: 'ask',
})

describe('a ticket', () => {
  test('has its question in a line and its details as text that no page takes for mark-up', async () => {
    const { simulator, answers } = await tenant()
    const text = 'May I & <script>alert(1)</script>\ncome in?'
    const receipt = await answers.channel.send(ticket('ada@patron.example', text), context())
    const [one] = simulator.tickets
    expect(one?.pquestion).toBe('May I & <script>alert(1)</script>')
    expect(one?.pdetails).toBe('May I &amp; &lt;script&gt;alert(1)&lt;/script&gt;<br>come in?')
    expect(one?.pemail).toBe('ada@patron.example')
    expect(receipt.id).toBe(one?.qid)
    expect(receipt.raw.url).toBe(`${simulator.url}/admin/ticket?qid=${one?.qid}`)
  })

  test('of a long question is cut at 150, and its details are whole', async () => {
    const { simulator, answers } = await tenant()
    await answers.channel.send(ticket('ada@patron.example', 'w😀'.repeat(100)), context())
    expect(simulator.tickets[0]?.pquestion.length).toBeLessThanOrEqual(150)
    expect(simulator.tickets[0]?.pquestion.isWellFormed()).toBe(true)
    expect(simulator.tickets[0]?.pdetails).toBe('w😀'.repeat(100))
  })

  test('addressed to a conversation is answered to our mailbox, sealed, or to nobody', async () => {
    const { simulator, answers } = await tenant({}, { mail })
    await answers.channel.send(ticket('a conversation', 'Where?'), context())
    const [one] = simulator.tickets
    expect(one?.pemail).toMatch(/^desk\+[a-z2-7]{49}@alder\.example$/)
    expect(one?.pemail.split('@')[0]?.length).toBeLessThanOrEqual(64)
    const alone = await tenant()
    await alone.answers.channel.send(ticket('a conversation', 'Where?'), context())
    expect(alone.simulator.tickets[0]?.pemail).toBe('')
  })

  test('that goes nowhere, or whose key no mailbox holds, says so before it is sent', async () => {
    const { simulator, answers } = await tenant({}, { mail })
    const long = ticket('a conversation', 'a', 'x'.repeat(27))
    expect(await thrown(answers.channel.send(long, context()))).toMatchObject({ code: 'invalid', field: 'key' })
    const none = libanswers({ baseUrl: simulator.url, clientId: '1', clientSecret: 'x', timeZone: 'UTC' })
    expect(none.channel.measure({ text: 'a' }, { scheme: 'ticket', value: 'x' }).unreachable).toBe('no queue')
    expect((await thrown(none.channel.send(ticket('x', 'a'), context()))).code).toBe('undeliverable')
    expect(simulator.tickets).toEqual([])
  })
})

describe('bad days', () => {
  test('200 with an error inside is a refusal, without the words that may quote the patron', async () => {
    const { simulator, answers } = await tenant()
    simulator.failInside()
    const error = await thrown(
      answers.channel.send(ticket('ada@patron.example', 'My card is 2352'), context()),
      '2352',
      'ada@',
    )
    expect(error.code).toBe('invalid')
    expect(simulator.tickets).toEqual([])
  })

  test('a 500 may have been taken, so it is unknown and not sent again', async () => {
    const { simulator, answers } = await tenant()
    simulator.fault('server-error')
    expect((await thrown(answers.channel.send(ticket('ada@patron.example', 'a'), context()))).code).toBe('unknown')
  })

  test.each([
    ['nothing', {}],
    ['no address of it', { isShared: false, ticketUrl: null, claimed: 0 }],
    ['an address that is none', { ticketUrl: 'https://' }],
  ])('200 with %s does not say that there is a ticket, so it is unknown', async (_, said) => {
    const server = await loopback(({ url }) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(url.pathname.endsWith('/token') ? { access_token: 'a', expires_in: 60 } : said),
    }))
    try {
      const answers = libanswers({
        baseUrl: server.url,
        clientId: '1',
        clientSecret: 'x',
        queue: '2417',
        timeZone: 'UTC',
      })
      const error = await thrown(answers.channel.send(ticket('ada@patron.example', 'a'), context()), 'ada@')
      expect(error.code).toBe('unknown')
    } finally {
      await server.close()
    }
  })

  test('wrong credentials are auth; a token that ended is fetched anew; one token serves many calls', async () => {
    let now = Date.parse('2026-11-24T16:00:00.000Z')
    const { simulator, answers } = await tenant({ expiresIn: 86_400, now: () => new Date(now) })
    const send = () => answers.channel.send(ticket('ada@patron.example', 'a'), context({ now: () => new Date(now) }))
    await send()
    await send()
    expect(simulator.tokens()).toBe(1)
    now += 86_400_000
    await send()
    expect([simulator.tokens(), simulator.tickets.length]).toEqual([2, 3])
    const wrong = libanswers({
      baseUrl: simulator.url,
      clientId: '1',
      clientSecret: 'never told',
      queue: '2417',
      timeZone: 'UTC',
    })
    expect((await thrown(wrong.channel.send(ticket('ada@patron.example', 'a'), context()), 'never told')).code).toBe(
      'auth',
    )
  })
})

test('/1.1 is as good as /api/1.1', async () => {
  const { simulator, answers } = await tenant({}, { path: '/1.1' })
  await answers.channel.send(ticket('ada@patron.example', 'a'), context())
  expect(simulator.tickets.length).toBe(1)
})

test.each([
  ['clientSecret', { clientSecret: '' }],
  ['timeZone', { timeZone: 'Chicago' }],
  ['queue', { queue: 'desk' }],
  ['mail.address', { mail: { ...mail, address: 'reference-desk@alder.example' } }],
  ['exports[0].of', { exports: [{ of: 'notes', path: '/x' }] }],
])('a config with a wrong %s is refused by name, without its value', (field, more) => {
  const config = { baseUrl: 'https://a.example', clientId: '1', clientSecret: 's', timeZone: 'UTC', ...more }
  expect(() => libanswers(config as LibAnswersConfig)).toThrow(expect.objectContaining({ code: 'config', field }))
})
