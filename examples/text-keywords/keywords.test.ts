import type { Adapter, Person } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import { afterEach, expect, test } from 'vitest'
import { keywords } from './flow.ts'

const phone = '+12125550123'
const stranger = '+12125550144'
const at = { scheme: 'ils', realm: 'koha/card', value: '4711' }
const ada: Person = { at, also: [{ scheme: 'tel', value: phone }] }

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function springfield() {
  const provider = await simulate({ webhookUrl: 'https://library.example/prm/sms' })
  const koha: Adapter = {
    spec: 1,
    kind: 'koha',
    version: '1.0.0',
    emits: [],
    feed: {
      every: '1h',
      async *pull() {
        yield { interactions: [], people: [ada], cursor: null }
      },
    },
  }
  const prm = await testPrm({
    at: '2026-11-24T16:00:00.000Z',
    url: 'https://library.example/prm',
    library: {
      id: 'springfield',
      name: 'Springfield Library',
      timeZone: 'America/Chicago',
      locale: 'en',
      region: 'US',
    },
    adapters: { koha, sms: twilio({ ...provider.credentials, baseUrl: provider.url }) },
    purposes: {
      answer: { basis: 'service', class: 'service', quiet: 'ignore' },
      pickup: { basis: 'service', class: 'service' },
      teens: { basis: 'consent', class: 'promotional' },
    },
  })
  open.push(
    () => prm.close(),
    () => provider.close(),
  )
  const asked: string[] = []
  keywords(prm, 'koha', {
    answer: async ({ word, rest }) => `${word} ${rest ?? ''}`.trim(),
    link: async () => 'https://library.example/link/1',
    ask: async (text) => void asked.push(text),
  })
  await prm.pull('koha')
  const text = async (body: string, from = phone) => {
    const before = provider.received().length
    await prm.handle(provider.webhook({ from, body }))
    await prm.settled()
    return provider
      .received()
      .slice(before)
      .map((one) => (one.text ?? '').replace('Springfield Library: ', ''))
  }
  const send = async (purpose: 'pickup' | 'teens', key: string) =>
    (await prm.send({ to: { scheme: 'tel', value: phone }, purpose, content: { text: 'news' }, key })).outcome.send
  return { prm, text, send, asked }
}

test('JOIN asks, and only a YES puts the number on the list, with what was shown', async () => {
  const { prm, text, send } = await springfield()
  expect(await text('Join teens!')).toEqual([expect.stringContaining('reply YES')])
  expect(await send('teens', 'a')).toBe(false)
  expect(await text('hm, what is that')).toEqual([expect.stringContaining('a librarian reads this')])
  expect(await send('teens', 'a')).toBe(false)
  expect(await text('yes pls')).toEqual(['you are on the list.'])
  expect(await send('teens', 'b')).toBe(true)
  const rows: unknown[] = []
  for await (const row of prm.export()) rows.push(row)
  expect(JSON.stringify(rows)).toContain('Message rates may apply. STOP ends them. | yes pls')
})

test('without a YES within a day it was nothing', async () => {
  const { prm, text, send } = await springfield()
  await text('JOIN TEENS')
  await prm.advance('25h')
  await text('yes')
  expect(await send('teens', 'a')).toBe(false)
})

test('STOP of a list is of that list, STOP in any words of everything, and neither is answered as a question', async () => {
  const { text, send, asked } = await springfield()
  await text('JOIN TEENS')
  await text('YES please')
  expect(await text('stop teen club')).toEqual([expect.stringContaining('no more texts of this list')])
  expect([await send('teens', 'a'), await send('pickup', 'a')]).toEqual([false, true])
  await text('ya no me manden mensajes por favor')
  expect(await send('pickup', 'b')).toBe(false)
  expect(asked).toEqual([])
})

test('an account word is answered for a number that the ILS knows, and with a link for any other', async () => {
  const { text } = await springfield()
  expect(await text('renew 2 pls')).toEqual(['renew 2'])
  expect(await text('renew 2 pls', stranger)).toEqual([expect.stringContaining('https://library.example/link/1')])
  expect(await text('hours?', stranger)).toEqual(['hours'])
})

test('a mistyped word is asked about, free text goes to a person', async () => {
  const { text, asked } = await springfield()
  expect(await text('RNEW')).toEqual(['did you mean RENEW?'])
  expect(await text('can my wife collect it?')).toEqual([expect.stringContaining('a librarian reads this')])
  expect(asked).toEqual(['can my wife collect it?'])
})

test('two machines answering each other stop after three, and a keyword begins anew', async () => {
  const { text, asked } = await springfield()
  const answers: number[] = []
  for (let n = 0; n < 6; n++) answers.push((await text(`Thank you for your message. Ticket ${n}`, stranger)).length)
  expect(answers).toEqual([1, 1, 1, 0, 0, 0])
  expect(asked.length).toBe(6)
  expect((await text('HOURS', stranger)).length).toBe(1)
  expect((await text('hello? anybody', stranger)).length).toBe(1)
})
