import {
  type Attachment,
  type Channel,
  type Context,
  type Feed,
  type Interaction,
  type Json,
  PrmError,
  type RejectedRecord,
} from '@prm/core/adapter'
import { resolve } from '@prm/kit'
import { readMail } from '@prm/kit-mail'
import type { ImapFlow } from 'imapflow'
import { type EmailConfig, type Imap, isLoopback } from './config.ts'
import { factsOf } from './interactions.ts'
import type { EmailReceipt } from './smtp.ts'
import { messageIdOf } from './tokens.ts'

const patienceMs = 15_000

/** Opens one mailbox, and hangs up afterwards, also when `signal` says so. */
async function within<T>(
  imap: Imap,
  { path, write = false }: { readonly path: string; readonly write?: boolean },
  signal: AbortSignal,
  run: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const client = await connect(imap, signal)
  try {
    await client.mailboxOpen(path, { readOnly: !write })
    return await run(client)
  } catch (error) {
    throw failed(error, path)
  } finally {
    client.close()
  }
}

async function connect(imap: Imap, signal: AbortSignal): Promise<ImapFlow> {
  const { host, secure = false, port = secure ? 993 : 143, user, password, accessToken } = imap
  if (signal.aborted) throw new PrmError('unavailable', 'The mailbox was not asked: it was called off.')
  // Loaded by who has a mailbox.
  const { ImapFlow } = await import('imapflow')
  const client = new ImapFlow({
    host,
    port,
    secure,
    auth: {
      user,
      ...(accessToken ? { accessToken: await resolve(accessToken) } : { pass: await resolve(password ?? '') }),
    },
    ...(!secure && (isLoopback(host) ? {} : { doSTARTTLS: true })),
    ...(isLoopback(host) && { tls: { rejectUnauthorized: false } }),
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
  })
  client.on('error', () => undefined) // Whoever waits for an answer is told.
  const stop = () => client.close()
  signal.addEventListener('abort', stop, { once: true })
  client.on('close', () => signal.removeEventListener('abort', stop))
  try {
    await client.connect()
    return client
  } catch (error) {
    client.close()
    throw failed(error)
  }
}

/** Its text holds nothing of the mailbox; a server's own words may. */
function failed(thrown: unknown, path?: string): PrmError {
  if (PrmError.is(thrown)) return thrown
  const { authenticationFailed, mailboxMissing, responseStatus, code, name } = thrown as {
    readonly authenticationFailed?: boolean
    readonly mailboxMissing?: boolean
    readonly responseStatus?: string
    readonly code?: string
    readonly name?: string
  }
  if (authenticationFailed) return new PrmError('auth', 'The IMAP server refused the login.')
  if (mailboxMissing) return new PrmError('config', `There is no mailbox "${path}".`, { field: 'imap' })
  if (responseStatus) return new PrmError('unavailable', `The IMAP server refused a command: ${responseStatus}.`)
  if (code) return new PrmError('unavailable', `The IMAP server did not answer: ${code}.`)
  return new PrmError('unavailable', `The mailbox could not be read: ${name}.`, { cause: thrown })
}

// ── feed ─────────────────────────────────────────────────────────────────────────────────────
/** UIDs rise within one UIDVALIDITY (RFC 9051 §2.3.1.1). */
interface Cursor {
  readonly validity: string
  readonly uid: number
  /** The day of the newest mail: where the UIDs begin anew, what is older was read. */
  readonly day?: string
}
const isCursor = (value: Json | undefined): value is Json & Cursor =>
  typeof value === 'object' && value !== null && 'validity' in value && 'uid' in value

const most = { mails: 20, bytes: 8 * 1024 * 1024 }
const dayMs = 86_400_000

export function feed(config: EmailConfig, imap: Imap, maxBytes: number): Feed {
  const { mailbox: path = 'INBOX', every = '1m', since } = imap
  return {
    every,
    async *pull(last, ctx) {
      const before = isCursor(last) ? last : undefined
      const client = await connect(imap, ctx.signal)
      try {
        const { uidValidity } = await client.mailboxOpen(path, { readOnly: true })
        const validity = String(uidValidity)
        const same = before?.validity === validity
        if (before && !same) ctx.log('warn', 'The mailbox was made anew; what it held lately is read again.', { path })
        const from = same ? before.uid + 1 : 1
        // Two days earlier: a server's day begins where it likes.
        const after =
          same || !before?.day ? since : new Date(Date.parse(before.day) - 2 * dayMs).toISOString().slice(0, 10)
        const found = await client.search({ uid: `${from}:*`, ...(after && { since: new Date(after) }) }, { uid: true })
        // The last one answers to every range.
        const uids = (found || []).filter((uid) => uid >= from).sort((a, b) => a - b)
        let day = before?.day
        while (uids.length > 0 && !ctx.signal.aborted) {
          const batch = await take(config, client, uids, { validity, maxBytes, source: ctx.id })
          if (batch.day && batch.day > (day ?? '')) day = batch.day
          const cursor = { validity, uid: batch.uid, ...(day && { day }) }
          yield { interactions: batch.facts, ...(batch.bad.length > 0 && { rejected: batch.bad }), cursor }
        }
      } catch (error) {
        throw failed(error, path)
      } finally {
        client.close()
      }
    },
  }
}

interface Batch {
  readonly facts: Interaction[]
  readonly bad: RejectedRecord[]
  uid: number
  day?: string
}

/** Takes the next mails off `uids`, few at a time. One that cannot be read is told, and keeps nobody waiting. */
async function take(
  config: EmailConfig,
  client: ImapFlow,
  uids: number[],
  { validity, maxBytes, source }: { readonly validity: string; readonly maxBytes: number; readonly source: string },
): Promise<Batch> {
  const batch: Batch = { facts: [], bad: [], uid: 0 }
  for (let mails = 0, bytes = 0; mails < most.mails && bytes < most.bytes && uids.length > 0; mails++) {
    const uid = uids.shift() as number
    batch.uid = uid
    const where = `uid ${uid}`
    const known = await client.fetchOne(String(uid), { size: true, internalDate: true }, { uid: true })
    if (!known) continue // deleted since it was listed
    const day = new Date(known.internalDate ?? Number.NaN)
    if (!Number.isNaN(day.getTime())) batch.day = [batch.day ?? '', day.toISOString().slice(0, 10)].sort()[1] as string
    if ((known.size ?? 0) > maxBytes) {
      batch.bad.push({ source: where, reason: `the mail is larger than ${maxBytes} bytes` })
      continue
    }
    const mail = await client.fetchOne(String(uid), { source: true }, { uid: true })
    const { source: raw } = mail || {}
    if (!raw) continue
    bytes += raw.byteLength
    const facts = await factsOf(config, raw, source, `imap:${validity}/${uid}`)
    if ('why' in facts) batch.bad.push({ source: where, reason: facts.why })
    else batch.facts.push(...facts)
  }
  return batch
}

/** An attachment, from the mailbox that it came by. */
export async function media(imap: Imap, { ref, type }: Attachment, ctx: Context): Promise<Response> {
  const [, validity, uid = '', index = ''] = /^imap:(\d+)\/(\d+)#(\d+)$/.exec(ref) ?? []
  const gone = new PrmError('not_found', 'The attachment is not in the mailbox any more.')
  if (validity === undefined) throw gone
  return within(imap, { path: imap.mailbox ?? 'INBOX' }, ctx.signal, async (client) => {
    if (!client.mailbox || String(client.mailbox.uidValidity) !== validity) throw gone
    const mail = await client.fetchOne(uid, { source: true }, { uid: true })
    const { source } = mail || {}
    const part = source && (await readMail(source))?.enclosed[Number(index)]
    if (!part) throw gone
    // Never of a type that a browser runs where it is shown.
    const headers = { 'content-type': type, 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' }
    return new Response(part.bytes, { headers })
  })
}

// ── what was sent ────────────────────────────────────────────────────────────────────────────
type Find = NonNullable<Channel<EmailReceipt>['lookup']>

/** By its Message-ID, among the copies of what was sent. */
export function find(config: EmailConfig, imap: Imap, path: string): Find {
  return async ({ key, id, to, excludeProviderIds }, ctx) => {
    const messageId = id ?? (await messageIdOf(config, { key, to: to.value }))
    if (excludeProviderIds.includes(messageId)) return 'unsure'
    const uids = await within(imap, { path }, ctx.signal, (client) => named(client, messageId))
    if (uids.length > 0) return { id: messageId, state: 'sent', raw: { messageId } }
    // What was taken is there no more; what nobody can tell of is not there.
    return id === undefined ? 'absent' : 'unsure'
  }
}

/** Deletes our copies, of a mail that we sent or of one that we got: keys of those begin with their Message-ID. */
export function remove(imap: Imap): NonNullable<Channel['remove']> {
  return async (id, ctx) => {
    const messageId = /^<[^\s<>]+>/.exec(id)?.[0]
    if (messageId === undefined) return
    for (const path of [imap.mailbox ?? 'INBOX', imap.sent])
      if (path !== undefined)
        await within(imap, { path, write: true }, ctx.signal, async (client) => {
          const uids = await named(client, messageId)
          if (uids.length > 0) await client.messageDelete(uids, { uid: true })
        })
  }
}

async function named(client: ImapFlow, messageId: string): Promise<number[]> {
  return (await client.search({ header: { 'message-id': messageId } }, { uid: true })) || []
}

/** The mailboxes can be opened: what is wrong with the first that cannot. */
export async function opens(imap: Imap, signal: AbortSignal): Promise<void> {
  for (const path of [imap.mailbox ?? 'INBOX', imap.sent])
    if (path !== undefined) await within(imap, { path }, signal, async () => undefined)
}
