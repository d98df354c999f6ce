import { readFileSync } from 'node:fs'
import { rejectedInteraction } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { canonical } from '../src/link.ts'
import { raw, rig, rss, site } from './rig.ts'

const post = (simulator: Parameters<typeof site>[0], path: string, at = 0) => {
  const found = site(simulator, path).posts[at]
  if (!found) throw new Error('no post')
  return found
}

describe('what is told', () => {
  test('is each item of RSS, RDF, Atom and JSON Feed, as a reader sees it', async () => {
    const { look } = await rig([
      { path: '/blog.rss', query: 'name' },
      { path: '/reviews.rdf', place: 'Elm Street' },
      { path: '/forum.atom' },
      { path: '/notes.json', language: 'de' },
    ])
    const { facts, bad } = await look()
    expect(bad).toEqual([])
    expect(facts.map(({ key, at, data }) => ({ key, at, ...data }))).toEqual([
      {
        key: 'blog 1003',
        at: '2026-11-23T15:00:00.000Z',
        title: 'Loud & louder',
        text: 'The third floor of Alder Library is so loud that nobody can read there.',
        url: 'https://blog.example.org/posts/3',
        language: 'en',
        query: 'name',
      },
      expect.objectContaining({ key: 'blog 1001', title: 'A good day', text: 'They found my book.' }),
      {
        key: 'reviews https://reviews.example.org/posts/2',
        at: '2026-11-22T15:00:00.000Z',
        title: 'Tres estrellas',
        text: 'Cierra pronto.',
        url: 'https://reviews.example.org/posts/2',
        language: 'es',
        place: 'Elm Street',
      },
      {
        key: 'forum tag:forum.example.org,2026:2',
        at: '2026-11-22T15:00:00.000Z',
        title: 'Printing at Alder?',
        text: 'Does anybody know?',
        url: 'https://forum.example.org/topic/2#reply-7',
        language: 'en',
      },
      expect.objectContaining({ key: 'notes 1002', text: 'Thank you, Alder!', language: 'en' }),
    ])
  })

  test('is of a Google Alert the story itself, not its redirect', async () => {
    const { simulator, look } = await rig([{ path: '/alerts/feeds/00000000000000000000/1', name: 'alert' }])
    const { facts } = await look()
    expect(facts).toMatchObject([
      {
        key: 'alert tag:google.com,2013:googlealerts/feed:1003',
        data: { title: 'Alder Library is loud', url: 'https://news.example.org/story?id=7' },
        evidence: { independence: expect.stringMatching(/^link [\da-f]{16}$/) },
      },
    ])
    expect(facts[0]?.evidence?.person).toBeUndefined()
    expect(site(simulator, '/alerts/feeds/00000000000000000000/1').posts.length).toBe(1)
  })

  test('is no author by name, but one pseudonym on one host, another with another key', async () => {
    const first = await (await rig([{ path: '/blog.rss' }, { path: '/forum.atom' }])).look()
    expect(JSON.stringify(first)).not.toMatch(/Wren|Okafor|quiet_reader/)
    const [a, b, c] = first.facts.map(({ evidence }) => evidence?.person)
    expect(a).toMatch(/^author [\da-f]{24}$/)
    expect(b).toBe(a)
    expect(c).not.toBe(a)
    // One name on two hosts is two people, as far as anybody knows.
    const two = await rig([{ path: '/blog.rss' }, { path: '/notes.json' }])
    Object.assign(post(two.simulator, '/notes.json'), { author: 'Wren  Okafor' })
    const people = new Set((await two.look()).facts.map(({ evidence }) => evidence?.person))
    expect(people.size).toBe(2)
    const other = await (await rig([{ path: '/blog.rss' }], { pseudonymKey: 'another key, as long' })).look()
    expect(other.facts[0]?.evidence?.person).not.toBe(a)
  })

  test('is nothing where nothing changed, told by ETag, by date, or by reading it again', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }])
    const first = await look()
    const second = await look(first.cursor)
    expect([second.facts, second.bad, second.error]).toEqual([[], [], undefined])
    expect(simulator.visits().map(({ status }) => status)).toEqual([200, 304])
    expect(simulator.visits()[1]?.headers['if-modified-since']).toBe('Mon, 23 Nov 2026 15:00:00 GMT')
    // A 304 leaves what was known.
    expect((await look(second.cursor)).facts).toEqual([])
    expect(simulator.visits()[2]?.status).toBe(304)
    // Nor does one that says no more than that.
    site(simulator, '/blog.rss').instead = { status: 304 }
    const third = await look(second.cursor)
    delete site(simulator, '/blog.rss').instead
    await look(third.cursor)
    expect(simulator.visits().slice(2)).toMatchObject([{ status: 304 }, { status: 304 }, { status: 304 }])
    post(simulator, '/blog.rss').at = '2026-11-24T10:00:00Z'
    post(simulator, '/blog.rss').html = post(simulator, '/blog.rss').html.replace('<p>', '<p class="new">\n ')
    expect((await look(second.cursor)).facts).toEqual([])
    expect(simulator.visits().at(-1)?.status).toBe(200)
  })

  test('is an edit as an edit, to and fro', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }])
    const one = post(simulator, '/blog.rss')
    const before = one.html
    let { cursor } = await look()
    const keys: string[] = []
    for (const html of ['<p>Better now.</p>', before, '<p>Better now.</p>']) {
      one.html = html
      const { facts, cursor: next } = await look(cursor)
      expect(facts).toMatchObject([{ data: { edited: true, text: expect.stringMatching(/Better now|so loud/) } }])
      // A look that is made again gives the same.
      expect((await look(cursor)).facts).toEqual(facts)
      keys.push(facts[0]?.key ?? '')
      cursor = next
    }
    expect(new Set([...keys, 'blog 1003']).size).toBe(4)
  })

  test('is no item twice that vanished and returned, and none that left as gone', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }])
    const first = await look()
    const blog = site(simulator, '/blog.rss')
    const all = blog.posts
    blog.posts = all.slice(0, 1)
    const second = await look(first.cursor)
    expect(second.facts).toEqual([])
    blog.posts = all
    expect((await look(second.cursor)).facts).toEqual([])
    // What an editor changed meanwhile is an edit, no news.
    Object.assign(all[1] ?? {}, { title: 'A bad day' })
    expect((await look(second.cursor)).facts).toMatchObject([{ data: { title: 'A bad day', edited: true } }])
  })

  test('is remembered of the last 1,000 that a feed shows no more', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }])
    const blog = site(simulator, '/blog.rss')
    const [model] = blog.posts
    if (!model) throw new Error('no post')
    const from = (n: number) => Array.from({ length: 400 }, (_, i) => ({ ...model, id: `post ${n * 400 + i}` }))
    let cursor: Awaited<ReturnType<typeof look>>['cursor']
    for (let n = 0; n < 5; n++) {
      blog.posts = from(n)
      cursor = (await look(cursor)).cursor
    }
    blog.posts = from(2)
    expect((await look(cursor)).facts.length).toBe(0)
    const { blog: known } = cursor as { readonly blog: { readonly items: object } }
    expect(Object.keys(known.items).length).toBe(1400)
    expect(JSON.stringify(cursor).length).toBeLessThan(70_000)
  })
})

describe('an item', () => {
  test.each([
    ['RFC 822, a zone by name', 'Tue, 24 Nov 2026 10:00:00 EST', '2026-11-24T15:00:00.000Z'],
    ['RFC 822, GMT and two digits', 'Tue, 24 Nov 26 10:00:00 GMT', '2026-11-24T10:00:00.000Z'],
    ['RFC 822, a zone by number', '24 Nov 2026 10:00 +0530', '2026-11-24T04:30:00.000Z'],
    ['RFC 3339', '2026-11-24T10:00:00.250-06:00', '2026-11-24T16:00:00.000Z'],
    ['no zone', '2026-11-24 10:00:00', '2026-11-24'],
    ['a day', '2026-11-24', '2026-11-24'],
    ['a day in words', '24 de noviembre de 2026', '2026-11-24'],
    ['seconds', '1795514400', '2026-11-24T10:00:00.000Z'],
  ])('is dated by %s', async (_, date, at) => {
    const { facts, bad } = await raw(rss(`<title>A</title><link>https://x.example/1</link><pubDate>${date}</pubDate>`))
    expect(facts.map((fact) => fact.at)).toEqual([at])
    expect(bad).toEqual([])
  })

  test.each(['04/05/2026', 'yesterday', '2026-13-40'])('dated %s is told without, and that is told', async (date) => {
    const { facts, bad } = await raw(rss(`<title>A</title><link>https://x.example/1</link><pubDate>${date}</pubDate>`))
    expect(facts.length).toBe(1)
    expect(facts[0]).not.toHaveProperty('at')
    expect(bad).toEqual([{ source: 'feed raw, item 1', reason: expect.stringContaining('date') }])
  })

  test('with mark-up in its title is told in words, with a text that looks like mark-up as it is', async () => {
    const atom = (type: string, title: string) =>
      `<entry><id>${type}</id><link href="https://x.example/${type}"/><title type="${type}">${title}</title></entry>`
    const { facts } = await raw(
      `<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>${[
        atom('html', '&lt;b&gt;Loud&lt;/b&gt; &amp;amp; &lt;script&gt;alert(1)&lt;/script&gt;bad'),
        atom('text', 'Use &lt;b&gt; &amp;amp; smile'),
        atom('xhtml', '<div xmlns="http://www.w3.org/1999/xhtml">A <em>fine</em> day</div>'),
      ].join('')}</feed>`,
    )
    expect(facts.map(({ data }) => data.title)).toEqual(['Loud & bad', 'Use <b> &amp; smile', 'A fine day'])
  })

  test('without an id is known by its link; with the id of another by both', async () => {
    const link = (n: number) => `<link>https://x.example/${n}?utm_source=rss</link>`
    const { facts } = await raw(
      rss(
        `<title>A</title>${link(1)}`,
        `<title>B</title><guid>same</guid>${link(2)}`,
        `<title>C</title><guid>same</guid>${link(3)}`,
        `<title>B</title><guid>same</guid>${link(2)}`,
        `<title>D</title><guid>https://x.example/4</guid>`,
      ),
    )
    expect(facts.map(({ key }) => key)).toEqual([
      'raw https://x.example/1',
      'raw same https://x.example/2',
      'raw same https://x.example/3',
      'raw https://x.example/4',
    ])
  })

  test('without a link is told as bad, and so is one that leads to a script', async () => {
    const { facts, bad } = await raw(
      rss('<title>A</title>', '<title>B</title><link>javascript:alert(1)</link>', '<title>C</title><link>/c</link>'),
    )
    expect(facts.map(({ data }) => data.url)).toEqual(['https://x.example/c'])
    expect(bad.map(({ source }) => source)).toEqual(['feed raw, item 1', 'feed raw, item 2'])
  })

  test('of any length has a key and a text of bounded length', async () => {
    const { facts } = await raw(
      rss(
        `<guid>${'x'.repeat(5000)}</guid><link>https://x.example/1</link><description>${'long '.repeat(20_000)}</description>`,
      ),
    )
    expect(facts[0]?.key).toMatch(/^raw [\da-f]{64}$/)
    expect(facts[0]?.data.text.length).toBeLessThan(10_010)
  })
})

test.each([
  [
    'https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fa.example%2Fx%3Fq%3Da%2526b&ct=ga',
    'https://a.example/x?q=a%26b',
  ],
  ['https://google.co.uk/url?q=http://a.example/', 'http://a.example/'],
  ['https://www.google.com/url?url=javascript:alert(1)', undefined],
  ['https://www.google.com/search?q=alder', 'https://www.google.com/search?q=alder'],
  ['https://evil.example/url?url=https://a.example/', 'https://evil.example/url?url=https://a.example/'],
  ['https://A.example/p?utm_source=x&id=7&fbclid=y#c12:~:text=loud', 'https://a.example/p?id=7#c12'],
  ['https://jo:secret@a.example/', 'https://a.example/'],
  ['data:text/html,x', undefined],
  ['mailto:jo@example.org', undefined],
])('%s leads to %s', (link, url) => {
  expect(canonical(link)).toBe(url)
})

test('comes into a host once, and fits the schema of its event', async () => {
  const { simulator, adapter } = await rig([{ path: '/blog.rss' }, { path: '/forum.atom', query: 'name' }])
  const prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { elsewhere: adapter },
    purposes: { ask: { basis: 'service', class: 'service' } },
  })
  const dead: unknown[] = []
  prm.flow('dead', rejectedInteraction, async ({ event }) => void dead.push(event))
  expect((await prm.pull('elsewhere')).interactions).toBe(3)
  expect((await prm.pull('elsewhere')).interactions).toBe(0)
  post(simulator, '/blog.rss').title = 'Quiet'
  expect((await prm.pull('elsewhere')).interactions).toBe(1)
  expect(dead).toEqual([])
  await prm.close()
})

describe('as they are written in the wild:', () => {
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}.xml`, import.meta.url))

  test('an alert, all on one line', async () => {
    const { facts, bad } = await raw(fixture('google-alert'), 'text/xml; charset=UTF-8')
    expect(bad).toEqual([])
    expect(facts.map(({ key, at, data }) => ({ key, at, ...data }))).toEqual([
      {
        key: 'raw tag:google.com,2013:googlealerts/feed:2400000000000000001',
        at: '2026-11-24T01:52:30.000Z',
        title: "Alder Library closes early, and reader's plans with it",
        text: 'From next week Alder Library closes at five, it was said on Monday ...',
        url: 'https://news.example.org/town/alder?id=7',
      },
    ])
  })

  test('comments of a blog, by a name with an entity in it', async () => {
    const { facts } = await raw(fixture('wordpress-comments'))
    expect(facts).toMatchObject([
      {
        key: 'raw https://blog.example.org/?p=77#comment-512',
        at: '2026-11-23T09:12:00.000Z',
        data: {
          title: 'By: Wren & Ife',
          text: 'The library has no plugs anywhere – bring a full battery.\n\nElse it is fine.',
          url: 'https://blog.example.org/where-to-read/#comment-512',
        },
        evidence: { person: expect.stringMatching(/^author/) },
      },
    ])
  })

  test('Atom under a prefix, with an author of the whole and links of its own', async () => {
    const { facts } = await raw(fixture('prefixed'))
    expect(facts).toMatchObject([
      {
        key: 'raw urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a',
        at: '2026-11-24T09:00:00.000Z',
        data: {
          title: 'Four of five',
          text: 'Good books, few chairs & <no> coffee.',
          url: 'https://reviews.example.org/alder/1',
          language: 'en-GB',
        },
        evidence: { person: expect.stringMatching(/^author/) },
      },
    ])
  })
})
