import { describe, expect, test } from 'vitest'
import { rkeyOf } from '../src/uri.ts'
import { context } from './context.ts'
import { later, library, rig, start, teo, wren } from './rig.ts'

describe('an answer', () => {
  test('is threaded under the true root, whatever it answers', async () => {
    const { simulator, answer } = await rig()
    const root = simulator.post(teo, 'Who knows a quiet place?')
    const middle = simulator.post(wren, `Ask @${library}`, { reply: root })
    const { id, state } = await answer(middle, 'The second floor is quiet.')
    expect(state).toBe('delivered')
    expect(simulator.received()).toMatchObject([
      {
        to: { value: middle },
        text: 'The second floor is quiet.',
        raw: {
          $type: 'app.bsky.feed.post',
          createdAt: start,
          reply: { root: { uri: root, cid: expect.any(String) }, parent: { uri: middle, cid: expect.any(String) } },
        },
      },
    ])
    expect(id).toMatch(new RegExp(`^at://${simulator.did}/app.bsky.feed.post/`))
    // Who answers that answers us.
    const next = simulator.post(wren, 'Thanks!', { reply: id ?? '' })
    await answer(next, 'Come by.', { key: 'answer 2' })
    expect(simulator.received()[1]).toMatchObject({ raw: { reply: { root: { uri: root } } } })
  })

  test('has links, hashtags and handles to click, by bytes', async () => {
    const { simulator, answer } = await rig({ languages: ['en', 'de'] })
    const text = `Ja 👩‍👩‍👧 @${wren}: siehe https://example.org/öffnung. #Bücherei (@nobody.example.net)`
    await answer(simulator.post(wren, `@${library} hours?`), text)
    const [{ raw } = { raw: null }] = simulator.received()
    const { facets, langs } = raw as {
      facets: { index: { byteStart: number; byteEnd: number }; features: object[] }[]
      langs: string[]
    }
    const bytes = Buffer.from(text)
    expect(langs).toEqual(['en', 'de'])
    expect(
      facets.map(({ index, features }) => [bytes.subarray(index.byteStart, index.byteEnd).toString(), features]),
    ).toEqual([
      [`@${wren}`, [{ $type: 'app.bsky.richtext.facet#mention', did: expect.stringMatching(/^did:plc:/) }]],
      ['https://example.org/öffnung', [{ $type: 'app.bsky.richtext.facet#link', uri: 'https://example.org/öffnung' }]],
      ['#Bücherei', [{ $type: 'app.bsky.richtext.facet#tag', tag: 'Bücherei' }]],
    ])
  })

  test('is one post, however often its message is sent, and by whomever', async () => {
    const { simulator, answer, clock } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    const both = await Promise.all([answer(to, 'Hello'), answer(to, 'Hello')])
    clock.now = later(start, 60)
    const third = await answer(to, 'Hello')
    expect(new Set([...both, third].map(({ id }) => id)).size).toBe(1)
    expect(simulator.received().length).toBe(1)
    const other = await answer(to, 'Hello', { key: 'answer 2' })
    expect(other.id).not.toBe(third.id)
  })

  test.each([
    ['500', 500, 'InternalServerError'],
    ['a name of its own', 400, 'RecordAlreadyExists'],
  ])('that is there already is found, where the server says %s', async (_, status, error) => {
    let second = false
    const { simulator, answer } = await rig({
      fetch: async (input, init) => {
        if (second && (input as Request).url.includes('createRecord')) return Response.json({ error }, { status })
        return fetch(input, init)
      },
    })
    const to = simulator.post(wren, `@${library} hello`)
    const first = await answer(to, 'Hello')
    second = true
    expect(await answer(to, 'Hello')).toEqual(first)
    await expect(answer(to, 'Hello', { key: 'answer 2' })).rejects.toMatchObject({
      code: status === 500 ? 'unknown' : 'invalid',
    })
  })

  test('is found by its key after its post was taken and the answer lost', async () => {
    const { simulator, adapter, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    const query = {
      key: 'answer 1',
      to: { scheme: 'post', value: to },
      content: { text: 'Hello' },
      from: start,
      until: later(start, 1),
      excludeProviderIds: [],
    }
    expect(await adapter.channel.lookup?.(query, context())).toBe('absent')
    simulator.fault('reset-after-accept')
    await expect(answer(to, 'Hello')).rejects.toMatchObject({ code: 'unknown' })
    const found = await adapter.channel.lookup?.(query, context())
    expect(found).toMatchObject({ state: 'delivered', id: expect.stringContaining(simulator.did) })
  })

  test.each([
    ['that is gone', 'not_found', (r: Awaited<ReturnType<typeof rig>>, uri: string) => r.simulator.remove(uri)],
    ['whose author is', 'not_found', (r: Awaited<ReturnType<typeof rig>>) => r.simulator.account(wren, 'deleted')],
    [
      'whose author is suspended',
      'not_found',
      (r: Awaited<ReturnType<typeof rig>>) => r.simulator.account(wren, 'suspended'),
    ],
    [
      'whose thread is closed',
      'unsupported',
      (r: Awaited<ReturnType<typeof rig>>, uri: string) => r.simulator.gate(uri),
    ],
  ])('to a post %s is refused, and nothing is posted', async (_, code, change) => {
    const all = await rig({ answer: 'approved' })
    const uri = all.simulator.post(wren, 'Alder Library')
    change(all, uri)
    await expect(all.answer(uri, 'Hello')).rejects.toMatchObject({ code })
    expect(all.simulator.received()).toEqual([])
  })

  test('to a root that is gone is threaded under it all the same', async () => {
    const { simulator, answer } = await rig()
    const root = simulator.post(teo, 'A question')
    const uri = simulator.post(wren, `@${library}?`, { reply: root })
    simulator.remove(root)
    await answer(uri, 'Hello')
    expect(simulator.received()).toMatchObject([{ raw: { reply: { root: { uri: root }, parent: { uri } } } }])
  })

  test('goes only to who names the account or answers it, unless people approve each', async () => {
    const tagged = await rig()
    const uri = tagged.simulator.post(wren, 'Alder Library is loud')
    await expect(tagged.answer(uri, 'Sorry')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('`tagged`'),
    })
    expect(tagged.simulator.received()).toEqual([])
    const approved = await rig({ answer: 'approved' })
    await approved.answer(approved.simulator.post(wren, 'Alder Library is loud'), 'Sorry')
    expect(approved.simulator.received().length).toBe(1)
  })

  test.each([
    '',
    'https://bsky.app/profile/x/post/y',
    'at://did:plc:abc/app.bsky.feed.like/3mlike2222222',
    'wren.example.org',
  ])('to what is no post (%s) is refused before any call', async (value) => {
    const { simulator, answer } = await rig()
    await expect(answer(value, 'Hello')).rejects.toMatchObject({ code: 'invalid', field: 'to' })
    expect(simulator.visits()).toEqual([])
  })

  test('that is too long, or has pictures, is refused before any call', async () => {
    const { simulator, answer } = await rig()
    const to = simulator.post(wren, `@${library}`)
    await expect(answer(to, 'x'.repeat(301))).rejects.toMatchObject({ code: 'invalid', field: 'text' })
    const media = [{ ref: '1', type: 'image/png' }]
    await expect(answer(to, '', { content: { text: 'x', media } })).rejects.toMatchObject({ code: 'unsupported' })
    expect(simulator.visits()).toEqual([])
  })

  test('is taken back, ours and no other', async () => {
    const { simulator, adapter, answer } = await rig()
    const to = simulator.post(wren, `@${library} hello`)
    const { id = '' } = await answer(to, 'Hello')
    await adapter.channel.remove?.(id, context())
    await adapter.channel.remove?.(id, context())
    const next = await rig()
    await expect(next.adapter.channel.remove?.(to, context())).rejects.toMatchObject({ code: 'unsupported' })
    expect(simulator.visits().filter((one) => one === 'deleteRecord').length).toBe(2)
    await expect(answer(to, 'Hello')).resolves.toMatchObject({ id }) // its key is free again
  })

  test('keeps its record key with its message, near what it answers', () => {
    const to = 'at://did:plc:cwd3rmmqw6573jvgjyr6rqzc/app.bsky.feed.post/3n32wqcitc522'
    expect(rkeyOf({ key: 'answer 1', to })).toBe(rkeyOf({ key: 'answer 1', to }))
    expect(rkeyOf({ key: 'answer 1', to }) > '3n32wqcitc522').toBe(true)
    const keys = Array.from({ length: 20_000 }, (_, n) => rkeyOf({ key: `answer ${n}`, to }))
    expect(new Set(keys).size).toBe(20_000)
    // A key that is no TID, and one at the end of time.
    for (const rkey of ['self', 'a'.repeat(200), 'jzzzzzzzzzzzz'])
      expect(rkeyOf({ key: 'x', to: to.replace('3n32wqcitc522', rkey) })).toMatch(/^[2-7a-j][2-7a-z]{12}$/)
  })
})
