import { connect, createServer, type Socket } from 'node:net'
import type { FeedPage, Json } from '@prm/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer, bounce, type EmailSimulator, simulate } from '../simulator/index.ts'
import { type EmailConfig, email } from '../src/index.ts'
import { context, thrown } from './context.ts'
import { type Dovecot, dovecot, noDovecot } from './dovecot.ts'
import { ada, from, library, secret } from './library.ts'

describe.skipIf(noDovecot)(`a mailbox${noDovecot ? ` skipped: ${noDovecot}` : ''}`, () => {
  let server: Dovecot
  let simulator: EmailSimulator
  beforeAll(async () => {
    server = await dovecot()
    simulator = await simulate()
  })
  afterAll(async () => {
    await server.stop()
    await simulator.close()
  })
  const imap = (user: string) => ({ host: '127.0.0.1', port: server.port, user, password: server.password })
  const mail = (n: number, more = {}) =>
    answer({
      from: ada.value,
      to: from,
      text: `Question ${n}?`,
      subject: `q${n}`,
      messageId: `<q${n}@phone.example>`,
      ...more,
    })
  const make = (user: string, more: Partial<NonNullable<EmailConfig['imap']>> = {}, rest: Partial<EmailConfig> = {}) =>
    email({ from, secret, smtp: simulator.credentials, imap: { ...imap(user), ...more }, ...rest })
  const pull = async (adapter: ReturnType<typeof make>, cursor?: Json, ctx = context()) => {
    const batches: FeedPage[] = []
    for await (const batch of adapter.feed?.pull(cursor, ctx) ?? []) batches.push(batch)
    return batches
  }
  const textsOf = (batches: readonly FeedPage[]) =>
    batches.flatMap(({ interactions }) =>
      interactions.map(({ data }) => (data as { content: { text: string } }).content.text),
    )

  test('each mail is taken once, over restarts and when its server numbers them anew', async () => {
    const { prm, texts, close, logs } = await library({ imap: imap('once') })
    for (let n = 1; n <= 45; n++) await server.deliver('once', mail(n))
    await prm.pull('mail')
    expect((await texts()).length).toBe(45)
    await server.deliver('once', mail(46))
    await prm.pull('mail')
    await prm.pull('mail')
    expect((await texts()).length).toBe(46)
    await server.renumber('once')
    await server.deliver('once', mail(47))
    await prm.pull('mail')
    const all = await texts()
    expect([all.length, new Set(all).size]).toEqual([47, 47])
    expect(logs.join()).toMatch(/made anew/)
    await close()
  })

  test('cut off after any batch it goes on where it was, and nothing is marked or moved', async () => {
    for (let n = 1; n <= 45; n++) await server.deliver('cut', mail(n))
    const seen: string[] = []
    let cursor: Json | undefined
    for (let runs = 0; runs < 4; runs++)
      for await (const batch of make('cut').feed?.pull(cursor, context()) ?? []) {
        seen.push(...textsOf([batch]))
        cursor = JSON.parse(JSON.stringify(batch.cursor)) as Json
        break
      }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, n) => `Question ${n + 1}?`))
    expect(server.count('cut')).toBe(45)
    expect(await pull(make('cut'), cursor)).toEqual([])
  })

  test('one that cannot be read, or is too large, is told and keeps nobody waiting', async () => {
    await server.deliver('bad', mail(1))
    await server.deliver('bad', answer({ from: 'a@p.example, b@p.example', to: from, text: 'x' }))
    await server.deliver('bad', mail(2, { text: 'x'.repeat(50_000) }))
    await server.deliver('bad', mail(3))
    const batches = await pull(make('bad', {}, { inlet: { secret: 'x', maxBytes: 20_000 } }))
    expect(textsOf(batches)).toEqual(['Question 1?', 'Question 3?'])
    expect(batches.flatMap(({ rejected = [] }) => rejected)).toEqual([
      { source: 'uid 2', reason: 'it names no one sender' },
      { source: 'uid 3', reason: 'the mail is larger than 20000 bytes' },
    ])
  })

  test('a STOP behind a mail whose HTML its parser throws at is heard', async () => {
    const one = await library({ imap: imap('roman') })
    await server.deliver('roman', mail(1))
    const html = `From: eve@evil.example\r\nTo: ${from}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html`
    await server.deliver('roman', `${html}\r\n\r\n<body><ol type=I start=10000><li>x`)
    await server.deliver('roman', mail(2, { text: 'STOP' }))
    await server.deliver('roman', mail(3))
    await one.prm.pull('mail')
    expect(await one.texts()).toEqual(['Question 1?', 'STOP', 'Question 3?'])
    expect((await one.send('k1')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
    await one.close()
  })

  test('what arrived before the first day is left alone', async () => {
    await server.deliver('since', mail(1))
    expect(textsOf(await pull(make('since', { since: '2020-01-01' })))).toEqual(['Question 1?'])
    expect(await pull(make('since', { since: '2999-01-01' }))).toEqual([])
  })

  test('a bounce in it ends its message, and a reply is bound to it', async () => {
    const one = await library({ imap: imap('bounce') })
    await one.send('k1')
    const [{ raw = '', mail: sent } = {}] = one.simulator.taken()
    await server.deliver('bounce', mail(1, { inReplyTo: sent?.messageId }))
    await server.deliver('bounce', bounce({ of: raw, recipient: ada.value, to: from }))
    await one.prm.pull('mail')
    await one.prm.settled()
    expect((await one.prm.explain('k1')).message?.state).toBe('undelivered')
    expect((await one.send('k2')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
    const facts = []
    for await (const { about } of one.prm.store.scope('alder').find('interaction', { address: ada })) facts.push(about)
    expect(facts).toEqual([{ source: 'prm', key: 'k1' }])
    await one.close()
  })

  test('a password that is wrong, a mailbox that is not there and a server that is away are three things', async () => {
    const code = (adapter: ReturnType<typeof make>) => thrown(pull(adapter), 'wrong')
    expect(await code(make('x', { password: 'wrong' }))).toMatchObject({ code: 'auth' })
    expect(await code(make('x', { mailbox: 'Nowhere' }))).toMatchObject({ code: 'config', field: 'imap' })
    expect(await code(make('x', { port: 1 }))).toMatchObject({ code: 'unavailable' })
    const said = await make('x', { sent: 'Nowhere' }).check(context())
    expect(said.map(({ what, ok }) => [what, ok])).toEqual([
      ['channel.send', true],
      ['feed.pull', false],
      ['inlet.receive', true],
    ])
  })

  test('a connection that breaks off in the middle loses nothing', async () => {
    for (let n = 1; n <= 45; n++) await server.deliver('broken', mail(n))
    const proxy = await cutAfter(server.port, 5_000)
    const seen: string[] = []
    let cursor: Json | undefined
    let breaks = 0
    for (let runs = 0; runs < 20 && seen.length < 45; runs++)
      try {
        for await (const batch of make('broken', { port: proxy.port }).feed?.pull(cursor, context()) ?? []) {
          seen.push(...textsOf([batch]))
          cursor = batch.cursor
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' })
        breaks++
      }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, n) => `Question ${n + 1}?`))
    expect(breaks).toBeGreaterThan(0)
    await proxy.close()
  })

  test('what is enclosed is fetched from it, and is never run where it is shown', async () => {
    const type = 'Content-Type: multipart/mixed; boundary=b'
    const parts =
      '--b\nContent-Type: text/plain\n\nSee.\n--b\nContent-Type: text/html; name=x.html\nContent-Disposition: attachment\n\n<script>1</script>\n--b--'
    const raw = `From: ${ada.value}\nMessage-ID: <m@p.example>\nMIME-Version: 1.0\n${type}\n\n${parts}\n`
    await server.deliver('media', raw.replaceAll('\n', '\r\n'))
    const adapter = make('media')
    const [fact] = (await pull(adapter))[0]?.interactions ?? []
    const data = fact?.data as { content: { media?: { ref: string; type: string }[] } } | undefined
    const media = data?.content.media ?? []
    expect(media).toMatchObject([{ ref: expect.stringMatching(/^imap:\d+\/1#0$/), type: 'text/html' }])
    const response = await adapter.webhook.media?.(media[0] as never, context())
    expect((await response?.text())?.trim()).toBe('<script>1</script>')
    expect(response?.headers.get('content-disposition')).toBe('attachment')
    for (const ref of ['mail:posted#0', 'imap:1/1#0', String(media[0]?.ref).replace('#0', '#9')])
      expect(await thrown(adapter.webhook.media?.({ ref, type: 'x/y' }, context()) as never)).toMatchObject({
        code: 'not_found',
      })
  })

  test('a mail whose answer was lost is found among those that were sent, or was not sent', async () => {
    const one = await library({
      imap: { ...imap('sent'), sent: 'Sent' },
      // The simulator of `library` has no mailbox: its mails are put there below.
    })
    const drop = async () => {
      for (const { raw } of one.simulator.taken().slice(server.count('sent', 'Sent')))
        await server.deliver('sent', raw, 'Sent')
    }
    one.simulator.fault('reset-after-accept')
    await one.send('k1')
    expect((await one.prm.explain('k1')).message?.state).toBe('unknown')
    await drop()
    await one.prm.advance('10m')
    expect((await one.prm.explain('k1')).message?.state).toBe('sent')
    expect(one.simulator.taken()).toHaveLength(1)
    await one.close()
  })

  test('what is not among them was not sent, unless it is known that it was; who cannot look says neither', async () => {
    const adapter = make('find', { sent: 'Sent' })
    const message = { key: 'k', to: ada, purpose: 'pickup', content: { text: 'x' } }
    const find = (more: object = {}, one = adapter) =>
      one.channel.lookup?.({ ...message, from: '', until: '', excludeProviderIds: [], ...more }, context())
    const { id = '' } = await adapter.channel.send(message, context())
    await adapter.close()
    expect([await find(), await find({ id })]).toEqual(['absent', 'unsure'])
    await server.deliver('find', simulator.taken().at(-1)?.raw ?? '', 'Sent')
    expect([await find(), await find({ id })]).toMatchObject([
      { id, state: 'sent' },
      { id, state: 'sent' },
    ])
    // Another's, of the same words, is not this one.
    expect([await find({ key: 'k2' }), await find({ excludeProviderIds: [id] })]).toEqual(['absent', 'unsure'])
    const away = make('find', { sent: 'Sent', port: 1 })
    expect(await thrown(find({}, away) as never)).toMatchObject({ code: 'unavailable' })
    expect(await thrown(find({}, make('find', { sent: 'Nowhere' })) as never)).toMatchObject({ code: 'config' })
  })

  test('who is erased is erased from it: what they wrote, and the copies of what was sent to them', async () => {
    const adapter = make('erase', { sent: 'Sent' })
    await server.deliver('erase', mail(1))
    await server.deliver('erase', mail(2))
    const key = (await pull(adapter))[0]?.interactions[0]?.key ?? ''
    const { id = '' } = await adapter.channel.send(
      { key: 'k', to: ada, purpose: 'pickup', content: { text: 'x' } },
      context(),
    )
    await adapter.close()
    await server.deliver('erase', simulator.taken().at(-1)?.raw ?? '', 'Sent')
    for (const one of [key, id, id, '- no name']) await adapter.channel.remove?.(one, context())
    expect([server.count('erase'), server.count('erase', 'Sent')]).toEqual([1, 0])
  })
})

/** Hands on what is said, and hangs up after so many bytes: each time after that many more. */
async function cutAfter(port: number, most: number): Promise<{ port: number; close(): Promise<void> }> {
  const open = new Set<Socket>()
  let times = 0
  const proxy = createServer((socket) => {
    const to = connect(port, '127.0.0.1')
    let bytes = 0
    const last = most * ++times
    for (const one of [socket, to]) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        socket.destroy()
        to.destroy()
      })
    }
    socket.pipe(to)
    to.on('data', (chunk) => {
      bytes += chunk.byteLength
      if (bytes > last) socket.destroy()
      else socket.write(chunk)
    })
  })
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done))
  return {
    port: (proxy.address() as { port: number }).port,
    async close() {
      for (const one of open) one.destroy()
      await new Promise((done) => proxy.close(done))
    },
  }
}
