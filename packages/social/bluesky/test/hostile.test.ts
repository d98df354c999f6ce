import { createPrm, type Interaction, type MentionSeen } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { bluesky } from '../src/index.ts'
import { context } from './context.ts'
import { later, library, rig, start, teo, wren } from './rig.ts'

describe('a list', () => {
  test('goes on after a page that is empty', async () => {
    let first = true
    const { look, simulator } = await rig({
      async fetch(...request) {
        const { url } = request[0] as Request
        if (first || !url.includes('listNotifications') || url.includes('cursor=')) return fetch(...request)
        return Response.json({ notifications: [], cursor: '9' })
      },
    })
    const { cursor } = await look()
    first = false
    simulator.post(wren, `@${library} hello`)
    expect((await look(cursor)).mentions.length).toBe(1)
  })

  test('that goes on with the page that it has just given has ended', async () => {
    const { look, simulator } = await rig({
      async fetch(...request) {
        if (!(request[0] as Request).url.includes('searchPosts')) return fetch(...request)
        return Response.json({ posts: [], cursor: '100' })
      },
    })
    const { cursor } = await look()
    expect((await look(cursor)).bad).toEqual([])
    expect(simulator.visits().length).toBe(3)
  })

  test('goes on from where it was, whatever our clock said', async () => {
    const { look, simulator, clock } = await rig()
    simulator.post(wren, `@${library} one`)
    simulator.post(wren, 'Alder Library, one')
    clock.now = later(start, 24 * 60)
    const first = await look()
    expect(first.mentions.length).toBe(2)
    clock.now = later(start, 5)
    simulator.post(wren, `@${library} two`)
    simulator.post(wren, 'Alder Library, two')
    clock.now = later(start, -48 * 60)
    const second = await look(first.cursor)
    expect(second.mentions.map(({ data }) => data.text)).toEqual([`@${library} two`, 'Alder Library, two'])
  })

  test('with posts of a megabyte is read all the same', async () => {
    const { look, simulator, clock } = await rig()
    const first = await look()
    clock.now = later(start, 1)
    simulator.post(wren, `@${library} hello`)
    simulator.post(wren, 'Alder Library')
    const record = { padding: 'x'.repeat(1_000_000) }
    for (let n = 0; n < 9; n++) {
      clock.now = later(start, 2 + n / 60)
      simulator.post(teo, `Alder Library ${n}`, { record })
      simulator.post(teo, `@${library} ${n}`, { record })
    }
    clock.now = later(start, 10)
    const { mentions, error } = await look(first.cursor)
    expect([error, mentions.length]).toEqual([undefined, 20])
  })
})

describe('what cannot be asked for', () => {
  test('one record hides no end of another', async () => {
    let odd = ''
    const { look, simulator } = await rig({
      async fetch(...request) {
        const { url } = request[0] as Request
        if (!odd || !url.includes('getRecord') || !url.includes(encodeURIComponent(odd))) return fetch(...request)
        return Response.json({ error: 'InvalidRequest', message: 'Could not find repo' }, { status: 400 })
      },
    })
    const uri = simulator.post(teo, 'Alder Library 1')
    const gone = simulator.post(wren, 'Alder Library 2')
    const { cursor } = await look()
    odd = uri.split('/')[2] ?? ''
    simulator.account(teo, 'suspended')
    simulator.remove(gone)
    const { mentions, bad } = await look(cursor)
    expect([mentions.map(({ who, data }) => [who?.value, data.gone]), bad]).toEqual([[[gone, true]], []])
  })

  test.each([
    ['refused', { status: 400 }],
    ['too large', { status: 200 }],
  ])('a list (%s) hides no end of what is in it', async (_, { status }) => {
    const { look, simulator } = await rig({
      async fetch(...request) {
        if (!(request[0] as Request).url.includes('getPosts')) return fetch(...request)
        return Response.json({ error: 'InvalidRequest', padding: 'x'.repeat(9_000_000) }, { status })
      },
    })
    const gone = simulator.post(wren, 'Alder Library 1')
    simulator.post(wren, 'Alder Library 2')
    const { cursor } = await look()
    simulator.remove(gone)
    const { mentions, bad } = await look(cursor)
    expect([mentions.map(({ who, data }) => [who?.value, data.gone]), bad]).toEqual([[[gone, true]], []])
  })
})

describe('a stream', () => {
  const streamed = (hold: '20s' | '600h') => rig((simulator) => ({ stream: { url: simulator.streamUrl(), hold } }))

  test('with one date far ahead skips nothing', async () => {
    const { look, simulator } = await streamed('20s')
    const us = Date.parse(start) * 1000
    const streamedTo = (cursor: unknown) => (cursor as { readonly streamed?: number }).streamed
    const looks = look(undefined, ({ cursor }) => streamedTo(cursor) !== undefined)
    await expect.poll(() => simulator.streams()).toBe(1)
    for (const time_us of [us + 1e15, us + 7])
      simulator.shout(JSON.stringify({ did: 'did:plc:abc', time_us, kind: 'identity' }))
    simulator.disconnect() // What moves the cursor alone is told at the end of a line.
    expect((await looks).cursor).toMatchObject({ streamed: us + 7 })
  })

  test('is held for months as for minutes, and no line is left when nobody asks for more', async () => {
    const { adapter, simulator } = await streamed('600h')
    const posted = expect
      .poll(() => simulator.streams())
      .toBe(1)
      .then(() => simulator.post(wren, 'Alder Library'))
    let n = 0
    for await (const { interactions } of adapter.feed.pull(undefined, context()))
      if (n++ > 2) {
        expect(interactions.length).toBe(1)
        break
      }
    expect(n).toBe(4)
    await posted
    await expect.poll(() => simulator.streams()).toBe(0)
  })
})

test('a sign-in that failed is tried again, though the clock moved back', async () => {
  let broken = true
  const { look, clock } = await rig({
    async fetch(...request) {
      if (broken) throw new TypeError('fetch failed')
      return fetch(...request)
    },
  })
  expect((await look()).error).toMatchObject({ code: 'unavailable' })
  broken = false
  clock.now = later(start, -60)
  expect((await look()).error).toBeUndefined()
})

describe('an answer', () => {
  test('goes under no other post, whatever a server makes of the question', async () => {
    const { simulator, answer } = await rig({
      async fetch(input, init) {
        const request = input as Request
        if (!request.url.includes('getPosts')) return fetch(input, init)
        return fetch(new Request(request.url.replace(encodeURIComponent(to), encodeURIComponent(other)), request), init)
      },
    })
    const to = simulator.post(wren, `@${library} hello`)
    const other = simulator.post(teo, `@${library} hello`)
    await expect(answer(to, 'Hello')).rejects.toMatchObject({ code: 'contract' })
    expect(simulator.received()).toEqual([])
  })

  test('goes to nobody who has blocked the account, where a server shows the post all the same', async () => {
    const { simulator, answer } = await rig({
      async fetch(...request) {
        const response = await fetch(...request)
        if (!(request[0] as Request).url.includes('getPosts')) return response
        const { posts } = (await response.json()) as { posts: { author: object }[] }
        return Response.json({
          posts: posts.map((one) => ({ ...one, author: { ...one.author, viewer: { blockedBy: true } } })),
        })
      },
    })
    const to = simulator.post(wren, `@${library} hello`)
    await expect(answer(to, 'Hello')).rejects.toMatchObject({ code: 'unsupported' })
    expect(simulator.received()).toEqual([])
  })
})

test('what no database takes as it is is stored, with the time that the network had it', async () => {
  const simulator = await simulate({ empty: true, now: () => new Date(start) })
  const store = sqlite({ memory: true })
  onTestFinished(() => simulator.close())
  onTestFinished(() => store.close())
  const adapter = bluesky({
    ...simulator.credentials,
    baseUrl: simulator.url,
    pseudonymKey: 'sixteen letters or more',
    queries: [{ name: 'name', any: ['Alder Library'] }],
  })
  const prm = createPrm({
    store,
    now: () => new Date(start),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { bluesky: adapter },
    purposes: { ask: { basis: 'service', class: 'service' } },
  })
  const dates = [
    '-000001-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00Z',
  ]
  for (const createdAt of dates) simulator.post(wren, 'Alder Library \0 \ud800 \u200b\u202e', { record: { createdAt } })
  expect(await prm.pull('bluesky')).toEqual({ interactions: 4, rejected: [] })
  const facts: Interaction<string, MentionSeen>[] = []
  for await (const fact of store.scope('alder').find('interaction', { type: 'mention.seen' }))
    facts.push(fact as Interaction<string, MentionSeen>)
  expect(facts.map(({ at }) => at)).toEqual(dates.map(() => start))
})
