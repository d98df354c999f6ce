import type { Conversation } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { type Deed, simulate } from '../simulator/index.ts'
import { facebook } from '../src/index.ts'

const at = '2026-11-24T16:00:00.000Z'
const url = 'https://library.example/prm'
const hook = `${url}/page`

async function library() {
  let passed = 0
  const simulator = await simulate({ now: () => new Date(Date.parse(at) + passed) })
  onTestFinished(() => simulator.close())
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      page: facebook({ ...simulator.credentials, pseudonymKey: 'sixteen letters or more', baseUrl: simulator.url }),
    },
    purposes: { reply: { basis: 'service', class: 'service', media: ['social'] } },
    publicUrl: url,
  })
  const staff = prm.as({ kind: 'staff', id: 'ann' })
  return {
    simulator,
    prm,
    staff,
    async hear(deed: Deed | { readonly batch: readonly Deed[] }) {
      const response = await prm.handle(simulator.webhook({ ...deed, url: hook }))
      await prm.settled()
      return response.status
    },
    async advance(hours: number) {
      passed += hours * 3_600_000
      await prm.advance(`${hours}h`)
    },
    async open() {
      const found: Conversation[] = []
      for await (const one of staff.conversations({ state: 'open' })) found.push(one)
      return found
    },
    async state(key: string) {
      return (await prm.explain(key)).message?.state
    },
  }
}

test('a message opens a conversation, its answer goes back, and is known to have arrived', async () => {
  const { simulator, staff, prm, hear, open, state } = await library()
  const { psid } = simulator.wall
  expect(await hear({ what: 'message', by: psid, text: 'May I bring my dog?' })).toBe(200)
  expect(await hear({ what: 'message', by: psid, text: 'He is small.' })).toBe(200)
  const [one, ...others] = await open()
  expect(others).toEqual([])
  await staff.reply(one?.id ?? '', { text: 'Guide dogs only, sorry.' }, { key: 'r1', purpose: 'reply' })
  await prm.settled()
  const [taken] = simulator.taken()
  expect(taken).toMatchObject({ psid, text: 'Guide dogs only, sorry.', metadata: 'prm r1' })
  expect(await state('r1')).toBe('sent')
  await hear({
    batch: [
      { what: 'echo', id: taken?.id ?? '' },
      { what: 'delivered', id: taken?.id ?? '' },
    ],
  })
  expect(await state('r1')).toBe('delivered')
  expect(await open()).toEqual([])
})

test('after a day the answer does not go, and its conversation waits for staff again', async () => {
  const { simulator, staff, prm, hear, open, advance } = await library()
  await hear({ what: 'message', by: simulator.wall.psid, text: 'May I bring my dog?' })
  const [one] = await open()
  await advance(25)
  await staff.reply(one?.id ?? '', { text: 'Yes.' }, { key: 'r1', purpose: 'reply' })
  await prm.settled()
  expect(simulator.taken()).toEqual([])
  expect(await open()).toMatchObject([{ id: one?.id, failed: 'r1' }])
  expect((await prm.explain('r1')).text).toContain('24 hours')
})

test('a comment is answered once below it, though the answer to the call was lost', async () => {
  const { simulator, prm, hear, advance, state } = await library()
  const { comment } = simulator.wall
  await hear({ what: 'edit', id: comment, text: 'Is the ramp open?' })
  simulator.fault('reset-after-accept')
  const to = { scheme: 'post', value: comment, realm: 'facebook' }
  await prm.send({ to, purpose: 'reply', content: { text: 'Yes, it is.' }, key: 'p1' })
  await prm.settled()
  expect(await state('p1')).toBe('unknown')
  await advance(1)
  expect(await state('p1')).toBe('delivered')
  expect(simulator.taken()).toHaveLength(1)
})

test.each([['heard, then looked for'], ['looked for, then heard']])('%s: each thing is one fact', async (order) => {
  const { simulator, prm } = await library()
  const { post, psid } = simulator.wall
  await prm.pull('page')
  const batch: Deed[] = [
    { what: 'comment', by: 'Ines', on: post, text: 'And on Mondays?' },
    { what: 'post', by: 'Ines', text: 'Who runs the quilting evening?' },
    { what: 'message', by: psid, text: 'Or at the station?' },
  ]
  const request = simulator.webhook({ batch, url: hook })
  const hear = async () => void (await prm.handle(request.clone()))
  let found = 0
  const look = async () => {
    found += (await prm.pull('page')).interactions
  }
  for (const step of order.startsWith('heard') ? [hear, hear, look] : [look, hear, look]) await step()
  await prm.settled()
  expect(found).toBe(order.startsWith('heard') ? 0 : 3)
})

test('the handshake, and what is forged, by the host’s own door', async () => {
  const { simulator, prm } = await library()
  const shaken = await prm.handle(simulator.handshake(hook))
  expect([shaken.status, await shaken.text()]).toEqual([200, '1158201444'])
  expect((await prm.handle(simulator.handshake(hook, 'guessed'))).status).toBe(403)
  const forged = simulator.webhook({ what: 'message', by: '77', text: 'hi', url: hook })
  forged.headers.set('x-hub-signature-256', `sha256=${'0'.repeat(64)}`)
  expect((await prm.handle(forged)).status).toBe(401)
})
