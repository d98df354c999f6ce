import type { AddressInfo, Socket } from 'node:net'
import { type Context, type Prm, PrmError } from '@prm/core/adapter'
import { phone } from '@prm/kit'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { doorOf, isLoopback, refusal, refused } from './access.ts'
import { renewals } from './certificate.ts'
import type { MailGatewayConfig } from './config.ts'
import { factsOf, type Recipient } from './interactions.ts'
import { readMail } from './mail.ts'

/** What it needs of the host: `prm` itself. */
export type Host = Pick<Prm, 'record'>

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

/** Listens until it is closed. A mail is answered 250 only when its facts are committed. */
export async function listen(config: MailGatewayConfig, prm: Host, ctx: Context): Promise<Listening> {
  const { host = '127.0.0.1', tls, limits = {}, domains } = config
  const { port = tls?.implicit ? 465 : 25 } = config
  const renewed = tls && renewals(tls)
  const door = doorOf(config, ctx)
  const closed = ['WIZ', 'SHELL', 'KILL', ...(tls ? [] : ['STARTTLS']), ...(door.users ? [] : ['AUTH'])]
  const deadlines = new Map<string, NodeJS.Timeout>()

  const server: SMTPServer = new SMTPServer({
    name: domains[0],
    banner: 'texts to number@domain',
    secure: tls?.implicit ?? false,
    ...renewed?.(),
    disabledCommands: closed,
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: true,
    allowInsecureAuth: isLoopback(host),
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    size: limits.bytes ?? 262_144,
    maxRecipients: limits.recipients ?? 100,
    maxClients: limits.connections ?? 100,
    maxCommandLength: 4_096,
    socketTimeout: limits.idleMs ?? 60_000,
    closeTimeout: 2_000,
    logger: false,
    onConnect(session, done) {
      renew()
      // Who is not told of AUTH sends no password in clear.
      if (!session.secure && !isLoopback(host)) session.disabledCommands = [...closed, 'AUTH']
      done(door.enter(session))
    },
    onSecure(_, session, done) {
      session.disabledCommands = closed
      done()
    },
    onClose: (session) => door.leave(session),
    onAuth({ username = '', password }, session, done) {
      door.login(session, username, password ?? '').then(
        (user) => (user instanceof Error ? done(user) : done(null, { user })),
        () => done(refusal(454, 'Passwords cannot be read now. Please try again later.')),
      )
    },
    onMailFrom({ address }, session, done) {
      done(door.sender(session, address))
    },
    onRcptTo({ address }, session, done) {
      const { mailFrom } = session.envelope
      const found = recipientOf(address, config)
      if ('why' in found) return done(refusal(550, found.why))
      if (!mailFrom || mailFrom.address === '') return done(refusal(550, 'A bounce is no notice: nothing is texted.'))
      done()
    },
    onData(stream, session, done) {
      const { mailFrom, rcptTo } = session.envelope
      const recipients = rcptTo.map(({ address }) => recipientOf(address, config)).filter((one) => 'e164' in one)
      take(stream, session, mailFrom ? mailFrom.address : '', recipients)
        .then(
          () => done(null, 'It will be texted.'),
          (error: unknown) => done(error as Error),
        )
        .finally(() => deadlines.get(peer(session))?.refresh())
    },
  })

  function renew(): void {
    try {
      const pair = renewed?.()
      if (pair) server.updateSecureContext(pair)
    } catch {
      ctx.log('error', 'The renewed certificate cannot be used yet; the old one stays.')
    }
  }

  async function take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    sender: string,
    recipients: readonly Recipient[],
  ): Promise<void> {
    const bytes = await readAll(stream)
    if (!bytes) throw refused(ctx, session, 552, 'The mail is too large for a text.')
    const mail = await readMail(bytes, `${session.id} ${session.transaction}`, config)
    if ('why' in mail) throw refused(ctx, session, 554, mail.why)
    try {
      await prm.record(factsOf(mail, sender, recipients, { source: ctx.id, bounces: config.bounces !== undefined }))
    } catch (error) {
      const name = PrmError.is(error) ? error.code : error instanceof Error ? error.name : 'unknown'
      ctx.log('error', 'A mail could not be stored; its sender was asked to bring it again.', { error: name })
      throw refusal(451, 'It could not be stored. Please send it again.')
    }
  }

  server.on('error', ({ code, name }: NodeJS.ErrnoException) =>
    ctx.log('warn', 'A connection failed.', { error: code ?? name }),
  )
  // However busily it drips: a mail takes no longer than this.
  server.server.on('connection', (socket: Socket) => {
    const name = peer(socket)
    const timer = setTimeout(() => socket.destroy(), limits.mailMs ?? 600_000)
    deadlines.set(name, timer)
    socket.once('close', () => {
      clearTimeout(timer)
      deadlines.delete(name)
    })
  })
  await new Promise<void>((opened, failed) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      failed(new PrmError('config', `mailGateway: cannot listen at ${host}:${port}: ${error.code}.`, { field: 'port' }))
    server.server.once('error', refuse)
    server.listen(port, host, () => {
      server.server.off('error', refuse)
      opened()
    })
  })
  const { port: at } = server.server.address() as AddressInfo
  ctx.log('info', 'It listens for mail.', { port: at })
  let closing: Promise<void> | undefined
  return {
    port: at,
    close() {
      closing ??= new Promise((done) => server.close(() => done()))
      return closing
    },
  }
}

/** Names a connection, of its socket and of its session alike. */
function peer({ remoteAddress = '', remotePort = 0 }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress.replace(/^::ffff:/i, '')} ${remotePort}`
}

/** The number before the `@`, or why it is none. No address is read twice: what is quoted or routed is refused. */
function recipientOf(
  address: string,
  { domains, region }: Pick<MailGatewayConfig, 'domains' | 'region'>,
): Recipient | { readonly why: string } {
  const at = address.lastIndexOf('@')
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)]
  if (at < 0 || !domains.some((one) => one.toLowerCase() === domain.toLowerCase()))
    return { why: `Relaying denied: mail is taken only for a number at ${domains.join(', ')}.` }
  const expected = `expected the number of a mobile phone (${region}, or with + and country code) before @${domain}`
  if (!/^\+?[\d.-]+$/.test(local)) return { why: `No such number: ${expected}.` }
  const { e164, why } = phone(local, region)
  return e164 === undefined ? { why: `No such number (${why}): ${expected}.` } : { address, e164 }
}

/** The mail, or nothing if it is larger than announced: what is too much is read and thrown away. */
async function readAll(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  let chunks: Buffer[] = []
  for await (const chunk of stream) {
    if (stream.sizeExceeded) chunks = []
    else chunks.push(chunk as Buffer)
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks)
}
