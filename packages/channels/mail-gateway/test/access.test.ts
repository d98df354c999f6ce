import { execFile } from 'node:child_process'
import { copyFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { sendAsKoha } from '../simulator/index.ts'
import { certificate } from './certificate.ts'
import { domain, hold, library } from './library.ts'
import { talk } from './talk.ts'

const users = { koha: 'correct horse', eg: () => Promise.resolve('battery staple') }
const plain = (name: string, password: string) => Buffer.from(`\0${name}\0${password}`).toString('base64')

test.each([
  [['127.0.0.1'], true],
  [['127.0.0.0/8'], true],
  [['10.0.0.0/8', '127.0.0.1/32'], true],
  [['10.0.0.0/8'], false],
  [['127.0.0.2'], false],
  [['::1', 'fd00::/8'], false],
])('of the clients %j, 127.0.0.1 may send: %s', async (clients, may) => {
  const { port, logs, close } = await library({ clients })
  const client = await talk(port)
  expect(client.greeting).toMatch(may ? /^220 / : /^554 .*may not send here/)
  expect(logs.some((line) => line.includes('refused'))).toBe(!may)
  client.end()
  await close()
})

test('a client in neither list must log in before it may send', async () => {
  const { port, prm, texts, close } = await library({ clients: ['10.0.0.1'], users })
  await expect(sendAsKoha({ port }, hold)).rejects.toMatchObject({ responseCode: 530 })
  await expect(sendAsKoha({ port, user: 'koha', password: 'wrong' }, hold)).rejects.toMatchObject({ responseCode: 535 })
  await expect(sendAsKoha({ port, user: 'constructor', password: 'x' }, hold)).rejects.toMatchObject({
    responseCode: 535,
  })
  await sendAsKoha({ port, user: 'koha', password: 'correct horse' }, hold)
  await sendAsKoha({ port, user: 'eg', password: 'battery staple' }, { ...hold, messageId: '<2@koha.example>' })
  await prm.settled()
  expect(texts()).toHaveLength(2)
  await close()
})

test('no login is remembered after the connection, and RSET does not undo it', async () => {
  const { port, close } = await library({ clients: [], users })
  const client = await talk(port)
  expect(await client.say('EHLO koha')).toContain('AUTH PLAIN LOGIN')
  expect(await client.say('MAIL FROM:<a@b.example>')).toMatch(/^530 /)
  expect(await client.say(`AUTH PLAIN ${plain('koha', 'correct horse')}`)).toMatch(/^235 /)
  expect(await client.say('RSET')).toMatch(/^250 /)
  expect(await client.say('MAIL FROM:<a@b.example>')).toMatch(/^250 /)
  client.end()
  const second = await talk(port)
  await second.say('EHLO koha')
  expect(await second.say('MAIL FROM:<a@b.example>')).toMatch(/^530 /)
  second.end()
  await close()
})

test('no password is none of nobody', async () => {
  const { port, close } = await library({ clients: [], users })
  const client = await talk(port)
  await client.say('EHLO koha')
  for (const [name, password] of [
    ['nobody', ''],
    ['', ''],
    ['koha', ''],
    ['__proto__', ''],
  ] as const)
    expect(await client.say(`AUTH PLAIN ${plain(name, password)}`)).toMatch(/^5\d\d /)
  client.end()
  await close()
})

test('who guesses passwords may not guess for long', async () => {
  const { port, prm, close } = await library({ clients: [], users })
  const login = (password: string) => sendAsKoha({ port, user: 'koha', password }, hold)
  for (let n = 0; n < 10; n++) await expect(login(`guess ${n}`)).rejects.toMatchObject({ responseCode: 535 })
  await expect(login('correct horse')).rejects.toMatchObject({ responseCode: 421 })
  await prm.advance('1m')
  expect(await login('correct horse')).toMatch(/^250 /)
  await close()
})

test('an IPv4 client is the same client on a socket for both', async () => {
  const { port, close } = await library({ host: '::' })
  const client = await talk(port)
  expect(client.greeting).toMatch(/^220 /)
  client.end()
  await close()
})

test('a vault that cannot be reached puts off, and says nothing of why', async () => {
  const vault = () => Promise.reject(new Error('token hvs.secret expired'))
  const { port, logs, close } = await library({ clients: [], users: { koha: vault } })
  await expect(sendAsKoha({ port, user: 'koha', password: 'x' }, hold)).rejects.toMatchObject({ responseCode: 454 })
  expect(logs.join()).not.toContain('hvs.secret')
  await close()
})

test('where strangers may listen in, a password is asked for under TLS only', async () => {
  const { folder, ...tls } = certificate()
  const { port, prm, texts, close } = await library({ host: '0.0.0.0', clients: [], users, tls })
  const client = await talk(port)
  const offered = await client.say('EHLO koha')
  expect(offered).toContain('STARTTLS')
  expect(offered).not.toContain('AUTH')
  expect(await client.say(`AUTH PLAIN ${plain('koha', 'correct horse')}`)).toMatch(/^5\d\d /)
  expect(await client.say('MAIL FROM:<a@b.example>')).toMatch(/^530 /)
  client.end()
  await sendAsKoha({ port, user: 'koha', password: 'correct horse' }, hold)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  await close()
  await rm(folder, { recursive: true })
})

test('what was sent before TLS counts for nothing after it', async () => {
  const { folder, ...tls } = certificate()
  const { port, texts, prm, close } = await library({ tls })
  const client = await talk(port)
  await client.say('EHLO koha')
  // STARTTLS injection: the commands behind it must not be done.
  await client.write(`STARTTLS\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<2125550134@${domain}>\r\n`)
  expect(await client.answer()).toMatch(/^220 /)
  client.socket.removeAllListeners('data')
  const secure = connect({ socket: client.socket, rejectUnauthorized: false })
  await new Promise((done) => secure.once('secureConnect', done))
  secure.write('EHLO koha\r\nRCPT TO:<2125550134@sms.alder.example>\r\n')
  let said = ''
  secure.on('data', (chunk) => {
    said += String(chunk)
  })
  await expect.poll(() => said).toMatch(/503 /)
  secure.destroy()
  await prm.settled()
  expect(texts()).toEqual([])
  await close()
  await rm(folder, { recursive: true })
})

test('TLS from the first byte, and a certificate that was renewed is used without a restart', async () => {
  const { folder, ...tls } = certificate(5)
  const { port, prm, gateway, texts, logs, close } = await library({
    clients: [],
    users,
    tls: { ...tls, implicit: true },
  })
  // Asked by another program: in this one the closed network of the tests stands before every socket.
  const shown = async () => {
    const asked = promisify(execFile)('openssl', ['s_client', '-connect', `127.0.0.1:${port}`])
    asked.child.stdin?.end('QUIT\r\n')
    return /-----BEGIN CERTIFICATE-----[^-]+/.exec((await asked).stdout)?.[0]
  }
  await sendAsKoha({ port, secure: true, user: 'koha', password: 'correct horse' }, hold)
  await prm.settled()
  expect(texts()).toHaveLength(1)
  const before = await shown()
  expect(before).toBeTypeOf('string')
  await sleep(20) // the time of a file
  const { key, folder: elsewhere } = certificate(60)
  await copyFile(key, tls.key) // half of a renewal
  await sendAsKoha({ port, secure: true, user: 'koha', password: 'correct horse' }, hold)
  expect(await shown()).toBe(before)
  expect(logs.join()).toContain('the old one stays')
  await sleep(20)
  certificate(60, folder)
  await sendAsKoha({ port, secure: true, user: 'koha', password: 'correct horse' }, hold)
  expect(await shown()).not.toBe(before)
  expect((await gateway.check(prm.context('mail'))).find(({ what }) => what === 'listen.tls')).toMatchObject({
    ok: true,
  })
  await close()
  await rm(folder, { recursive: true })
  await rm(elsewhere, { recursive: true })
})

test.each([
  [['alder.example'], true],
  [['CIRC@alder.example'], true],
  [['desk@alder.example', 'birch.example'], false],
  [['lder.example'], false],
])('of the senders %j, circ@alder.example is taken: %s', async (senders, may) => {
  const { port, close } = await library({ senders })
  const sent = sendAsKoha({ port }, hold)
  if (may) expect(await sent).toMatch(/^250 /)
  else await expect(sent).rejects.toMatchObject({ responseCode: 550 })
  await close()
})
