import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { day, hour, minute, rig } from './rig.ts'

describe('a post', () => {
  test('under a tag is told once, with its words, its link and a pseudonym alone', async () => {
    const { simulator, look, host, ctx } = await rig()
    const at = ctx().now().toISOString()
    const id = simulator.post({ by: 'Wren@else.example', text: 'The #AlderLibrary closes too early.', language: 'en' })
    const { facts, bad } = await look()
    const person = expect.stringMatching(/^author [\da-f]{24}$/)
    expect([facts, bad]).toEqual([
      [
        {
          key: `status ${id}`,
          type: 'mention.seen',
          source: 'mastodon',
          at,
          who: { scheme: 'post', value: id, realm: host },
          thread: id,
          data: {
            text: 'The #AlderLibrary closes too early.',
            url: `${simulator.url}/@wren@else.example/${id}`,
            language: 'en',
            query: 'name',
            answerable: true,
          },
          evidence: { person, independence: person },
        },
      ],
      [],
    ])
    expect(JSON.stringify(facts[0]?.evidence)).not.toContain('wren')
    expect((await look()).facts).toEqual([])
  })

  test('that names us is addressed, and by what it answers', async () => {
    const { simulator, look } = await rig()
    const one = simulator.post({ by: 'ife', text: '@library is #AlderLibrary open?' })
    const two = simulator.post({ by: 'wren@else.example', text: '@library @ife I think so', inReplyTo: one })
    const { facts } = await look()
    expect(facts.map(({ data: { addressed, inReplyTo }, thread }) => [addressed, inReplyTo, thread])).toEqual([
      [true, undefined, one],
      [true, one, one],
    ])
    expect(facts.map(({ key }) => key)).toEqual([`status ${one}`, `status ${two}`])
  })

  test('of one author is the same voice wherever it is found, and another with another key', async () => {
    const { simulator, look } = await rig()
    const [a, b] = [await rig({ pseudonymKey: 'another of sixteen letters' }), simulator]
    for (const to of [a.simulator, b]) {
      to.post({ by: 'wren@else.example', text: 'One #AlderLibrary' })
      to.post({ by: 'WREN@else.example', text: '@library two' })
      to.post({ by: 'wren@other.example', text: '#AlderLibrary three' })
    }
    const voices = async (facts: Awaited<ReturnType<typeof look>>['facts']) =>
      facts.map(({ evidence }) => evidence?.person)
    const mine = await voices((await look()).facts)
    expect(new Set(mine).size).toBe(2)
    const others = await voices((await a.look()).facts)
    expect(new Set([...mine, ...others]).size).toBe(4)
  })

  test('of our own, a boost, and one of a tag that is not asked for, are not told', async () => {
    const { simulator, look } = await rig()
    simulator.post({ by: 'library', text: 'We have #AlderLibrary news.' })
    const id = simulator.post({ by: 'ife', text: 'Nothing of that #AlderTrees' })
    simulator.react(id, 'reblog', 'wren@else.example')
    expect((await look()).facts.filter(({ type }) => type === 'mention.seen')).toEqual([])
  })

  test('with a content warning has it as its title', async () => {
    const { simulator, look } = await rig()
    simulator.post({ by: 'ife', text: 'It is #AlderLibrary.', warning: 'noise' })
    expect((await look()).facts[0]?.data).toMatchObject({ title: 'noise', text: 'It is #AlderLibrary.' })
  })

  test('that is found by a search is told where it is not told already', async () => {
    const { simulator, look } = await rig({ searches: [{ text: 'alder', query: 'plain' }] })
    simulator.post({ by: 'ife', text: '#AlderLibrary' })
    simulator.post({ by: 'wren@else.example', text: 'I miss the Alder branch.' })
    simulator.post({ by: 'quiet_reader@reads.example', text: 'Alder, without having opted in.' })
    expect((await look()).facts.map(({ data: { query } }) => query)).toEqual(['name', 'plain'])
    expect((await look()).facts).toEqual([])
  })

  test('comes late from another instance, under an id of before, and is told', async () => {
    const { simulator, look, ctx, wait } = await rig()
    simulator.post({ by: 'ife', text: 'Now. #AlderLibrary' })
    expect((await look()).facts.length).toBe(1)
    wait(10 * minute)
    // As where the instance was down for two hours, and is told again an hour later.
    const at = new Date(ctx().now().getTime() - 3 * hour).toISOString()
    simulator.post({ by: 'wren@else.example', text: 'Before. #AlderLibrary', at })
    expect((await look()).facts.map(({ data: { text } }) => text)).toEqual(['Before. #AlderLibrary'])
  })

  test('of many is told: three pages of a tag, and of mentions', async () => {
    const { simulator, look, wait } = await rig()
    const ids = Array.from({ length: 110 }, (_, n) => {
      wait(1000)
      return simulator.post({ by: 'ife', text: `#AlderLibrary ${n}` })
    })
    expect((await look()).facts.map(({ who }) => who?.value)).toEqual(ids)
    const names = Array.from({ length: 170 }, (_, n) => simulator.post({ by: 'ife', text: `@library ${n}` }))
    wait(2 * minute)
    expect((await look()).facts.map(({ who }) => who?.value)).toEqual(names)
  })

  test('of a week ago is told by the first look, and no older one', async () => {
    const { look, simulator, ctx } = await rig({}, {}, true)
    const at = new Date(ctx().now().getTime() - 9 * day).toISOString()
    simulator.post({ by: 'ife', text: 'Old #AlderLibrary', at })
    expect((await look()).facts.length).toBe(3)
  })
})

describe('a post that was told', () => {
  test('and edited is told again, as edited', async () => {
    const { simulator, look, wait, ctx, host } = await rig()
    const id = simulator.post({ by: 'ife', text: 'Loud. #AlderLibrary' })
    await look()
    wait(5 * minute)
    const at = ctx().now().toISOString()
    simulator.edit(id, 'Loud? No: better now. #AlderLibrary')
    const { facts } = await look()
    expect(facts).toMatchObject([
      { key: `status ${id} ${at}`, at, who: { value: id, realm: host }, data: { edited: true, query: 'name' } },
    ])
    expect((await look()).facts).toEqual([])
    wait(minute)
    simulator.edit(id, 'Loud. #AlderLibrary')
    expect((await look()).facts[0]?.data.text).toBe('Loud. #AlderLibrary')
  })

  test('long ago is asked for again, and told where it is edited or gone', async () => {
    const { simulator, look, wait } = await rig()
    const ids = Array.from({ length: 50 }, (_, n) => simulator.post({ by: 'ife', text: `#AlderLibrary ${n}` }))
    await look()
    wait(9 * day)
    simulator.edit(ids[3] ?? '', 'Otherwise. #AlderLibrary')
    simulator.remove(ids[30] ?? '')
    const facts = []
    for (let n = 0; n < 8; n++) {
      facts.push(...(await look()).facts)
      wait(20 * minute)
    }
    expect(facts.map(({ who, data }) => [who?.value, data.text, data.gone])).toEqual([
      [ids[3], 'Otherwise. #AlderLibrary', undefined],
      [ids[30], '', true],
    ])
    expect(facts[1]?.key).toBe(`status ${ids[30]} gone`)
    wait(30 * day)
    await look()
    const asked = simulator.visits().length
    await look()
    expect(
      simulator
        .visits()
        .slice(asked)
        .some(({ path }) => path.startsWith('/api/v1/statuses')),
    ).toBe(false)
  })

  test('of an account that is suspended is gone', async () => {
    const { simulator, look, wait } = await rig()
    simulator.post({ by: 'ife', text: 'Buy! #AlderLibrary' })
    await look()
    simulator.suspend('ife')
    wait(hour)
    // And what the first look told of the same account.
    expect((await look()).facts.map(({ data }) => data.gone)).toEqual([true, true])
  })
})

describe('what is not public', () => {
  test.each(['direct', 'private'] as const)('(%s) is a message to us, by its account', async (visibility) => {
    const { simulator, look, host } = await rig()
    const id = simulator.post({ by: 'ife', text: '@library I lost my card', visibility, warning: 'private' })
    const [fact, ...more] = (await look()).facts
    expect(more).toEqual([])
    expect(fact).toMatchObject({
      key: `status ${id}`,
      type: 'message.received',
      who: { scheme: 'acct', value: `ife@${host}`, realm: host },
      data: { content: { text: 'private\n\n@library I lost my card' } },
    })
    expect(fact?.evidence).toBeUndefined()
  })

  test('is told though an instance filters direct messages of strangers, as it does by itself', async () => {
    const { simulator, look } = await rig()
    simulator.offers.filters = true
    const id = simulator.post({ by: 'wren@else.example', text: '@library my card', visibility: 'direct' })
    expect((await look()).facts.map(({ key }) => key)).toEqual([`status ${id}`])
  })

  test('and not to us, though a search finds it, is no message to us', async () => {
    const { simulator, look } = await rig({
      searches: [{ text: 'alder' }],
      fetch: async (...request) => {
        const response = await fetch(...request)
        if (!new Request(...request).url.includes('/search')) return response
        const found = (await response.json()) as { statuses: object[] }
        return Response.json({ statuses: found.statuses.map((one) => ({ ...one, visibility: 'private' })) })
      },
    })
    simulator.post({ by: 'ife', text: 'For my followers: the Alder branch is dull' })
    expect((await look()).facts).toEqual([])
  })

  test('is never told as gone in public', async () => {
    const { simulator, look, wait } = await rig()
    const id = simulator.post({ by: 'ife', text: '@library #AlderLibrary', visibility: 'direct' })
    await look()
    simulator.remove(id)
    wait(hour)
    expect((await look()).facts).toEqual([])
  })
})

test('a favourite, a boost and a quote of our post are reactions, without words', async () => {
  const { simulator, look, host, wait } = await rig()
  const ours = simulator.post({ by: 'library', text: 'We open at nine.' })
  simulator.react(ours, 'favourite', 'ife')
  simulator.react(ours, 'reblog', 'wren@else.example')
  simulator.post({ by: 'ife', text: 'At last!', quotes: ours })
  const { facts } = await look()
  const reactions = facts.filter(({ type }) => type === 'reaction.seen')
  expect(reactions.map(({ who, data, key }) => [who, data, key])).toEqual([
    [{ scheme: 'post', value: ours, realm: host }, { kind: 'like' }, 'notification 2'],
    [{ scheme: 'post', value: ours, realm: host }, { kind: 'repost' }, 'notification 3'],
    [{ scheme: 'post', value: ours, realm: host }, { kind: 'quote' }, 'notification 4'],
  ])
  expect(reactions[0]?.evidence?.person).toBe(reactions[2]?.evidence?.person)
  expect(facts.filter(({ type }) => type === 'mention.seen').map(({ data }) => data.text)).toEqual(['At last!'])
  // What came in the last minute is read once more, under the same keys: one that was given its id before may come after.
  wait(10 * minute)
  expect((await look()).facts).toEqual(reactions)
  expect((await look()).facts).toEqual([])
})

test('what came while nobody looked for three weeks is told, and nothing is passed over by a clock that is ahead', async () => {
  const { simulator, look, wait } = await rig()
  await look()
  const id = simulator.post({ by: 'ife', text: '@library hello' })
  wait(21 * day)
  expect((await look()).facts.map(({ key }) => key)).toEqual([`status ${id}`])
})

test('a first look by a clock that was ahead hides nothing once it is right', async () => {
  const { simulator, adapter, ctx } = await rig({}, {}, true)
  const cursors: unknown[] = []
  const read = async (ms: number, cursor?: Json) => {
    const now = () => new Date(ctx().now().getTime() + ms)
    const keys: string[] = []
    for await (const batch of adapter.feed.pull(cursor, ctx({ now }))) {
      keys.push(...batch.interactions.map(({ key }) => key))
      cursors.push(batch.cursor)
    }
    return keys
  }
  expect(await read(400 * day)).toEqual([])
  const id = simulator.post({ by: 'ife', text: 'Now #AlderLibrary' })
  expect(await read(0, cursors.at(-1) as Json)).toContain(`status ${id}`)
})

test.each([true, false])(
  'that a post is gone is told, also where the next cannot be asked for (rate: %s)',
  async (rate) => {
    let refused = ''
    const { simulator, look, wait } = await rig({
      fetch: async (...request) => {
        const { pathname } = new URL(new Request(...request).url)
        if (refused === '' || !pathname.endsWith(refused)) return fetch(...request)
        refused = ''
        return Response.json({}, { status: rate ? 429 : 403 })
      },
    })
    const ids = ['one', 'two'].map((text) => simulator.post({ by: 'ife', text: `${text} #AlderLibrary` }))
    await look()
    for (const id of ids) simulator.remove(id)
    refused = ids[1] ?? ''
    wait(hour)
    const facts = [...(await look()).facts, ...(await look()).facts]
    expect(facts.map(({ key }) => key)).toEqual(ids.map((id) => `status ${id} gone`))
  },
)
