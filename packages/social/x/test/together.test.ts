import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { x } from '../src/index.ts'

test('F3, a reply posted, then a time-out: it is looked for, found, and stands there once', async () => {
  const at = '2026-11-24T15:00:00.000Z'
  const simulator = await simulate({ empty: true, now: () => new Date(at) })
  onTestFinished(() => simulator.close())
  const prm = await testPrm({
    at,
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: {
      x: x({
        ...simulator.credentials,
        baseUrl: simulator.url,
        pseudonymKey: 'sixteen letters or more',
        budget: 20_000_000,
      }),
    },
    purposes: { answer: { basis: 'service', class: 'service', media: ['social'] } },
    publicUrl: 'https://library.example/prm',
  })
  const id = simulator.post({ text: '@AlderLibrary where is the lift?' })
  expect((await prm.pull('x')).interactions).toBe(1)
  // Pushed as well: nothing doubles.
  const pushed = await prm.handle(simulator.webhook({ type: 'post.mention.create', id }))
  expect(pushed.status).toBe(200)
  expect((await prm.pull('x')).interactions).toBe(0)
  const hello = await prm.handle(new Request('https://library.example/prm/x?crc_token=abc'))
  expect(await hello.json()).toEqual({ response_token: expect.stringMatching(/^sha256=/) })
  expect((await prm.handle(new Request('https://library.example/prm/x', { method: 'POST', body: '{}' }))).status).toBe(
    401,
  )

  simulator.fault('reset-after-accept')
  const to = { scheme: 'post', value: id, realm: 'x.com' } as const
  await prm.send({ to, purpose: 'answer', content: { text: 'Behind the desk.' }, key: `answer ${id}` })
  await prm.settled()
  await prm.advance('10m')
  await prm.settled()
  expect(simulator.received().map(({ text }) => text)).toEqual(['Behind the desk.'])
})
