import type { Interaction, Metric } from '@prm/core'
import { expect, test } from 'vitest'
import { edits, knownPages, pages, said, search, transaction, version } from '../src/index.ts'

const ref = { system: 'libguides', id: '12' }
const url = 'https://guides.example.org/c.php?g=12'
const asked = (key: string, data: object, more: Partial<Interaction> = {}): Interaction => ({
  key,
  type: 'question.asked',
  source: 'desk',
  at: '2026-10-05T15:00:00.000Z',
  data: { medium: 'chat', ...data },
  ...more,
})

test('a question of an adapter is said on its page, by whom, under its heading and version', () => {
  const evidence = { person: 'p1', independence: 'v1' }
  const page = { ...ref, url, heading: 'renewing', version: 'h1' }
  expect(said(asked('1', { text: 'how do I renew' }, { page, evidence, thread: 't' }))).toEqual({
    id: 'desk 1',
    kind: 'chat',
    text: 'how do I renew',
    at: '2026-10-05T15:00:00.000Z',
    person: 'p1',
    thread: 'desk t',
    independence: 'v1',
    page: url,
    heading: 'renewing',
    version: 'h1',
  })
  expect(said(asked('2', {}))).toBeUndefined()
})

test('a text to the library is said too, and by the patron that core knows', () => {
  const text = {
    key: '1',
    type: 'message.received',
    source: 'sms',
    data: { content: { text: 'hi', subject: 'Loans' } },
  }
  const who = { scheme: 'tel', value: '+12125550142' }
  expect(said({ ...text, who })).toMatchObject({ kind: 'text', text: 'Loans\nhi', person: 'tel +12125550142' })
  expect(said({ ...text, who, patronId: 'p' }, 'mention')).toMatchObject({ kind: 'mention', person: 'p' })
})

test('of a question without an answer it is known that it is open, or nothing is known', () => {
  expect(transaction(asked('1', { open: true, readLevel: 3 }, { branch: 'main' }))).toEqual({
    id: 'desk 1',
    asked: '2026-10-05T15:00:00.000Z',
    kind: 'chat',
    readLevel: 3,
    desk: 'main',
  })
  expect(transaction(asked('2', {}))).toMatchObject({ untimed: true })
  expect(transaction(asked('3', { answered: '2026-10-05T15:02:00.000Z' }))).not.toHaveProperty('untimed')
})

test('searches come from the metrics facet, with how often they were made', () => {
  const none = { is: 'unavailable', reason: 'not counted' } as const
  const row: Metric = {
    day: '2026-10-05',
    search: { text: 'late fees', results: 0 },
    views: { is: 'value', value: 40 },
    visits: none,
    exits: none,
    sampled: false,
  }
  expect(search(row, 'matomo')).toEqual({
    id: 'matomo 2026-10-05 late fees',
    text: 'late fees',
    at: '2026-10-05',
    times: 40,
    results: 0,
  })
  expect(search({ ...row, views: none }, 'matomo')).toBeUndefined()
})

test('a page that some rows name by address and others by its id is one, with its title and its edit', async () => {
  const { titles, moves } = await knownPages([{ ref: { ...ref, url }, title: 'Borrowing' }])
  const changed = {
    key: 'c',
    type: 'page.changed',
    source: 'guides',
    at: '2026-10-03',
    data: { title: 'Borrowing', before: 'h0' },
  }
  const made = version({ ...changed, page: { ...ref, version: 'h1' } })
  const day = (at: number) => `2026-10-0${at}`
  const sources = {
    said: Array.from({ length: 6 }, (_, at) =>
      said(asked(`${at}`, { text: 'how do I renew' }, { page: { ...ref, url } })),
    ).flatMap((one) => one ?? []),
    metrics: [4, 5, 6].map((at) => ({ day: day(at), page: ref, views: { is: 'value', value: 50 } as const })),
    versions: made ? [made] : [],
    pages: { moves },
    titles,
    timeZone: 'America/Chicago',
  }
  const { report } = await pages(sources)
  expect(report.pages).toMatchObject([
    { title: 'Borrowing', questions: 6, views: 150, versions: [{ name: 'h1', questions: 6, views: 150 }] },
  ])
  const { report: found } = await edits(sources)
  expect(found.edits).toMatchObject([
    { title: 'Borrowing', version: 'h1', day: '2026-10-03', effect: { enough: false } },
  ])
})
