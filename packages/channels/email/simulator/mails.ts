/** Mails as other systems write them, for tests: in RFC 5322, lines ended by CRLF. */

const crlf = (lines: readonly string[]): string => `${lines.join('\n').replace(/\r?\n/g, '\r\n')}\r\n`
const word = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`

export interface Answer {
  readonly from: string
  readonly to: string
  readonly text: string
  readonly subject?: string
  readonly html?: string
  readonly messageId?: string
  /** The Message-ID of what it answers, with angle brackets. */
  readonly inReplyTo?: string
  readonly date?: string
  /** Further headers, such as `Auto-Submitted: auto-replied`. */
  readonly headers?: readonly string[]
}

/** What a person's mail program sends. */
export function answer(mail: Answer): string {
  const { from, to, text, subject = 'Re: your library', html, inReplyTo, headers = [] } = mail
  const { messageId = '<1@phone.example>', date = 'Tue, 24 Nov 2026 09:05:00 -0600' } = mail
  const plain = ['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', text]
  const both = [
    'Content-Type: multipart/alternative; boundary=b1',
    ...['', '--b1', ...plain, '--b1', 'Content-Type: text/html; charset=utf-8', '', html ?? '', '--b1--'],
  ]
  return crlf([
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${word(subject)}`,
    `Date: ${date}`,
    `Message-ID: ${messageId}`,
    ...(inReplyTo === undefined ? [] : [`In-Reply-To: ${inReplyTo}`, `References: ${inReplyTo}`]),
    ...headers,
    'MIME-Version: 1.0',
    ...(html === undefined ? plain : both),
  ])
}

export interface Bounce {
  /** The mail that came back, as it was sent. */
  readonly of: string
  readonly recipient: string
  readonly to: string
  /** `5.1.1` by default. */
  readonly status?: string
  /** `failed` by default. */
  readonly action?: string
  readonly diagnostic?: string
  readonly messageId?: string
}

/** A delivery status as Postfix writes it (RFC 3464), with the headers of what came back. */
export function bounce(one: Bounce): string {
  const { of, recipient, to, status = '5.1.1', action = 'failed', messageId = '<b1@mx.example>' } = one
  const diagnostic = one.diagnostic ?? `smtp; 550 ${status} <${recipient}>: Recipient address rejected`
  return crlf([
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example (Mail Delivery System)',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Date: Tue, 24 Nov 2026 09:06:00 -0600',
    `Message-ID: ${messageId}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    ...['', '--b1', 'Content-Type: text/plain; charset=us-ascii', ''],
    'This is the mail system at host mx.example. Your message could not be delivered.',
    ...['', '--b1', 'Content-Type: message/delivery-status', ''],
    'Reporting-MTA: dns; mx.example',
    'Arrival-Date: Tue, 24 Nov 2026 09:05:59 -0600',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Original-Recipient: rfc822;${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${diagnostic}`,
    ...['', '--b1', 'Content-Type: text/rfc822-headers', ''],
    headersOf(of),
    '',
    '--b1--',
  ])
}

/** A complaint as a feedback loop sends it (RFC 5965). */
export function complaint(one: { readonly of: string; readonly to: string; readonly type?: string }): string {
  return crlf([
    'From: fbl@mailbox.example',
    `To: ${one.to}`,
    'Subject: FW: complaint',
    'Date: Tue, 24 Nov 2026 09:07:00 -0600',
    'Message-ID: <f1@mailbox.example>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b1"',
    ...['', '--b1', 'Content-Type: text/plain; charset=us-ascii', '', 'This is an email abuse report.'],
    ...['', '--b1', 'Content-Type: message/feedback-report', ''],
    `Feedback-Type: ${one.type ?? 'abuse'}`,
    'User-Agent: SomeGenerator/1.0',
    'Version: 1',
    ...['', '--b1', 'Content-Type: message/rfc822', 'Content-Disposition: inline', ''],
    one.of,
    '--b1--',
  ])
}

const headersOf = (mail: string): string => mail.slice(0, mail.search(/\r?\n\r?\n/))
