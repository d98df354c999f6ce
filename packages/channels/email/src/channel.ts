import {
  type Address,
  type Attachment,
  type Channel,
  type Content,
  type Context,
  type Measurement,
  type Outbound,
  PrmError,
} from '@prm/core/adapter'
import { bytesOf } from '@prm/kit'
import type { SendMailOptions } from 'nodemailer'
import { bare, type EmailConfig, isMailAddress, mailto } from './config.ts'
import { find, remove } from './imap.ts'
import type { EmailReceipt, Smtp } from './smtp.ts'
import { messageIdOf, unsubscribeToken } from './tokens.ts'

export function channel(config: EmailConfig, smtp: Smtp): Channel<EmailReceipt> {
  const { imap } = config
  const { perSecond, perDay } = config.smtp
  const rate = { ...(perSecond && { perSecond }), ...(perDay && { perDay }) }
  return {
    medium: 'email',
    schemes: ['mailto'],
    exposure: 'private',
    senders: [{ address: mailto(bare(config.from)), ...rate }],
    // A mail server tries for days, five mostly (RFC 5321 §4.5.4.1), and takes the same mail twice.
    limits: { maxQueueTime: '5d', idempotent: false, visibleAfter: '2m' },
    measure,
    ...(imap && { remove: remove(imap) }),
    ...(imap?.sent !== undefined && { lookup: find(config, imap, imap.sent) }),
    async send(message, ctx) {
      const mail = await mailOf(config, message, ctx)
      const { response } = await smtp.send(mail, ctx.signal)
      const messageId = mail.messageId as string
      return {
        id: messageId,
        from: mailto(bare(config.from)),
        state: 'accepted',
        raw: { messageId, ...(response !== undefined && { response }) },
      }
    },
  }
}

// ── measure ──────────────────────────────────────────────────────────────────────────────────
const mostBytes = 1_000_000

function measure({ text, html = '', subject = '' }: Content, to?: Address): Measurement {
  const unfit = to && !isMailAddress(to.value) && { unreachable: 'no e-mail address' }
  const warnings = [
    ...(subject.length > 150 ? ['the subject is longer than mailboxes show'] : []),
    ...(html.length > 102_000 ? ['Gmail shows the first 102 KB of the HTML only'] : []),
  ]
  return {
    units: 1,
    unit: 'message',
    ...(text.length + html.length > mostBytes && { tooLong: true }),
    ...unfit,
    warnings,
  }
}

// ── the mail ─────────────────────────────────────────────────────────────────────────────────
async function mailOf(config: EmailConfig, message: Outbound, ctx: Context): Promise<SendMailOptions> {
  const { key, to, content } = message
  if (to.scheme !== 'mailto') throw new PrmError('invalid', 'Mail reaches mailto addresses only.')
  if (!isMailAddress(to.value)) throw new PrmError('undeliverable', 'The address is none that mail can be sent to.')
  const subject = content.subject ?? reSubject(message) ?? config.subject ?? 'A message from the library'
  if (/[\r\n\0]/.test(subject))
    throw new PrmError('invalid', 'The subject has more than one line: expected one.', { field: 'content.subject' })
  // The key of a mail that we got begins with its Message-ID.
  const parents = (message.inReplyTo ?? []).flatMap(({ key }) => /^<[^\s<>]+>/.exec(key)?.[0] ?? [])
  return {
    envelope: { from: bare(config.from), to: [to.value] },
    from: config.from,
    to: { name: '', address: to.value },
    ...(config.replyTo !== undefined && { replyTo: config.replyTo }),
    subject,
    date: ctx.now(),
    messageId: await messageIdOf(config, { key, to: to.value }),
    text: content.text,
    ...(content.html !== undefined && { html: content.html }),
    ...(content.media && { attachments: await attachments(content.media, ctx) }),
    ...(parents.length > 0 && { inReplyTo: parents.at(-1) as string, references: parents }),
    dsn: {
      ret: 'HDRS',
      notify: config.smtp.receipts ? ['SUCCESS', 'FAILURE', 'DELAY'] : ['FAILURE', 'DELAY'],
      orcpt: `rfc822;${to.value}`,
    },
    headers: {
      // RFC 3834 §5; Exchange heeds its own header only.
      ...(message.inReplyTo
        ? {}
        : { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' }),
      ...(await unsubscribeHeaders(config, message, ctx)),
    },
  }
}

/** Mail programs show an answer with what it answers, some only under the same subject. */
function reSubject({ inReplyTo }: Outbound): string | undefined {
  const subject = inReplyTo?.findLast((one) => one.subject !== undefined)?.subject
  return subject && `Re: ${subject.replace(/^(?:\s*(?:re|aw|sv|vs|antw|odp|rif|ynt)\s*:)+\s*/i, '')}`
}

type Attached = NonNullable<SendMailOptions['attachments']>

/** Fetched before the mail begins: what is missing must not break it off in the middle. */
async function attachments(media: readonly Attachment[], { signal }: Context): Promise<Attached> {
  return Promise.all(
    media.map(async ({ ref, type }, index) => {
      if (!/^(?:https?|data):/i.test(ref))
        throw new PrmError('invalid', 'An attachment is no https or data URL.', {
          field: `content.media[${index}].ref`,
        })
      const name = /^data:/i.test(ref) ? '' : decodeURIComponent(new URL(ref).pathname.split('/').at(-1) ?? '')
      const answer = await fetch(ref, { signal }).catch(() => undefined)
      const bytes = answer?.ok ? await bytesOf(answer, mostBytes * 10) : undefined
      if (!bytes) throw new PrmError('unavailable', 'An attachment could not be fetched, or is larger than 10 MB.')
      const filename = name.replace(/[^\p{L}\p{N}._ -]/gu, '_') || `attachment-${index + 1}`
      return { content: Buffer.from(bytes), contentType: type.replace(/[^\w/.+-]/g, ''), filename }
    }),
  )
}

/** RFC 2369 and RFC 8058. Without a public URL there is no one-click. */
async function unsubscribeHeaders(
  config: EmailConfig,
  { key, to, purpose }: Outbound,
  { publicUrl }: Context,
): Promise<{ [name: string]: string }> {
  const { purposes = [], mailto } = config.unsubscribe ?? {}
  if (purposes !== '*' && !purposes.includes(purpose)) return {}
  const token = await unsubscribeToken(config, { to: to.value, purpose, key })
  const ways = [
    publicUrl && `<${publicUrl}?unsubscribe=${token}>`,
    mailto && `<mailto:${mailto}?subject=unsubscribe%20${token}>`,
  ]
  return {
    ...(ways.some(Boolean) && { 'List-Unsubscribe': ways.filter(Boolean).join(', ') }),
    ...(publicUrl && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    // No standard, but what bulk mail is known by (RFC 3834 §2).
    Precedence: 'bulk',
  }
}
