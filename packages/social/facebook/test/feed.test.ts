import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { facebook } from '../src/index.ts'
import { context, thrown } from './context.ts'
import { type Fact, keys, type Rig, rig } from './rig.ts'

const texts = (facts: readonly Fact[]): readonly unknown[] =>
  facts.map(({ type, data }) => (type === 'message.received' ? data.content?.text : data.text))
const wheelchair = 'Is the ramp at the back open too? I use a wheelchair.'

test('a first look tells what visitors posted, commented and wrote; a second nothing more', async () => {
  const one = await rig()
  const first = await one.look()
  expect(first.bad).toEqual([])
  expect([...texts(first.facts)].sort()).toEqual(
    [
      'Hello, can I bring back books at the market?',
      wheelchair,
      'The new large print shelf is a joy. Thank you!',
    ].sort(),
  )
  one.move('2026-11-24T16:10:00.000Z')
  expect((await one.look(first.cursor)).facts).toEqual([])
})

describe('webhooks and the feed tell one thing under one key', () => {
  const deeds = async (
    { simulator, move }: Rig,
    each: (deed: Parameters<typeof simulator.silently>[0]) => Promise<unknown>,
  ) => {
    const { post, comment, psid, message } = simulator.wall
    await each({ what: 'comment', by: 'Ines', on: post, text: 'And on Mondays? Grüße 😀' })
    await each({ what: 'comment', by: 'Ines', on: comment, text: 'I wondered, too.' })
    await each({ what: 'post', by: 'Ines', text: 'Who runs the quilting evening?' })
    await each({ what: 'message', by: psid, text: 'Or at the station?' })
    move('2026-11-24T16:05:00.000Z')
    await each({ what: 'edit', id: comment, text: 'Is the ramp open?' })
    return message
  }

  test('heard first, then looked for', async () => {
    const one = await rig()
    const before = (await one.look()).cursor
    const heard: Fact[] = []
    await deeds(one, async (deed) => heard.push(...(await one.hear(deed))))
    const { facts } = await one.look(before)
    expect([...keys(facts)].sort()).toEqual([...keys(heard)].sort())
    const plain = (all: readonly Fact[]) =>
      [...all]
        .sort((a, b) => a.key.localeCompare(b.key))
        .map(({ at, ...rest }) => ({ ...rest, at: rest.data.edited ? '' : at?.slice(0, 19) }))
    expect(plain(facts)).toEqual(plain(heard))
  })

  test('found first, then heard late', async () => {
    const one = await rig()
    const before = (await one.look()).cursor
    const late: Request[] = []
    await deeds(one, async (deed) =>
      late.push(one.simulator.webhook({ ...deed, url: 'https://library.example/prm/page' })),
    )
    const { facts } = await one.look(before)
    const heard: Fact[] = []
    for (const request of late) heard.push(...(await one.hear(request)))
    expect(heard.length).toBe(5)
    expect(heard.filter(({ key }) => !keys(facts).includes(key))).toEqual([])
  })

  test('without any look before: what was edited and heard is not told twice', async () => {
    const one = await rig()
    const heard: Fact[] = []
    await deeds(one, async (deed) => heard.push(...(await one.hear(deed))))
    const found = keys((await one.look()).facts)
    for (const { key } of heard) expect(found).toContain(key)
  })
})

describe('what is missed while no webhook comes', () => {
  test('a comment by another on an older post, an edit, and an answer to an answer', async () => {
    const one = await rig()
    const { cursor } = await one.look()
    one.move('2026-11-27T09:00:00.000Z')
    const { post, comment } = one.simulator.wall
    one.simulator.silently({ what: 'comment', by: 'Ines', on: post, text: 'And on Mondays?' })
    one.simulator.silently({ what: 'edit', id: comment, text: 'Is the ramp open?' })
    const { facts } = await one.look(cursor)
    expect(texts(facts)).toEqual(['Is the ramp open?', 'And on Mondays?'])
    expect(facts.map(({ data }) => data.edited)).toEqual([true, undefined])
  })

  test('what was taken back is told as gone, once, under the key of its webhook', async () => {
    const one = await rig()
    const { comment, visit } = one.simulator.wall
    const below = one.simulator.silently({ what: 'comment', by: 'Ines', on: visit, text: 'Yes!' })
    const { cursor } = await one.look()
    const removal = one.simulator.webhook({ what: 'remove', id: comment, url: 'https://library.example/prm/page' })
    one.simulator.silently({ what: 'remove', id: visit })
    const { facts, cursor: after } = await one.look(cursor)
    expect([...keys(facts)].sort()).toEqual([`${visit} gone`, `${comment} gone`, `${below} gone`].sort())
    expect(keys(await one.hear(removal))).toEqual([`${comment} gone`])
    expect(facts.every(({ data }) => data.gone && data.text === '')).toBe(true)
    expect((await one.look(after)).facts).toEqual([])
  })

  test('what a list only leaves out is not gone', async () => {
    const one = await rig()
    const { cursor } = await one.look()
    one.simulator.fault('page-moved', 2) // an empty page, of the wall and of conversations
    const { facts, cursor: after } = await one.look(cursor)
    expect(facts).toEqual([])
    one.simulator.silently({ what: 'remove', id: one.simulator.wall.comment })
    expect(keys((await one.look(after)).facts)).toEqual([`${one.simulator.wall.comment} gone`])
  })

  test('what lists leave out while it is there, or cannot be asked for, is not gone', async () => {
    const one = await rig()
    const { comment, visit } = one.simulator.wall
    const { cursor } = await one.look()
    one.simulator.unlist(comment)
    one.simulator.unlist(visit)
    const { facts, cursor: after } = await one.look(cursor)
    expect(facts).toEqual([])
    one.simulator.silently({ what: 'remove', id: comment })
    const refused: typeof fetch = async (input, init) => {
      const { url } = new Request(input, init)
      if (!url.includes(`/${comment}?`)) return fetch(input, init)
      return new Response('{"error":{"code":10}}', { status: 400 })
    }
    const { credentials, url: baseUrl } = one.simulator
    const other = facebook({ ...credentials, baseUrl, pseudonymKey: 'sixteen letters or more', fetch: refused })
    for await (const { interactions } of other.feed.pull(after, context({ now: one.now })))
      expect(interactions).toEqual([])
    expect(keys((await one.look(after)).facts)).toEqual([`${comment} gone`])
  })

  test('what left the days that are looked through is forgotten, and not gone', async () => {
    const one = await rig({}, { lookBack: '2d' })
    const { cursor } = await one.look()
    one.move('2026-11-27T16:00:00.000Z')
    const { facts, cursor: after } = await one.look(cursor)
    expect(facts).toEqual([])
    expect(after).toMatchObject({ posts: {} })
  })

  test('messages since the last look, in the order they were written, and no answers of ours', async () => {
    const one = await rig()
    const { cursor } = await one.look()
    const { psid } = one.simulator.wall
    const by = ['One', 'Two', 'Three'] as const
    for (const [index, text] of by.entries()) {
      one.move(`2026-11-24T17:0${index}:00.000Z`)
      one.simulator.silently({ what: 'message', by: psid, text })
    }
    const to = { scheme: 'acct', value: psid, realm: 'facebook/104000000000001' }
    const answers = [{ key: 'k', at: '2026-11-24T17:00:00.000Z' }]
    await one.adapter.channel.send(
      { key: 'r', to, content: { text: 'Four' }, purpose: 'reply', inReplyTo: answers },
      context({ now: one.now }),
    )
    const { facts, bad } = await one.look(cursor)
    expect([texts(facts), bad]).toEqual([['One', 'Two', 'Three'], []])
  })

  test('more new messages than Meta shows are told as bad', async () => {
    const one = await rig()
    for (let n = 0; n < 25; n++)
      one.simulator.silently({ what: 'message', by: one.simulator.wall.psid, text: `No. ${n}` })
    const { facts, bad } = await one.look()
    expect(facts.filter(({ type }) => type === 'message.received')).toHaveLength(20)
    expect(bad).toEqual([{ source: 'a conversation', reason: expect.stringContaining('more new messages') }])
  })
})

test('a kill after any batch loses nothing', async () => {
  const one = await rig()
  for (let n = 0; n < 60; n++) one.simulator.silently({ what: 'post', by: `Person ${n}`, text: `Post ${n}` })
  for (let n = 0; n < 230; n++)
    one.simulator.silently({ what: 'comment', by: 'Ines', on: one.simulator.wall.post, text: `Comment ${n}` })
  for (let n = 0; n < 60; n++) {
    one.move(new Date(Date.parse('2026-11-24T17:00:00.000Z') + n * 300_000).toISOString())
    one.simulator.silently({ what: 'message', by: `Person ${n}`, text: `Message ${n}` })
  }
  const { facts } = await one.look()
  expect(new Set(keys(facts)).size).toBe(facts.length)
  expect(facts).toHaveLength(60 + 230 + 60 + 3)
  const cursors: Json[] = []
  const told: string[][] = []
  for await (const { cursor, interactions } of one.adapter.feed.pull(undefined, context({ now: one.now }))) {
    cursors.push(cursor)
    told.push(interactions.map(({ key }) => key))
  }
  expect(cursors.length).toBeGreaterThan(3)
  for (const [index, cursor] of cursors.entries()) {
    const rest = keys((await one.look(cursor)).facts)
    const before = new Set(told.slice(0, index + 1).flat())
    expect(new Set([...before, ...rest]).size).toBe(facts.length)
  }
})

test('what was told is not told again at the next look, though it may be gone from the store: somebody was erased', async () => {
  const one = await rig()
  let { cursor } = await one.look()
  for (const at of ['2026-11-24T16:00:30.000Z', '2026-11-26T16:00:00.000Z']) {
    one.move(at)
    const next = await one.look(cursor)
    expect(next.facts).toEqual([])
    cursor = next.cursor
  }
})

test('the cursor holds no words, no names, no address', async () => {
  const one = await rig()
  const { cursor, facts } = await one.look()
  const text = JSON.stringify(cursor)
  expect(text).not.toMatch(/Wren|ramp|print|market/)
  for (const { who } of facts) expect(text).not.toContain(who?.value)
})

test('words that a permission keeps back are told as bad, and once they are readable as words', async () => {
  const one = await rig({
    scopes: ['pages_read_engagement', 'pages_messaging'],
  })
  const first = await one.look()
  const where = one.simulator.wall.comment
  expect(first.bad.map(({ source }) => source)).toContain(`post ${where}`)
  expect(first.facts.filter(({ who }) => who?.value === where)).toEqual([]) // a webhook may have brought its words
  const two = await one.look(first.cursor)
  expect(two.facts).toEqual([])
  one.simulator.grant('pages_read_user_content')
  const { facts } = await one.look(two.cursor)
  expect(facts.filter(({ who }) => who?.value === where)).toMatchObject([{ data: { text: wheelchair } }])
})

test('one of two permissions is enough for its half; without both the pull fails', async () => {
  const one = await rig({ scopes: ['pages_messaging'] })
  const { facts, bad } = await one.look()
  expect([facts.map(({ type }) => type), bad.map(({ source }) => source)]).toEqual([
    ['message.received'],
    ['posts and comments'],
  ])
  const two = await rig({ scopes: ['pages_read_engagement', 'pages_read_user_content'] })
  expect((await two.look()).bad.map(({ source }) => source)).toEqual(['conversations'])
  const three = await rig({ scopes: [] })
  expect((await thrown(three.look())).code).toBe('forbidden')
})

test('a token that is over, an outage and a limit stop the pull', async () => {
  const one = await rig()
  one.simulator.setToken('EAAother')
  expect((await thrown(one.look())).code).toBe('auth')
  const two = await rig()
  two.simulator.fault('rate-limited-seconds')
  expect(await thrown(two.look())).toMatchObject({ code: 'rate_limited', retryAfterMs: 180_000 })
})

// ── Meta on a bad day ────────────────────────────────────────────────────────────────────────
type Node = {
  id: string
  message?: string
  story?: string
  updated_time?: string
  messages?: { data: { id: string }[] }
}
type Answered = { data: Node[]; paging?: { cursors?: object; next?: string } }
/** What the simulator answers, spoiled. */
const spoiling =
  (spoil: (url: URL, answer: Answered) => unknown): typeof fetch =>
  async (input, init) => {
    const { url } = new Request(input, init)
    const response = await fetch(input, init)
    const answer = (await response.json()) as Answered
    const other = spoil(new URL(url), answer)
    return other instanceof Response ? other : new Response(JSON.stringify(answer), response)
  }
const failed = (): Response => new Response('{"error":{"code":1}}', { status: 500 })

test('a picture without words is one fact, and what Facebook says of who posted it is not told', async () => {
  const storied = spoiling(({ searchParams }, { data }) => {
    if (!searchParams.get('fields')?.includes('story')) return
    for (const post of data) if (!post.message) post.story = 'Ines Haddad added a photo.'
  })
  const one = await rig({}, { fetch: storied })
  const { cursor } = await one.look()
  const heard = await one.hear({ what: 'post', by: 'Ines Haddad', text: '', photo: true })
  const { facts } = await one.look(cursor)
  expect(keys(facts)).toEqual(keys(heard))
  expect(JSON.stringify(facts)).not.toContain('Ines')
})

test('a mid is one, however often m_ stands before it', async () => {
  const doubled = spoiling(({ pathname }, { data }) => {
    if (!pathname.endsWith('/conversations')) return
    for (const { messages } of data) for (const one of messages?.data ?? []) one.id = `m_${one.id}`
  })
  const one = await rig({}, { fetch: doubled })
  const heard = await one.hear({ what: 'message', by: one.simulator.wall.psid, text: 'Or at the station?' })
  expect(keys((await one.look()).facts)).toContain(keys(heard)[0])
})

test('more, and not where: told as bad, and the conversations are looked through again', async () => {
  let spoilt = true
  const lost = spoiling((_, { paging }) => {
    if (spoilt && paging?.next) delete paging.cursors
  })
  const one = await rig({}, { fetch: lost })
  for (let n = 0; n < 60; n++) one.simulator.silently({ what: 'message', by: `Person ${n}`, text: `Message ${n}` })
  const { bad, cursor } = await one.look()
  expect(bad).toEqual([{ source: 'conversations', reason: expect.stringContaining('cursors.after') }])
  spoilt = false
  one.move('2026-11-25T16:00:00.000Z')
  expect((await one.look(cursor)).facts.filter(({ type }) => type === 'message.received')).toHaveLength(61)
})

test('what moved up meanwhile is found at the next look, whatever time a later page shows', async () => {
  let first = true
  const meanwhile = spoiling(({ pathname, searchParams }, { data: [one] }) => {
    if (!pathname.endsWith('/conversations') || !searchParams.has('after') || !first || !one) return
    first = false
    one.updated_time = '2026-11-24T16:10:00+0000'
  })
  const one = await rig({}, { fetch: meanwhile })
  for (let n = 0; n < 60; n++) one.simulator.silently({ what: 'message', by: `Person ${n}`, text: `Message ${n}` })
  const { cursor } = await one.look()
  one.move('2026-11-24T16:05:00.000Z')
  one.simulator.silently({ what: 'message', by: one.simulator.wall.psid, text: 'Anybody?' })
  expect(texts((await one.look(cursor)).facts)).toEqual(['Anybody?'])
})

test('a wall that Meta fails at keeps no message back, and is asked for again', async () => {
  const one = await rig({}, { fetch: spoiling(({ pathname }) => (pathname.endsWith('/feed') ? failed() : undefined)) })
  const told: unknown[] = []
  const pulling = async () => {
    for await (const { interactions } of one.adapter.feed.pull(undefined, context({ now: one.now })))
      told.push(...texts(interactions as readonly Fact[]))
  }
  expect((await thrown(pulling())).code).toBe('unavailable')
  expect(told).toEqual(['Hello, can I bring back books at the market?'])
})

test('one post or comment that Meta fails at keeps no other back', async () => {
  let broken = ''
  const one = await rig(
    {},
    { fetch: spoiling(({ pathname }) => (broken && pathname.endsWith(broken) ? failed() : undefined)) },
  )
  const { post, comment, visit } = one.simulator.wall
  const { cursor } = await one.look()
  one.simulator.unlist(comment)
  broken = `/${comment}`
  one.simulator.silently({ what: 'comment', by: 'Ines', on: visit, text: 'Yes!' })
  const two = await one.look(cursor)
  expect(texts(two.facts)).toEqual(['Yes!'])
  for (let n = 0; n < 30; n++) one.simulator.silently({ what: 'comment', by: 'Ines', on: post, text: `No. ${n}` })
  one.simulator.silently({ what: 'comment', by: 'Ines', on: visit, text: 'And no.' })
  broken = `/${post}/comments`
  const three = await one.look(two.cursor)
  expect(texts(three.facts)).toContain('And no.')
  expect(three.bad).toEqual([{ source: `post ${post}`, reason: expect.stringContaining('not all of its comments') }])
  broken = ''
  expect(new Set([...keys(three.facts), ...keys((await one.look(three.cursor)).facts)]).size).toBe(31)
})

test('what may not be read any more is not gone', async () => {
  let hidden = false
  const one = await rig(
    {},
    {
      fetch: spoiling(({ pathname }, { data }) => {
        if (!hidden || pathname.endsWith('/debug_token') || pathname.endsWith('/conversations')) return
        if (!pathname.endsWith('/feed'))
          return new Response('{"error":{"code":100,"error_subcode":33}}', { status: 400 })
        data.splice(0)
      }),
    },
  )
  const { cursor } = await one.look()
  hidden = true
  one.simulator.revoke('pages_read_user_content')
  const two = await one.look(cursor)
  expect(two.facts).toEqual([])
  one.simulator.grant('pages_read_user_content')
  expect(new Set((await one.look(two.cursor)).facts.map(({ data }) => data.gone))).toEqual(new Set([true]))
})

test('comments as long as they may be stop nothing', async () => {
  const one = await rig()
  for (let n = 0; n < 230; n++)
    one.simulator.silently({ what: 'comment', by: 'Ines', on: one.simulator.wall.post, text: 'Щ'.repeat(8000) })
  const { facts, bad } = await one.look()
  expect([facts.length, bad]).toEqual([233, []])
})
