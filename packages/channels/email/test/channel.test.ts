import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Content, Outbound } from '@prm/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type EmailSimulator, simulate } from '../simulator/index.ts'
import { type Email, type EmailConfig, email } from '../src/index.ts'
import { context, thrown } from './context.ts'
import { ada, from, secret } from './library.ts'

let simulator: EmailSimulator
beforeAll(async () => {
  simulator = await simulate()
})
afterAll(() => simulator.close())
const open: Email[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

function make(more: Partial<EmailConfig> = {}): Email {
  const one = email({ from: `Alder Library <${from}>`, secret, smtp: simulator.credentials, ...more })
  open.push(one)
  return one
}
const message = (key: string, content: Partial<Content> = {}, more: Partial<Outbound> = {}): Outbound => ({
  key,
  to: ada,
  purpose: 'pickup',
  content: { text: 'Your hold is ready.', subject: 'It waits', ...content },
  ...more,
})
const last = () => simulator.taken().at(-1)
const header = (name: string) => {
  const lines =
    (last()?.raw ?? '')
      .split(/\r\n\r\n/)[0]
      ?.replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n') ?? []
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 2))
}

describe('a mail', () => {
  test('has text, HTML and subject in any script, and says that a machine sends it', async () => {
    const { id, state } = await make().channel.send(
      message('k1', { text: 'Grüße, Ада 今日は', html: '<p>Grüße</p>', subject: 'Für Ада' }),
      context(),
    )
    expect(last()?.mail).toMatchObject({
      subject: 'Für Ада',
      messageId: id,
      from: { value: [{ name: 'Alder Library', address: from }] },
    })
    expect([state, last()?.mail.text?.trim(), String(last()?.mail.html).trim()]).toEqual([
      'accepted',
      'Grüße, Ада 今日は',
      '<p>Grüße</p>',
    ])
    expect([header('Auto-Submitted'), header('X-Auto-Response-Suppress'), header('Precedence')]).toEqual([
      ['auto-generated'],
      ['OOF, AutoReply'],
      [],
    ])
  })

  test('of one key has one name, in which nobody reads the key; of another key or address another', async () => {
    const name = async (key: string, more = {}) =>
      (await make().channel.send(message(key, {}, more), context())).id ?? ''
    const first = await name('hold 17 21234000')
    expect(await name('hold 17 21234000')).toBe(first)
    expect(await name('hold 17 21234001')).not.toBe(first)
    expect(await name('hold 17 21234000', { to: { scheme: 'mailto', value: 'bo@patron.example' } })).not.toBe(first)
    expect(first).toMatch(/^<prm\.[\w-]+@alder\.example>$/)
    expect(Buffer.from(first.slice(5), 'base64url').toString('latin1')).not.toContain('21234')
  })

  test('is asked to be reported on, with the headers alone, and on arrival only if the library wants that', async () => {
    await make().channel.send(message('k'), context())
    expect(last()?.dsn).toMatchObject({ ret: 'HDRS', notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;ada@patron.example' })
    await make({ smtp: { ...simulator.credentials, receipts: true } }).channel.send(message('k'), context())
    expect(last()?.dsn).toMatchObject({ notify: ['SUCCESS', 'FAILURE', 'DELAY'] })
  })

  test('that answers names what it answers and its subject, and is no machine’s', async () => {
    const answers = [
      { key: '<q1@phone.example> 1' },
      { key: '- 2' },
      { key: '<q3@phone.example> 3', subject: 'RE: re: Sunday?' },
    ]
    await make().channel.send(message('k', { subject: undefined } as never, { inReplyTo: answers }), context())
    expect(header('In-Reply-To')).toEqual(['<q3@phone.example>'])
    expect(header('References')).toEqual(['<q1@phone.example> <q3@phone.example>'])
    expect([header('Subject'), header('Auto-Submitted')]).toEqual([['Re: Sunday?'], []])
  })

  test('without a subject has one', async () => {
    const { subject: _, ...content } = message('k').content
    await make().channel.send({ ...message('k'), content }, context())
    expect(header('Subject')).toEqual(['A message from the library'])
    await make({ subject: 'Alder Library' }).channel.send({ ...message('k'), content }, context())
    expect(header('Subject')).toEqual(['Alder Library'])
  })

  test('carries what is enclosed, fetched before it begins; what is no URL or is not there sends nothing', async () => {
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/map')) response.writeHead(200, { 'content-type': 'image/png' }).end('a picture')
      else response.writeHead(404).end()
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const media = [
      { ref: `${base}/map%0d%0aX:%20y.png`, type: 'image/png\r\nX-Evil: 1' },
      { ref: 'data:text/calendar,BEGIN:VCALENDAR', type: 'text/calendar' },
    ]
    await make().channel.send(message('k', { media }), context())
    expect(
      last()?.mail.attachments.map(({ filename, contentType, content }) => [filename, contentType, content.toString()]),
    ).toEqual([
      ['map__X_ y.png', 'image/pngx-evil1', 'a picture'],
      ['attachment-2', 'text/calendar', 'BEGIN:VCALENDAR'],
    ])
    expect(last()?.mail.headers.has('x-evil')).toBe(false)
    const before = simulator.taken().length
    for (const [ref, code] of [
      ['file:///etc/passwd', 'invalid'],
      ['/etc/passwd', 'invalid'],
      [`${base}/gone`, 'unavailable'],
    ] as const)
      expect(
        await thrown(make().channel.send(message('k', { media: [{ ref, type: 'x/y' }] }), context())),
      ).toMatchObject({ code })
    expect(simulator.taken()).toHaveLength(before)
    server.close().closeAllConnections()
  })

  test('is signed, with what unsubscribes', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const dkim = { domain: 'alder.example', selector: 's1', privateKey: () => pem }
    await make({ dkim, unsubscribe: { purposes: '*' } }).channel.send(message('k'), context())
    const [signature = ''] = header('DKIM-Signature')
    expect(signature).toMatch(/d=alder\.example; .*s=s1;/)
    const names = /; h=([^;]+);/.exec(signature)?.[1]?.toLowerCase().replace(/\s/g, '').split(':')
    expect(names).toEqual(
      expect.arrayContaining(['from', 'subject', 'message-id', 'list-unsubscribe', 'list-unsubscribe-post']),
    )
  })
})

describe('nothing gets into headers or commands', () => {
  test.each([
    'ada@patron.example\r\nBcc: eve@evil.example',
    'ada@patron.example>\r\nRCPT TO:<eve@evil.example',
    'ada@patron.example, eve@evil.example',
    'Ada <ada@patron.example>',
    '"a b"@patron.example',
    'ada',
    '@patron.example',
    'ada@',
    '',
    `${'a'.repeat(65)}@patron.example`,
  ])('by an address: %j', async (value) => {
    const before = simulator.taken().length
    const { channel } = make()
    const to = { scheme: 'mailto', value }
    expect(channel.measure({ text: 'x' }, to)).toMatchObject({ unreachable: 'no e-mail address' })
    const call = channel.send(message('k', {}, { to }), context())
    expect(await thrown(call, ...(value ? [value] : []))).toMatchObject({ code: 'undeliverable' })
    expect(simulator.taken()).toHaveLength(before)
  })

  test.each(['It waits\r\nBcc: eve@evil.example', 'It waits\n\nA body', 'It\0waits'])(
    'by a subject: %j',
    async (subject) => {
      const before = simulator.taken().length
      expect(await thrown(make().channel.send(message('k', { subject }), context()))).toMatchObject({
        code: 'invalid',
        field: 'content.subject',
      })
      expect(simulator.taken()).toHaveLength(before)
    },
  )

  test('by a text, a key or the subject that is answered', async () => {
    const answers = [{ key: '<q@x.example>\r\nBcc: eve@evil.example', subject: 'x\r\nBcc: eve@evil.example' }]
    await thrown(make().channel.send(message('k', { subject: undefined } as never, { inReplyTo: answers }), context()))
    await make().channel.send(
      message('a\r\nBcc: eve@evil.example', { text: '.\r\nQUIT\r\n..\r\nBcc: eve@evil.example' }),
      context(),
    )
    expect([last()?.to, header('Bcc')]).toEqual([ada.value, []])
    expect(last()?.mail.text?.trim()).toBe('.\nQUIT\n..\nBcc: eve@evil.example')
  })
})

describe('a refusal', () => {
  test.each([
    ['550 5.1.1 No such user', 'rcpt', 'undeliverable'],
    ['550 <ada@patron.example>: Recipient address rejected: User unknown', 'rcpt', 'undeliverable'],
    ['550 5.4.1 Recipient address rejected: Access denied', 'rcpt', 'undeliverable'],
    ['553 5.1.3 Bad recipient address syntax', 'rcpt', 'undeliverable'],
    ['452 4.2.2 Mailbox full', 'rcpt', 'unavailable'],
    ['552 5.2.2 Over quota', 'rcpt', 'unavailable'],
    ['450 4.7.1 Greylisted, try again in 5 minutes', 'rcpt', 'unavailable'],
    ['451 4.3.0 Local error', 'data', 'unavailable'],
    ['450 4.7.28 Unusual rate of mail', 'rcpt', 'rate_limited'],
    ['432 4.3.2 Concurrent connections limit exceeded', 'data', 'rate_limited'],
    ['550 5.7.1 Message refused by policy', 'data', 'invalid'],
    ['550 5.7.26 Unauthenticated mail', 'data', 'invalid'],
    ['554 5.7.1 Relay access denied', 'rcpt', 'config'],
    ['550 5.1.8 Sender address rejected', 'rcpt', 'config'],
    ['530 5.7.0 Authentication required', 'rcpt', 'auth'],
    ['552 5.3.4 Message too big', 'data', 'invalid'],
    ['554 Transaction failed', 'data', 'invalid'],
  ] as const)('of %s at %s is %s, and tells no address', async (reply, at, code) => {
    const to = { scheme: 'mailto', value: 'refused@patron.example' }
    simulator.refuse(to.value, reply, at)
    const error = await thrown(make().channel.send(message('k', {}, { to }), context()), to.value, 'ada@patron.example')
    expect(error).toMatchObject({ code, vendor: { status: Number(reply.slice(0, 3)) } })
    expect(error.message).toContain(reply.slice(0, 3))
  })

  test('of one mail leaves the connection to the next', async () => {
    const { channel } = make()
    simulator.refuse('gone@patron.example', '550 5.1.1 No such user')
    await thrown(channel.send(message('k', {}, { to: { scheme: 'mailto', value: 'gone@patron.example' } }), context()))
    expect((await channel.send(message('k'), context())).state).toBe('accepted')
  })

  test('of the login stops the adapter; a server that is not there is asked again', async () => {
    const wrong = make({ smtp: { ...simulator.credentials, password: 'wrong' } })
    expect(await thrown(wrong.channel.send(message('k'), context()), 'wrong')).toMatchObject({ code: 'auth' })
    const { port } = await free()
    const away = make({ smtp: { ...simulator.credentials, port } })
    expect(await thrown(away.channel.send(message('k'), context()))).toMatchObject({ code: 'unavailable' })
  })

  test('a server without STARTTLS gets no password, unless it is this machine', async () => {
    const { host: _, ...rest } = simulator.credentials
    // Its name is none of loopback's; what closes the network lets it through all the same.
    const call = make({ smtp: { host: '0.0.0.0', ...rest } }).channel.send(message('k'), context())
    expect(await thrown(call)).toMatchObject({ code: 'config' })
  })
})

describe('a mail whose fate nobody tells', () => {
  test('is unknown once its server has all of it, and was not before', async () => {
    const { channel } = make()
    const before = simulator.taken().length
    simulator.fault('reset-after-accept')
    expect(await thrown(channel.send(message('k'), context()))).toMatchObject({ code: 'unknown' })
    expect(simulator.taken()).toHaveLength(before + 1)
    simulator.fault('reset')
    expect(await thrown(make().channel.send(message('k'), context()))).toMatchObject({ code: 'unavailable' })
    expect(simulator.taken()).toHaveLength(before + 1)
  })

  test('is called off at any time, and then nothing more goes out', async () => {
    const { channel } = make({ smtp: { ...simulator.credentials, connections: 1 } })
    const before = simulator.taken().length
    simulator.fault('hang-after-accept')
    const stop = new AbortController()
    const both = ['k1', 'k2'].map((key) => thrown(channel.send(message(key), context({ signal: stop.signal }))))
    while (simulator.taken().length === before) await new Promise((done) => setTimeout(done, 5))
    stop.abort()
    expect((await Promise.all(both)).map(({ code }) => code)).toEqual(['unknown', 'unavailable'])
    await new Promise((done) => setTimeout(done, 100))
    expect(simulator.taken()).toHaveLength(before + 1)
  })
})

test('mails share connections, and a new password is used for the next', async () => {
  let password = simulator.credentials.password
  const { channel } = make({ smtp: { ...simulator.credentials, password: () => password } })
  const before = simulator.connections()
  await Promise.all(Array.from({ length: 40 }, (_, n) => channel.send(message(`k${n}`), context())))
  expect(simulator.connections() - before).toBeLessThanOrEqual(5)
  password = 'wrong'
  expect(await thrown(channel.send(message('k'), context()))).toMatchObject({ code: 'auth' })
})

async function free(): Promise<{ port: number }> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return { port }
}
