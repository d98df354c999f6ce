import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Adapter, Bib } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { email } from '@prm/email'
import { simulate } from '@prm/email/simulator'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { newTitles, outreach, rows, type Work, withTitles } from '../src/index.ts'
import { key, library, noon } from './town.ts'

// Each line of flow F6 that needs no catalogue of works, by its own words.

const murder: Bib = { id: '1', title: 'The Invented Murder', author: 'A. Nobody', isbns: ['9780000000001'] }
const large: Bib = { id: '2', title: 'The invented murder!', author: 'A. Nobody', isbns: ['9780000000002'] }
const garden: Bib = { id: '3', title: 'A Murder of Weeds', author: 'B. Nobody', isbns: [] }
const people = [
  {
    id: '21234000077001',
    name: 'Ann',
    email: 'ann@example.org',
    branch: 'EAST',
    birthdate: '1980-02-03',
    interests: 'Mystery; gardening',
    consent: 'yes',
  },
  { id: '77002', name: 'Bo', email: 'bo@example.org', branch: 'WEST', interests: 'cooking', consent: 'yes' },
]

async function place(bibs: () => Iterable<Bib>) {
  const folder = mkdtempSync(join(tmpdir(), 'prm-f6-'))
  const post = await simulate()
  const from = 'Springfield Library <news@springfield.example>'
  const catalogue: Adapter = {
    spec: 1,
    kind: 'catalogue',
    version: '0.0.0',
    emits: [],
    catalogue: {
      byIsbn: async () => [],
      async *added() {
        yield* bibs()
      },
    },
  }
  const prm = await testPrm({
    at: noon,
    store: sqlite({ memory: true }),
    publicUrl: 'https://library.example/prm',
    library,
    adapters: {
      mail: email({
        from,
        secret: 'x'.repeat(40),
        smtp: post.credentials,
        unsubscribe: { purposes: ['mystery', 'gardening'], mailto: 'news@springfield.example' },
      }),
      catalogue,
    },
    purposes: {
      mystery: { basis: 'consent', class: 'promotional' },
      gardening: { basis: 'consent', class: 'promotional' },
    },
  })
  const bulk = outreach({ prm, store: prm.store, library, key })
  onTestFinished(async () => {
    await prm.close()
    await post.close()
    rmSync(folder, { recursive: true, force: true })
  })
  let plans = 0
  const announce = async (works: readonly Work[], purpose: string) => {
    const out = join(folder, `plan-${++plans}.ndjson`)
    const audience = withTitles(rows(people, { from: 'interests' }), works, {
      topics: ({ editions }) => (editions.some(({ id }) => id === '3') ? ['mystery', 'gardening'] : ['mystery']),
      link: ({ editions }, branch) => `https://opac.example.org/${branch}/bib/${editions[0]?.id}`,
    })
    const templates = [{ subject: 'New for you', text: 'Dear {{ name }},\n\n{{ titles }}' }]
    const { summary } = await bulk.plan(
      {
        audience,
        filters: [{ field: 'interests', has: purpose }],
        templates,
        purpose,
        via: ['mail'],
        by: 'Ann Planner',
      },
      { out },
    )
    await bulk.approve(out, { by: 'Bea Second' })
    await bulk.run(out, { once: true })
    return summary
  }
  return { prm, post, announce }
}
const since = '2026-11-17T00:00:00.000Z'

test('no title twice to the same person', async () => {
  const { prm, post, announce } = await place(() => [murder, large, garden])
  const works = await newTitles(prm, 'catalogue', { since })
  expect(works.map(({ editions }) => editions.map(({ id }) => id))).toEqual([['1', '2'], ['3']])
  await announce(works, 'mystery')
  // What the first letter told is known to the second topic, and to next week.
  const known = new Set(works.map(({ key }) => key))
  expect(await newTitles(prm, 'catalogue', { since, known })).toEqual([])
  const second = await announce([], 'gardening')
  expect(second.rows).toBe(0)
  expect(post.taken().map(({ to }) => to)).toEqual(['ann@example.org'])
  expect(post.taken()[0]?.mail.text?.match(/Murder/g)).toHaveLength(2)
})

test('link lands on the right branch scope', async () => {
  const { prm, post, announce } = await place(() => [murder])
  await announce(await newTitles(prm, 'catalogue', { since }), 'mystery')
  expect(post.taken()[0]?.mail.text).toContain('https://opac.example.org/EAST/bib/1')
})

test('unsubscribe per interest works in one tap', async () => {
  const { prm, post, announce } = await place(() => [garden])
  const works = await newTitles(prm, 'catalogue', { since })
  expect(await announce(works, 'mystery')).toMatchObject({ included: 1 })
  const list = post.taken()[0]?.mail.headers.get('list') as { unsubscribe?: { url?: string } } | undefined
  const answer = await prm.handle(
    new Request(list?.unsubscribe?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    }),
  )
  expect(answer.status).toBe(200)
  await prm.advance('7d')
  expect(await announce(works, 'mystery')).toMatchObject({ included: 0, excluded: { 'opted-out': 1 } })
  expect(await announce(works, 'gardening')).toMatchObject({ included: 1 })
})

test('zero profile data leaves the library', async () => {
  const { prm, post, announce } = await place(() => [murder])
  await announce(await newTitles(prm, 'catalogue', { since }), 'mystery')
  const [{ raw, mail } = {}] = post.taken()
  expect(mail?.text).toContain('The Invented Murder')
  for (const profile of ['21234000077001', '1980-02-03', 'gardening', 'Mystery;']) expect(raw).not.toContain(profile)
})

test('bulk re-catalogue produces 40,000 "new" titles (spike guard)', async () => {
  let read = 0
  const { prm } = await place(function* () {
    for (; read < 40_000; read++) yield { id: String(read), title: `Volume ${read}`, isbns: [] }
  })
  await expect(newTitles(prm, 'catalogue', { since })).rejects.toMatchObject({ code: 'conflict' })
  expect(read).toBeLessThan(1_000)
})

test('on-order items without copies', async () => {
  const { prm } = await place(() => [murder, garden])
  const works = await newTitles(prm, 'catalogue', { since, only: async ({ id }) => id !== '1' })
  expect(works.map(({ editions }) => editions[0]?.id)).toEqual(['3'])
})
