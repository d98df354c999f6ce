import { expect, test } from 'vitest'
import { sendAsEvergreen, sendAsKoha, sendRaw } from '../simulator/index.ts'
import { readMail } from '../src/mail.ts'
import { domain, hold, library } from './library.ts'
import { talk } from './talk.ts'

test('a mail that its queue brings again is one text', async () => {
  const { port, prm, texts, close } = await library()
  for (const to of ['2125550134', '+1-212-555-0134', '2125550134']) await sendAsKoha({ port }, { ...hold, to })
  await prm.settled()
  await sendAsKoha({ port }, hold)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  await close()
})

test('it is one text too when a server on its way writes it otherwise', async () => {
  const { port, prm, texts, close } = await library()
  await sendAsKoha({ port }, hold)
  const body = Buffer.from(hold.text).toString('base64')
  const raw = `Received: from a by b; x\r\nMessage-ID: ${hold.messageId}\r\nSubject: ${hold.subject}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`
  await sendRaw({ port }, hold.from, [`${hold.to}@${domain}`], raw)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  await close()
})

test('an old Koha names no mail: its moment and its words do', async () => {
  const { port, prm, texts, close } = await library()
  const old = { ...hold, release: '19.11' } as const
  await sendAsKoha({ port }, old)
  await sendAsKoha({ port }, old)
  await sendAsKoha({ port }, { ...old, date: 'Tue, 24 Nov 2026 09:05:01 -0600' })
  await prm.settled()
  expect(texts()).toHaveLength(2)
  await close()
})

test('the same words in another mail are another text, as is another text under one Message-ID', async () => {
  const { port, prm, texts, close } = await library()
  await sendAsKoha({ port }, hold)
  await sendAsKoha({ port }, { ...hold, messageId: '<1765.b@koha.alder.example>' })
  await sendAsKoha({ port }, { ...hold, text: 'Something else.' })
  await sendAsKoha({ port }, { ...hold, to: '2125550135' })
  await prm.settled()
  expect(texts()).toHaveLength(4)
  await close()
})

test('without a Message-ID a mail is known by what its queue or its sender wrote above it', async () => {
  const id = async (head: string, transaction: string) => {
    const mail = await readMail(Buffer.from(`${head}Subject: x\r\n\r\nHold ready\r\n`), transaction, {})
    return 'id' in mail && mail.id
  }
  const queue = 'Received: from eg by mx (Postfix) id 4F2; Tue, 24 Nov 2026 09:00:00 -0600\r\n'
  expect(await id(queue, 'a 1')).toBe(await id(queue, 'b 1'))
  expect(await id(queue.replace('4F2', '4F3'), 'a 1')).not.toBe(await id(queue, 'a 1'))
  expect(await id('Date: Tue, 24 Nov 2026 09:00:00 -0600\r\n', 'a 1')).toBe(
    await id('Date: Tue, 24 Nov 2026 09:00:00 -0600\r\n', 'b 1'),
  )
})

test('the same words without any mark of their own are two texts: no queue had them', async () => {
  const { port, prm, texts, close } = await library()
  const mail = { to: hold.to, domain, from: 'eg@alder.example', subject: 'Test Text Message', text: 'This is a test.' }
  await sendAsEvergreen({ port }, mail)
  await sendAsEvergreen({ port }, mail)
  const client = await talk(port)
  await client.say('EHLO eg')
  for (const _ of [1, 2]) {
    await client.say('MAIL FROM:<eg@alder.example>')
    await client.say(`RCPT TO:<${hold.to}@${domain}>`)
    await client.say('DATA')
    expect(await client.say('Subject: x\r\n\r\nThis is a test.\r\n.')).toMatch(/^250/)
  }
  client.end()
  await prm.settled()
  expect(texts()).toHaveLength(4)
  await close()
})

test('a mail that breaks off is not taken, and its retry is one text', async () => {
  const { port, prm, texts, close } = await library()
  const client = await talk(port)
  await client.say('EHLO koha')
  await client.say('MAIL FROM:<circ@alder.example>')
  await client.say(`RCPT TO:<${hold.to}@${domain}>`)
  await client.say('DATA')
  await client.write('Message-ID: <1764.a@koha.alder.example>\r\n\r\nYour hold is re')
  client.end()
  await sendAsKoha({ port }, hold)
  await prm.settled()
  expect(texts().map(({ text }) => text)).toEqual([hold.text])
  await close()
})

test('while the store is down a mail is put off, and taken when it is up again', async () => {
  const { port, prm, gateway, texts, logs, close } = await library()
  await gateway.close()
  let down = true
  const broken: typeof prm.record = async (facts) => {
    if (down) throw Object.assign(new Error(`disk full: ${hold.text}`), { code: 'SQLITE_FULL' })
    return prm.record(facts)
  }
  const { port: second } = await gateway.listen({ ...prm, record: broken })
  await expect(sendAsKoha({ port: second }, hold)).rejects.toMatchObject({ responseCode: 451 })
  down = false
  await sendAsKoha({ port: second }, hold)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  expect(logs.join()).toContain('could not be stored')
  expect(logs.join()).not.toContain('Ada')
  expect(port).not.toBe(second)
  await close()
})
