import type { KnowledgePage } from '@prm/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type LibAnswersSimulator, simulate } from '../simulator/index.ts'
import { type LibAnswersConfig, libanswers } from '../src/index.ts'
import { context, thrown } from './context.ts'

const open: LibAnswersSimulator[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function tenant(more: Partial<LibAnswersConfig> = {}) {
  const simulator = await simulate()
  open.push(simulator)
  const { clientId, clientSecret, iid } = simulator.credentials
  const answers = libanswers({
    baseUrl: simulator.url,
    clientId,
    clientSecret,
    iid,
    timeZone: 'America/Chicago',
    ...more,
  })
  const pages = async (since?: string) => {
    const found: KnowledgePage[] = []
    for await (const page of answers.knowledge.pages(since, context())) found.push(page)
    return found
  }
  return { simulator, answers, pages }
}

describe('FAQs', () => {
  test('are read whichever field has their answer, in words, at the public address, in UTC', async () => {
    const { simulator, pages } = await tenant()
    const found = await pages()
    expect(found.find(({ ref }) => ref.id === 'faq 1000')).toEqual({
      ref: {
        system: 'answers',
        id: 'faq 1000',
        url: `${simulator.url}/faq/1000`,
        version: expect.stringMatching(/^[\da-f]{16}$/),
      },
      title: 'What\'s a "renewal"?',
      text: 'You may renew a loan twice.',
      updated: '2026-11-20T16:05:00.000Z',
    })
    expect(found.every(({ text }) => text)).toBe(true)
  })

  test('for staff are not told', async () => {
    const { pages } = await tenant()
    expect((await pages()).map(({ ref }) => ref.id)).not.toContain('faq 1044')
  })

  test('have another version when a word changes, and not when mark-up does', async () => {
    const { simulator, pages } = await tenant()
    const version = async () => (await pages()).find(({ ref }) => ref.id === 'faq 1001')?.ref.version
    const [before, faq] = [await version(), simulator.faqs.get(1001)]
    if (!faq) throw new Error('no FAQ')
    faq.answer = faq.answer
      .replace('<p>', '<p  class="x" id="y">')
      .replace('<b>', '<strong>')
      .replace('</b>', '</strong>')
    expect(await version()).toBe(before)
    faq.answer = faq.answer.replace('desk', 'counter')
    expect(await version()).not.toBe(before)
  })

  test('an answer of 200 with an error inside is no empty list', async () => {
    const { simulator, pages } = await tenant()
    simulator.failInside()
    expect((await thrown(pages())).code).toBe('contract')
  })
})

test('search finds by the API that needs no token; there is none without iid', async () => {
  const { answers } = await tenant()
  const [first] = (await answers.knowledge.search?.('renew', context())) ?? []
  expect([first?.ref.id, first?.title]).toEqual(['faq 1000', 'What\'s a "renewal"?'])
  expect((await tenant({ iid: undefined })).answers.knowledge.search).toBeUndefined()
})

test('changes are a feed: new at first, then only what changed', async () => {
  const { simulator, answers } = await tenant({ changes: true })
  let cursor: Parameters<NonNullable<typeof answers.feed>['pull']>[0]
  const pull = async () => {
    const keys: string[] = []
    for await (const batch of answers.feed?.pull(cursor, context()) ?? []) {
      keys.push(...batch.interactions.map(({ key }) => key))
      cursor = batch.cursor
    }
    return keys
  }
  expect((await pull()).length).toBe(44)
  expect(await pull()).toEqual([])
  Object.assign(simulator.faqs.get(1003) ?? {}, { question: 'What else?' })
  simulator.faqs.delete(1004)
  expect(await pull()).toEqual([expect.stringMatching(/^page faq 1003 2 /), 'page faq 1004 2 gone'])
})

test('a chat opened on a page carries its address, without what was searched for and by whom', async () => {
  const { simulator, answers } = await tenant()
  const hash = 'ab'.repeat(16)
  const url = 'https://ada:pw@guides.alder.example/c.php?g=12&p=34&q=divorce&borrower=23529000010003#s-lg-box-9'
  const link = new URL(answers.ops.chatLink(hash, { url, title: 'Law' }))
  expect(link.origin + link.pathname).toBe(`${simulator.url}/chat/widget/${hash}`)
  expect(link.searchParams.get('referer')).toBe('https://guides.alder.example/c.php?g=12&p=34')
  expect(() => answers.ops.chatLink('x', { url })).toThrow(expect.objectContaining({ code: 'invalid', field: 'hash' }))
  expect(await answers.ops.widgetOnline('5512', context())).toBe(true)
  expect(await answers.ops.widgets(context())).toEqual([{ id: '5512', name: 'Guides', type: 'slideout' }])
})

test('check says what this tenant proves, and what no client was seen to do', async () => {
  const { simulator, answers } = await tenant({ queue: '2417', statistics: { dataset: '77', since: '2026-11-01' } })
  const said = async (adapter = answers) =>
    Object.fromEntries((await adapter.check(context())).map(({ what, ok }) => [what, ok]))
  expect(await said()).toEqual({
    auth: true,
    'channel.send': true,
    'knowledge.pages': true,
    'knowledge.search': true,
    'feed.statistics': true,
    'ops.tickets': 'unknown',
    'ops.chats': 'unknown',
    'inlet.webhooks': 'unknown',
  })
  const config = { baseUrl: simulator.url, clientId: simulator.credentials.clientId, timeZone: 'UTC' }
  expect(await said(libanswers({ ...config, clientSecret: 'wrong' }))).toEqual({ auth: false })
  const other = libanswers({ ...config, clientSecret: simulator.credentials.clientSecret, queue: '9' })
  expect(await said(other)).toMatchObject({ 'channel.send': false })
})
