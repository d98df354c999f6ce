import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import { simulate } from '@prm/twilio/simulator'
import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { mailGateway, type NoticeMailed, noticeMailed } from '../src/index.ts'
import { domain, hold, library, url } from './library.ts'
import { mailbox } from './mailbox.ts'

const koha = (port: number, n: number, more: Partial<typeof hold> = {}) =>
  sendAsKoha({ port }, { ...hold, text: `Notice ${n}.`, messageId: `<${n}@koha.example>`, ...more })

test('after STOP Koha may mail what it likes: that phone gets no more', async () => {
  const { port, prm, simulator, texts, close } = await library()
  await koha(port, 1)
  await prm.settled()
  await prm.handle(simulator.webhook({ from: '+12125550134', body: 'please stop texting me', url: `${url}/sms` }))
  await prm.settled()
  const before = texts().length
  await koha(port, 2)
  await koha(port, 3, { to: '2125550135' })
  await prm.settled()
  expect(texts().slice(before)).toEqual([{ to: '+12125550135', text: 'Notice 3.' }])
  await close()
})

test('what comes in the night is texted in the morning', async () => {
  const { port, prm, texts, close } = await library({}, '2026-11-25T04:00:00.000Z') // 22:00 in Chicago
  await koha(port, 1)
  await prm.settled()
  expect(texts()).toEqual([])
  await prm.advance('10h')
  expect(texts()).toHaveLength(1)
  await close()
})

test('a phone that two patrons share is texted, and the text is of neither', async () => {
  const { port, prm, texts, close } = await library()
  const who = (card: string) => ({
    at: { scheme: 'ils', value: card, realm: 'koha/card' },
    also: [{ scheme: 'tel', value: '+12125550134' }],
  })
  await prm.record([], [who('1'), who('2')])
  await koha(port, 1)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  await close()
})

test('a text that Twilio refuses is listed with its reason', async () => {
  const { port, prm, close } = await library()
  const settled: string[] = []
  prm.on('message', ({ state }) => settled.push(state))
  await koha(port, 1, { text: 'x'.repeat(1_700) })
  const decided: unknown[] = []
  prm.on('decided', ({ outcome }) => decided.push(outcome))
  await prm.settled()
  expect(decided).toEqual([{ send: false, rule: 'length' }])
  expect(settled).toEqual([])
  await close()
})

test('three mails of one run are one text where the host makes a digest of them', async () => {
  const simulator = await simulate()
  const mail = mailGateway({ region: 'US', domains: [domain], clients: ['127.0.0.1'], port: 0 })
  const prm = await testPrm({
    at: '2026-11-24T15:00:00.000Z',
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { mail, sms: twilio({ ...simulator.credentials, baseUrl: simulator.url }) },
    purposes: { notices: { basis: 'service', class: 'service', media: ['sms'] } },
    templates: { mailed: (data) => ({ text: (data as NoticeMailed[]).map(({ text }) => text).join('\n') }) },
  })
  prm.flow('mailed', noticeMailed, async ({ event: { key, source, who, data }, prm }) => {
    const content = { template: 'mailed' as const, data }
    if (who) await prm.send({ to: who, purpose: 'notices', content, key, about: [{ source, key }], digest: 'mailed' })
  })
  const { port } = await mail.listen(prm)
  for (const n of [1, 2, 3]) await koha(port, n)
  await prm.settled()
  expect(simulator.received().map(({ text }) => text?.split('\n').sort())).toEqual([
    ['Notice 1.', 'Notice 2.', 'Notice 3.'],
  ])
  await prm.close()
  await simulator.close()
})

test('a number that is erased is nowhere, nor is what was written to it', async () => {
  const box = await mailbox()
  const { port, prm, close } = await library({
    bounces: { host: '127.0.0.1', port: box.port, from: `mailer-daemon@${domain}` },
  })
  const everything = async () => {
    const rows: unknown[] = []
    for await (const row of prm.export()) rows.push(row)
    return JSON.stringify(rows)
  }
  await koha(port, 1)
  expect(await everything()).toContain(`2125550134@${domain}`)
  await prm.settled()
  await prm.erase({ scheme: 'tel', value: '+12125550134' })
  expect(await everything()).not.toMatch(/2125550134|Notice 1/)
  await close()
  await box.close()
})

test('after a month nothing is left of a notice but figures', async () => {
  const box = await mailbox()
  const { port, prm, close } = await library({
    bounces: { host: '127.0.0.1', port: box.port, from: `mailer-daemon@${domain}` },
  })
  await koha(port, 1)
  await prm.settled()
  await prm.advance('32d')
  const facts: unknown[] = []
  for await (const row of prm.export()) if (JSON.stringify(row).includes('notice.mailed')) facts.push(row)
  expect(facts.length).toBeGreaterThan(0)
  expect(JSON.stringify(facts)).not.toMatch(/2125550134|Notice 1/)
  await close()
  await box.close()
})
