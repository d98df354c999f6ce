import { expect, test } from 'vitest'
import { readMail } from '../src/mail.ts'

const head = 'From: circ@alder.example\r\nMessage-ID: <m@koha.example>\r\nMIME-Version: 1.0\r\n'
const read = (rest: string | Buffer, config = {}) =>
  readMail(Buffer.concat([Buffer.from(head), Buffer.from(rest as string)]), 't 1', config)
const textOf = async (rest: string | Buffer, config = {}) => {
  const mail = await read(rest, config)
  return 'text' in mail ? mail.text : mail.why
}
const type = (contentType: string, encoding: string, body: string | Buffer) =>
  Buffer.concat([
    Buffer.from(`Content-Type: ${contentType}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
    Buffer.from(body as string),
    Buffer.from('\r\n'),
  ])

const text = 'Ihr Buch „Köln“ liegt bereit 📚'

test.each([
  ['UTF-8 as it is', type('text/plain; charset=UTF-8', '8bit', text), text],
  ['base64', type('text/plain; charset=utf-8', 'base64', Buffer.from(text).toString('base64')), text],
  [
    'quoted-printable',
    type('text/plain; charset="utf-8"', 'quoted-printable', 'K=C3=B6ln liegt =\r\nbereit =F0=9F=93=9A'),
    'Köln liegt bereit 📚',
  ],
  ['Latin-1', type('text/plain; charset=iso-8859-1', '8bit', Buffer.from('Köln', 'latin1')), 'Köln'],
  ['windows-1252', type('text/plain; charset=windows-1252', 'quoted-printable', '=93K=F6ln=94 =80 5'), '“Köln” € 5'],
  ['a Japanese one', type('text/plain; charset=iso-2022-jp', '7bit', '\x1b$BK\\\x1b(B'), '本'],
  ['no charset at all', Buffer.from('\r\nHold ready'), 'Hold ready'],
  [
    'flowed lines',
    type('text/plain; charset=utf-8; format=flowed', '7bit', 'Your hold is \r\nready at \r\nMain.\r\n\r\nBye'),
    'Your hold is ready at Main.\n\nBye',
  ],
])('reads %s', async (_, mail, expected) => {
  expect(await textOf(mail)).toBe(expected)
})

const long =
  'The library has your book and keeps it for you until Friday evening, at the desk on the ground floor of the main building.'

test.each([
  [
    'paragraphs',
    `<h1>Hold ready</h1><p>${long}</p><p>B&amp;N &nbsp; caf&eacute;</p>`,
    `Hold ready\n\n${long}\n\nB&N   café`,
  ],
  [
    'links',
    '<p><a href="https://alder.example/my">My account</a> or <a href="https://alder.example">https://alder.example</a></p>',
    'My account https://alder.example/my or https://alder.example',
  ],
  [
    'what is not to be read',
    '<style>p{color:red}</style><script>steal()</script><img src="https://t.example/1.gif"><p>Hi</p>',
    'Hi',
  ],
])('makes a text of HTML: %s', async (_, html, expected) => {
  expect(await textOf(type('text/html; charset=utf-8', '8bit', html))).toBe(expected)
})

test('of two forms the plain one is texted, and no attachment', async () => {
  const parts = [
    ['text/plain', 'Plain.'],
    ['text/html', '<p>Rich.</p>'],
    ['application/pdf; name=slip.pdf', 'JVBERi0='],
  ].map(([kind, body]) => `--x\r\nContent-Type: ${kind}\r\n\r\n${body}\r\n`)
  expect(await textOf(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${parts.join('')}--x--\r\n`)).toBe('Plain.')
})

test('the subject is texted only where that is set', async () => {
  const mail = 'Subject: =?utf-8?Q?B=C3=BCcher?=\r\n\r\nTwo are due.'
  expect(await textOf(mail)).toBe('Two are due.')
  expect(await textOf(mail, { subject: 'before' })).toBe('Bücher: Two are due.')
  expect(await textOf('Subject: Two are due\r\n\r\n', { subject: 'before' })).toBe('Two are due')
})

test('what no phone shows and no database stores is left out', async () => {
  expect(
    await textOf(type('text/plain; charset=utf-8', '8bit', 'a\0b\x07\tc  \r\nd\r\n\r\n\r\n\r\ne\u00a0f\r\n')),
  ).toBe('ab\tc\nd\n\ne f')
  const half = Buffer.from('a\ud83db', 'utf16le').toString('base64') // of an emoji
  expect(await textOf(type('text/plain; charset=utf-16le', 'base64', half))).toBe('a\ufffdb')
})

test.each([
  ['an empty mail', '\r\n\r\n', /no text/],
  ['an attachment alone', 'Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nx', /no text/],
  ['a vacation reply', 'Auto-Submitted: auto-replied (vacation)\r\n\r\nI am away', /automatic reply/],
  ['an older one', 'X-Autoreply: yes\r\n\r\nI am away', /automatic reply/],
  [
    'a bounce',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nNo such user\r\n--x--',
    /delivery report/,
  ],
  [
    'a mail that goes in circles',
    `${'Received: from a by b; Tue, 24 Nov 2026 09:00:00 -0600\r\n'.repeat(31)}\r\nHi`,
    /circles/,
  ],
])('refuses %s', async (_, mail, why) => {
  expect(await read(mail)).toEqual({ why: expect.stringMatching(why) })
})

test.each([
  ['Hold available for pickup', 'hold-ready'],
  ['Hold(s) available for pickup', 'hold-ready'],
  ['Hold Available for Pickup at Alder Main', 'hold-ready'],
  ['3 hold(s) ready', 'hold-ready'],
  ['Advance notice of item due', 'due-soon'],
  ['Library Materials Due Soon', 'due-soon'],
  ['Item due reminder', 'due-today'],
  ['Item overdue', 'overdue'],
  ['Item renewals', 'renewed'],
  ['Checkouts', 'check-out'],
  ['Check-ins', 'check-in'],
  ['One-Time code', undefined],
  ['Interlibrary loan request ready for pickup', undefined],
  ['', undefined],
])('the subject “%s” tells the kind %s', async (subject, kind) => {
  const mail = await read(`Subject: ${subject}\r\n\r\nHi`)
  expect('text' in mail && mail.kind).toBe(kind)
})

test('a date that is none is left out', async () => {
  expect(await read('Date: yesterday\r\n\r\nHi')).not.toHaveProperty('at')
  expect(await read('Date: Tue, 24 Nov 2026 09:05:00 -0600\r\n\r\nHi')).toMatchObject({
    at: '2026-11-24T15:05:00.000Z',
  })
})

const most = 250_000
const nested = Array.from(
  { length: 2_000 },
  (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
)
test.each([
  ['thousands of parts within parts', `${nested.join('')}Content-Type: text/plain\r\n\r\nHi`],
  ['blanks', `\r\na${' '.repeat(most)}b`],
  ['empty lines', `\r\na${'\r\n'.repeat(most / 2)}b`],
  ['blanks that flow', type('text/plain; format=flowed; delsp=yes', '7bit', 'a \r\n'.repeat(most / 4))],
  ['elements within elements', type('text/html', '8bit', '<div>'.repeat(most / 5))],
  ['links', type('text/html', '8bit', '<a href=x>'.repeat(most / 10))],
  ['brackets', type('text/html', '8bit', '<'.repeat(most))],
  ['signs of an address', `To: ${'a@b,<'.repeat(most / 5)}\r\n\r\nHi`],
  ['encoded words', `Subject: ${'=?utf-8?Q?a?= '.repeat(most / 15)}\r\n\r\nHi`],
  ['parameters', `Content-Type: text/plain; ${'a*0=b; '.repeat(most / 7)}\r\n\r\nHi`],
  ['one header folded', `Subject: ${'a\r\n '.repeat(most / 4)}\r\n\r\nHi`],
  ['headers', `${'X: y\r\n'.repeat(most / 6)}\r\nHi`],
])('a mail of nothing but %s is read in its time', { timeout: 30_000 }, async (_, mail) => {
  expect(await read(mail)).toBeDefined()
})
