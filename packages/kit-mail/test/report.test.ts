import { expect, test } from 'vitest'
import { readMail } from '../src/index.ts'

const crlf = (text: string) => Buffer.from(text.replace(/^\n/, '').replace(/\n/g, '\r\n'))
const reports = async (text: string) => (await readMail(crlf(text)))?.reports

const dsn = (fields: string, from = 'MAILER-DAEMON@mx.example') => `
From: ${from}
To: notices@alder.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

${fields}

--b
Content-Type: text/rfc822-headers

Message-ID: <1@alder.example>
--b--
`
const failed = (status: string, diagnostic: string) =>
  dsn(
    `Final-Recipient: rfc822; ada@patron.example\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${diagnostic}`,
  )

test.each([
  ['5.1.1', '550 5.1.1 User unknown', '5.1.1', true],
  ['5.1.10', '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found', '5.1.10', true],
  ['5.4.1', '550 5.4.1 Recipient address rejected: Access denied. [x.outlook.com]', '5.4.1', true],
  ['5.2.1', '550 5.2.1 The email account that you tried to reach is disabled', '5.2.1', true],
  ['5.1.2', '550 Host or domain name not found', '5.1.2', true],
  ['5.0.0', '550 5.1.1 <ada@patron.example>: no such user', '5.1.1', true],
  ['5.0.0', '550 Mailbox unavailable', '5.0.0', true],
  ['5.2.2', '552 5.2.2 Mailbox full', '5.2.2', false],
  ['4.4.7', '400 4.4.7 Message expired', '4.4.7', false],
  ['5.7.1', '550 5.7.1 Message rejected as spam', '5.7.1', false],
  ['5.7.26', '550-5.7.26 This mail is unauthenticated, user unknown to DMARC', '5.7.26', false],
  [
    '5.7.515',
    '550 5.7.515 Access denied, sending domain does not meet the required authentication level',
    '5.7.515',
    false,
  ],
  ['5.3.4', '552 5.3.4 Message too big', '5.3.4', false],
])('a status of %s (%s) is a failure, and says of the address whether it is bad', async (status, said, code, bad) => {
  expect(await reports(failed(status, said))).toEqual([
    { raw: `failed ${code}`, state: 'undelivered', code, ...(bad && { addressStatus: 'undeliverable' }) },
  ])
})

test.each([
  ['delayed', '4.4.1', undefined],
  ['delivered', '2.0.0', 'delivered'],
  ['relayed', '2.0.0', 'sent'],
  ['expanded', '2.0.0', 'sent'],
  ['puzzled', '5.1.1', undefined],
])('an action "%s" moves its message as far as that says', async (action, status, state) => {
  const text = dsn(
    `Final-Recipient: rfc822; ada@patron.example\nAction: ${action} (of sorts)\nStatus: ${status} (really)`,
  )
  expect(await reports(text)).toEqual([{ raw: `${action} ${status}`, ...(state && { state }), code: status }])
})

test('fields that go on in the next line, in capitals, and of several recipients are all read', async () => {
  const text = dsn(
    'FINAL-RECIPIENT: rfc822; a@patron.example\nAction: FAILED\nStatus: 5.0.0\nDiagnostic-Code: smtp;\n 550 5.1.1\n unknown\n\nFinal-Recipient: rfc822; b@patron.example\nAction: delivered\nStatus: 2.1.5',
  )
  expect(await reports(text)).toMatchObject([{ code: '5.1.1', addressStatus: 'undeliverable' }, { state: 'delivered' }])
})

const plain = (from: string, subject: string, text: string, more = '') =>
  `\nFrom: ${from}\nTo: notices@alder.example\nSubject: ${subject}\n${more}MIME-Version: 1.0\nContent-Type: text/plain\n\n${text}\n`

test.each([
  [
    'qmail',
    plain(
      'MAILER-DAEMON@mx.example',
      'failure notice',
      'Hi. This is the qmail-send program at mx.example.\nI’m afraid I wasn’t able to deliver your message.\n\n<ada@patron.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 No such user here\nGiving up on 192.0.2.1.',
    ),
    { raw: 'bounced 550', state: 'undelivered', code: '550', addressStatus: 'undeliverable' },
  ],
  [
    'Exim',
    plain(
      'Mail Delivery System <Mailer-Daemon@mx.example>',
      'Mail delivery failed: returning message to sender',
      'A message that you sent could not be delivered to one or more of its recipients.\n\n  ada@patron.example\n    host mx.patron.example\n    SMTP error from remote mail server after RCPT TO:<ada@patron.example>:\n    550 5.1.1 unknown user',
      'X-Failed-Recipients: ada@patron.example\n',
    ),
    { raw: 'bounced 5.1.1', state: 'undelivered', code: '5.1.1', addressStatus: 'undeliverable' },
  ],
  [
    'a full mailbox in words',
    plain(
      'postmaster@patron.example',
      'Undeliverable: Your hold',
      'The recipient’s mailbox is full and can’t accept messages now. 552 5.2.2',
    ),
    { raw: 'bounced 5.2.2', state: 'undelivered', code: '5.2.2' },
  ],
  [
    'a warning of a delay',
    plain(
      'MAILER-DAEMON@mx.example',
      'Delivery Status Notification (Delay)',
      'Delivery is delayed. 451 4.4.1 timeout. It will be retried for 4 days.',
    ),
    { raw: 'bounced 4.4.1', code: '4.4.1' },
  ],
])('a bounce by %s is one, without the form of RFC 3464', async (_, text, expected) => {
  expect(await reports(text)).toEqual([expected])
})

test('a person who writes of a failure reports none, nor does an answer of a machine', async () => {
  expect(await reports(plain('ada@patron.example', 'Undeliverable', 'Your mail says 550 5.1.1, why?'))).toBeUndefined()
  expect(
    await reports(plain('ada@patron.example', 'Out of office', 'Back on Monday.', 'Auto-Submitted: auto-replied\n')),
  ).toBeUndefined()
})

const complaint = (type: string) => `
From: fbl@mailbox.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b
Content-Type: text/plain

A report.
--b
Content-Type: message/feedback-report

${type}User-Agent: x/1

--b
Content-Type: message/rfc822

Message-ID: <1@alder.example>
Subject: News

News.
--b--
`
test.each([
  ['abuse', true],
  ['fraud', true],
  ['opt-out', true],
  ['not-spam', false],
  ['virus', false],
  ['auth-failure', false],
])('feedback of type %s is a complaint: %s', async (type, meant) => {
  expect(await reports(complaint(`Feedback-Type: ${type}\n`))).toEqual([
    { raw: `feedback ${type}`, ...(meant && { addressStatus: 'complaint' }) },
  ])
})
