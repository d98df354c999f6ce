import type { Instant, NoticeKind } from '@prm/core'
import { sha256 } from '@prm/kit'
import { convert } from 'html-to-text'
import { type ParsedMail, simpleParser } from 'mailparser'
import type { MailGatewayConfig } from './config.ts'
import { kindOf } from './kinds.ts'

export interface Mail {
  /** The same when the sender's queue brings the mail again, another for every other mail. */
  readonly id: string
  readonly at?: Instant
  readonly text: string
  readonly subject?: string
  readonly kind?: NoticeKind
}

/** After so many servers it goes in circles. */
const mostHops = 30

/**
 * What is to be texted, or why it is not. `transaction` names a mail that has nothing by which it could be known again:
 * no queue can have had it, so it cannot come a second time.
 */
export async function readMail(
  bytes: Buffer,
  transaction: string,
  { subject: place }: Pick<MailGatewayConfig, 'subject'>,
): Promise<Mail | { readonly why: string }> {
  const parsed = await parse(bytes)
  if (!parsed) return { why: 'The mail cannot be read.' }
  const why = loopIn(parsed)
  if (why) return { why }
  const subject = clean(parsed.subject ?? '').replace(/\s+/g, ' ')
  const body = clean(parsed.text ?? '') || clean(parsed.html ? convert(parsed.html, asText) : '')
  const text = place === 'before' && subject ? `${subject}${body && `: ${body}`}` : body
  if (!text) return { why: 'The mail has no text: write it as text/plain or text/html.' }
  const kind = kindOf(subject)
  const at = atOf(parsed)
  return {
    id: idOf(parsed, bytes, transaction),
    text,
    ...(at && { at }),
    ...(subject && { subject }),
    ...(kind && { kind }),
  }
}

async function parse(bytes: Buffer): Promise<ParsedMail | undefined> {
  try {
    return await simpleParser(bytes, {
      skipHtmlToText: true,
      skipImageLinks: true,
      skipTextLinks: true,
      skipTextToHtml: true,
    })
  } catch {
    return undefined // It would be no better for coming again.
  }
}

/** Phones break lines themselves; a heading is not shouted, and an address stands where it adds something. */
const asText: Parameters<typeof convert>[1] = {
  wordwrap: false,
  limits: { maxDepth: 50 },
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
}

/** Lines without what no phone shows and no database stores. */
function clean(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .split('\n')
  const trimmed = lines.map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
  return trimmed
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** Evergreen marks its own texts `auto-generated`: only what answers somebody is refused (RFC 3834). */
function loopIn({ headers, headerLines }: ParsedMail): string | undefined {
  const of = (name: string) => headerLines.filter(({ key }) => key === name).map(({ line }) => line)
  if (of('auto-submitted').some((line) => /auto-replied/i.test(line))) return 'An automatic reply is no notice.'
  if (of('x-autoreply').length > 0 || of('x-autorespond').length > 0) return 'An automatic reply is no notice.'
  const type = headers.get('content-type')
  if (typeof type === 'object' && 'value' in type && type.value === 'multipart/report')
    return 'A delivery report is no notice.'
  if (of('received').length > mostHops) return 'The mail goes in circles: it was handed on too often.'
  return undefined
}

function idOf({ messageId, headerLines }: ParsedMail, bytes: Buffer, transaction: string): string {
  if (messageId) return messageId
  // A queue writes a line of its own above the mail, once; who sends directly writes at least the time.
  const traced = headerLines.some(({ key }) => key === 'received' || key === 'date')
  return traced ? sha256(bytes).hex : transaction
}

function atOf({ headerLines }: ParsedMail): Instant | undefined {
  const line = headerLines.find(({ key }) => key === 'date')?.line
  const at = line === undefined ? Number.NaN : Date.parse(line.slice('date:'.length).trim())
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}
