import type { Readable } from 'node:stream'
import { PrmError } from '@prm/core'
import { resolve, sha256 } from '@prm/kit'
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer'
import { type EmailConfig, isLoopback } from './config.ts'
import { errorOf } from './status.ts'

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
