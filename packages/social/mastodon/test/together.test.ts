import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { mastodon } from '../src/index.ts'

const at = '2026-11-24T16:00:00.000Z'
const staff = { kind: 'staff', id: 'ana' } as const

async function all<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(row)
  return found
}

async function library() {
  let now = () => new Date(at)
  const simulator = await simulate({ now: () => now() })
  onTestFinished(() => simulator.close())
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      mastodon: mastodon({
        ...simulator.credentials,
        baseUrl: simulator.url,
        pseudonymKey: 'sixteen letters or more',
        tags: [{ name: 'AlderLibrary' }],
      }),
    },
    purposes: { answer: { basis: 'service', class: 'service', media: ['social'] } },
  })
  now = () => prm.context('mastodon').now()
  const raws = () => simulator.received().map(({ raw }) => raw as { readonly id: string })
  return { simulator, prm, raws, realm: new URL(simulator.url).host }
}

test('a direct message is a conversation, and what staff say there goes to its author alone', async () => {
  const { simulator, prm, raws, realm } = await library()
  const id = simulator.post({ by: 'wren@else.example', text: '@library I lost my card', visibility: 'direct' })
  await prm.pull('mastodon')
  const address = { scheme: 'acct', value: 'wren@else.example', realm }
  const [conversation, ...more] = await all(prm.conversations({ address }))
  expect([conversation?.state, more]).toEqual(['open', []])
  await prm
    .as(staff)
    .reply(conversation?.id ?? '', { text: 'Come by, we make another.' }, { key: 'a 1', purpose: 'answer' })
  await prm.settled()
  expect(raws()).toMatchObject([
    { in_reply_to_id: id, visibility: 'direct', status: '@wren@else.example Come by, we make another.' },
  ])
})

test('an answer to a post that was lost on the way is posted once, and who likes it likes that', async () => {
  const { simulator, prm, raws, realm } = await library()
  const id = simulator.post({ by: 'wren@else.example', text: '@library open on Sunday?' })
  await prm.pull('mastodon')
  simulator.fault('reset-after-accept')
  const to = { scheme: 'post', value: id, realm }
  await prm.send({ key: `answer ${id}`, purpose: 'answer', to, content: { text: 'From one to five.' } })
  await prm.settled()
  await prm.advance('2m')
  await prm.advance('10m')
  expect(raws().length).toBe(1)
  const { message } = await prm.explain(`answer ${id}`)
  expect([message?.state, message?.providerId]).toEqual(['delivered', raws()[0]?.id])
  simulator.react(message?.providerId ?? '', 'favourite', 'wren@else.example')
  await prm.pull('mastodon')
  const reactions = await all(prm.store.scope('alder').find('interaction', { type: 'reaction.seen' }))
  expect(reactions.map(({ who }) => who?.value)).toEqual([message?.providerId])
})

test('an answer to a post that is deleted meanwhile is not posted, and says why', async () => {
  const { simulator, prm, raws, realm } = await library()
  const id = simulator.post({ by: 'ife', text: '@library open on Sunday?' })
  simulator.remove(id)
  await prm.send({ key: 'a', purpose: 'answer', to: { scheme: 'post', value: id, realm }, content: { text: 'Yes.' } })
  await prm.settled()
  expect([raws(), (await prm.explain('a')).message?.state]).toEqual([[], 'rejected'])
})
