import type { Instant, NoticeKind } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import { type Mail as Read, readMail as read } from '@prm/kit-mail'
import type { MailGatewayConfig } from './config.ts'
import { kindOf } from './notice-kinds.ts'

export interface Mail {
  /** The same when the sender's queue brings the mail again, another for every other mail. */
  readonly id: string
  readonly at?: Instant
  readonly text: string
  readonly subject?: string
  readonly kind?: NoticeKind
}

/**
 * What is to be texted, or why it is not. `transaction` names a mail that has nothing by which it could be known again:
 * no queue can have had it, so it cannot come a second time.
 */
export async function readMail(
  bytes: Buffer,
  transaction: string,
  { subject: place }: Pick<MailGatewayConfig, 'subject'>,
): Promise<Mail | { readonly why: string }> {
  const mail = await read(bytes)
  if (!mail) return { why: 'The mail cannot be read.' }
  const why = loopIn(mail)
  if (why) return { why }
  const { subject, text: body, at } = mail
  const text = place === 'before' && subject ? `${subject}${body && `: ${body}`}` : body
  if (!text) return { why: 'The mail has no text: write it as text/plain or text/html.' }
  const kind = kindOf(subject)
  return {
    id: idOf(mail, bytes, transaction),
    text,
    ...(at && { at }),
    ...(subject && { subject }),
    ...(kind && { kind }),
  }
}

/** Evergreen marks its own texts `auto-generated`: only what answers somebody is refused (RFC 3834). */
function loopIn({ header, type, automatic }: Read): string | undefined {
  if (header('auto-submitted').some((value) => /auto-replied/i.test(value))) return 'An automatic reply is no notice.'
  if (header('x-autoreply').length > 0 || header('x-autorespond').length > 0) return 'An automatic reply is no notice.'
  if (type === 'multipart/report') return 'A delivery report is no notice.'
  if (automatic === 'loop') return 'The mail goes in circles: it was handed on too often.'
  return undefined
}

function idOf({ messageId, header }: Read, bytes: Buffer, transaction: string): string {
  if (messageId) return messageId
  // A queue writes a line of its own above the mail, once; who sends directly writes at least the time.
  const traced = header('received').length > 0 || header('date').length > 0
  return traced ? sha256(bytes).hex : transaction
}
