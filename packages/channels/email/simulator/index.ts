import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import { type Answer, answer, type Bounce, bounce, complaint } from './mails.ts'

export { type Answer, answer, type Bounce, bounce, complaint } from './mails.ts'

export interface SimulateOptions {
  readonly port?: number
  /** The login; made up by default. */
  readonly user?: string
  readonly password?: string
  /** Signs the mails of `webhook`, as your own mail server would. */
  readonly inletSecret?: string
  readonly now?: () => Date
  /** Is given each mail that was taken: a mailbox of sent mail, say. */
  readonly sent?: (raw: string) => Promise<void>
}

export interface Taken {
  readonly at: Date
  /** The envelope: MAIL FROM and RCPT TO, with what was asked of delivery reports. */
  readonly from: string
  readonly to: string
  readonly dsn: unknown
  readonly raw: string
  readonly mail: ParsedMail
}

export interface EmailSimulator
  extends Simulator<{
    readonly host: string
    readonly port: number
    readonly user: string
    readonly password: string
  }> {
  readonly inletSecret: string
  taken(): readonly Taken[]
  /** How many connections there were. */
  connections(): number
  /** Answers this recipient with a refusal from now on: `550 5.1.1 No such user`, at RCPT TO or at the end of DATA. */
  refuse(recipient: string, reply: string, at?: 'rcpt' | 'data'): void
  /** A mail as it would be posted to an inlet: any bytes, or one of the kinds of `mails.ts`. */
  webhook(event: Json): Request
}

/** What a test asks to be posted. `from` and `text` are a person's mail. */
export type Posted = { readonly url: string; readonly to?: string } & (
  | { readonly raw: string }
  | ({ readonly from: string; readonly text: string } & Partial<Answer>)
  | ({ readonly bounce: string } & Partial<Bounce>)
  | { readonly complaint: string; readonly type?: string }
)

/**
 * A mail server of loopback that takes, refuses and loses mails as real ones do (RFC 5321, RFC 3461), and mails nothing on.
 * Recipients at `.invalid` are unknown to it.
 */
export async function simulate(options: SimulateOptions = {}): Promise<EmailSimulator> {
  const { user = 'library', password = 'a made-up password', inletSecret = 'a made-up secret of the inlet' } = options
  const now = options.now ?? (() => new Date())
  const taken: Taken[] = []
  let connections = 0
  const faults: Fault[] = []
  const refusals = new Map<string, { readonly reply: string; readonly at: 'rcpt' | 'data' }>()
  const sockets = new Map<string, { destroy(): void; write(text: string): void }>()
  const next = (...which: readonly Fault[]): Fault | undefined => {
    const [fault] = faults
    return fault && which.includes(fault) ? faults.shift() : undefined
  }
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    hideDSN: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(session, done) {
      if (next('reset')) return sockets.get(portOf(session))?.destroy()
      done()
    },
    onAuth({ username, password: given }, _, done) {
      if (next('expired-token') || username !== user || given !== password)
        return done(refusal('535 5.7.8 Authentication failed'))
      done(null, { user: username })
    },
    onRcptTo({ address }, _, done) {
      const known = refusals.get(address)
      const reply =
        known?.at === 'rcpt' ? known.reply : /\.invalid$/i.test(address) ? '550 5.1.1 No such user here' : undefined
      if (next('rate-limited-seconds')) return done(refusal('450 4.7.28 Too many messages, rate limited'))
      done(reply === undefined ? null : refusal(reply))
    },
    onData(stream, session, done) {
      const take = async (): Promise<void> => {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(chunk as Buffer)
        const raw = Buffer.concat(chunks).toString()
        const { mailFrom, rcptTo, dsn } = session.envelope as typeof session.envelope & { dsn?: unknown }
        const [to = ''] = rcptTo.map(({ address }) => address)
        const known = refusals.get(to)
        if (known?.at === 'data') return done(refusal(known.reply))
        const envelope = {
          from: mailFrom ? mailFrom.address : '',
          to,
          dsn: { ...(dsn as object), ...(rcptTo[0] as { dsn?: object }).dsn },
        }
        taken.push({ at: now(), ...envelope, raw, mail: await simpleParser(raw, { skipTextToHtml: true }) })
        await options.sent?.(raw)
        const fault = next('hang-after-accept', 'reset-after-accept', 'slow-body')
        const socket = sockets.get(portOf(session))
        if (fault === 'reset-after-accept') return socket?.destroy()
        if (fault === 'slow-body') return socket?.write('250-2.0.0 ')
        if (!fault) done(null, `2.0.0 OK: queued as ${taken.length}`)
      }
      take().catch((error: Error) => done(error))
    },
  })
  server.on('error', () => undefined) // a client that was killed
  server.server.on('connection', (socket) => {
    connections++
    sockets.set(String(socket.remotePort), socket)
    socket.once('close', () => sockets.delete(String(socket.remotePort)))
  })
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', done))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    credentials: { host: '127.0.0.1', port, user, password },
    inletSecret,
    taken: () => taken,
    connections: () => connections,
    received: () =>
      taken.map(({ at, to, mail, raw }) => ({
        at: at.toISOString(),
        to: { scheme: 'mailto', value: to },
        text: (mail.text ?? '').replace(/\n$/, ''),
        raw,
      })),
    fault(fault, times = 1) {
      if (!possible.has(fault)) throw new Error(`SMTP has no ${fault}.`)
      for (let n = 0; n < times; n++) faults.push(fault)
    },
    refuse: (recipient, reply, at = 'rcpt') => void refusals.set(recipient, { reply, at }),
    webhook: (event) => posted(event as unknown as Posted, inletSecret, now()),
    async close() {
      for (const socket of sockets.values()) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

/** What can go wrong in SMTP; it has no HTML, no body, and no date to come again at. */
const possible: ReadonlySet<Fault> = new Set([
  'reset',
  'expired-token',
  'hang-after-accept',
  'reset-after-accept',
  'slow-body',
])

const portOf = ({ remotePort }: SMTPServerSession): string => String(remotePort)

function refusal(reply: string): Error & { responseCode: number } {
  const [, code = '554', text = reply] = /^(\d{3}) (.*)$/s.exec(reply) ?? []
  return Object.assign(new Error(text), { responseCode: Number(code) })
}

function posted(event: Posted, secret: string, now: Date): Request {
  const { url, to = 'notices@alder.example' } = event
  const raw =
    'raw' in event
      ? event.raw
      : 'bounce' in event
        ? bounce({ recipient: 'ada@patron.example', ...event, of: event.bounce, to })
        : 'complaint' in event
          ? complaint({ ...event, of: event.complaint, to })
          : answer({ ...event, to })
  const time = Math.floor(now.getTime() / 1000)
  const mac = createHmac('sha256', secret).update(`${time}.`).update(raw).digest('hex')
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', 'prm-signature': `t=${time},v1=${mac}` },
    body: raw,
  })
}
