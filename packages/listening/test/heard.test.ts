import type { Scope } from '@prm/core'
import { feeds } from '@prm/feeds'
import { simulate } from '@prm/feeds/simulator'
import { expect, onTestFinished, test } from 'vitest'
import { advice, blindSpots, jump, markdown, meter, queryFor, readPacks, relevance, tone } from '../src/index.ts'
import { exclusions } from '../src/measure.ts'
import { likeness, sketch } from '../src/same.ts'
import { packs, town } from './town.ts'

const week = { since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
const long = 'The quiet floor of the AVU Library is a loud place since the new coffee machine came to the second floor.'

test('what a feed tells is heard, and is answered by hand', async () => {
  const simulator = await simulate()
  onTestFinished(() => simulator.close())
  const news = feeds({
    pseudonymKey: 'sixteen letters or more',
    feeds: [
      { name: 'blog', url: `${simulator.url}/blog.rss`, query: 'names' },
      { name: 'alert', url: simulator.credentials.alertUrl, query: 'names' },
    ],
  })
  const { hear, desk } = await town({}, { news })
  await hear()
  const all = await desk.list()
  expect(all.length).toBeGreaterThan(0)
  expect(all.map(({ subject }) => subject).join()).toContain('Loud & louder: The third floor of Alder Library')
  // One story in the blog and in the alert is one mention.
  expect(all.filter(({ subject }) => subject?.includes('third floor'))).toHaveLength(1)
})

test('one page, one text and one repost are one mention; a short text of two people is two', async () => {
  const { net, site, hear, desk, mention } = await town()
  net.post('a', long)
  net.post('b', `RT ${long}`, { author: 'somebody else' })
  site.post('c', long.replace('loud', 'noisy'))
  net.post('d', 'AVU Library is closed again', { author: 'one' })
  net.post('e', 'AVU Library is closed again', { author: 'two' })
  net.post('f', 'About the AVU Library, with a link', { url: 'https://www.news.example.org/story/' })
  site.post('g', 'The same story on AVU Libraries, told otherwise', { url: 'https://news.example.org/story' })
  await hear()
  expect((await mention('a')).mention.copies.posts).toBe(2)
  expect((await mention('f')).mention.copies.posts).toBe(1)
  expect(await desk.list()).toHaveLength(4)
})

test('copies are found days later and after a restart, and not when the window is over', async () => {
  const first = await town()
  first.net.post('a', long)
  await first.hear()
  await first.prm.advance('6d')
  first.net.post('b', `${long} Really.`)
  await first.hear()
  expect((await first.mention('a')).mention.copies.posts).toBe(1)
  await first.prm.advance('8d')
  first.net.post('c', `${long} Really.`)
  await first.hear()
  expect((await first.mention('c')).mention.copies.posts).toBe(0)
})

test('where the first of several copies is taken back, the next stands for them', async () => {
  const { net, hear, mention, desk } = await town()
  for (const id of ['a', 'b', 'c']) net.post(id, long)
  await hear()
  net.takeBack('a')
  await hear()
  expect((await desk.list()).map(({ id }) => id)).toEqual([(await mention('b')).id])
  const brief = await desk.brief(week)
  expect(brief.posts).toMatchObject({ mentions: 2, gone: 1 })
})

test('no post is matched to a patron, and no patron is read', async () => {
  const { prm, net, hear, mention, sam, kim: other } = await town()
  await prm.record(
    [],
    [
      {
        at: { scheme: 'ils', realm: 'koha/card', value: '1' },
        also: [{ scheme: 'acct', value: 'wren', realm: 'birdsite.example.org' }],
        name: 'Wren',
      },
    ],
  )
  const read: string[] = []
  const { store, library } = prm.options
  const scope = store.scope(library.id)
  const spied: Scope = {
    ...scope,
    get(kind, id) {
      read.push(kind)
      return scope.get(kind, id)
    },
    find(kind, query) {
      read.push(kind)
      return scope.find(kind, query)
    },
  }
  const watched = {
    ...prm,
    flow: () => undefined,
    options: { ...prm.options, store: { ...store, scope: () => spied } },
  }
  const { listening } = await import('../src/index.ts')
  const desk = listening(watched, { purpose: 'reply', packs })
  net.post('a', 'The printers at AVU Library are broken, says @wren.', { author: 'wren' })
  await hear()
  const { id } = await mention('a')
  await other.approve(id, { n: await sam.draft(id, 'We are on it.') })
  await prm.settled()
  await desk.list()
  await desk.read(id)
  await desk.brief(week)
  expect(new Set(read)).toEqual(new Set(['conversation', 'interaction', 'message']))
  const known = []
  for await (const { kind, value } of prm.export())
    if (kind !== 'patron' && JSON.stringify(value).includes('patronId')) known.push(kind)
  expect(known).toEqual([])
})

test('near texts are alike, and others are not', () => {
  const [one, two] = [sketch(long) as string, sketch(`${long} Please share!`) as string]
  expect(likeness(one, two)).toBeGreaterThan(0.6)
  expect(
    likeness(
      one,
      sketch(
        'The quiet floor of the town hall is a place where nobody ever goes to read a book since spring came.',
      ) as string,
    ),
  ).toBeLessThan(0.3)
  // Two questions that begin alike are two.
  const [open, scanner] = [
    'is open on Thanksgiving day or closes early that evening',
    'has a scanner on the second floor that works with a phone',
  ].map((end) => sketch(`Does anyone know if the AVU library ${end}?`, new Set(['avu', 'library'])))
  expect(open && scanner && likeness(open, scanner)).toBeLessThan(0.2)
  expect(sketch('AVU Library is closed again')).toBeUndefined()
})

test('a mention that was noted comes back when its author edits it into a question', async () => {
  const { net, hear, mention, sam } = await town()
  net.post('a', 'The new carpet at AVU Library is green.')
  await hear()
  const { id } = await mention('a')
  await sam.decide(id, { is: 'note' })
  net.post('a', 'The new carpet at AVU Library is green. Does anyone know how to renew a card there?')
  await hear()
  expect((await mention('a')).conversation.state).toBe('open')
  expect((await mention('a')).mention).toMatchObject({ edited: true, suggested: 'help' })
  expect((await mention('a')).mention.decision).toBeUndefined()
})

test('precision is what was judged of use; recall comes from a sample of what was scored low', async () => {
  const { net, hear, desk, sam } = await town({ sample: 0.5, seed: 'a seed' })
  for (let n = 0; n < 8; n++) net.post(`good ${n}`, `AVU Library, number ${n}.`, { query: 'names' })
  for (let n = 0; n < 4; n++) net.post(`bad ${n}`, `AVU Library of sound, royalty download ${n}`, { query: 'names' })
  for (let n = 0; n < 60; n++) net.post(`low ${n}`, `Tree surgeons, number ${n}.`, { query: 'needs' })
  await hear()
  for (const one of await desk.list({ step: 'decide' }))
    await sam.decide(one.id, { is: one.subject?.includes('royalty') ? 'ignore' : 'note' })
  const sample = await desk.list({ step: 'judge' })
  expect(sample.length).toBeGreaterThan(15)
  expect(sample.length).toBeLessThan(45)
  expect(await desk.list()).toEqual([])
  for (const [at, one] of sample.entries()) await sam.decide(one.id, { is: at < 2 ? 'help' : 'ignore' })
  const brief = await desk.brief(week)
  const [all, ...rest] = brief.yields
  expect(all).toMatchObject({ shown: 12, precision: { count: 8, of: 12 }, below: 60, sampled: sample.length })
  const missed = (60 * 2) / sample.length
  expect(all?.recall?.value).toBeCloseTo(8 / (8 + missed), 5)
  expect(all?.recall?.low).toBeLessThan(all?.recall?.value ?? 0)
  expect(rest.find(({ of, name }) => of === 'query' && name === 'names')).toMatchObject({
    precision: { value: 8 / 12 },
  })
  expect(brief.exclusions.map(({ term }) => term)).toEqual(expect.arrayContaining(['royalty', 'sound', 'download']))
  expect(markdown(brief)).toContain('royalty (in 4 ignored, 0 wanted)')
  // The same posts are drawn again elsewhere.
  const other = await town({ sample: 0.5, seed: 'a seed' })
  for (let n = 0; n < 60; n++) other.net.post(`low ${n}`, `Tree surgeons, number ${n}.`)
  await other.hear()
  expect((await other.desk.list({ step: 'judge' })).map(({ id }) => id).sort()).toEqual(
    sample.map(({ id }) => id).sort(),
  )
})

test('a term that wanted posts have too is not suggested, nor one with little support, nor a word of the pack', () => {
  const ignored = ['flight late', 'flight lost', 'flight gone', 'library gone']
  expect(exclusions(ignored, ['library flight of stairs'], ['library']).map(({ term }) => term)).toEqual([])
  expect(
    exclusions(ignored, ['a day at the library', 'they read to us', 'it was warm'], ['library']).map(
      ({ term }) => term,
    ),
  ).toEqual(['flight'])
})

test('a jump is more than chance lets expect, once a day; without a history nothing is said', async () => {
  expect(
    jump(
      12,
      Array.from({ length: 28 }, () => 2),
    ),
  ).toMatchObject({ bound: expect.any(Number) })
  expect(
    jump(
      6,
      Array.from({ length: 28 }, () => 2),
    ),
  ).toBeUndefined()
  expect(jump(12, [2, 2, 2])).toBeUndefined()
  // Days that differ much let expect more.
  expect(
    jump(
      12,
      Array.from({ length: 28 }, (_, n) => (n % 4 === 0 ? 8 : 0)),
    ),
  ).toBeUndefined()
  const { net, hear, prm, desk } = await town()
  const told: unknown[] = []
  prm.on('recorded', ({ type, data }) => type === 'listening.jumped' && told.push(data))
  for (let day = 0; day < 10; day++) {
    net.post(`day ${day}`, `AVU Library on its day ${day}`)
    await hear()
    await prm.advance('1d')
  }
  expect(told).toEqual([])
  for (let n = 0; n < 12; n++) net.post(`now ${n}`, `AVU Library has no water, says ${'abcdefghijkl'[n]}`)
  await hear()
  expect(told).toMatchObject([
    { pack: 'all', day: '2026-12-04' },
    { pack: 'alder', day: '2026-12-04' },
  ])
  const brief = await desk.brief({ since: '2026-12-01T00:00:00.000Z', until: '2026-12-08T00:00:00.000Z' })
  expect(markdown(brief)).toMatch(/More than usual on 2026-12-04: \d+ voices, where the weeks before let expect 1\./)
})

test('queries fit their networks', () => {
  const [pack] = packs
  if (!pack) throw new Error('no pack')
  const x = queryFor('x', pack)
  for (const query of x) expect(query.length).toBeLessThanOrEqual(512)
  expect(x.join('\n')).toContain('"AVU Library"')
  expect(x.join('\n')).toContain('point_radius:[-123.1 44.05 25km]')
  expect(x.join('\n')).toContain('-"Alder Bay Public Library"')
  expect(queryFor('bluesky', pack)).toContain('"Harbor Branch" library')
  expect(queryFor('mastodon', pack)).toContain('avulibrary')
  for (const query of queryFor('alerts', pack)) expect(query.split(/\s+/).length).toBeLessThanOrEqual(32)
})

test('a wrong pack says file, field and what was expected', () => {
  const read = (value: unknown) => () => readPacks(value, 'packs.json')
  expect(read('{ "packs": [ { "id": "a", } ] }')).toThrow(/packs\.json: .*it is no JSON/)
  expect(read({ packs: [{ id: 'a' }] })).toThrow('packs.json: packs[0].names is missing')
  expect(read({ packs: [{ id: 'a b', names: ['x'] }] })).toThrow(
    'packs.json: packs[0].id is wrong: expected up to 40 letters, digits and dashes',
  )
  expect(read({ packs: [{ id: 'a', names: ['x'], nickname: ['y'] }] })).toThrow(
    'packs.json: packs[0].nickname is wrong: there is no such setting',
  )
  expect(
    read({
      packs: [
        { id: 'a', names: ['x'] },
        { id: 'a', names: ['y'] },
      ],
    }),
  ).toThrow('an id of its own for each pack')
  expect(read({ packs: [{ id: 'a', names: ['x'], around: { latitude: 91, longitude: 0, km: 5 } }] })).toThrow(
    'degrees from -90 to 90',
  )
})

test('a nickname needs support, and a score says why', () => {
  expect(relevance({ text: 'Harbor Branch, what a view' }, packs)).toMatchObject({
    score: 0.2,
    reasons: ['a nickname: “Harbor Branch”', 'nothing supports the nickname'],
  })
  expect(relevance({ text: 'Harbor Branch, what a view from the study room' }, packs).score).toBeGreaterThan(0.5)
  expect(relevance({ text: 'What a view', addressed: true }, packs).score).toBeGreaterThan(0.5)
  expect(relevance({ text: '#AvuLibrary is closed' }, packs).score).toBeGreaterThan(0.9)
  expect(relevance({ text: 'alder valley libary is closed' }, packs).score).toBeGreaterThan(0.9)
  expect(relevance({ text: 'AVU图书馆打卡' }, packs).score).toBeGreaterThan(0.5)
  expect(relevance({ text: 'Where can I print in Alder Falls?' }, packs).score).toBeGreaterThan(0.5)
})

test('where a post was written supports a nickname and a need, and speaks against another place', () => {
  const score = (text: string, place?: string) => relevance({ text, ...(place && { place }) }, packs).score
  expect(score('Harbor Branch, what a view', 'Alder Falls')).toBeGreaterThan(0.5)
  expect(score('Somewhere quiet to study?')).toBeLessThan(0.5)
  expect(score('Somewhere quiet to study?', 'Alder Falls, USA')).toBeGreaterThan(0.5)
  expect(score('What a view', 'Alder Falls')).toBeLessThan(0.5)
  expect(score('The library printers are broken', 'Portmarsh')).toBeLessThan(score('The library printers are broken'))
  expect(relevance({ text: 'Harbor Branch, what a view', place: 'Fort Pierce' }, packs).reasons).toContain(
    'written elsewhere, at: “Fort Pierce”',
  )
})

test('a mood is told by words that staff see, without titles, and not where the language is not read', () => {
  expect(tone('I read "Terrible Horrible War" at the library', 'en')).toEqual({ sentiment: 'unknown', words: [] })
  expect(tone('They were so kind', 'en')).toEqual({ sentiment: 'positive', words: ['kind'] })
  expect(tone('They were not kind', 'en').sentiment).toBe('negative')
  expect(tone('They were so kind', undefined).sentiment).toBe('unknown')
  expect(tone('furchtbar, kind', 'de')).toEqual({ sentiment: 'unknown', words: [] })
  expect(advice({ text: 'The elevator: somebody is trapped at AVU Library' }, true).urgency).toBe('urgent')
})

test('what cannot be seen is said in sentences, without invented figures', () => {
  const spots = blindSpots([
    { id: 'toots', kind: 'mastodon' },
    { id: 'news', kind: 'feeds', findings: [{ what: 'feed.pull', ok: false, detail: 'blog: 404' }] },
  ])
  expect(spots.join('\n')).toContain('toots shows only posts that name the account')
  expect(spots.join('\n')).toContain('news does not work in full: blog: 404.')
  expect(spots.join('\n')).toContain('Nothing on X is seen: it is not set up here.')
  expect(spots.join('\n')).not.toMatch(/%|percent/)
})

test('a budget that is wrong is refused, by its field', () => {
  expect(() => meter({ x: {} })).toThrow('meter: x.calls must be there, or money.')
  expect(() => meter({ x: { money: { micros: 1, currency: 'USD' } } })).toThrow('meter: x.price must be there')
})
