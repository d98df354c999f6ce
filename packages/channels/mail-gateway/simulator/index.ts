import { createTransport } from 'nodemailer'

/** Where the mail goes, and as whom. */
export interface Route {
  /** `127.0.0.1` by default. */
  readonly host?: string
  readonly port: number
  readonly secure?: boolean
  readonly user?: string
  readonly password?: string
}

export interface Notice {
  /** The number as it stands in the patron's record: `2125550134`. */
  readonly to: string
  /** The domain of the provider, or of the carrier's gateway. */
  readonly domain: string
  readonly from: string
  readonly subject: string
  readonly text: string
}

/** What Koha knows beside: it makes a Message-ID for each mail, and a resent one gets a new one; none before 20.11. */
export interface KohaNotice extends Notice {
  readonly messageId: string
  /** `today` by default. */
  readonly release?: '19.11' | 'today'
  /** The id of its template. */
  readonly letter?: number
  readonly date?: string
}

/**
 * The mail of a Koha whose `SMSSendDriver` is `Email`: C4::Letters puts the patron's SMS number before the domain of their
 * SMS provider, Koha::Email writes the headers, and Email::Stuffer the body: UTF-8, quoted-printable, flowed. `date` is RFC 5322.
 * Answers what the server said; throws as nodemailer does.
 */
export async function sendAsKoha(route: Route, notice: KohaNotice): Promise<string> {
  if (notice.release === '19.11') return sendAsOldKoha(route, notice)
  const { to, domain, from, subject, text, messageId, letter = 17, date = 'Tue, 24 Nov 2026 09:05:00 -0600' } = notice
  const headers = [
    `From: ${from}`,
    `To: ${to}@${domain}`,
    `Subject: ${word(subject)}`,
    'X-Mailer: Koha',
    `Message-ID: ${messageId}`,
    `X-Koha-Template-ID: ${letter}`,
    `Date: ${date}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset="utf-8"; format="flowed"',
    'Content-Transfer-Encoding: quoted-printable',
  ]
  return sendRaw(route, from, [`${to}@${domain}`], `${headers.join('\r\n')}\r\n\r\n${quotedPrintable(text)}\r\n`)
}

/**
 * Before 20.11 it was Mail::Sendmail: no Message-ID, no X-Mailer, the charset named twice, headers in any order. Of a number
 * with blanks or brackets it takes what stands after the last one for the recipient.
 */
async function sendAsOldKoha(route: Route, { to, domain, from, subject, text, date }: KohaNotice): Promise<string> {
  const headers = [
    'Content-Transfer-Encoding: quoted-printable',
    `Subject: ${word(subject)}`,
    'Charset: utf8',
    `Sender: ${from}`,
    'Content-Type: text/plain; charset="UTF-8"',
    `To: ${to}@${domain}`,
    `Date: ${date ?? 'Tue, 24 Nov 2026 09:05:00 -0600'}`,
    'Mime-Version: 1.0',
    `From: ${from}`,
  ]
  const [recipient = ''] = /[^\s()<>]+$/.exec(`${to}@${domain}`) ?? []
  return sendRaw(route, from, [recipient], `${headers.join('\r\n')}\r\n\r\n${quotedPrintable(text)}\r\n`)
}

/**
 * The mail of Evergreen's reactor SendSMS: what the template says, in UTF-8 as it is. There is a `Date` and an
 * `Auto-Submitted` only where the template has them, and never a Message-ID: the mail server next door adds one.
 */
export async function sendAsEvergreen(
  route: Route,
  notice: Notice & { readonly headers?: readonly string[] },
): Promise<string> {
  const { to, domain, from, subject, text, headers = [] } = notice
  const lines = [
    `From: ${from}`,
    ...headers,
    `To: ${to}@${domain}`,
    `Subject: ${word(subject)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
  ]
  return sendRaw(
    route,
    from,
    [`${to}@${domain}`],
    `${lines.join('\r\n')}\r\n\r\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`,
  )
}

/** Any mail, byte for byte. Answers what the server said; throws where it refused the mail or all recipients. */
export async function sendRaw(
  { host = '127.0.0.1', port, secure = false, user, password }: Route,
  from: string,
  to: readonly string[],
  raw: string | Buffer,
): Promise<string> {
  const transport = createTransport({
    host,
    port,
    secure,
    tls: { rejectUnauthorized: false },
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
  })
  try {
    return (await transport.sendMail({ envelope: { from, to: [...to] }, raw })).response
  } finally {
    transport.close()
  }
}

/** RFC 2047, where it must be. */
function word(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`
}

/** RFC 2045: lines of at most 76 characters. */
function quotedPrintable(text: string): string {
  return text.split('\n').map(encodeLine).join('\r\n')
}

function encodeLine(line: string): string {
  const marks = [...Buffer.from(line)].map((byte) =>
    byte === 0x3d || byte < 0x20 || byte > 0x7e
      ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
      : String.fromCharCode(byte),
  )
  let out = ''
  let width = 0
  for (const [index, mark] of marks.entries()) {
    const last = index === marks.length - 1
    const coded = last && mark === ' ' ? '=20' : mark
    if (width + coded.length > (last ? 76 : 75)) {
      out += '=\r\n'
      width = 0
    }
    out += coded
    width += coded.length
  }
  return out
}
