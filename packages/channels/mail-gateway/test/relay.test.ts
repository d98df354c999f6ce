import { afterAll, beforeAll, expect, test } from 'vitest'
import { domain, library, type TestLibrary } from './library.ts'
import { type Talk, talk } from './talk.ts'

// What the testers of open relays try, each from a client that may send.
let gateway: TestLibrary
beforeAll(async () => {
  gateway = await library()
})
afterAll(async () => gateway.close())

async function begin(from = 'circ@alder.example'): Promise<Talk> {
  const client = await talk(gateway.port)
  await client.say('EHLO probe.example')
  expect(await client.say(`MAIL FROM:<${from}>`)).toMatch(/^250/)
  return client
}

test.each([
  'someone@elsewhere.example',
  '2125550134@elsewhere.example',
  `someone%elsewhere.example@${domain}`,
  `2125550134%elsewhere.example@${domain}`,
  `2125550134%${domain}@elsewhere.example`,
  `elsewhere.example!someone@${domain}`,
  `elsewhere.example!2125550134@${domain}`,
  `"someone@elsewhere.example"@${domain}`,
  `"someone%elsewhere.example"@${domain}`,
  `"2125550134"@${domain}`,
  `someone@elsewhere.example@${domain}`,
  `2125550134@${domain}@elsewhere.example`,
  `@${domain}:someone@elsewhere.example`,
  `@elsewhere.example,@${domain}:2125550134@elsewhere.example`,
  'someone@[127.0.0.1]',
  '2125550134@[127.0.0.1]',
  '2125550134@[IPv6:::1]',
  '2125550134@localhost',
  `2125550134@${domain}.`,
  `2125550134@${domain}.elsewhere.example`,
  `2125550134@evil${domain}`,
  `2125550134@sub.${domain}`,
  '2125550134',
  'postmaster',
  `postmaster@${domain}`,
  `2125550134+tag@${domain}`,
  `2125550134;ext=5@${domain}`,
  `212555\t0134@${domain}`,
  `２１２５５５０１３４@${domain}`,
  '',
])('RCPT TO:<%s> is refused for good', async (recipient) => {
  const client = await begin()
  expect(await client.say(`RCPT TO:<${recipient}>`)).toMatch(/^(550|501) /)
  expect(await client.say('DATA')).toMatch(/^503 /)
  client.end()
})

test('the refusal says what was expected', async () => {
  const client = await begin()
  expect(await client.say('RCPT TO:<2125550134@elsewhere.example>')).toMatch(
    /^550 .*Relaying denied.*sms\.alder\.example/,
  )
  expect(await client.say(`RCPT TO:<circ@${domain}>`)).toMatch(/^550 .*number of a mobile phone \(US/)
  expect(await client.say(`RCPT TO:<55512@${domain}>`)).toMatch(/^550 .*too short.*number of a mobile phone/)
  expect(await client.say(`RCPT TO:<5555550134@${domain}>`)).toMatch(/^550 .*not possible/)
  client.end()
})

test('a number is taken however the domain is written', async () => {
  const client = await begin()
  expect(await client.say(`RCPT TO:<2125550134@${domain.toUpperCase()}>`)).toMatch(/^250/)
  client.end()
})

test('a bounce may come, and is texted to nobody', async () => {
  const client = await begin('')
  expect(await client.say(`RCPT TO:<2125550134@${domain}>`)).toMatch(/^550 .*bounce is no notice/)
  expect(await client.say('DATA')).toMatch(/^503 /)
  client.end()
})

test('no command tells who is known here', async () => {
  const client = await begin()
  expect(await client.say(`VRFY 2125550134@${domain}`)).toMatch(/^252 /)
  for (const line of [
    'EXPN staff',
    'WIZ',
    'SHELL',
    'KILL',
    'TURN',
    'ETRN x',
    'XCLIENT ADDR=127.0.0.1',
    'STARTTLS',
    'AUTH PLAIN AGEAYg==',
  ])
    expect(await client.say(line)).toMatch(/^5\d\d /)
  client.end()
})

// Only CRLF.CRLF ends a mail: what another server takes for its end is text here, so that nothing hides behind it.
test.each(['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r.\r\n', '\r\n.\r', '\r\n\0.\r\n', '\r\r\n.\r\r\n'])(
  'a second message hidden in the first behind %j is not taken',
  async (end) => {
    const client = await begin()
    await client.say(`RCPT TO:<2125550134@${domain}>`)
    await client.say('DATA')
    const before = gateway.texts().length
    const hidden = `MAIL FROM:<x@y.example>\r\nRCPT TO:<2125550199@${domain}>\r\nDATA\r\nSubject: y\r\n\r\nsmuggled`
    const id = `Message-ID: <${Buffer.from(end).toString('hex')}@x.example>`
    expect(await client.say(`${id}\r\n\r\nfirst${end}${hidden}\r\n.`)).toMatch(/^250/)
    // What is answered next is our own command, and no answer of a hidden one stands before it.
    expect(await client.say('NOOP')).toBe('250 2.0.0 OK')
    await gateway.prm.settled()
    const added = gateway.texts().slice(before)
    expect(added.map(({ to }) => to)).toEqual(['+12125550134'])
    client.end()
  },
)
