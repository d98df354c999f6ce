import { defineEvent, type EventType, type Interaction, PrmError, type Webhook } from '@prm/core/adapter'
import { hmacSha256, postedBody, resolve, sameText, sha256 } from '@prm/kit'
import { ownWords, readMail } from '@prm/kit-mail'
import * as z from 'zod/mini'
import type { MirroredMail } from './config.ts'

/** Staff answered a ticket of ours in LibAnswers; the fact is `about` the message that made it. */
export interface TicketAnswered {
  readonly text: string
  readonly subject?: string
  /** No person wrote it: a receipt, an absence, a mail without words of its own; nothing for a patron. */
  readonly automatic?: true
}
export const ticketAnswered: EventType<'ticket.answered', TicketAnswered> = defineEvent(
  'ticket.answered',
  z.object({
    text: z.string(),
    subject: z.exactOptional(z.string()),
    automatic: z.exactOptional(z.literal(true)),
  }),
)

const maxBytes = 10 * 1024 * 1024

/** Mails of LibAnswers to the mailbox that stands in for a patron, as they came, posted and signed. */
export function inlet(mail: MirroredMail): Webhook {
  return {
    maxBytes,
    requires: [{ header: 'prm-signature' }],
    async receive(request, ctx) {
      const letter = await readMail(await postedBody(request, mail, maxBytes, ctx), { quotes: false })
      if (!letter) throw new PrmError('invalid', 'The request is no mail that can be read: expected one as it came.')
      if (mail.from && !isFrom(mail.from, letter.from))
        throw new PrmError('invalid', 'The mail is from somebody else: expected one of mail.from.')
      const ticket = await answeredIn(mail, letter.header)
      if (ticket === undefined)
        throw new PrmError(
          'invalid',
          `The mail answers no ticket of ours: expected one to ${mail.address} with our mark, and only one.`,
        )
      const { subject, automatic, at, messageId = '-' } = letter
      const own = cut(ownWords(letter.text, ''), mail.endsAt ?? [])
      const data: TicketAnswered = {
        // Only what was asked, quoted, is nobody's answer: it is kept for staff to see.
        text: own || letter.text.trim(),
        ...(subject && { subject }),
        ...((automatic || letter.reports || !own) && { automatic: true }),
      }
      const key = `${/^<[^\s<>]{1,900}>$/.test(messageId) ? messageId : '-'} ${sha256(JSON.stringify([ticket, data])).hex.slice(0, 32)}`
      const fact: Interaction = {
        key,
        type: ticketAnswered.name,
        source: ctx.id,
        ...(at && { at }),
        about: { source: 'prm', key: ticket },
        data,
      }
      return { interactions: [fact] }
    },
  }
}

function isFrom(senders: readonly string[], [address = '', another]: readonly string[]): boolean {
  const either = [address, address.slice(address.lastIndexOf('@') + 1)]
  return another === undefined && senders.some((one) => either.includes(one.toLowerCase()))
}

/** Without what is below the first line with one of these. */
function cut(text: string, marks: readonly string[]): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => marks.some((mark) => line.includes(mark)))
  return end < 0 ? text : lines.slice(0, end).join('\n').trim()
}

// ── which ticket a mail answers ──────────────────────────────────────────────────────────────
const letters = 'abcdefghijklmnopqrstuvwxyz234567'
const macLetters = 10
/** Of the 64 letters before an @ ten are the mailbox's, one is a plus, and ten are the seal. */
const mostKey = 26

export const isMail = (value: string): boolean => /^[^\s@<>,;:"]+@[^\s@<>,;:"]+\.[^\s@<>,;:"]+$/.test(value)

/** `desk+<the message's key, and a seal>@alder.example`; in letters that survive being put in lower case. Throws `invalid` for a key that does not fit. */
export async function mailboxFor(mail: MirroredMail, key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key)
  if (bytes.length > mostKey)
    throw new PrmError(
      'invalid',
      `The key of a ticket that is answered by mail has ${bytes.length} bytes: expected ${mostKey} at the most.`,
      { field: 'key' },
    )
  const [local, domain] = mail.address.split('@')
  return `${local}+${base32(bytes)}${await macOf(mail, key)}@${domain}`
}

async function macOf({ seal }: MirroredMail, key: string): Promise<string> {
  const mac = hmacSha256(await resolve(seal), 'prm libanswers ticket ', key).hex
  return base32(Buffer.from(mac, 'hex')).slice(0, macLetters)
}

/** Where a mail system writes down to whom it gave this copy; whom a mail names may be several. */
const envelope = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to']
const named = ['to', 'cc']

async function answeredIn(
  mail: MirroredMail,
  header: (name: string) => readonly string[],
): Promise<string | undefined> {
  const [given] = await ticketsAt(mail, envelope.flatMap(header))
  if (given !== undefined) return given
  const [ticket, another] = await ticketsAt(mail, named.flatMap(header))
  return another === undefined ? ticket : undefined
}

async function ticketsAt(mail: MirroredMail, headers: readonly string[]): Promise<readonly string[]> {
  const [local = '', domain = ''] = mail.address.toLowerCase().split('@')
  const addresses = headers
    .join(' ')
    .toLowerCase()
    .split(/[\s<>,;"]+/)
  const found = new Set<string>()
  for (const one of addresses) {
    if (!one.startsWith(`${local}+`) || !one.endsWith(`@${domain}`)) continue
    const mark = one.slice(local.length + 1, -domain.length - 1)
    const key = unbase32(mark.slice(0, -macLetters))
    if (key !== undefined && sameText(await macOf(mail, key), mark.slice(-macLetters))) found.add(key)
  }
  return [...found]
}

/** RFC 4648 §6 in lower case, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => letters[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

function unbase32(text: string): string | undefined {
  const bits = [...text].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  if (text === '' || [...text].some((letter) => !letters.includes(letter))) return undefined
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes))
  } catch {
    return undefined
  }
}
