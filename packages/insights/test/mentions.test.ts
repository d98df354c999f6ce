import type { Interaction, MentionSeen } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { feeds } from '@prm/feeds'
import { type Post, simulate } from '@prm/feeds/simulator'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { copies } from '../src/duplicates.ts'
import { type Said, said, themes } from '../src/index.ts'
import { voices } from '../src/respondents.ts'

/** A forum and a blog, read by the real adapter into a real store. */
async function elsewhere() {
  const simulator = await simulate()
  const prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      elsewhere: feeds({
        pseudonymKey: 'a secret of your own',
        feeds: ['blog.rss', 'forum.atom'].map((path) => ({ name: path, url: `${simulator.url}/${path}` })),
        every: '30m',
      }),
    },
    purposes: { ask: { basis: 'service', class: 'service' } },
  })
  onTestFinished(async () => {
    await prm.close()
    await simulator.close()
  })
  const posts = (path: string): Post[] => {
    const site = simulator.sites.get(path)
    if (!site) throw new Error(`no ${path}`)
    return site.posts
  }
  posts('/blog.rss').length = 0
  posts('/forum.atom').length = 0
  const rows = async (): Promise<readonly Said[]> => {
    const all: Said[] = []
    for await (const fact of prm.store.scope('alder').find('interaction', { type: 'mention.seen' }))
      all.push(...[said(fact) ?? []].flat())
    return all
  }
  return { prm, posts, rows }
}
const written = (n: number, html: string, author = `reader ${n}`, title = ''): Post => ({
  id: `p${n}`,
  title,
  html,
  author,
  at: '2026-11-23T15:00:00Z',
  link: `https://forum.example.org/posts/${n}`,
})
const chats = (count: number, text: (at: number) => string): readonly Said[] =>
  Array.from({ length: count }, (_, at) => ({ id: `chat ${text(at)} ${at}`, kind: 'chat', text: text(at) }))
const ordinary = chats(
  200,
  (at) => `how do I ${['renew a book', 'print on paper', 'find opening hours'][at % 3]} ${at}`,
)

describe('a post', () => {
  test('is said as a mention, by the pseudonym of its author, with its title', async () => {
    const { posts, prm, rows } = await elsewhere()
    posts('/forum.atom').push(written(1, '<p>The elevator is <b>stuck</b>.</p>', 'Wren Okafor', 'Third week'))
    await prm.pull('elsewhere')
    expect(await rows()).toEqual([
      {
        id: 'elsewhere forum.atom p1',
        kind: 'mention',
        text: 'Third week\nThe elevator is stuck.',
        at: '2026-11-23T15:00:00.000Z',
        person: expect.stringMatching(/^author [\da-f]{24}$/),
        independence: expect.stringMatching(/^author [\da-f]{24}$/),
        post: {
          id: 'post https://forum.example.org/posts/1',
          link: 'https://forum.example.org/posts/1',
          told: '2026-11-24T15:00:00.000Z',
          as: 'said',
        },
      },
    ])
  })

  test('counts as it was edited last, and is quoted so', async () => {
    const { posts, prm, rows } = await elsewhere()
    const forum = posts('/forum.atom')
    for (let n = 0; n < 6; n++) forum.push(written(n, `elevator stuck on floor ${n}`))
    await prm.pull('elsewhere')
    for (const post of forum.slice(0, 5)) {
      post.html = 'elevator repaired at last'
      post.at = '2026-11-20T15:00:00Z' // whatever it says of its date
    }
    await prm.advance('1h')
    await prm.pull('elsewhere')
    const all = await rows()
    expect(all).toHaveLength(11)
    const { report, rows: ids } = await themes({ said: all, timeZone: 'UTC', k: 3 })
    const [theme] = report.themes
    expect(theme).toMatchObject({ rows: 6, sources: [{ voices: 6 }] })
    expect(JSON.stringify(report)).toContain('elevator repaired at last')
    expect(JSON.stringify(report)).not.toContain('stuck')
    expect(ids[theme?.ref ?? '']?.filter((id) => / p\d \d /.test(id))).toHaveLength(5)
  })
})

const at = '2026-11-23T15:00:00.000Z'
const seen = (key: string, data: Partial<MentionSeen>, more: Partial<Interaction> = {}): Interaction => ({
  source: 'mastodon',
  key,
  type: 'mention.seen',
  at,
  seen: at,
  who: { scheme: 'post', value: key.split(' ')[0] ?? '', realm: 'social.example.org' },
  data: { text: key, ...data },
  evidence: { independence: `author ${key}` },
  ...more,
})
const rowsOf = (...facts: readonly Interaction[]): readonly Said[] => facts.flatMap((fact) => said(fact) ?? [])
const ids = async (...facts: readonly Interaction[]) => (await voices(rowsOf(...facts))).rows.map(({ id }) => id)

describe('of the versions of a post', () => {
  const first = seen('1', { url: 'https://social.example.org/@a/1' })
  const edit = seen(
    '1 e',
    { url: 'https://social.example.org/@a/1', edited: true },
    { seen: '2026-11-23T16:00:00.000Z' },
  )
  const gone = seen('1 gone', { text: '', gone: true }, { seen: '2026-11-23T17:00:00.000Z' })
  const back = seen('1 back', { url: 'https://social.example.org/@a/1' }, { seen: '2026-11-23T18:00:00.000Z' })

  test('the last that was told counts, in whatever order they are read', async () => {
    for (const facts of [
      [first, edit],
      [edit, first],
    ])
      expect(await ids(...facts)).toEqual(['mastodon 1 e'])
  })
  test('none counts once it is gone, until it is there again', async () => {
    expect(await ids(edit, gone, first)).toEqual([])
    expect(await ids(edit, gone, first, back)).toEqual(['mastodon 1 back'])
  })
  test('those told at one moment are in the order said, edited, gone', async () => {
    for (const keys of ['abc', 'cba']) {
      const now = [first, edit, gone].map((fact, n) => ({ ...fact, key: keys[n] ?? '', seen: at }))
      expect(await ids(...now.slice(0, 2))).toEqual([`mastodon ${keys[1]}`])
      expect(await ids(...now)).toEqual([])
    }
  })
  test('one that another source has by its link is gone there too', async () => {
    const copy = seen('x', { url: 'https://social.example.org/@a/1' }, { source: 'elsewhere' })
    expect(await ids(first, copy)).toHaveLength(1)
    expect(await ids(first, copy, gone)).toEqual([])
  })
  test('two posts are two, also on hosts that count alike', async () => {
    const there = { who: { scheme: 'post', value: '1', realm: 'other.example.org' } }
    expect(await ids(first, seen('2', {}), seen('1', {}, { ...there, source: 'other' }))).toHaveLength(3)
  })
})

describe('one voice', () => {
  const of = async (...facts: readonly Interaction[]) => new Set((await voices(rowsOf(...facts))).of).size

  test('is a repost and what it repeats, by the adapter’s word', async () => {
    const evidence = { independence: 'post 1' }
    expect(await of(seen('1', {}, { evidence }), seen('2', {}, { evidence }), seen('3', {}))).toBe(2)
  })
  test('is a public thread, but whoever answers in many does not make them one', async () => {
    const wren = { person: 'wren', independence: 'wren' }
    const answers = ['a', 'b', 'c'].map((thread) =>
      seen(`wren-${thread}`, { inReplyTo: thread }, { thread, evidence: wren }),
    )
    const roots = ['a', 'b', 'c'].map((thread) => seen(thread, {}, { thread }))
    expect(await of(...roots)).toBe(3)
    expect(await of(...roots, ...answers)).toBe(3)
    // Whose own posts they are is one.
    expect(await of(...roots.map((root) => ({ ...root, evidence: wren })))).toBe(1)
  })

  const call = 'The parking garage of Alder Library is a disgrace and the council should resign over it this week'
  test.each([
    ['the same words', call.toUpperCase()],
    ['another greeting and a link', `Neighbours! ${call} https://petition.example.org/7 #garage`],
    ['somebody named in it', `@council@social.example.org ${call}`],
    ['a word exchanged', call.replace('disgrace', 'scandal')],
    ['half of it', call.slice(0, 60)],
  ])('is a campaign: %s', (_, other) => {
    expect(copies([call, other])).toEqual([0, 0])
  })
  test.each([
    [
      'the same matter in own words',
      'Parked in the garage under Alder Library today and it was dark, wet and full of glass',
    ],
    ['a short text', 'The parking garage of Alder Library'],
    ['a question of eight words', 'Is the parking garage of Alder Library open?'],
    [
      'a sentence with a beginning in common',
      'The parking garage of Alder Library closes at ten, does anybody know why it does?',
    ],
  ])('is not %s', (_, other) => {
    expect(copies([call, other])).toEqual([0, 1])
  })
  test('is no headline that hundreds quote, each with more words of their own', () => {
    const news = 'Alder Library will close its doors from Monday on'
    const own = Array.from({ length: 300 }, (_, n) => `${news}: ${[...'abcdefghij'].map((c) => `${c}${n}`).join(' ')}`)
    expect(new Set(copies(own)).size).toBe(300)
  })
})

describe('whether a complaint is general', () => {
  const call = 'The parking garage of Alder Library is dark, full and a disgrace'
  /** Forty authors on a forum, each with some words of their own around the same call. */
  async function campaign() {
    const place = await elsewhere()
    for (let n = 0; n < 40; n++)
      place
        .posts('/forum.atom')
        .push(written(n, `<p>${['Folks:', 'Neighbours!', 'Shame.', ''][n % 4]} ${call} #garage${n}</p>`))
    for (let n = 40; n < 80; n++)
      place.posts('/blog.rss').push(written(n, `lovely ${['poems', 'novels', 'comics'][n % 3]} read upstairs ${n}`))
    await place.prm.pull('elsewhere')
    return place.rows()
  }
  const garage = async (rows: readonly Said[], more: readonly Said[] = []) => {
    const told = await themes({
      said: [...rows, ...ordinary, ...more],
      of: { search: 2_000 },
      timeZone: 'UTC',
      most: 99,
    })
    const theme = told.report.themes.find(({ ref }) => told.rows[ref]?.some((id) => /forum\.atom/.test(id)))
    return { ...told, theme }
  }

  test('one campaign of forty accounts is isolated, and none of its words are quoted', async () => {
    const { theme, report } = await garage(await campaign())
    expect(theme).toMatchObject({
      standing: 'isolated',
      rows: 40,
      sources: [{ kind: 'mention', voices: null }],
      quotes: [],
    })
    expect(theme?.text).toContain('isolated, fewer than 5 people of one source')
    expect(JSON.stringify(report)).not.toMatch(/disgrace|reader \d/)
  })

  test('as many in their own words are heard in one source', async () => {
    const place = await elsewhere()
    const words = ['dark', 'wet', 'full', 'scary', 'dirty', 'closed', 'steep', 'narrow']
    for (let n = 0; n < 24; n++)
      place.posts('/forum.atom').push(written(n, `parking garage ${words[n % 8]} ${words[(n * 3 + 1) % 8]} yesterday`))
    await place.prm.pull('elsewhere')
    const { theme } = await garage(await place.rows())
    expect(theme).toMatchObject({ standing: 'one source', sources: [{ kind: 'mention', voices: 24 }] })
  })

  test('with searches and chats of others it is general', async () => {
    const asked = chats(9, (at) => `why is the parking garage ${['full', 'dark', 'full and dark'][at % 3]} again ${at}`)
    const searched: Said = { id: 's', kind: 'search', text: 'parking garage full', times: 60 }
    const { theme } = await garage(await campaign(), [...asked, searched])
    expect(theme?.standing).toBe('general')
    expect(theme?.sources).toEqual([
      expect.objectContaining({ kind: 'search', voices: 60, of: 2_000 }),
      expect.objectContaining({ kind: 'chat', voices: 9 }),
      expect.objectContaining({ kind: 'mention', voices: null }),
    ])
    expect(theme?.label).toMatch(/parking/)
  })

  test('a source that is named by itself is public all the same', async () => {
    const rows = (await campaign()).map((row) => ({ ...row, kind: 'mention forum' }))
    expect((await garage(rows)).theme).toMatchObject({ standing: 'isolated', sources: [{ kind: 'mention forum' }] })
  })
})
