import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { thrown } from './context.ts'
import { rig } from './rig.ts'

const url = 'https://library.example/prm/x'
const signed = (secret: string, text: string) => `sha256=${createHmac('sha256', secret).update(text).digest('base64')}`

describe('the handshake', () => {
  test('answers X’s token with its signature', async () => {
    const { adapter, context, simulator } = await rig()
    const token = 'NDMwMTU0LTIwMjYtMTEtMTA='
    const request = new Request(`${url}?crc_token=${encodeURIComponent(token)}`)
    const { interactions, reply } = await adapter.webhook.receive(request, context())
    expect(interactions).toEqual([])
    expect(reply?.headers.get('content-type')).toContain('application/json')
    expect(await reply?.json()).toEqual({ response_token: signed(simulator.credentials.consumerSecret, token) })
  })

  test('signs nothing that could be a webhook: whoever asks could post it', async () => {
    const { adapter, context, simulator } = await rig()
    const forged = JSON.stringify({ data: { event_type: 'post.delete', payload: { id: '17', author_id: '18' } } })
    for (const token of [forged, `{`, '', 'x'.repeat(257), 'a b', '"x"']) {
      const request = new Request(`${url}?crc_token=${encodeURIComponent(token)}`)
      expect(
        await thrown(adapter.webhook.receive(request, context()), signed(simulator.credentials.consumerSecret, token)),
      ).toMatchObject({
        code: 'invalid',
      })
    }
    expect(await thrown(adapter.webhook.receive(new Request(url), context()))).toMatchObject({ code: 'signature' })
  })
})

describe('events', () => {
  test('mentions, answers and quotes are told as the feed tells them', async () => {
    const { adapter, context, simulator } = await rig()
    const { id: own } = simulator.credentials.account
    const ours = simulator.post({ text: 'Open until 8.', author: own })
    const one = async (event: Parameters<typeof simulator.webhook>[0]) =>
      (await adapter.webhook.receive(simulator.webhook(event), context())).interactions
    expect(await one({ type: 'post.mention.create', text: '@AlderLibrary hi' })).toMatchObject([
      { type: 'mention.seen', data: { addressed: true, answerable: true, text: '@AlderLibrary hi' } },
    ])
    expect(await one({ type: 'post.reply.create', text: 'thanks', answers: ours })).toMatchObject([
      { thread: ours, data: { addressed: true, inReplyTo: ours } },
    ])
    expect(await one({ type: 'post.quote.create', text: 'so late', quotes: ours })).toMatchObject([
      { data: { answerable: true } },
    ])
    expect(await one({ type: 'post.mention.create', text: 'me, @AlderLibrary', author: own })).toEqual([])
  })

  test('reposts and likes of ours are reactions, and nobody is named', async () => {
    const { adapter, context, simulator } = await rig()
    const { id: own } = simulator.credentials.account
    const ours = simulator.post({ text: 'Open until 8.', author: own })
    const author = '1600000000000000011'
    const repost = await adapter.webhook.receive(
      simulator.webhook({ type: 'post.repost.create', text: 'RT Open until 8.', repeats: ours, author }),
      context(),
    )
    expect(repost.interactions).toMatchObject([
      {
        type: 'reaction.seen',
        key: expect.stringMatching(/^repost \d+$/),
        who: { scheme: 'post', value: ours, realm: 'x.com' },
        data: { kind: 'repost' },
        evidence: { person: expect.stringMatching(/^author /) },
      },
    ])
    expect(JSON.stringify(repost.interactions)).not.toContain(author)
    const payload = { id: '8771', liked_tweet_id: ours, liked_tweet_author_id: own, timestamp_ms: '1784927565236' }
    const like = await adapter.webhook.receive(simulator.webhook({ type: 'like.create', payload }), context())
    expect(like.interactions).toMatchObject([
      {
        key: 'like 8771',
        who: { value: ours },
        at: '2026-07-24T21:12:45.236Z',
        data: { kind: 'like' },
        evidence: { independence: 'like 8771' },
      },
    ])
    const other = simulator.webhook({ type: 'like.create', payload: { ...payload, liked_tweet_author_id: author } })
    expect((await adapter.webhook.receive(other, context())).interactions).toEqual([])
  })

  test('a deletion has the key that the feed gives it; our own is none', async () => {
    const { adapter, context, simulator, look, clock } = await rig()
    const id = simulator.post({ text: 'Alder Library', author: '1600000000000000011' })
    const { cursor } = await look()
    const gone = simulator.webhook({ type: 'post.delete', payload: { id, author_id: '1600000000000000011' } })
    const { interactions } = await adapter.webhook.receive(gone, context())
    simulator.delete(id)
    clock.pass(23)
    expect((await look(cursor)).facts).toEqual(interactions)
    const own = { id, author_id: simulator.credentials.account.id }
    expect(
      (await adapter.webhook.receive(simulator.webhook({ type: 'post.delete', payload: own }), context())).interactions,
    ).toEqual([])
  })

  test('of an edited post the deletion goes by its first id, as its versions do', async () => {
    const { adapter, context, simulator } = await rig()
    const id = simulator.post({ text: 'Alder Library' })
    const version = simulator.edit(id, 'Alder Library, edited')
    const gone = simulator.webhook({ type: 'post.delete', id: version })
    expect((await adapter.webhook.receive(gone, context())).interactions).toMatchObject([
      { key: `${id} gone`, who: { value: id } },
    ])
  })

  test('what is not used is taken and told nowhere', async () => {
    const { adapter, context, simulator } = await rig()
    const { interactions, reply } = await adapter.webhook.receive(
      simulator.webhook({ type: 'follow.follow', payload: {} }),
      context(),
    )
    expect([interactions, reply?.status]).toEqual([[], 200])
  })
})

describe('what is not X’s', () => {
  test.each([
    ['another signature', (_: string) => `sha256=${Buffer.alloc(32).toString('base64')}`],
    ['one over the text read and written anew', (secret: string) => signed(secret, '{"data":{}}')],
    ['of another secret', () => signed('another secret', '{ "data": {} }')],
    ['without its prefix', (secret: string) => signed(secret, '{ "data": {} }').slice(7)],
  ])('%s is refused', async (_, signature) => {
    const { adapter, context, simulator } = await rig()
    const headers = { 'x-twitter-webhooks-signature': signature(simulator.credentials.consumerSecret) }
    const request = new Request(url, { method: 'POST', headers, body: '{ "data": {} }' })
    expect(
      await thrown(adapter.webhook.receive(request, context()), simulator.credentials.consumerSecret),
    ).toMatchObject({ code: 'signature' })
  })

  test.each([
    '{',
    '[]',
    '{"data":{"event_type":"post.mention.create"}}',
    '{"data":{"event_type":"post.mention.create","payload":{"id":"x"}}}',
    '{"data":{"event_type":"post.repost.create","payload":{"id":"17"}}}',
    '{"data":{"event_type":"like.create","payload":{"liked_tweet_author_id":"1500000000000000001"}}}',
  ])('%s is signed and says nothing: invalid, with what was expected', async (body) => {
    const { adapter, context, simulator } = await rig()
    const headers = { 'x-twitter-webhooks-signature': signed(simulator.credentials.consumerSecret, body) }
    const error = await thrown(adapter.webhook.receive(new Request(url, { method: 'POST', headers, body }), context()))
    expect(error.code).toBe('invalid')
  })

  test('without a consumerSecret nothing is taken', async () => {
    const { make, context, simulator } = await rig()
    const { webhook } = make({ consumerSecret: undefined })
    const request = simulator.webhook({ type: 'post.mention.create' })
    expect(await thrown(webhook.receive(request, context()))).toMatchObject({ code: 'config', field: 'consumerSecret' })
  })
})
