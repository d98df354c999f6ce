import { defineEvent, type EventType, type Interaction, messageReceived, type Of } from '@prm/core'
import { sha256 } from '@prm/kit'
import { readOptOut } from '@prm/kit/optout'
import type { ParsedMail } from 'mailparser'
import * as z from 'zod/mini'
import { reportsIn } from './bounce.ts'
import { mailto } from './channel.ts'
import { bare, type EmailConfig, isMailAddress } from './config.ts'
import { atOf, automatic, clean, header, parse, wordsOf } from './mime.ts'
import { ownWords } from './reply.ts'
import { oursIn, type Unsubscribing, unsubscribing } from './seal.ts'

/** A mail that no person wrote to us, or not the one it names: kept to be seen, and no flow answers it by mistake. */
export interface MailSetAside {
  readonly why: 'auto-reply' | 'list' | 'loop' | 'own' | 'bounce'
  readonly subject?: string
  readonly text: string
}
export const mailSetAside: EventType<'mail.set-aside', MailSetAside> = defineEvent(
  'mail.set-aside',
  z.object({
    why: z.enum(['auto-reply', 'list', 'loop', 'own', 'bounce']),
    subject: z.exactOptional(z.string()),
    text: z.string(),
  }),
  { keep: '30d' },
)

/** What one mail tells; or why it cannot be read. `place` is where its attachments can be fetched again. */
export async function factsOf(
  config: EmailConfig,
  bytes: Uint8Array,
  source: string,
  place: string,
): Promise<readonly Interaction[] | { readonly why: string }> {
  const mail = await parse(bytes)
  const [from, another] =
    mail?.from?.value.flatMap(({ address = '', group }) => (group ? [] : [address.toLowerCase()])) ?? []
  if (!mail) return { why: 'it is no mail that can be read' }
  const reports = await reportsIn(config, mail, Buffer.from(bytes).toString('latin1'), source)
  if (Array.isArray(reports)) return reports as readonly Interaction[]
  if (from === undefined || another !== undefined || !isMailAddress(from)) return { why: 'it names no one sender' }
  const subject = clean(mail.subject ?? '').replace(/\s+/g, ' ')
  const all = wordsOf(mail, { selectors: [{ selector: 'blockquote', format: 'skip' }] })
  const fact = { source, ...timed(mail), who: mailto(from), to: mailto(bare(config.from)) }
  const key = keyOf(mail, [from, subject, all])
  const asked = await unsubscribing(config, /^unsubscribe ([\w-]{27,2000})$/i.exec(subject)?.[1] ?? '')
  if (asked) return [unsubscribed(asked, source, key)]
  const named = header(mail, 'in-reply-to').concat(header(mail, 'references')).join(' ')
  const why = reports === 'unknown' ? 'bounce' : from === bare(config.from).toLowerCase() ? 'own' : automatic(mail)
  const ours = await oursIn(config, named)
  // Whoever got it from its recipient may answer it too, but not for them.
  const about = ours && ours.to.toLowerCase() === from && { about: { source: 'prm', key: ours.key } }
  const text = ownWords(all)
  if (why)
    return [{ ...fact, ...about, key, type: mailSetAside.name, data: { why, text, ...(subject && { subject }) } }]
  const thread = !ours && { thread: threadOf(mail, from) }
  const media = mail.attachments
    .filter(({ related }) => !related)
    .map(({ contentType }, index) => ({ ref: `${place}#${index}`, type: contentType }))
  const { word, scope } = readOptOut(text || subject) ?? {}
  const data: Of<typeof messageReceived>['data'] = {
    content: { text, ...(subject && { subject }), ...(media.length > 0 && { media }) },
    ...(word && { optOut: word, ...(scope !== undefined && { scope }) }),
  }
  return [{ ...fact, ...about, ...thread, key, type: messageReceived.name, data }]
}

/** A refusal of one purpose; nobody is written to that it was heard, the mail program has said so. */
export function unsubscribed({ to, purpose, key: message }: Unsubscribing, source: string, key?: string): Interaction {
  return {
    key: key ?? `unsubscribe ${sha256(JSON.stringify([to, purpose, message])).hex.slice(0, 40)}`,
    type: messageReceived.name,
    source,
    who: mailto(to),
    about: { source: 'prm', key: message },
    data: { content: { text: 'List-Unsubscribe=One-Click' }, optOut: 'stop', confirmed: true, scope: purpose },
  }
}

function timed(mail: ParsedMail): { at?: string } {
  const at = atOf(mail)
  return at === undefined ? {} : { at }
}

/** Begins with the Message-ID, which an answer names. Who takes another's does not take its place. */
function keyOf({ messageId }: ParsedMail, words: readonly string[]): string {
  const id = /^<[^\s<>]{1,900}>$/.test(messageId ?? '') ? messageId : '-'
  return `${id} ${sha256(JSON.stringify(words)).hex.slice(0, 32)}`
}

/** The first mail of an exchange, for one sender: who knows its Message-ID does not get into somebody else's. */
function threadOf(mail: ParsedMail, from: string): string {
  const [root = mail.messageId ?? '-'] =
    [...header(mail, 'references'), ...header(mail, 'in-reply-to')].join(' ').match(/<[^\s<>]+>/g) ?? []
  return sha256(JSON.stringify([root, from])).hex.slice(0, 32)
}
