import type { LookupQuery, Outbound } from '@prm/core'
import { describe, expect, test } from 'vitest'
import type { Posting } from '../simulator/index.ts'
import { thrown } from './context.ts'
import { hour, type Rig, rig } from './rig.ts'

const post = (value: string) => ({ scheme: 'post', value, realm: 'x.com' }) as const
const text = 'Behind the desk, on the left.'
const message = (id: string, more: Partial<Outbound> = {}): Outbound => ({
  key: `answer ${id}`,
  to: post(id),
  content: { text },
  purpose: 'answer',
  ...more,
})
const sought = (id: string, { clock }: Rig, more: Partial<LookupQuery> = {}): LookupQuery => ({
  key: `answer ${id}`,
  to: post(id),
  content: { text },
  from: new Date(clock.at.getTime() - 1000).toISOString(),
  until: clock.at.toISOString(),
  excludeProviderIds: [],
  ...more,
})
async function asked(posting: Posting = { text: '@AlderLibrary where is the lift?' }) {
  const all = await rig()
  return { ...all, id: all.simulator.post(posting) }
}

describe('an answer', () => {
  test('goes to the post, and its receipt is the id of ours, which what answers it names', async () => {
    const all = await asked()
    const { id } = await all.adapter.channel.send(message(all.id), all.context())
    expect(all.simulator.received()).toMatchObject([{ text, to: post(all.id) }])
    const back = all.simulator.post({ text: '@AlderLibrary thank you', answers: id ?? '' })
    const { facts } = await all.look()
    expect(facts.find(({ key }) => key === back)?.data).toMatchObject({ inReplyTo: id, answerable: true })
    expect(facts.some(({ key }) => key === id)).toBe(false)
  })

  test('to who did neither name nor quote us is refused by X: answer by hand', async () => {
    const all = await asked({ text: 'The Alder Library is loud' })
    const error = await thrown(all.adapter.channel.send(message(all.id), all.context()), all.id, text)
    expect(error).toMatchObject({ code: 'unsupported', vendor: { status: 403 } })
    expect(error.message).toContain('answer by hand, at the URL of the post')
    expect(all.simulator.received()).toEqual([])
  })

  test('to who quoted us is taken', async () => {
    const all = await rig()
    const ours = all.simulator.post({ text: 'Open until 8.', author: all.simulator.credentials.account.id })
    const id = all.simulator.post({ text: 'until 8!', quotes: ours })
    await expect(all.adapter.channel.send(message(id), all.context())).resolves.toMatchObject({ state: 'sent' })
  })

  test('to a post that is gone is not_found; what says nothing of it is no 403 of the rule', async () => {
    const all = await asked()
    all.simulator.delete(all.id)
    expect(await thrown(all.adapter.channel.send(message(all.id), all.context()))).toMatchObject({ code: 'not_found' })
  })

  test('a suspended account pauses the adapter, and no credits do: nobody is told to answer by hand', async () => {
    const all = await asked()
    const send = () => thrown(all.adapter.channel.send(message(all.id), all.context()))
    all.simulator.trouble('suspended')
    expect(await send()).toMatchObject({ code: 'forbidden', message: expect.stringContaining('suspended') })
    const { bad, facts } = await all.look()
    expect(bad).toMatchObject([{ source: 'mentions', reason: expect.stringContaining('suspended') }])
    expect(facts).toEqual([]) // none is taken back either
    for (const trouble of ['unpaid', 'capped'] as const) {
      all.simulator.trouble(trouble)
      expect(await send()).toMatchObject({ code: 'config' })
    }
    expect(all.simulator.received()).toEqual([])
  })

  test.each([
    ['no post on X', { scheme: 'acct', value: '1600000000000000011' }, 'unsupported'],
    ['no post on X', { scheme: 'post', value: '1700000000000000042', realm: 'alder.example' }, 'unsupported'],
    ['no id of a post', { scheme: 'post', value: 'https://blog.example.org/1' }, 'unsupported'],
  ] as const)('%s is refused before anything is sent', async (why, to, code) => {
    const all = await asked()
    const error = await thrown(all.adapter.channel.send(message(all.id, { to }), all.context()), to.value)
    expect(error).toMatchObject({ code, message: expect.stringContaining(why) })
    expect(all.adapter.channel.measure({ text }, to).unreachable).toContain(why)
    expect(all.simulator.calls()).toEqual([])
  })

  test.each([
    ['too long', { content: { text: '図'.repeat(141) } }, 'counts 282'],
    ['empty', { content: { text: ' \n' } }, 'no words'],
    [
      'with a picture',
      { content: { text, media: [{ ref: 'https://a.example/b.png', type: 'image/png' }] } },
      'pictures',
    ],
    ['late', { expireAt: '2026-11-10T08:59:59.000Z' }, 'expired'],
  ] as const)('%s is refused before anything is sent', async (_, more, why) => {
    const all = await asked()
    const error = await thrown(all.adapter.channel.send(message(all.id, more), all.context()))
    expect(error.message).toContain(why)
    expect(all.simulator.calls()).toEqual([])
  })

  test('X’s limit ends when its header says, in seconds since 1970', async () => {
    const all = await asked()
    all.simulator.fault('rate-limited-seconds')
    const error = await thrown(all.adapter.channel.send(message(all.id), all.context()))
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 2000 })
  })

  test.each(['soon', '-1', '0', '', '1e400', '99999999999999999', '1794301200000'])(
    'a limit whose end reads "%s" is a limit all the same',
    async (reset) => {
      const all = await asked()
      const { channel } = all.make({
        fetch: async () => new Response('no', { status: 429, headers: { 'x-rate-limit-reset': reset } }),
      })
      expect(await thrown(channel.send(message(all.id), all.context()))).toMatchObject({ code: 'rate_limited' })
    },
  )

  test('a limit that ended by our clock, not by X’s, is waited for by X’s', async () => {
    const all = await asked()
    const xs = all.clock.at.getTime() - 20 * 60_000
    const { channel } = all.make({
      fetch: async () =>
        new Response('no', {
          status: 429,
          headers: { date: new Date(xs).toUTCString(), 'x-rate-limit-reset': String(xs / 1000 + 600) },
        }),
    })
    expect(await thrown(channel.send(message(all.id), all.context()))).toMatchObject({ retryAfterMs: 600_000 })
  })

  test('without a userToken nothing is sent, and the field is named', async () => {
    const all = await asked()
    const { channel } = all.make({ userToken: undefined })
    expect(await thrown(channel.send(message(all.id), all.context()))).toMatchObject({
      code: 'config',
      field: 'userToken',
    })
  })

  test('a token that the host renewed meanwhile is used', async () => {
    const all = await asked()
    let renewed = 0
    const { channel } = all.make({
      userToken: () => (renewed++ ? all.simulator.credentials.userToken : 'of two hours ago'),
    })
    await channel.send(message(all.id), all.context())
    expect(all.simulator.received()).toHaveLength(1)
  })
})

describe('measure', () => {
  test('says what a link costs, and warns', async () => {
    const { adapter } = await rig()
    const { cost, warnings } = adapter.channel.measure({ text: 'See https://alder.example/lift' })
    expect(cost).toEqual({ micros: 200_000, currency: 'USD' })
    expect(warnings).toEqual(['With a link it costs 0.20 USD; without, 0.01 USD.'])
    expect(adapter.channel.measure({ text })).toEqual({
      units: 1,
      unit: 'message',
      cost: { micros: 10_000, currency: 'USD' },
      warnings: [],
    })
  })

  test('by the prices of the config, one cashtag, no pictures', async () => {
    const { make } = await rig()
    const { channel } = make({ prices: { reply: 15_000, replyWithLink: 300_000 } })
    expect(channel.measure({ text }).cost?.micros).toBe(15_000)
    expect(channel.measure({ text: 'alder.org' }).warnings).toEqual([
      'With a link it costs 0.30 USD; without, 0.015 USD.',
    ])
    expect(channel.measure({ text: '$BOOK and $LIFT cost $5' }).warnings).toEqual(['X takes one cashtag.'])
    const media = [{ ref: 'https://a.example/b.png', type: 'image/png' }]
    expect(channel.measure({ text, media }).warnings).toEqual(['Pictures do not go with it.'])
  })
})

describe('once and no more', () => {
  test('an answer whose receipt was lost is unknown, and found among our own posts', async () => {
    const all = await asked()
    all.simulator.fault('reset-after-accept')
    expect(await thrown(all.adapter.channel.send(message(all.id), all.context()))).toMatchObject({ code: 'unknown' })
    const [, ...rest] = all.simulator.calls()
    expect(rest).toEqual([])
    const found = await all.adapter.channel.lookup(sought(all.id, all), all.context())
    expect(found).toMatchObject({ state: 'sent', raw: { text } })
    expect(all.simulator.received()).toHaveLength(1)
  })

  test('what X refuses as the same words is there already: its receipt', async () => {
    const all = await asked()
    const one = await all.adapter.channel.send(message(all.id), all.context())
    all.clock.pass(1)
    const two = await all.adapter.channel.send(message(all.id, { key: 'again' }), all.context())
    expect(two.id).toBe(one.id)
    expect(all.simulator.received()).toHaveLength(1)
  })

  test('the same words that stand nowhere here are a conflict, and said', async () => {
    const all = await asked()
    const { id } = await all.adapter.channel.send(message(all.id), all.context())
    all.clock.pass(48)
    const error = await thrown(all.adapter.channel.send(message(all.id, { key: 'again' }), all.context()))
    expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('say it in others') })
    expect(id).toBeDefined()
  })

  test('find takes neither another post’s answer, nor other words, nor another hour', async () => {
    const all = await asked()
    const other = all.simulator.post({ text: '@AlderLibrary and the stairs?' })
    await all.adapter.channel.send(message(other), all.context())
    await all.adapter.channel.send(message(all.id, { content: { text: 'Upstairs.' } }), all.context())
    const find = (more: Partial<LookupQuery> = {}) =>
      all.adapter.channel.lookup(sought(all.id, all, more), all.context())
    expect(await find()).toBe('absent')
    expect(await find({ content: { text: 'Upstairs.' } })).toMatchObject({ state: 'sent' })
    all.clock.pass(1)
    expect(await find({ content: { text: 'Upstairs.' } })).toBe('absent')
    expect(
      await find({ content: { text: 'Upstairs.' }, from: new Date(all.clock.at.getTime() - 2 * hour).toISOString() }),
    ).toMatchObject({ state: 'sent' })
  })

  test.each([
    ['nothing at all', {}],
    [
      'an error beside it',
      { errors: [{ title: 'Service Unavailable', type: 'about:blank' }], meta: { result_count: 0 } },
    ],
    ['a page that is not the last', { data: [{ id: '1' }], meta: { next_token: 'more' } }],
  ])('a list of our own posts with %s does not say that it is not there', async (_, body) => {
    const all = await asked()
    const { channel } = all.make({ fetch: async () => Response.json(body) })
    expect(await channel.lookup(sought(all.id, all), all.context())).toBe('unsure')
  })

  test('words that X wrote otherwise are the same: a link that was shortened, escapes, the name in front', async () => {
    const all = await asked()
    const words = 'Q&A: see https://alder.example/lift'
    all.simulator.post({
      text: '@reader Q&amp;A: see https://alder.example/lift',
      author: all.simulator.credentials.account.id,
      answers: all.id,
    })
    const found = await all.adapter.channel.lookup(sought(all.id, all, { content: { text: words } }), all.context())
    expect(found).toMatchObject({ state: 'sent' })
  })

  test('by its id: there, or deleted since', async () => {
    const all = await asked()
    const { id = '' } = await all.adapter.channel.send(message(all.id), all.context())
    expect(await all.adapter.channel.lookup(sought(all.id, all, { id }), all.context())).toMatchObject({ id })
    await all.adapter.channel.remove(id, all.context())
    expect(await all.adapter.channel.lookup(sought(all.id, all, { id }), all.context())).toBe('unsure')
  })
})

test('remove deletes our own post; another’s, or none, is not_found', async () => {
  const all = await asked()
  const { id = '' } = await all.adapter.channel.send(message(all.id), all.context())
  await all.adapter.channel.remove(id, all.context())
  expect((await all.look()).facts).toHaveLength(1)
  for (const other of [all.id, `${all.id} gone`, 'repost 17'])
    expect(await thrown(all.adapter.channel.remove(other, all.context()))).toMatchObject({ code: 'not_found' })
  all.simulator.trouble('suspended')
  expect(await thrown(all.adapter.channel.remove(id, all.context()))).toMatchObject({ code: 'forbidden' })
})

test('a removal that X did not do is no removal', async () => {
  const all = await asked()
  const { channel } = all.make({ fetch: async () => Response.json({ data: { deleted: false } }) })
  expect(await thrown(channel.remove(all.id, all.context()))).toMatchObject({ code: 'unknown' })
})
