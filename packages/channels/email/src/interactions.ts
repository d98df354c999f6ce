import {
  defineEvent,
  type EventType,
  type Interaction,
  type MessageDelivery,
  type MessageReceived,
  messageDelivery,
  messageReceived,
  PrmError,
} from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import { readOptOut } from '@prm/kit/optout'
import { type Mail, ownWords, readMail } from '@prm/kit-mail'
import * as z from 'zod/mini'
import { bare, type EmailConfig, isMailAddress, mailto } from './config.ts'
import { type Ours, oursIn, type Unsubscribing, unsubscribing } from './tokens.ts'

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
  { retention: '30d' },
)

type Facts = readonly Interaction[] | { readonly why: string }

/**
 * Reads what one mail says, or why it cannot be read. `place` is where its attachments can be fetched again. Throws only for
 * what the next mail would meet too, such as a secret that cannot be read.
 */
export async function factsOf(config: EmailConfig, bytes: Uint8Array, source: string, place: string): Promise<Facts> {
  try {
    return await read(config, bytes, source, place)
  } catch (error) {
    if (PrmError.is(error)) throw error
    return { why: `reading it failed: ${error instanceof Error ? error.name : 'unknown'}` }
  }
}

async function read(config: EmailConfig, bytes: Uint8Array, source: string, place: string): Promise<Facts> {
  const mail = await readMail(bytes, { quotes: false })
  if (!mail) return { why: 'it is no mail that can be read' }
  const { subject, at, enclosed, reports } = mail
  const reported = reports && (await oursIn(config, mail.whole))
  if (reports && reported) return reports.map((data) => reportOf(mail, reported, data, source))
  const [from = '', another] = mail.from
  if (another !== undefined || !isMailAddress(from)) return { why: 'it names no one sender' }
  const key = keyOf(mail, from)
  const asked = await unsubscribing(config, /^unsubscribe ([\w-]{27,2000})$/i.exec(subject)?.[1] ?? '')
  if (asked) return [unsubscribed(asked, source, key)]
  const ours = await oursIn(config, [...mail.header('in-reply-to'), ...mail.header('references')].join(' '))
  // Whoever got it from its recipient may answer it too, but not for them.
  const about = ours?.to === from && { about: { source: 'prm', key: ours.key } }
  const fact = { key, source, ...(at && { at }), who: mailto(from), to: mailto(bare(config.from)), ...about }
  const text = ownWords(mail.text)
  const why = reports ? 'bounce' : from === bare(config.from).toLowerCase() ? 'own' : mail.automatic
  // A bounce of what is not ours quotes somebody else's mail.
  const told = why === 'bounce' ? '' : text
  if (why) return [{ ...fact, type: mailSetAside.name, data: { why, text: told, ...(subject && { subject }) } }]
  const media = enclosed.map(({ type }, index) => ({ ref: `${place}#${index}`, type }))
  const { word, scope } = readOptOut(text || subject) ?? {}
  const data: MessageReceived = {
    content: { text, ...(subject && { subject }), ...(media.length > 0 && { media }) },
    ...(word && { optOut: word, ...(scope !== undefined && { scope }) }),
  }
  return [{ ...fact, ...(!ours && { thread: threadOf(mail, from) }), type: messageReceived.name, data }]
}

function reportOf({ messageId = '' }: Mail, { key }: Ours, data: MessageDelivery, source: string): Interaction {
  const id = sha256(JSON.stringify([key, messageId, data])).hex.slice(0, 40)
  return {
    key: `${data.addressStatus ?? 'report'} ${id}`,
    type: messageDelivery.name,
    source,
    about: { source: 'prm', key },
    data,
  }
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

/** Begins with the Message-ID, which an answer names. Who takes another's does not take its place. */
function keyOf({ messageId, subject, text }: Mail, from: string): string {
  const id = /^<[^\s<>]{1,900}>$/.test(messageId ?? '') ? messageId : '-'
  return `${id} ${sha256(JSON.stringify([from, subject, text])).hex.slice(0, 32)}`
}

/** The first mail of an exchange, for one sender: who knows its Message-ID does not get into somebody else's. */
function threadOf({ messageId = '-', header }: Mail, from: string): string {
  const [root = messageId] = [...header('references'), ...header('in-reply-to')].join(' ').match(/<[^\s<>]+>/g) ?? []
  return sha256(JSON.stringify([root, from])).hex.slice(0, 32)
}
