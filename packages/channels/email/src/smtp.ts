import type { Readable } from 'node:stream'
import { type Code, PrmError } from '@prm/core/adapter'
import { resolve, sha256 } from '@prm/kit'
import { meaningOf, statusIn } from '@prm/kit-mail'
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer'
import { type EmailConfig, isLoopback } from './config.ts'

/** What the mail server said of a mail that it took. */
export interface EmailReceipt {
  readonly messageId: string
  readonly response?: string
}

/** Below the time for which core holds a message's lease. */
const patienceMs = 18_000

export interface Smtp {
  send(mail: SendMailOptions, signal: AbortSignal): Promise<{ readonly response?: string | undefined }>
  verify(): Promise<void>
  close(): Promise<void>
}

/** Connections are kept as long as the secrets they were made with are the same. */
export function smtpOf(config: EmailConfig): Smtp {
  let current: { readonly by: string; readonly transport: Transporter } | undefined
  const transport = async (): Promise<Transporter> => {
    const made = await optionsOf(config)
    const by = sha256(JSON.stringify(made)).hex
    if (current?.by !== by) {
      current?.transport.close()
      current = { by, transport: open(made) }
    }
    return current.transport
  }
  return {
    async send(mail, signal) {
      // The stream of the mail is read once the server has said 354, and not before.
      const under: { way?: Readable } = {}
      try {
        const timed = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
        return await (await transport()).sendMail({ ...mail, signal: timed, under } as SendMailOptions)
      } catch (error) {
        throw PrmError.is(error) ? error : errorOf(error, under.way?.readableDidRead === true)
      }
    },
    async verify() {
      try {
        await (await transport()).verify()
      } catch (error) {
        throw PrmError.is(error) ? error : errorOf(error, false)
      }
    },
    async close() {
      current?.transport.close({ force: true })
      current = undefined
    },
  }
}

async function optionsOf({ smtp, dkim }: EmailConfig) {
  const { host, secure = false, port = secure ? 465 : 587, user, password, accessToken, connections = 5 } = smtp
  const auth =
    user === undefined
      ? undefined
      : accessToken === undefined
        ? { user, pass: await resolve(password ?? '') }
        : { type: 'OAuth2' as const, user, accessToken: await resolve(accessToken) }
  return {
    host,
    port,
    secure,
    maxConnections: connections,
    ...(!secure && (isLoopback(host) ? { ignoreTLS: auth === undefined } : { requireTLS: true })),
    ...(auth && { auth }),
    ...(dkim && {
      dkim: {
        domainName: dkim.domain,
        keySelector: dkim.selector,
        privateKey: await resolve(dkim.privateKey),
        headerFieldNames: signed.join(':'),
      },
    }),
  }
}

/** RFC 8058 §4: what unsubscribes must be signed too. */
const signed = [
  ...['From', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'MIME-Version', 'Content-Type', 'In-Reply-To'],
  ...['References', 'List-Unsubscribe', 'List-Unsubscribe-Post', 'Auto-Submitted'],
]

function open(options: Awaited<ReturnType<typeof optionsOf>>): Transporter {
  const transport = createTransport({
    ...options,
    pool: true,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    // What became of a mail is for core to find out, and when it is sent again.
    maxRequeues: 0,
    disableFileAccess: true,
    // A server of this machine mostly has a certificate that nobody signed.
    ...(isLoopback(options.host) && { tls: { rejectUnauthorized: false } }),
  })
  transport.use('stream', ({ data, message }, done) => {
    const create = message.createReadStream.bind(message)
    message.createReadStream = (...how) => {
      const way = create(...how)
      Object.assign((data as { under?: object }).under ?? {}, { way })
      return way
    }
    done()
  })
  return transport
}

// ── what went wrong ──────────────────────────────────────────────────────────────────────────
/** What nodemailer rejects with, as far as it is read. */
interface Refusal {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
  readonly response?: string
  readonly message?: string
}

/**
 * The error that a failed send asks for; `begun` when the mail itself was on its way. Its text holds codes alone: what a
 * server says mostly repeats the recipient.
 */
function errorOf(thrown: unknown, begun: boolean): PrmError {
  const { code, command = '', responseCode, response = '', message = '' } = thrown as Refusal
  const status = statusIn(response)
  const vendor = { ...(responseCode && { status: responseCode }), ...(status && { code: status }) }
  const said = `${command.split(' ')[0]} ${[responseCode, status].filter(Boolean).join(' ') || code || 'failed'}`.trim()
  const fail = (code: Code, what: string) => new PrmError(code, `${what}: ${said}.`, { vendor })
  if (code === 'EAUTH' || command.startsWith('AUTH'))
    return responseCode && responseCode < 500
      ? fail('unavailable', 'The mail server could not check the login')
      : fail('auth', 'The mail server refused the login')
  if (code === 'ETLS' || (!begun && /certificate|wrong version number/i.test(message)))
    return fail('config', 'The mail server has no certificate that is trusted, or no TLS')
  if (!responseCode || responseCode === 421) {
    if (begun) return fail('unknown', 'The connection was lost once the mail was on its way')
    if (code === 'EMESSAGE' || code === 'EENVELOPE' || code === 'ESTREAM')
      return fail('invalid', 'The mail cannot be sent so')
    return fail('unavailable', 'The mail server was not reached or hung up')
  }
  const meaning = meaningOf(status, response)
  if (meaning === 'rate') return fail('rate_limited', 'The mail server takes no more for now')
  // A full mailbox may be emptied: mail servers keep trying for days.
  if (responseCode < 500 || meaning === 'full') return fail('unavailable', 'The mail server asks to come again later')
  if (responseCode === 530 || meaning === 'auth') return fail('auth', 'The mail server wants another login')
  if (meaning === 'relay') return fail('config', 'The mail server does not relay for us')
  if (meaning === 'sender' || (command === 'MAIL FROM' && responseCode !== 552))
    return fail('config', 'The mail server does not take our sender address')
  if (meaning === 'undeliverable') return fail('undeliverable', 'Nobody has this address')
  return fail('invalid', 'The mail server refused the mail')
}
