import { describe, expect, test } from 'vitest'
import { later, library, rig, start, teo, wren } from './rig.ts'

describe('what is told', () => {
  test('is who names the account, who answers it, what search finds, and what is done with what it said', async () => {
    const { look, simulator } = await rig({}, { empty: false })
    const { facts, bad } = await look()
    expect(bad).toEqual([])
    expect(
      facts.map(({ type, data, at }) => {
        const { text, kind, addressed, answerable, query } = data as { [name: string]: unknown }
        return [type, text ?? kind, at?.slice(11, 16), { addressed, answerable, query }]
      }),
    ).toEqual([
      ['mention.seen', 'Until nine also in December?', '15:10', { addressed: true, answerable: true }],
      [
        'mention.seen',
        `@${library} the third floor is so loud that nobody can read there.`,
        '15:15',
        { addressed: true, answerable: true },
      ],
      ['mention.seen', 'Good to know: Alder Library is open late.', '15:20', { query: 'name' }],
      ['reaction.seen', 'quote', '15:20', {}],
      ['reaction.seen', 'like', '15:30', {}],
      ['mention.seen', 'Alder Library found the book I had lost. Thank you!', '15:05', { query: 'name' }],
    ])
    const [reply] = facts
    const ours = /^at:\/\/did:plc:[a-z2-7]{24}\/app\.bsky\.feed\.post\/\w{13}$/
    expect(reply).toMatchObject({
      who: { scheme: 'post', value: expect.stringMatching(ours), realm: 'bsky.app' },
      thread: expect.stringContaining(simulator.did),
      data: { inReplyTo: expect.stringContaining(simulator.did), language: 'en' },
      key: expect.stringMatching(/^did:plc:\w{24}\/\w{13}$/),
    })
    expect(facts[3]?.who?.value).toBe(facts[4]?.who?.value)
    expect(facts[3]?.who?.value).toContain(simulator.did)
    expect(reply?.data).toMatchObject({ url: `https://bsky.app/profile/${reply?.key.replace('/', '/post/')}` })
  })

  test('is nothing twice, however it is found', async () => {
    const { look, simulator, clock } = await rig()
    simulator.post(wren, `@${library} Alder Library is loud`)
    const first = await look()
    expect(first.mentions).toMatchObject([{ data: { addressed: true, query: 'name' } }])
    clock.now = later(start, 10)
    const second = await look(first.cursor)
    expect(second.facts).toEqual([])
    simulator.post(teo, 'Alder Library is quiet')
    expect((await look(second.cursor)).mentions.length).toBe(1)
  })

  test('is what came late into a list that is sorted by date', async () => {
    const { look, simulator, clock } = await rig()
    const { cursor } = await look()
    clock.now = later(start, 30)
    const next = await look(cursor)
    simulator.post(wren, `@${library} hello`, { at: later(start, -5) })
    simulator.post(wren, 'Alder Library', { at: later(start, -6) })
    expect((await look(next.cursor)).mentions.length).toBe(2)
  })

  test('is all of it, over many pages, oldest first', async () => {
    const { look, simulator, clock } = await rig()
    const { cursor } = await look()
    for (let n = 0; n < 250; n++) simulator.post(wren, `@${library} number ${n}`, { at: later(start, n / 60) })
    for (let n = 0; n < 250; n++) simulator.post(teo, `Alder Library ${n}`, { at: later(start, n / 60) })
    clock.now = later(start, 10)
    const { mentions, bad } = await look(cursor)
    expect(bad).toEqual([])
    const texts = mentions.map(({ data }) => data.text)
    expect(texts).toEqual([
      ...Array.from({ length: 250 }, (_, n) => `@${library} number ${n}`),
      ...Array.from({ length: 250 }, (_, n) => `Alder Library ${n}`),
    ])
  })

  test('is, where there is too much, the latest of it, and that there is more', async () => {
    const { look, simulator, clock } = await rig()
    const { cursor } = await look()
    for (let n = 0; n < 2050; n++) simulator.post(wren, `@${library} ${n}`, { at: later(start, n / 600) })
    clock.now = later(start, 10)
    const { mentions, bad } = await look(cursor)
    expect(mentions.length).toBe(2000)
    expect(mentions.at(-1)?.data.text).toBe(`@${library} 2049`)
    expect(bad).toEqual([
      { source: 'notifications', reason: expect.stringMatching(/^there are more than 2000 since 2026-11-24T15:00/) },
    ])
  })

  test('is no author by name, but one pseudonym, another with another key', async () => {
    const [one, two] = [
      await rig({}, { empty: false }),
      await rig({ pseudonymKey: 'another key, as long' }, { empty: false }),
    ]
    const [first, second] = [await one.look(), await two.look()]
    const people = first.facts.map(({ evidence }) => evidence?.person)
    expect(people).toEqual(Array(6).fill(expect.stringMatching(/^author [\da-f]{24}$/)))
    expect(people[2]).toBe(people[3]) // teo says and quotes
    expect(new Set(people).size).toBe(4)
    expect(second.facts.map(({ evidence }) => evidence?.person).filter((person) => people.includes(person))).toEqual([])
    expect(JSON.stringify(first.facts)).not.toMatch(/teo\.|wren\.|ife\.|quiet/)
  })

  test('is not what the library says itself, nor who names another', async () => {
    const { look, simulator } = await rig()
    simulator.post(library, 'Alder Library is open')
    simulator.post(wren, '@teo.example.org hello')
    expect((await look()).facts).toEqual([])
  })

  test.each([
    ['as it is', 'at the Alder Library, today', true],
    ['in any case, over lines', 'ALDER\n library!', true],
    ['within another word', 'Alder Librarykeeper', false],
    ['with what is excluded', 'Alder Library in Alder, Texas', false],
    ['as a hashtag', 'so quiet #AlderReads', true],
    ['without word borders, where a script has none', '今日は市立図書館へ行った', true],
  ])('is a query %s', async (_, text, found) => {
    const { look, simulator } = await rig({
      queries: [{ name: 'name', any: ['Alder Library', '#alderreads', '図書館'], none: ['Texas'] }],
    })
    simulator.post(wren, text)
    expect((await look()).mentions.length).toBe(found ? 1 : 0)
  })

  test('is a query in its languages, and in none that is named', async () => {
    const queries = [{ name: 'name', any: ['Alder Library'], languages: ['en'] }]
    const { look, simulator } = await rig({ queries })
    simulator.post(wren, 'Alder Library 1', { langs: ['de'] })
    simulator.post(wren, 'Alder Library 2', { langs: ['en-GB'] })
    simulator.post(wren, 'Alder Library 3', { langs: [] })
    expect((await look()).mentions.map(({ data }) => data.text.at(-1))).toEqual(['2', '3'])
  })

  test('is answerable as the config says, and not where the thread is closed', async () => {
    const { look, simulator } = await rig({ answer: 'approved' })
    const [open, closed] = [simulator.post(wren, 'Alder Library'), simulator.post(teo, 'Alder Library')]
    simulator.gate(closed)
    const { mentions } = await look()
    expect(mentions.map(({ who, data }) => [who?.value, data.answerable])).toEqual([
      [open, true],
      [closed, undefined],
    ])
  })
})

describe('rubbish', () => {
  test.each([
    ['no text', { text: undefined }],
    ['a text that is none', { text: { a: 1 } }],
    ['a text without end', { text: 'Alder Library '.repeat(400) }],
    ['no date', { createdAt: undefined }],
  ])('of a record with %s is told as bad, and stops nothing', async (_, record) => {
    const { look, simulator } = await rig()
    simulator.post(wren, `@${library} one`, { record })
    simulator.post(teo, `@${library} two`)
    const { mentions, bad } = await look()
    expect(mentions.map(({ data }) => data.text)).toEqual([`@${library} two`])
    expect(bad).toEqual([{ source: 'notifications', reason: expect.stringContaining('fits the lexicon') }])
  })

  test.each([
    ['languages', { langs: 'en' }, undefined],
    ['a language', { langs: ['<b>'] }, undefined],
    ['a thread', { reply: { root: 'x' } }, 'en'],
    ['a parent', { reply: { root: { uri: 'x', cid: 'y' }, parent: { uri: 'javascript:1', cid: 'y' } } }, 'en'],
    ['tags', { tags: [1, 2] }, 'en'],
    ['an embed', { embed: { external: 7, images: {} } }, 'en'],
  ])('in %s is as if it were not there', async (_, record, language) => {
    const { look, simulator } = await rig()
    const uri = simulator.post(wren, 'Alder Library', { record })
    const { facts, bad } = await look()
    expect(bad).toEqual([])
    expect(facts).toMatchObject([{ thread: uri }])
    const data = { text: 'Alder Library', url: expect.any(String), query: 'name', ...(language && { language }) }
    expect(facts[0]?.data).toEqual(data)
  })

  test.each([
    ['ahead of us', '2031-01-01T00:00:00Z', start],
    ['no date', 'yesterday', start],
    ['with an offset', '2026-11-24T10:00:00-05:00', '2026-11-24T15:00:00.000Z'],
  ])('in a date (%s) is no date', async (_, createdAt, at) => {
    const { look, simulator } = await rig()
    simulator.post(wren, 'Alder Library', { record: { createdAt } })
    expect((await look()).facts).toMatchObject([{ at }])
  })

  test('in a whole row is told as bad', async () => {
    const { look, simulator } = await rig((simulator) => ({
      async fetch(...request) {
        const response = await fetch(...request)
        if (!(request[0] as Request).url.includes('listNotifications')) return response
        const { notifications } = (await response.json()) as { notifications: unknown[] }
        return Response.json({ notifications: [null, { uri: 7 }, ...notifications, { author: simulator.did }] })
      },
    }))
    simulator.post(wren, `@${library} hello`)
    const { mentions, bad } = await look()
    expect(mentions.length).toBe(1)
    expect(bad.map(({ source }) => source)).toEqual(['notifications', 'notifications', 'notifications'])
  })
})

describe('what was taken back', () => {
  test('is told as gone, once, found 25 at a time', async () => {
    const { look, simulator, clock } = await rig()
    const uris = Array.from({ length: 60 }, (_, n) =>
      simulator.post(wren, `Alder Library ${n}`, { at: later(start, n / 60) }),
    )
    clock.now = later(start, 2)
    let { cursor, mentions } = await look()
    expect(mentions.length).toBe(60)
    for (const uri of [uris[3], uris[59]]) simulator.remove(uri ?? '')
    const gone: unknown[] = []
    for (let n = 0; n < 6; n++) {
      clock.now = later(clock.now, 10)
      const next = await look(cursor)
      cursor = next.cursor
      gone.push(...next.mentions.map(({ key, who, data }) => [key, who?.value, data]))
    }
    expect(gone.length).toBe(2)
    expect(gone).toContainEqual([`${mentions[3]?.key} gone`, uris[3], { text: '', gone: true }])
    expect(gone).toContainEqual([`${mentions[59]?.key} gone`, uris[59], { text: '', gone: true }])
  })

  test('is not what is hidden for a while, but what went with its account is', async () => {
    const { look, simulator } = await rig()
    simulator.post(wren, 'Alder Library')
    const first = await look()
    simulator.account(wren, 'suspended')
    const second = await look(first.cursor)
    expect(second.facts).toEqual([])
    simulator.account(wren, undefined)
    expect((await look(second.cursor)).facts).toEqual([])
    simulator.account(wren, 'deleted')
    expect((await look(second.cursor)).facts).toMatchObject([{ data: { gone: true } }])
  })

  test('is nothing that was never told', async () => {
    const { look, simulator, clock } = await rig()
    simulator.remove(simulator.post(wren, 'Alder Library'))
    const first = await look()
    clock.now = later(start, 10)
    expect([first.facts, (await look(first.cursor)).facts]).toEqual([[], []])
  })
})

test('the cursor is bounded, and forgets what core has forgotten', async () => {
  const { look, simulator, clock } = await rig()
  let { cursor } = await look()
  for (let n = 0; n < 1200; n++) simulator.post(wren, `@${library} ${n}`, { at: later(start, n / 600) })
  clock.now = later(start, 10)
  cursor = (await look(cursor)).cursor
  expect((cursor as { told: unknown[] }).told.length).toBe(500)
  expect(JSON.stringify(cursor).length).toBeLessThan(50_000)
  clock.now = later(start, 31 * 24 * 60)
  cursor = (await look(cursor)).cursor
  expect((cursor as { told: unknown[] }).told.length).toBe(0)
})

describe('a bad day', () => {
  test('of the search stops neither mentions nor another look', async () => {
    let broken = true
    const { look, simulator } = await rig({
      fetch: async (input, init) => {
        if (broken && (input as Request).url.includes('searchPosts'))
          return Response.json({ error: 'UpstreamFailure' }, { status: 502 })
        return fetch(input, init)
      },
    })
    simulator.post(wren, `@${library} hello`)
    simulator.post(teo, 'Alder Library', { at: later(start, -600) })
    const first = await look()
    expect(first).toMatchObject({
      error: undefined,
      bad: [{ source: 'search name', reason: expect.stringContaining('502') }],
    })
    expect(first.mentions.length).toBe(1)
    broken = false
    expect((await look(first.cursor)).mentions).toMatchObject([{ data: { text: 'Alder Library' } }])
  })

  test('of the whole server is an error, and what was told stays', async () => {
    const { look, simulator } = await rig()
    simulator.post(wren, `@${library} hello`)
    const first = await look()
    simulator.fault('server-error', 20)
    const second = await look(first.cursor)
    expect(second).toMatchObject({ facts: [], error: { code: 'unavailable' }, cursor: first.cursor })
  })
})
