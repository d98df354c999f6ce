import { createTransport } from 'nodemailer'

/** Where the mail goes, and as whom. */
export interface Route {
  readonly port: number
  readonly host?: string
  readonly user?: string
  readonly password?: string
}

export interface Sent {
  /** The number as the patron or the staff typed it. */
  readonly to: string
  readonly domain: string
  readonly from: string
  readonly subject: string
  readonly text: string
  /** What Koha makes anew for each mail. */
  readonly messageId?: string
}

/**
 * The mail that Koha sends with `SMSSendDriver` = Email: C4::Letters makes the recipient of `smsalertnumber` and the
 * provider's domain, Koha::Email writes the headers. Answers what the server said.
 */
export async function sendAsKoha(route: Route, mail: Sent & { readonly letter?: number }): Promise<string> {
  const { to, domain, from, subject, text, messageId, letter = 17 } = mail
  const raw = [
    `From: ${from}`,
    `To: ${to}@${domain}`,
    `Subject: ${subject}`,
    'X-Mailer: Koha',
    ...(messageId ? [`Message-ID: ${messageId}`] : []),
    `X-Koha-Template-ID: ${letter}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset="utf-8"; format="flowed"',
    'Content-Transfer-Encoding: quoted-printable',
    'Date: Tue, 24 Nov 2026 09:05:00 -0600',
    '',
    quotedPrintable(text),
  ].join('\r\n')
  return deliver(route, { from, to: [`${to}@${domain}`], raw })
}

async function deliver(
  { host = '127.0.0.1', port, user, password }: Route,
  { from, to, raw }: { readonly from: string; readonly to: readonly string[]; readonly raw: string },
): Promise<string> {
  const transport = createTransport({
    host,
    port,
    tls: { rejectUnauthorized: false },
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
  })
  try {
    return (await transport.sendMail({ envelope: { from, to: [...to] }, raw })).response
  } finally {
    transport.close()
  }
}

function quotedPrintable(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte === 10
        ? '\r\n'
        : byte > 126 || byte === 61 || byte < 32
          ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
          : String.fromCharCode(byte),
    )
    .join('')
    .replace(/(?=[^\r\n]{76})((?:=[\dA-F]{2}|[^\r\n=]){1,60})/g, '$1=\r\n')
}
