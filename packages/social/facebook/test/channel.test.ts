import type { Outbound } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { context, thrown } from './context.ts'
import { type Rig, rig } from './rig.ts'

const post = (value: string) => ({ scheme: 'post', value, realm: 'facebook' })
const acct = (value: string) => ({ scheme: 'acct', value, realm: 'facebook/104000000000001' })
const written = '2026-11-24T15:00:00.000Z'
const outbound = (to: Outbound['to'], more: Partial<Outbound> = {}): Outbound => ({
  key: 'reply:1',
  to,
  content: { text: 'Yes, it is open.' },
  purpose: 'reply',
  inReplyTo: [{ key: 'mid', at: written }],
  ...more,
})
const send = ({ adapter, now }: Rig, message: Outbound) => adapter.channel.send(message, context({ now }))

describe('in public', () => {
  test('an answer stands below what it answers, under an id as webhooks say it', async () => {
    const one = await rig()
    const { comment } = one.simulator.wall
    const { id, state } = await send(one, outbound(post(comment)))
    expect(state).toBe('delivered')
    expect(one.simulator.taken()).toMatchObject([{ id, kind: 'comment', parent: comment, text: 'Yes, it is open.' }])
    expect(await one.hear({ what: 'react', by: 'Ines', to: id ?? '' })).toMatchObject([{ who: { value: id } }])
    await send(one, outbound(post(one.simulator.wall.visit), { key: 'reply:2' }))
    expect(one.simulator.taken()[1]).toMatchObject({ post: one.simulator.wall.visit })
  })

  test('what is gone is not found; a message, or what is elsewhere, is no post', async () => {
    const one = await rig()
    const { comment, message, psid } = one.simulator.wall
    one.simulator.silently({ what: 'remove', id: comment })
    expect((await thrown(send(one, outbound(post(comment))))).code).toBe('not_found')
    for (const to of [post(message), { ...post(comment), realm: 'mastodon.example' }, { scheme: 'tel', value: psid }])
      expect((await thrown(send(one, outbound(to)))).code).toBe('invalid')
    expect(one.simulator.taken()).toEqual([])
  })

  test.each([
    [{ text: ' ' }, /no text/],
    [{ text: 'x'.repeat(8001) }, /8001 letters, of which Facebook takes 8000/],
    [{ text: 'Look', media: [{ ref: 'https://x.example/1.jpg', type: 'image/jpeg' }] }, /Pictures/],
  ])('%o is refused before a call', async (content, why) => {
    const one = await rig()
    const error = await thrown(send(one, outbound(post(one.simulator.wall.comment), { content })))
    expect([error.code, error.message]).toEqual(['invalid', expect.stringMatching(why)])
  })

  test('deleted is what is the page’s own, and never what a visitor wrote', async () => {
    const one = await rig()
    const { comment } = one.simulator.wall
    const { id = '' } = await send(one, outbound(post(comment)))
    await one.adapter.channel.remove(id, context())
    await one.adapter.channel.remove(comment, context())
    await one.adapter.channel.remove('mid.not-deletable', context())
    const [own] = one.simulator.taken()
    expect(own?.removed).toBe(true)
    await send(one, outbound(post(comment), { key: 'again' })) // which only works while it is there
    expect((await thrown(one.adapter.channel.remove(id, context()))).code).toBe('not_found')
  })

  test('what Meta did not delete is not taken for deleted', async () => {
    const not: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      return request.method === 'DELETE' ? new Response('{"success":false}') : fetch(request)
    }
    const one = await rig({}, { fetch: not })
    const { id = '' } = await send(one, outbound(post(one.simulator.wall.comment)))
    expect((await thrown(one.adapter.channel.remove(id, context()))).code).toBe('unknown')
  })
})

describe('in private', () => {
  test('an answer within 24 hours goes out, with our key', async () => {
    const one = await rig()
    const { psid } = one.simulator.wall
    expect(await send(one, outbound(acct(psid)))).toMatchObject({ state: 'sent' })
    expect(one.simulator.received()).toMatchObject([{ key: 'reply:1', to: { scheme: 'acct', value: psid } }])
    expect(one.simulator.taken()[0]).not.toHaveProperty('tag')
  })

  test('nobody is written to first, nor one of another page', async () => {
    const one = await rig()
    const { psid } = one.simulator.wall
    const { inReplyTo: _, ...first } = outbound(acct(psid))
    expect(await thrown(send(one, first))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('to nobody first'),
    })
    expect((await thrown(send(one, outbound({ ...acct(psid), realm: 'facebook/999' })))).code).toBe('invalid')
    expect((await thrown(send(one, outbound(acct('7300000000000999'))))).code).toBe('not_found')
    expect(one.simulator.taken()).toEqual([])
  })

  test('after 24 hours it is refused before a call, whatever older text it answers as well', async () => {
    const one = await rig()
    const to = acct(one.simulator.wall.psid)
    one.move('2026-11-25T15:59:59.000Z')
    one.simulator.fault('server-error', 5) // which a call would meet
    const answers = [
      { key: 'a', at: '2026-11-24T15:00:00.000Z' },
      { key: 'b', at: '2026-11-24T16:00:00.000Z' },
    ]
    expect((await thrown(send(one, outbound(to, { inReplyTo: answers })))).code).toBe('unknown')
    one.move('2026-11-25T16:00:00.000Z')
    const error = await thrown(send(one, outbound(to, { inReplyTo: answers })))
    expect([error.code, error.message]).toEqual(['unsupported', expect.stringContaining('24 hours')])
  })

  test('where the time is not known Meta refuses: unsupported, too', async () => {
    const one = await rig()
    one.move('2026-11-25T16:30:00.000Z')
    const error = await thrown(send(one, outbound(acct(one.simulator.wall.psid), { inReplyTo: [{ key: 'a' }] })))
    expect(error).toMatchObject({ code: 'unsupported', vendor: { status: 400, code: '10-2018278' } })
  })

  test('what people write themselves goes with HUMAN_AGENT up to 7 days after, under the purposes that say so', async () => {
    const one = await rig({ humanAgent: true }, { humanAgent: ['by hand'] })
    const to = acct(one.simulator.wall.psid)
    const answers = [{ key: 'a', at: '2026-11-24T16:00:00.000Z' }]
    await send(one, outbound(to, { inReplyTo: answers, purpose: 'by hand' }))
    one.move('2026-11-30T16:00:00.000Z')
    expect((await thrown(send(one, outbound(to, { inReplyTo: answers })))).code).toBe('unsupported')
    await send(one, outbound(to, { inReplyTo: answers, purpose: 'by hand', key: 'reply:2' }))
    expect(one.simulator.taken().map(({ tag }) => tag)).toEqual([undefined, 'HUMAN_AGENT'])
    one.move('2026-12-01T16:00:00.000Z')
    const error = await thrown(send(one, outbound(to, { inReplyTo: answers, purpose: 'by hand' })))
    expect([error.code, error.message]).toEqual(['unsupported', expect.stringContaining('7 days')])
  })

  test('Human Agent that Meta has not granted pauses the adapter', async () => {
    const one = await rig({}, { humanAgent: ['reply'] })
    one.move('2026-11-26T16:00:00.000Z')
    const answers = [{ key: 'a', at: '2026-11-24T16:00:00.000Z' }]
    expect((await thrown(send(one, outbound(acct(one.simulator.wall.psid), { inReplyTo: answers })))).code).toBe(
      'forbidden',
    )
  })

  test('somebody who takes no messages is no bad address: they may write again', async () => {
    const one = await rig()
    one.simulator.unreachable(one.simulator.wall.psid)
    expect((await thrown(send(one, outbound(acct(one.simulator.wall.psid))))).code).toBe('unsupported')
  })
})

describe('measure', () => {
  test('by what is answered', async () => {
    const { adapter } = await rig()
    const content = { text: 'x'.repeat(2001) }
    expect(adapter.channel.measure(content, post('1_2'))).toEqual({ units: 1, unit: 'message', warnings: [] })
    expect(adapter.channel.measure(content, acct('1'))).toMatchObject({ tooLong: true })
  })
})

// ── lost answers ─────────────────────────────────────────────────────────────────────────────
const sought = ({ key, to, content }: Outbound, more: object = {}) => ({
  key,
  to,
  content,
  from: '2026-11-24T15:59:00.000Z',
  until: '2026-11-24T16:01:00.000Z',
  excludeProviderIds: [],
  ...more,
})

describe('find', () => {
  test.each(['post', 'acct'] as const)(
    'what was taken without an answer is found by its text, for a %s',
    async (scheme) => {
      const one = await rig()
      const { comment, psid } = one.simulator.wall
      const message = outbound(scheme === 'post' ? post(comment) : acct(psid))
      const find = (more: object = {}) => one.adapter.channel.lookup(sought(message, more), context())
      expect(await find()).toBe('absent')
      one.simulator.fault('reset-after-accept')
      expect((await thrown(send(one, message))).code).toBe('unknown')
      const found = await find()
      const [kept] = one.simulator.taken()
      expect(found).toMatchObject({ id: kept?.id })
      expect(await find({ excludeProviderIds: [kept?.id] })).toBe('absent')
      expect(await find({ content: { text: 'No, it is closed.' } })).toBe('absent')
      expect(await find({ from: '2026-11-24T14:00:00.000Z', until: '2026-11-24T14:10:00.000Z' })).toBe('absent')
      expect(await find({ id: kept?.id })).toMatchObject({ id: kept?.id })
    },
  )

  test('the same words by the page below another comment are no proof: unsure', async () => {
    const one = await rig()
    const other = one.simulator.silently({
      what: 'comment',
      by: 'Ines',
      on: one.simulator.wall.post,
      text: 'And the lift?',
    })
    await send(one, outbound(post(other)))
    expect(await one.adapter.channel.lookup(sought(outbound(post(one.simulator.wall.comment))), context())).toBe(
      'unsure',
    )
  })

  test('a visitor who repeats our words is not us', async () => {
    const one = await rig()
    const { comment } = one.simulator.wall
    one.simulator.silently({ what: 'comment', by: 'Ines', on: comment, text: 'Yes, it is open.' })
    expect(await one.adapter.channel.lookup(sought(outbound(post(comment))), context())).toBe('absent')
  })

  test('comments in another order than asked for prove nothing', async () => {
    const ranked: typeof fetch = (input, init) => {
      const request = new Request(input, init)
      if (request.method !== 'GET') return fetch(request)
      return fetch(new Request(request.url.replace('order=reverse_chronological', 'order=ranked'), request))
    }
    const one = await rig({}, { fetch: ranked })
    const { post: top, comment } = one.simulator.wall
    for (let n = 0; n < 501; n++) one.simulator.silently({ what: 'comment', by: 'Ines', on: top, text: `Me too ${n}` })
    one.move('2026-11-24T16:30:00.000Z')
    await send(one, outbound(post(comment)))
    const times = { from: '2026-11-24T16:29:00.000Z', until: '2026-11-24T16:31:00.000Z' }
    expect(await one.adapter.channel.lookup(sought(outbound(post(comment)), times), context())).toBe('unsure')
  })

  test('words that Meta writes a little otherwise are ours still', async () => {
    const one = await rig()
    const to = post(one.simulator.wall.comment)
    const said = 'Café: ja, bis 18 Uhr.'
    await send(one, outbound(to, { content: { text: said.normalize('NFC').replaceAll(' ', '  ') } }))
    const content = { text: `${said.normalize('NFD')}\u200b` }
    expect(await one.adapter.channel.lookup(sought(outbound(to, { content })), context())).toMatchObject({
      id: one.simulator.taken()[0]?.id,
    })
  })

  test('a message of before that conversations name otherwise is not the one that is looked for', async () => {
    const one = await rig()
    const message = outbound(acct(one.simulator.wall.psid))
    const { id } = await send(one, message)
    expect(await one.adapter.channel.lookup(sought(message, { excludeProviderIds: [`m_${id}`] }), context())).toBe(
      'absent',
    )
  })

  test('where not all can be seen nothing is absent', async () => {
    const one = await rig()
    const { post: top, comment } = one.simulator.wall
    for (let n = 0; n < 501; n++) one.simulator.silently({ what: 'comment', by: 'Ines', on: top, text: `Me too ${n}` })
    expect(await one.adapter.channel.lookup(sought(outbound(post(comment))), context())).toBe('unsure')
    one.simulator.silently({ what: 'remove', id: top })
    expect(await one.adapter.channel.lookup(sought(outbound(post(comment))), context())).toBe('unsure')
    expect(await one.adapter.channel.lookup(sought(outbound(acct('7300000000000999'))), context())).toBe('unsure')
  })
})

// ── what Meta says no to ─────────────────────────────────────────────────────────────────────
describe('refusals', () => {
  test('a limit is waited for as long as the header says, in minutes', async () => {
    const one = await rig()
    one.simulator.fault('rate-limited-seconds')
    const error = await thrown(send(one, outbound(post(one.simulator.wall.comment))))
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 180_000, vendor: { code: '32' } })
  })

  test('an application’s limit has no time: some minutes', async () => {
    const headers = { 'x-app-usage': '{"call_count":100,"total_time":25,"total_cputime":25}' }
    const busy = async () => new Response('{"error":{"code":4}}', { status: 400, headers })
    const one = await rig({}, { fetch: busy })
    const error = await thrown(send(one, outbound(post('1_2'))))
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 600_000 })
  })

  test('a token that is over, a permission that is missing, a version that is', async () => {
    const one = await rig()
    const message = outbound(post(one.simulator.wall.comment))
    one.simulator.setToken('EAAanother')
    expect((await thrown(send(one, message))).code).toBe('auth')
    const two = await rig({ scopes: [] })
    expect((await thrown(send(two, message))).code).toBe('forbidden')
    const three = await rig({ graphVersion: 'v27.0' })
    expect((await thrown(send(three, message))).vendor?.code).toBe('2635')
    const four = await rig({ graphVersion: 'v27.0' }, { graphVersion: 'v27.0' })
    await send(four, message)
  })

  test('every call carries the proof of the token as it is now', async () => {
    let token = 'EAAfirst'
    const one = await rig({ pageToken: 'EAAfirst' }, { pageToken: () => token })
    await send(one, outbound(post(one.simulator.wall.comment)))
    token = 'EAAsecond'
    one.simulator.setToken(token)
    await send(one, outbound(post(one.simulator.wall.comment), { key: 'reply:2' }))
    const two = await rig({}, { appSecret: 'guessed' })
    expect((await thrown(send(two, outbound(post(two.simulator.wall.comment))))).vendor?.code).toBe('100')
  })
})
