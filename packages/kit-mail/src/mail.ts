import type { Instant, MessageDelivery } from '@prm/core/adapter'
import { tooDeep, withoutTags } from '@prm/kit-pages'
import { convert } from 'html-to-text'
import { type ParsedMail, simpleParser } from 'mailparser'
import { reportsIn } from './report.ts'

/** A mail as far as anybody here reads one. */
export interface Mail {
  /** The addresses of `From`, in lower case. */
  readonly from: readonly string[]
  /** In one line; empty where there is none. */
  readonly subject: string
  readonly messageId?: string
  /** What its sender says. */
  readonly at?: Instant
  /** The plain part, else what the HTML shows. */
  readonly text: string
  /** `multipart/report`. */
  readonly type: string
  /** Without pictures that the HTML shows. */
  readonly enclosed: readonly Enclosed[]
  /** The values of a header as they came, each in one line; its name in lower case. */
  header(name: string): readonly string[]
  /** What it is where no person wrote it to us (RFC 3834, and what mail systems do beside it). */
  readonly automatic?: 'auto-reply' | 'list' | 'loop'
  /** What it reports of a mail that was sent: delivery statuses, bounces in words, complaints. */
  readonly reports?: readonly MessageDelivery[]
  /** All of it, also of what it encloses, decoded: to look for a Message-ID in. */
  readonly whole: string
}
export interface Enclosed {
  readonly type: string
  readonly name?: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Reads one mail, or returns nothing where it cannot be read. With `quotes: false`, HTML is read without what it quotes.
 * Never throws: anybody may write a mail, and one must not keep the others waiting.
 */
export async function readMail(
  bytes: Uint8Array,
  { quotes = true }: { readonly quotes?: boolean } = {},
): Promise<Mail | undefined> {
  const parsed = await parse(bytes)
  return parsed && attempt(() => mailOf(parsed, bytes, quotes))
}

/** What `read` returns, or nothing where a parser throws for the text that it was given. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function mailOf(parsed: ParsedMail, bytes: Uint8Array, quotes: boolean): Mail {
  const header = (name: string): readonly string[] =>
    parsed.headerLines.filter(({ key }) => key === name).map(({ line }) => unfold(line.slice(line.indexOf(':') + 1)))
  const { messageId } = parsed
  const at = Date.parse(header('date')[0] ?? '')
  const automatic = automaticBy(header, parsed.headers.has('list'))
  const parts = parsed.attachments.slice(0, mostParts).map(({ contentType, content }) => {
    return { type: contentType.toLowerCase(), text: content.subarray(0, mostRead).toString('latin1') }
  })
  const text = wordsOf(parsed, quotes)
  const subject = plainLines(parsed.subject ?? '').replace(/\s+/g, ' ')
  const from = parsed.from?.value.flatMap(({ address, group }) => (group ? [] : [(address ?? '').toLowerCase()])) ?? []
  const { value: type, report } = contentType(parsed)
  const reports = attempt(() => reportsIn({ from, subject, text, header, type, report, parts }))
  return {
    from,
    subject,
    ...(messageId !== undefined && { messageId }),
    ...(!Number.isNaN(at) && { at: new Date(at).toISOString() }),
    text,
    type,
    enclosed: parsed.attachments
      .filter(({ related }) => !related)
      .map(({ contentType, filename, content }) => ({
        type: contentType.toLowerCase(),
        ...(filename !== undefined && { name: plainLines(filename) }),
        bytes: new Uint8Array(content),
      })),
    header,
    ...(automatic && { automatic }),
    ...(reports && { reports }),
    whole: [Buffer.from(bytes).toString('latin1'), parsed.text ?? '', ...parts.map(({ text }) => text)].join('\n'),
  }
}

/** A mail system's report is short; who encloses more is read so far. */
const mostParts = 20
const mostRead = 200_000

async function parse(bytes: Uint8Array): Promise<ParsedMail | undefined> {
  try {
    return await simpleParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      skipHtmlToText: true,
      skipImageLinks: true,
      skipTextLinks: true,
      skipTextToHtml: true,
      keepDeliveryStatus: true,
    })
  } catch {
    return undefined // It reads these bytes and nothing else: what it throws is of them, such as parts nested without end.
  }
}

// ── words ────────────────────────────────────────────────────────────────────────────────────
function wordsOf({ text, html }: ParsedMail, quotes: boolean): string {
  const plain = plainLines(text ?? '')
  if (plain || !html) return plain
  const read = attempt(() => (quotes ? '' : shown(html, [...asText, ...quoting])) || shown(html, asText))
  // Rather words in the wrong places than none: a STOP must be read in any HTML.
  return read ?? plainLines(withoutTags(html))
}

type Selectors = NonNullable<NonNullable<Parameters<typeof convert>[1]>['selectors']>

const shown = (html: string, selectors: Selectors): string =>
  plainLines(
    convert(tooDeep(html) ? withoutTags(html) : html, {
      wordwrap: false,
      limits: { maxDepth: 50 },
      selectors,
    }),
  )

/** Phones break lines themselves; a heading is not shouted, and an address stands where it adds something. */
const asText: Selectors = [
  { selector: 'img', format: 'skip' },
  { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
]
const quoting: Selectors = ['blockquote', 'div.gmail_quote', 'div.yahoo_quoted', 'div.moz-cite-prefix'].map(
  (selector) => ({ selector, format: 'skip' }),
)

/** Lines without what no screen shows and no database stores. */
export function plainLines(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .toWellFormed()
    .split('\n')
  return lines
    .map((line) => line.replaceAll('\u00a0', ' ').trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

// ── headers ──────────────────────────────────────────────────────────────────────────────────
const unfold = (text: string): string => text.replace(/\r?\n[ \t]+/g, ' ').trim()

function contentType({ headers }: ParsedMail): { readonly value: string; readonly report: string } {
  const type = headers.get('content-type')
  if (typeof type !== 'object' || !('value' in type) || typeof type.value !== 'string') return { value: '', report: '' }
  const { params } = type as { params?: { readonly [name: string]: string } }
  return { value: type.value.toLowerCase(), report: (params?.['report-type'] ?? '').toLowerCase() }
}

/** After so many servers it goes in circles. */
const mostHops = 30

function automaticBy(header: Mail['header'], listed: boolean): Mail['automatic'] {
  if (header('received').length > mostHops) return 'loop'
  const of = (name: string): string => header(name).join(', ')
  const submitted = of('auto-submitted')
    .replace(/\([^)]*\)/g, '')
    .trim()
  if (submitted !== '' && !/^no\b/i.test(submitted)) return 'auto-reply'
  if (['x-autoreply', 'x-autorespond', 'x-autoreply-from', 'x-auto-response-suppress'].some((name) => of(name) !== ''))
    return 'auto-reply'
  if (/\bauto[_-]?reply\b/i.test(of('precedence')) || of('return-path') === '<>') return 'auto-reply'
  if (/^multipart\/report\b/i.test(of('content-type'))) return 'auto-reply'
  return /\b(?:bulk|list|junk)\b/i.test(of('precedence')) || listed ? 'list' : undefined
}
