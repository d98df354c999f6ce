import type { Json, KnowledgePage } from '@prm/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type LibGuidesSimulator, simulate } from '../simulator/index.ts'
import { type LibGuidesConfig, libguides } from '../src/index.ts'
import { context, thrown } from './context.ts'

const open: LibGuidesSimulator[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function site(more: Partial<LibGuidesConfig> = {}) {
  const simulator = await simulate()
  open.push(simulator)
  const guides = libguides({ ...simulator.credentials, baseUrl: simulator.url, timeZone: 'America/Chicago', ...more })
  const pages = async (since?: string) => {
    const found: KnowledgePage[] = []
    for await (const page of guides.knowledge.pages(since, context())) found.push(page)
    return found
  }
  const look = async (cursor?: Json) => {
    const facts: { key: string; data: unknown }[] = []
    for await (const batch of guides.feed.pull(cursor, context())) {
      facts.push(...batch.interactions.map(({ key, data }) => ({ key, data })))
      cursor = batch.cursor
    }
    return { facts, cursor }
  }
  return { simulator, guides, pages, look }
}

describe('guides', () => {
  test('are told page by page, with what stands in their boxes', async () => {
    const { simulator, pages } = await site()
    expect((await pages()).find(({ ref }) => ref.id === 'guide 103/1032')).toEqual({
      ref: {
        system: 'guides',
        id: 'guide 103/1032',
        version: expect.stringMatching(/^[\da-f]{16}$/),
        url: `${simulator.url}/c.php?g=103&p=1032`,
      },
      title: 'Law & Politics: Articles',
      text: 'About\n\nBooks & articles of field 3.',
      updated: '2026-11-20T16:05:00.000Z',
    })
  })

  test('that are not published, lead elsewhere, or databases that are hidden, are not', async () => {
    const ids = (await (await site()).pages()).map(({ ref }) => ref.id).join(' ')
    for (const id of ['guide 121', 'guide 122', 'database 2805662']) expect(ids).not.toContain(id)
    expect(ids).toContain('guide 120')
  })

  test('and assets and subjects where they are wanted', async () => {
    const { pages } = await site({ of: ['assets', 'subjects'] })
    expect((await pages()).map(({ ref, title, text }) => [ref.id, title, text])).toEqual([
      ['asset 71', 'Reading list', 'Start here.'],
      ['subject 31', 'Law & Politics', ''],
    ])
  })

  test('are searched for: the pages that have the words, else the guide’s first', async () => {
    const { guides } = await site()
    const ids = async (text: string) => (await guides.knowledge.search(text, context())).map(({ ref }) => ref.id)
    expect(await ids('statutes')).toEqual(['guide 103/1031'])
    expect(await ids('field 4')).toEqual(['guide 104/1041', 'guide 104/1042'])
  })
})

describe('what changed', () => {
  test('is a page whose words changed, with its version before; mark-up, order of attributes and dates are no change', async () => {
    const { simulator, look } = await site()
    const first = await look()
    expect(first.facts.length).toBe(43)
    const box = simulator.guides.get(105)?.pages[0]?.boxes[0]
    const page = simulator.guides.get(105)?.pages[0]
    if (!box || !page) throw new Error('no box')
    Object.assign(box, { content: '<div id="a" class="b"><p>Books &amp; <b>articles</b> of field 5.</p></div>' })
    page.updated = '2026-11-23 10:00:00'
    expect((await look(first.cursor)).facts).toEqual([])
    box.content = 'Books, films &amp; articles of field 5.'
    const second = await look(first.cursor)
    expect(second.facts).toEqual([
      {
        key: expect.stringMatching(/^page guide 105\/1051 2 [\da-f]{16}$/),
        data: { title: 'Field 5: Home', before: expect.stringMatching(/^[\da-f]{16}$/) },
      },
    ])
    simulator.guides.delete(106)
    expect((await look(second.cursor)).facts.map(({ data }) => data)).toEqual([
      expect.objectContaining({ gone: true }),
      expect.objectContaining({ gone: true }),
    ])
  })

  test('is not that all are gone, where the site suddenly tells none', async () => {
    const { simulator, look } = await site()
    const { cursor } = await look()
    simulator.guides.clear()
    simulator.databases.clear()
    expect((await thrown(look(cursor))).code).toBe('contract')
  })
})

describe('who asks', () => {
  test('by 1.2 gets a token, and another once where the first is refused within a 200', async () => {
    const { simulator, pages } = await site()
    simulator.failInside()
    expect((await pages()).length).toBe(43)
    expect(simulator.tokens()).toBe(2)
    simulator.failInside(2)
    expect((await thrown(pages())).code).toBe('auth')
  })

  test('by 1.1 goes with site and key, which no error shows', async () => {
    const { simulator } = await site()
    const config = { baseUrl: simulator.url, timeZone: 'UTC', siteId: simulator.siteId }
    const old = libguides({ ...config, key: () => simulator.key })
    expect((await old.knowledge.search('statutes', context())).length).toBe(1)
    const wrong = libguides({ ...config, key: 'never told' })
    expect((await thrown(wrong.knowledge.search('a', context()), 'never told', simulator.key)).code).toBe('auth')
  })

  test.each([
    ['clientId', { clientId: '1' }],
    ['clientId', {}],
    ['clientId', { clientId: '1', clientSecret: 's', siteId: '2', key: 'k' }],
    ['timeZone', { siteId: '2', key: 'k', timeZone: 'Mars' }],
    ['of[0]', { siteId: '2', key: 'k', of: ['boxes'] }],
  ])('with a wrong %s is refused by its name', (field, more) => {
    const config = { timeZone: 'UTC', ...more } as LibGuidesConfig
    expect(() => libguides(config)).toThrow(expect.objectContaining({ code: 'config', field }))
  })
})

test('one page is read by its address, and none that is not there or not shown', async () => {
  const { simulator, guides, pages } = await site()
  const at = async (query: string) => guides.ops.page(`${simulator.url}/c.php?${query}`, context())
  expect(await at('g=103&p=1032')).toEqual((await pages()).find(({ ref }) => ref.id === 'guide 103/1032'))
  expect((await at('g=103'))?.ref.id).toBe('guide 103/1031')
  expect([await at('g=103&p=9'), await at('g=121&p=1211'), await at('q=law')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('hits are of a year, and none where nothing is said', async () => {
  const { simulator, guides } = await site()
  Object.assign(simulator.guides.get(103) ?? {}, { hits: null })
  const hits = await guides.ops.hits(context())
  expect(hits.find(({ page }) => page.id === 'guide 104')).toMatchObject({ hits: 28, since: '2026-01-01' })
  expect(hits.find(({ page }) => page.id === 'guide 105')).toMatchObject({ hits: 35 })
  expect(hits.some(({ page }) => page.id === 'guide 103')).toBe(false)
})

test('check says what this site tells, and what no client was seen to read', async () => {
  const { guides, simulator } = await site()
  const said = Object.fromEntries((await guides.check(context())).map(({ what, ok }) => [what, ok]))
  expect(said).toEqual({
    'knowledge.pages': true,
    'knowledge.search': true,
    'ops.hits': true,
    'metrics.api': 'unknown',
  })
  const wrong = libguides({ baseUrl: simulator.url, timeZone: 'UTC', clientId: '1', clientSecret: 'x' })
  expect(await wrong.check(context())).toMatchObject([
    { what: 'knowledge.pages', ok: false, hint: expect.stringContaining('Tools, API') },
  ])
})
