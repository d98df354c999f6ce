import { type FeedPage, PrmError } from '@prm/core'
import { loopback } from '@prm/kit/simulator'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FeedsConfig, feeds } from '../src/index.ts'
import { context } from './context.ts'
import { raw, rig, rss, site } from './rig.ts'

const item = (n: number, more = '') => `<title>Item ${n}</title><link>https://x.example/${n}</link>${more}`

describe('a document', () => {
  test('of 50 MB is read so far, told, and never held', async () => {
    let sent = 0
    const body = Buffer.from(
      rss(...Array.from({ length: 300 }, (_, n) => item(n, `<description>${'word '.repeat(34_000)}</description>`))),
    )
    expect(body.byteLength).toBeGreaterThan(50_000_000)
    const { facts, bad, others } = await raw(body, 'application/xml', {
      async fetch(...request) {
        const response = await fetch(...request)
        const counted = response.body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, to) {
              sent += chunk.byteLength
              to.enqueue(chunk)
            },
          }),
        )
        return new Response(counted ?? null, response)
      },
    })
    expect(sent).toBeLessThan(6_000_000)
    expect(facts.length).toBe(24)
    expect(others).toBe(25)
    expect(bad).toEqual([{ source: 'feed raw', reason: 'it is longer than 4194304 bytes, and was read so far' }])
  })

  test('of JSON that is too long is refused as a whole', async () => {
    const { bad, others } = await raw(
      `{"version":"https://jsonfeed.org/version/1.1","x":"${'y'.repeat(5000)}`,
      'application/json',
      { maxBytes: 2000 },
    )
    expect(bad).toEqual([{ source: 'feed raw', reason: expect.stringContaining('more than 2000 bytes') }])
    expect(others).toBe(1)
  })

  test('of more than 500 items is told as far as that', async () => {
    const { facts, bad } = await raw(rss(...Array.from({ length: 700 }, (_, n) => item(n))))
    expect(facts.length).toBe(500)
    expect(bad).toEqual([{ source: 'feed raw', reason: 'it has more than 500 items, and the first were read' }])
  })

  test.each([
    [
      'bomb',
      '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">',
      '&c;',
    ],
    ['file', '<!ENTITY c SYSTEM "file:///etc/passwd">', '&c;'],
    ['parameter', '<!ENTITY % c SYSTEM "http://127.0.0.1/evil.dtd"> %c;', 'x'],
  ])('with a DTD of its own (%s) is refused', async (_, dtd, text) => {
    const { facts, bad, others } = await raw(
      rss(`<title>${text}</title>`).replace('?>', `?><!-- x --><!DOCTYPE rss [${dtd}]>`),
    )
    expect(facts).toEqual([])
    expect(bad).toEqual([{ source: 'feed raw', reason: expect.stringContaining('DTD') }])
    expect(others).toBe(1)
  })

  test('with a DTD elsewhere, or entities that it declares nowhere, is read as far as it says something', async () => {
    const dtd = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.example/rss.dtd">'
    const { facts } = await raw(
      rss(item(1, '<description>caf&eacute;&nbsp;&unknown; &#x41;</description>')).replace('?>', `?>${dtd}`),
    )
    expect(facts[0]?.data.text).toBe('café &unknown; A')
  })

  test('with mark-up in an item that nests without end, or looks like some, is told', async () => {
    const { facts, bad } = await raw(
      rss(
        item(1, `<description>${'&lt;b&gt;'.repeat(20_000)}deep</description>`),
        item(2, '<description>5 &amp;lt; 7 &amp;amp; a &lt; b</description>'),
      ),
    )
    expect(bad).toEqual([])
    expect(facts[1]?.data.text).toBe('5 < 7 & a < b')
  })

  test('that nests without end is refused', async () => {
    const { bad } = await raw(`<rss version="2.0"><channel>${'<a>'.repeat(500_000)}`)
    expect(bad).toEqual([{ source: 'feed raw', reason: expect.stringContaining('cannot be read') }])
  })

  test.each([
    ['HTML', '<!doctype html><html><body>Sign in</body></html>', 'web page'],
    ['HTML without a doctype', '<HTML><body>Sign in</body></HTML>', 'web page'],
    ['another XML', '<urlset><url/></urlset>', 'neither'],
    ['words', 'Service temporarily unavailable', 'neither'],
    ['nothing', '', 'neither'],
    ['other JSON', '{"error":"no"}', 'no JSON Feed'],
    ['half of JSON', '{"version":', 'no JSON Feed'],
    ['no end of a comment', '<?xml version="1.0"?><!-- ', 'neither'],
  ])('of %s is no feed', async (_, body, why) => {
    const { bad, facts, others } = await raw(body)
    expect(bad).toEqual([{ source: 'feed raw', reason: expect.stringContaining(why) }])
    expect([facts.length, others]).toEqual([0, 1])
  })

  test('that breaks off is told as far as its last whole item', async () => {
    const whole = rss(item(1), item(2), item(3))
    const { facts, bad } = await raw(whole.slice(0, whole.indexOf('Item 3') + 3))
    expect(facts.map(({ data }) => data.title)).toEqual(['Item 1', 'Item 2'])
    expect(bad).toEqual([{ source: 'feed raw', reason: expect.stringContaining('breaks off') }])
  })

  test('without items is a feed all the same', async () => {
    expect((await raw(rss())).bad).toEqual([])
  })
})

describe('an encoding', () => {
  const text = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?>${rss(item(1, '<description>Bücherei – café</description>')).slice(21)}`
  const utf16 = (bom: string) => new Uint8Array(Buffer.from(bom + text('utf-16'), 'utf16le'))
  const swapped = (bytes: Uint8Array) => new Uint8Array(Buffer.from(bytes).swap16())
  const ansi = (encoding: string) => new Uint8Array(Buffer.from(text(encoding).replace('–', '\u0096'), 'latin1'))
  test.each([
    ['UTF-8 that calls itself ISO-8859-1, in both', text('iso-8859-1'), 'text/xml; charset=ISO-8859-1'],
    ['UTF-8 that calls itself UTF-16', text('utf-16'), 'text/xml'],
    ['UTF-8 with a mark', `\ufeff${text('utf-8')}`, 'text/xml; charset=windows-1252'],
    ['UTF-16 with a mark', utf16('\ufeff'), 'text/xml; charset=utf-8'],
    ['UTF-16, big end first', swapped(utf16('\ufeff')), 'text/xml'],
    ['UTF-16 without a mark', utf16(''), 'text/xml'],
    ['Windows-1252 by its first line', ansi('windows-1252'), 'text/xml'],
    ['Windows-1252 by its header', ansi('utf-8'), 'text/xml; charset="windows-1252"'],
    ['Windows-1252 that calls itself UTF-8', ansi('utf-8'), 'text/xml; charset=utf-8'],
    ['Windows-1252 that calls itself something unknown', ansi('x-none'), 'text/xml; charset=x-none'],
  ])('%s is read', async (_, body, type) => {
    expect((await raw(body, type)).facts.map(({ data }) => data.text)).toEqual(['Bücherei – café'])
  })

  test('that is cut within a letter is no other for it', async () => {
    const body = rss(item(1, '<description>ü</description>'), item(2, `<description>${'ü'.repeat(2000)}</description>`))
    for (const maxBytes of [2000, 2001])
      expect((await raw(body, 'text/xml', { maxBytes })).facts[0]?.data.text).toBe('ü')
  })
})

describe('a redirect', () => {
  test('for good is remembered, one for now is not', async () => {
    const { simulator, look } = await rig([{ path: '/old' }])
    const to = (status: number, location: string) => ({
      format: 'rss' as const,
      posts: [],
      instead: { status, headers: { location } },
    })
    simulator.sites.set('/old', to(301, '/older'))
    simulator.sites.set('/older', to(308, '/blog.rss'))
    const paths = () => simulator.visits().map(({ path }) => path)
    const first = await look()
    expect(first.facts.length).toBe(2)
    await look(first.cursor)
    expect(paths()).toEqual(['/old', '/older', '/blog.rss', '/blog.rss'])
    simulator.sites.set('/older', to(302, '/blog.rss'))
    const second = await look()
    await look(second.cursor)
    expect(paths().slice(4)).toEqual(['/old', '/older', '/blog.rss', '/older', '/blog.rss'])
  })

  test('for good is forgotten where nothing is there any more', async () => {
    const { simulator, look } = await rig([{ path: '/old' }])
    const instead = { status: 301, headers: { location: '/blog.rss' } }
    simulator.sites.set('/old', { format: 'rss', posts: [], instead })
    const first = await look()
    const blog = site(simulator, '/blog.rss')
    for (const [status, next] of [
      [503, '/blog.rss'],
      [410, '/old'],
    ] as const) {
      blog.instead = { status }
      const failed = await look(first.cursor)
      expect(failed.error).toBeDefined()
      delete blog.instead
      const asked = simulator.visits().length
      expect((await look(failed.cursor)).error).toBeUndefined()
      expect(simulator.visits()[asked]?.path).toBe(next)
    }
  })

  test('of a secret address is not', async () => {
    const { simulator } = await rig([{ path: '/blog.rss' }])
    const instead = { status: 301, headers: { location: '/alerts/feeds/00000000000000000000/1?token=s3cr3t' } }
    simulator.sites.set('/secret', { format: 'rss', posts: [], instead })
    const adapter = feeds({
      pseudonymKey: 'sixteen letters or more',
      feeds: [{ name: 'a', url: () => `${simulator.url}/secret` }],
    })
    for await (const { cursor, interactions } of adapter.feed.pull(undefined, context())) {
      expect(interactions.length).toBe(1)
      expect(JSON.stringify(cursor)).not.toMatch(/secret|s3cr3t|alerts/)
    }
  })

  test('to another host goes without credentials, and back with them', async () => {
    const { simulator, look } = await rig([{ path: '/start', authorization: () => 'Bearer 5f0c2e' }])
    const seen: (string | undefined)[] = []
    const other = await loopback(({ headers }) => {
      seen.push(headers.authorization)
      return { status: 302, headers: { location: `${simulator.url}/blog.rss` } }
    })
    onTestFinished(() => other.close())
    simulator.sites.set('/start', {
      format: 'rss',
      posts: [],
      instead: { status: 302, headers: { location: other.url } },
    })
    expect((await look()).facts.length).toBe(2)
    expect(seen).toEqual([undefined])
    expect(simulator.visits().map(({ headers }) => headers.authorization)).toEqual(['Bearer 5f0c2e', 'Bearer 5f0c2e'])
  })

  test.each([
    ['that leads round', '/start', 'more than 5 times'],
    ['into a network by name', 'http://localhost:1/', 'inside a network'],
    ['into a network by address', 'http://169.254.169.254/latest/', 'inside a network'],
    ['into a network by IPv6', 'http://[::ffff:10.0.0.1]/', 'inside a network'],
    ['to a file', 'file:///etc/passwd', 'leads nowhere'],
    ['with a password', 'https://jo:pass@x.example/', 'leads nowhere'],
    ['without an address', '', 'leads nowhere'],
  ])('%s is not followed', async (_, location, why) => {
    const { simulator, look } = await rig([{ path: '/start' }, { path: '/blog.rss' }])
    simulator.sites.set('/start', { format: 'rss', posts: [], instead: { status: 301, headers: { location } } })
    const { facts, bad, error } = await look()
    expect(bad).toEqual([{ source: 'feed start', reason: expect.stringContaining(why) }])
    expect([facts.length, error]).toEqual([2, undefined])
    expect(simulator.visits().length).toBeLessThan(8)
  })
})

describe('a feed that fails', () => {
  test('stops no other, and is asked again', async () => {
    const { simulator, look } = await rig([{ path: '/none' }, { path: '/blog.rss' }, { path: '/notes.json' }])
    const first = await look()
    expect(first.facts.length).toBe(3)
    expect(first.bad).toEqual([{ source: 'feed none', reason: expect.stringContaining('404') }])
    expect(first.error).toBeUndefined()
    simulator.sites.set('/none', site(simulator, '/forum.atom'))
    expect((await look(first.cursor)).facts.map(({ key }) => key)).toEqual(['none tag:forum.example.org,2026:2'])
  })

  test('keeps what was known of it', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }, { path: '/notes.json' }])
    const first = await look()
    site(simulator, '/blog.rss').instead = { status: 500 }
    const second = await look(first.cursor)
    expect(second.bad).toEqual([{ source: 'feed blog', reason: expect.stringContaining('500') }])
    delete site(simulator, '/blog.rss').instead
    expect((await look(second.cursor)).facts).toEqual([])
    expect(simulator.visits().at(-2)?.status).toBe(304)
  })

  test('since its address cannot be had, or is none, stops no other, and shows nothing of it', async () => {
    const { simulator } = await rig([{ path: '/blog.rss' }])
    const url = (said: () => string) =>
      feeds({
        pseudonymKey: 'sixteen letters or more',
        feeds: [
          { name: 'a', url: said },
          { name: 'b', url: `${simulator.url}/blog.rss` },
        ],
      })
    for (const said of ['s3cr3t', 'https://jo:s3cr3t@x.example/', '', new Error('s3cr3t')]) {
      const broken = url(() => {
        if (typeof said === 'string') return said
        throw said
      })
      const batches: FeedPage[] = []
      for await (const batch of broken.feed.pull(undefined, context())) batches.push(batch)
      expect(batches.map(({ interactions, rejected }) => [interactions.length, rejected?.length])).toEqual([
        [0, 1],
        [2, 0],
      ])
      expect(JSON.stringify(batches)).not.toContain('s3cr3t')
      expect((await broken.check(context())).map(({ ok }) => ok)).toEqual([
        said instanceof Error ? 'unknown' : false,
        true,
      ])
    }
  })

  test('alone throws: that is not as if nothing were new', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }, { path: '/notes.json' }])
    for (const path of ['/blog.rss', '/notes.json']) site(simulator, path).instead = { status: 404 }
    const { error, bad } = await look()
    expect(PrmError.is(error) && error.code).toBe('not_found')
    expect(bad.length).toBe(2)
  })

  test('410 is told once and not asked any more, until it has another address', async () => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }])
    const first = await look()
    site(simulator, '/blog.rss').instead = { status: 410 }
    const second = await look(first.cursor)
    expect([second.bad, second.error]).toEqual([
      [{ source: 'feed blog', reason: expect.stringContaining('410') }],
      undefined,
    ])
    const third = await look(second.cursor)
    expect([third.bad, third.facts, third.error]).toEqual([[], [], undefined])
    expect(simulator.visits().length).toBe(2)
    const moved = feeds({
      pseudonymKey: 'sixteen letters or more',
      feeds: [{ name: 'blog', url: `${simulator.url}/forum.atom` }],
    })
    const keys: string[] = []
    for await (const { interactions } of moved.feed.pull(third.cursor, context()))
      keys.push(...interactions.map(({ key }) => key))
    expect(keys).toEqual(['blog tag:forum.example.org,2026:2'])
  })

  test.each([
    ['3600', '2026-11-24T17:00:00.000Z'],
    ['Tue, 24 Nov 2026 17:00:00 GMT', '2026-11-24T17:00:00.000Z'],
    ['99999999', '2026-11-25T16:00:00.000Z'],
  ])('429 with Retry-After %s is not asked before %s', async (after, until) => {
    const { simulator, look } = await rig([{ path: '/blog.rss' }, { path: '/notes.json' }])
    site(simulator, '/blog.rss').instead = { status: 429, headers: { 'retry-after': after } }
    const first = await look()
    expect(first.bad).toEqual([{ source: 'feed blog', reason: expect.stringContaining(until) }])
    delete site(simulator, '/blog.rss').instead
    const early = await look(first.cursor, new Date(Date.parse(until) - 1).toISOString())
    expect([early.facts, early.error]).toEqual([[], undefined])
    expect((await look(early.cursor, until)).facts.length).toBe(2)
  })
})

test('check says of each feed what it is, and reads all', async () => {
  const { simulator, adapter } = await rig([
    { path: '/blog.rss' },
    { path: '/none' },
    { path: '/busy' },
    { path: '/old' },
  ])
  simulator.sites.set('/busy', { format: 'rss', posts: [], instead: { status: 429 } })
  simulator.sites.set('/old', {
    format: 'rss',
    posts: [],
    instead: { status: 301, headers: { location: '/notes.json' } },
  })
  expect(await adapter.check(context())).toEqual([
    { what: 'feed.pull', ok: true, detail: 'blog: rss, 2 items.' },
    { what: 'feed.pull', ok: false, detail: expect.stringMatching(/^none: .*404/) },
    { what: 'feed.pull', ok: 'unknown', detail: expect.stringMatching(/^busy: .*429/) },
    { what: 'feed.pull', ok: true, detail: expect.stringMatching(/^old: json, 1 items\. It has moved for good/) },
  ])
})

test.each([
  ['feeds', { feeds: [] }],
  ['feeds', { feeds: ['a', 'a'].map((name) => ({ name, url: 'https://x.example/' })) }],
  ['feeds[0].name', { feeds: [{ name: 'a b', url: 'https://x.example/' }] }],
  ['feeds[0].url', { feeds: [{ name: 'a', url: 'x.example/feed' }] }],
  ['feeds[0].url', { feeds: [{ name: 'a', url: 'https://jo:pass@x.example/' }] }],
  ['feeds[0].url', { feeds: [{ name: 'a', url: 'file:///etc/passwd' }] }],
  ['pseudonymKey', { pseudonymKey: 'short' }],
  ['every', { every: '0m' as const }],
  ['maxBytes', { maxBytes: 1e9 }],
])('a wrong %s is refused by its name', (field, more) => {
  const config: FeedsConfig = {
    pseudonymKey: 'sixteen letters or more',
    feeds: [{ name: 'a', url: 'https://x.example/' }],
  }
  expect(() => feeds({ ...config, ...more })).toThrow(expect.objectContaining({ code: 'config', field }))
})
