import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { domain, hold, library } from './library.ts'
import { talk } from './talk.ts'

const fifty = 50 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Bytes that something holds on to. */
function living(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a mail of 50 MB is refused before it is sent, where its client says how large it is', async () => {
  const { port, close } = await library()
  const client = await talk(port)
  expect(await client.say('EHLO koha')).toMatch(/250.SIZE 262144/)
  expect(await client.say(`MAIL FROM:<circ@alder.example> SIZE=${fifty}`)).toMatch(/^552 /)
  client.end()
  await close()
})

test('a mail of 50 MB that does not is refused at its end, and takes no memory', async () => {
  const { port, prm, texts, close } = await library()
  const client = await talk(port)
  await client.say('EHLO koha')
  await client.say('MAIL FROM:<circ@alder.example>')
  await client.say(`RCPT TO:<${hold.to}@${domain}>`)
  await client.say('DATA')
  await client.write('Message-ID: <big@koha.example>\r\n\r\n')
  const chunk = Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(840))
  const before = living()
  for (let sent = 0; sent < fifty; sent += chunk.length) await client.write(chunk)
  await expect.poll(() => living() - before).toBeLessThan(8 * 1024 * 1024)
  expect(await client.say('.')).toMatch(/^552 /)
  // The connection is good for the next mail.
  await client.say('MAIL FROM:<circ@alder.example>')
  await client.say(`RCPT TO:<${hold.to}@${domain}>`)
  await client.say('DATA')
  expect(await client.say('Message-ID: <small@koha.example>\r\n\r\nHi\r\n.')).toMatch(/^250 /)
  client.end()
  await prm.settled()
  expect(texts()).toHaveLength(1)
  await close()
})

test('one byte more than the limit is too much, and exactly it is not', async () => {
  const head = 'Message-ID: <x@koha.example>\r\n\r\n'
  const { port, close } = await library({ limits: { bytes: 1_000 } })
  const client = await talk(port)
  await client.say('EHLO koha')
  for (const [size, code] of [
    [1_000, '250'],
    [1_001, '552'],
  ] as const) {
    await client.say('MAIL FROM:<circ@alder.example>')
    await client.say(`RCPT TO:<${hold.to}@${domain}>`)
    await client.say('DATA')
    expect(await client.say(`${head}${'x'.repeat(size - head.length - 2)}\r\n.`)).toMatch(new RegExp(`^${code} `))
  }
  client.end()
  await close()
})

test('a recipient too many waits for the next mail', async () => {
  const { port, prm, texts, close } = await library({ limits: { recipients: 2 } })
  const client = await talk(port)
  await client.say('EHLO koha')
  await client.say('MAIL FROM:<circ@alder.example>')
  for (const number of ['2125550134', '2125550135'])
    expect(await client.say(`RCPT TO:<${number}@${domain}>`)).toMatch(/^250/)
  expect(await client.say(`RCPT TO:<2125550136@${domain}>`)).toMatch(/^452 /)
  await client.say('DATA')
  expect(await client.say('Message-ID: <x@koha.example>\r\n\r\nHi\r\n.')).toMatch(/^250/)
  client.end()
  await prm.settled()
  expect(texts()).toHaveLength(2)
  await close()
})

/** The first connection that is not greeted so: the gateway may hear a moment later that one has ended. */
async function other(port: number, than: RegExp): Promise<Awaited<ReturnType<typeof talk>>> {
  for (;;) {
    const client = await talk(port)
    if (!than.test(client.greeting)) return client
    await client.closed
  }
}

test('connections are bounded, of one client and of all, and one that ends makes room', async () => {
  const { port, close } = await library({ limits: { connections: 10 } })
  const [first, second] = [await talk(port), await talk(port)]
  const third = await talk(port)
  expect([first, second, third].map(({ greeting }) => greeting.slice(0, 3))).toEqual(['220', '220', '421'])
  third.end()
  first.end()
  await first.closed
  await expect
    .poll(async () => {
      const next = await talk(port)
      next.end()
      return next.greeting.slice(0, 3)
    })
    .toBe('220')
  second.end()
  await close()
})

test('who was turned away among all neither takes the place of one inside nor makes it free', async () => {
  const { port, close } = await library({ clients: ['127.0.0.0/8'], limits: { connections: 5 } })
  const others = await Promise.all([2, 3, 4, 5].map((n) => talk(port, `127.0.0.${n}`)))
  const first = await talk(port)
  for (let n = 0; n < 3; n++) {
    const more = await talk(port)
    expect(more.greeting).toMatch(/^421 .*Too many connected/)
    await more.closed
  }
  for (const one of others) one.end()
  await Promise.all(others.map(({ closed }) => closed))
  const second = await other(port, /Too many connected/)
  expect(second.greeting).toMatch(/^421 .*Too many connections at once/)
  first.end()
  await Promise.all([first.closed, second.closed])
  const third = await other(port, /Too many connections at once/)
  expect(third.greeting).toMatch(/^220 /)
  third.end()
  await close()
})

test('where one connection is the most, one is taken', async () => {
  const { port, close } = await library({ limits: { connections: 1 } })
  expect(await sendAsKoha({ port }, hold)).toMatch(/^250 /)
  await close()
})

test('more mails than fit in a minute are put off until the next', async () => {
  const { port, prm, texts, close } = await library({ limits: { mailsPerMinute: 2 } })
  const send = (n: number) => sendAsKoha({ port }, { ...hold, messageId: `<${n}@koha.example>` })
  await send(1)
  await send(2)
  await expect(send(3)).rejects.toMatchObject({ responseCode: 451 })
  await prm.advance('1m')
  await send(3)
  await prm.settled()
  expect(texts()).toHaveLength(3)
  await close()
})

test('who says nothing is cut off', async () => {
  const { port, close } = await library({ limits: { idleMs: 200 } })
  const client = await talk(port)
  const said = await client.say('EHLO koha') // it may be cut off before
  expect(said.startsWith('250') ? await client.answer() : said).toMatch(/^421 /)
  await client.closed
  await close()
})

test('who drips is cut off, and what dripped is not texted', async () => {
  const { port, prm, texts, close } = await library({ limits: { mailMs: 600 } })
  const client = await talk(port)
  await client.say('EHLO koha')
  await client.say('MAIL FROM:<circ@alder.example>')
  await client.say(`RCPT TO:<${hold.to}@${domain}>`)
  await client.say('DATA')
  const began = Date.now()
  while (!client.socket.closed && Date.now() - began < 8_000) {
    await client.write('x')
    await sleep(20)
  }
  expect(client.socket.closed).toBe(true)
  await prm.settled()
  expect(texts()).toEqual([])
  await close()
})

test('a long run over one connection is not cut off between its mails', async () => {
  const mailMs = 4_000
  const { port, close } = await library({ limits: { mailMs } })
  const client = await talk(port)
  await client.say('EHLO koha')
  for (let n = 0; n < 6; n++) {
    await sleep(mailMs / 5)
    await client.say('MAIL FROM:<circ@alder.example>')
    await client.say(`RCPT TO:<${hold.to}@${domain}>`)
    await client.say('DATA')
    expect(await client.say(`Message-ID: <${n}@koha.example>\r\n\r\nHi\r\n.`)).toMatch(/^250/)
  }
  client.end()
  await close()
})

test('a line without an end is no way to fill the memory', async () => {
  const { port, close } = await library()
  const client = await talk(port)
  for (let n = 0; n < 100 && !client.socket.closed; n++) await client.write(Buffer.alloc(65_536, 'x'))
  await client.closed
  await close()
})

test('closing ends what is idle, and answers what is under way', async () => {
  const { port, prm, gateway, texts, close } = await library()
  await gateway.close()
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const record: typeof prm.record = async (facts) => {
    begun.resolve()
    await gate.promise
    return prm.record(facts)
  }
  const { port: second } = await gateway.listen({ ...prm, record })
  const sent = sendAsKoha({ port: second }, hold)
  const idle = await talk(second)
  await begun.promise
  const closing = gateway.close()
  await sleep(300)
  gate.resolve()
  expect(await sent).toMatch(/^250 /)
  await closing
  await idle.closed
  await prm.settled()
  expect(texts()).toHaveLength(1)
  expect(port).not.toBe(second)
  await close()
})
