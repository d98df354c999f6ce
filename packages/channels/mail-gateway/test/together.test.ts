import { expect, test } from 'vitest'
import { sendAsEvergreen, sendAsKoha, sendRaw } from '../simulator/index.ts'
import { domain, hold, library } from './library.ts'

test('what Koha mails to number@domain is one text on that phone', async () => {
  const { port, prm, texts, close } = await library()
  expect(await sendAsKoha({ port }, hold)).toMatch(/^250 /)
  await prm.settled()
  expect(texts()).toEqual([{ to: '+12125550134', text: hold.text }])
  await close()
})

test('what Evergreen mails is one text, though it marks its mails as generated', async () => {
  const { port, prm, texts, close } = await library()
  const text = 'Ada:Das Parfüm @ Alder Main\n\nAda:Moby Dick @ Alder Main'
  const headers = ['Date: Tue, 24 Nov 2026 15:05:00 -0000', 'Auto-Submitted: auto-generated']
  await sendAsEvergreen(
    { port },
    { to: '212-555-0134', domain, from: 'no-reply@eg.example', subject: '2 hold(s) ready', text, headers },
  )
  await prm.settled()
  expect(texts()).toEqual([{ to: '+12125550134', text }])
  await close()
})

test('each recipient of a mail gets one text, and one that is no number is told so alone', async () => {
  const { port, prm, texts, close } = await library()
  const to = ['2125550134', '+12125550134', '212.555.0135', 'circ', '2125550136'].map((local) => `${local}@${domain}`)
  const raw = 'Message-ID: <m@koha.example>\r\nSubject: Closed\r\n\r\nClosed on Monday.\r\n'
  expect(await sendRaw({ port }, 'circ@alder.example', to, raw)).toMatch(/^250 /)
  await prm.settled()
  const numbers = texts().map(({ to }) => to)
  expect(numbers.sort()).toEqual(['+12125550134', '+12125550135', '+12125550136'])
  await close()
})

test('who is no adapter of the host cannot listen', async () => {
  const { prm, gateway, close } = await library()
  const { mail: _, ...adapters } = prm.adapters
  await expect(gateway.listen({ ...prm, adapters })).rejects.toMatchObject({ code: 'config' })
  await close()
})

test('a port that is taken is told by name', async () => {
  const first = await library()
  await expect(library({ port: first.port })).rejects.toMatchObject({ code: 'config', field: 'port' })
  await first.close()
})

test('the fact says what the subject tells, and who sent it', async () => {
  const { port, prm, close } = await library()
  const facts: unknown[] = []
  prm.on('recorded', (fact) => facts.push(fact))
  await sendAsKoha({ port }, { ...hold, subject: 'Item overdue' })
  expect(facts).toMatchObject([
    {
      type: 'notice.mailed',
      source: 'mail',
      who: { scheme: 'tel', value: '+12125550134' },
      at: '2026-11-24T15:05:00.000Z',
      data: { text: hold.text, subject: 'Item overdue', kind: 'overdue', sender: 'circ@alder.example' },
    },
  ])
  // Without `bounces` nobody asks for more.
  expect(facts[0]).not.toHaveProperty('origin')
  await close()
})
