import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMail } from '../src/index.ts'

const crlf = (text: string) => Buffer.from(text.replace(/\n/g, '\r\n'))
const head = 'From: Ada <Ada@Patron.Example>\nSubject: Hello\nMessage-ID: <1@p.example>\nMIME-Version: 1.0\n'
const mail = (text: string) => readMail(crlf(head + text))

test.each([
  ['utf-8', '8bit', Buffer.from('Grüße, Ада, 今日は')],
  ['iso-8859-1', '8bit', Buffer.from('Grüße', 'latin1')],
  ['windows-1252', 'quoted-printable', Buffer.from('=93Gr=FC=DFe=94')],
  ['koi8-r', '8bit', Buffer.from([0xe1, 0xc4, 0xc1])],
  ['iso-2022-jp', '7bit', Buffer.from('\u001b$B:#F|$O\u001b(B', 'latin1')],
  ['gb18030', 'base64', Buffer.from(Buffer.from([0xbd, 0xf1, 0xcc, 0xec]).toString('base64'))],
])('words in %s, %s are read', async (charset, coding, body) => {
  const bytes = Buffer.concat([
    crlf(`${head}Content-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: ${coding}\n\n`),
    body,
  ])
  const expected: { [charset: string]: string } = {
    'utf-8': 'Grüße, Ада, 今日は',
    'iso-8859-1': 'Grüße',
    'windows-1252': '“Grüße”',
    'koi8-r': 'Ада',
    'iso-2022-jp': '今日は',
    gb18030: '今天',
  }
  expect((await readMail(bytes))?.text).toBe(expected[charset])
})

test('a header in bare 8 bits, and one in encoded words, are read', async () => {
  const bare = Buffer.concat([Buffer.from('From: a@p.example\r\nSubject: Grüße\r\n\r\nx\r\n')])
  expect((await readMail(bare))?.subject).toBe('Grüße')
  expect((await mail('X: y\n\nx'))?.from).toEqual(['ada@patron.example'])
  const coded = crlf('From: a@p.example\nSubject: =?utf-8?B?R3LDvMOf?= =?utf-8?Q?e_an=0D=0ABcc:_all?=\n\nx')
  // What is hidden in one ends no line.
  expect((await readMail(coded))?.subject).toBe('Grüße an Bcc: all')
})

test('of HTML alone the words are read, with or without what it quotes', async () => {
  const html =
    'Content-Type: text/html; charset=utf-8\n\n<h1>Hi</h1><script>alert(1)</script><p>Yes &amp; thanks</p><img src="https://t.example/p.gif"><div class="gmail_quote">On Tuesday…<blockquote>Your hold</blockquote></div>'
  expect((await mail(html))?.text).toBe('Hi\n\nYes & thanks\n\nOn Tuesday…\n\n> Your hold')
  expect((await readMail(crlf(head + html), { quotes: false }))?.text).toBe('Hi\n\nYes & thanks')
  const all = 'Content-Type: text/html\n\n<blockquote>Your hold</blockquote>'
  expect((await readMail(crlf(head + all), { quotes: false }))?.text).toBe('> Your hold')
})

test('a winmail.dat and a mail inside a mail are enclosed, and their words are not the sender’s', async () => {
  const read = await mail(
    'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee below.\n--b\nContent-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+IgAAAAA=\n--b\nContent-Type: message/rfc822\n\nFrom: eve@evil.example\nSubject: STOP\n\nSTOP\n--b--\n',
  )
  expect(read?.text).toBe('See below.')
  expect(read?.enclosed.map(({ type, name }) => [type, name])).toEqual([
    ['application/ms-tnef', 'winmail.dat'],
    ['message/rfc822', undefined],
  ])
})

test('parts in parts, a thousand deep, end somewhere', async () => {
  const deep = (n: number): string =>
    n === 0
      ? 'Content-Type: text/plain\n\nfound'
      : `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n${deep(n - 1)}\n--b${n}--\n`
  expect((await mail(deep(20)))?.text).toBe('found')
  const read = await mail(deep(1_000))
  expect(read === undefined || read.from[0] === 'ada@patron.example').toBe(true)
})

test('what unpacks to very much is not unpacked', async () => {
  const bomb = deflateSync(Buffer.alloc(50 * 1024 * 1024)).toString('base64')
  const before = process.memoryUsage().rss
  const read = await mail(
    `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHi\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n${bomb}\n--b--\n`,
  )
  expect(read?.enclosed[0]?.bytes.byteLength).toBeLessThan(200_000)
  // 8 MiB of base64 in one line are 6 MiB.
  const one = await mail(
    `Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n${'QUJD'.repeat(2 * 1024 * 1024)}`,
  )
  expect(one?.enclosed[0]?.bytes.byteLength).toBe(6 * 1024 * 1024)
  expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
})

test.each([
  ['Auto-Submitted: auto-replied (vacation)', 'auto-reply'],
  ['Auto-Submitted: auto-generated', 'auto-reply'],
  ['X-Autoreply: yes', 'auto-reply'],
  ['X-Auto-Response-Suppress: All', 'auto-reply'],
  ['Precedence: auto_reply', 'auto-reply'],
  ['Return-Path: <>', 'auto-reply'],
  ['Precedence: bulk', 'list'],
  ['List-Id: <town.example>', 'list'],
  ['Auto-Submitted: no', undefined],
  ['Auto-Submitted: No (really; auto-replied)', undefined],
  ['Return-Path: <ada@patron.example>', undefined],
])('%s: %s', async (header, expected) => {
  expect((await mail(`${header}\n\nHi`))?.automatic).toBe(expected)
})

test('a mail that thirty servers handed on goes in circles', async () => {
  const hops = (n: number) => 'Received: from a\n'.repeat(n)
  expect((await mail(`${hops(31)}Auto-Submitted: auto-replied\n\nHi`))?.automatic).toBe('loop')
  expect((await mail(`${hops(30)}\nHi`))?.automatic).toBeUndefined()
})

test.each(['', '\0\0\0', 'no header at all', 'From: \n\n', `${'A'.repeat(100_000)}`, 'From: a, b, <c@d\nSubject\n\n'])(
  'bytes that are no mail harm nobody',
  async (text) => {
    const read = await readMail(Buffer.from(text))
    expect(read === undefined || Array.isArray(read.from)).toBe(true)
  },
)

test('parts nested without end are no mail', async () => {
  const parts = Array.from({ length: 1_000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`)
  expect(await mail(`${parts.join('')}\nHi`)).toBeUndefined()
  expect((await mail(`${parts.slice(0, 20).join('')}\nHi`))?.text).toBe('Hi')
})

test('HTML nested without end is read all the same, and at once', async () => {
  const text = `${head}Content-Type: text/html\n\n<p>Is it open?</p>${'<b>'.repeat(700_000)}Thank you &amp; bye<br>\n`
  expect((await readMail(crlf(text)))?.text).toBe('Is it open? Thank you & bye')
})

test.each([
  ['whose ends come first', `${'</i>'.repeat(100_000)}${'<b>'.repeat(100_000)}`],
  ['between ends of what is not open', '<b></x>'.repeat(100_000)],
  ['with ends in its attributes', '<b title="</b>">'.repeat(100_000)],
  ['named like what needs no end', '<br-x>'.repeat(100_000)],
])('so is HTML nested without end %s', async (_, nested) => {
  const text = `${head}Content-Type: text/html\n\n<p>Is it open?</p>${nested}<i>bye</i>\n`
  expect((await readMail(crlf(text)))?.text).toMatch(/^Is it open\?[ ">]* bye$/)
})

test('HTML whose elements end each other is not nested, however long it is', async () => {
  const html = `${head}Content-Type: text/html\n\n<style>p{}</style><ul>${'<li>yes\n'.repeat(6_000)}</ul>\n`
  expect((await readMail(crlf(html)))?.text.split('\n')).toEqual(Array(6_000).fill(' * yes').with(0, '* yes'))
})

test('what no database stores is not there', async () => {
  const text = `${head}Content-Type: text/plain\n\na\0b\u0007c\u001b[31m`
  expect((await readMail(crlf(text)))?.text).toBe('abc[31m')
})

const htmlOf = (html: string) => mail(`Content-Type: text/html\n\n${html}`)

test('HTML that its parser throws at is read without its tags', async () => {
  expect((await htmlOf('<ol type=I start=10000><li>STOP</ol>'))?.text).toBe('STOP')
})

test('no HTML makes reading a mail throw, or loses the words in it', async () => {
  const number = fc.oneof(fc.constantFrom('-1', '0', '1e9', '1e400', 'NaN', '', '٣'), fc.integer().map(String))
  const attribute = fc
    .tuple(
      fc.constantFrom('type', 'start', 'colspan', 'rowspan', 'href', 'style', 'width', '"', '='),
      fc.oneof(number, fc.constantFrom('I', 'i', 'a', 'A', 'x', '%', '"')),
    )
    .map(([name, value]) => `${name}=${value}`)
  const tag = fc
    .tuple(
      fc.constantFrom('ol', 'ul', 'li', 'table', 'tr', 'td', 'th', 'a', 'pre', 'h1', 'blockquote', 'br'),
      fc.array(attribute, { maxLength: 4 }),
      fc.integer({ min: 1, max: 600 }),
    )
    .map(([name, attributes, times]) =>
      `<${[name, ...attributes].join(' ')}>`.repeat(name === 'br' ? times : Math.ceil(times / 50)),
    )
  const fragment = fc.oneof(
    tag,
    tag.map((open) => open.replace('<', '</')),
    fc.constantFrom('x', ' ', '&#1114112;', '&#x0;', '<!--', ']]>'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fragment, { maxLength: 8 }), async (fragments) => {
      const read = await htmlOf(`<p>word</p>${fragments.join('')}`)
      expect(read?.text).toContain('word')
    }),
    { numRuns: 300 },
  )
})
