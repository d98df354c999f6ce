import { convert } from 'html-to-text'
import { type ParsedMail, simpleParser } from 'mailparser'

/** The mail in parts, or nothing where it cannot be read. */
export async function parse(bytes: Uint8Array): Promise<ParsedMail | undefined> {
  try {
    return await simpleParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      skipHtmlToText: true,
      skipImageLinks: true,
      skipTextLinks: true,
      skipTextToHtml: true,
      keepDeliveryStatus: true,
    })
  } catch {
    return undefined
  }
}

/** Its words: the plain part, else what the HTML shows. */
export function wordsOf({ text, html }: ParsedMail, options: Parameters<typeof convert>[1] = {}): string {
  const selectors = [...asText, ...(options.selectors ?? [])]
  return clean(text ?? '') || clean(html ? convert(html, { wordwrap: false, limits: { maxDepth: 50 }, selectors }) : '')
}

const asText: readonly { selector: string; format?: string; options?: object }[] = [
  { selector: 'img', format: 'skip' },
  { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
]

/** Lines without what nobody sees and no database stores. */
export function clean(text: string): string {
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

/** The lines of a header as they came, unfolded, without its name. */
export function header({ headerLines }: ParsedMail, name: string): readonly string[] {
  return headerLines.filter(({ key }) => key === name).map(({ line }) => unfold(line.slice(line.indexOf(':') + 1)))
}
export const unfold = (text: string): string => text.replace(/\r?\n[ \t]+/g, ' ').trim()

export function atOf(mail: ParsedMail): string | undefined {
  const at = Date.parse(header(mail, 'date')[0] ?? '')
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** `multipart/report` and its `report-type`. */
export function contentType({ headers }: ParsedMail): { readonly value: string; readonly report: string } {
  const type = headers.get('content-type')
  const { value = '', params = {} } = type && typeof type === 'object' && 'value' in type ? (type as never) : {}
  return {
    value: String(value).toLowerCase(),
    report: String((params as { [k: string]: string })['report-type'] ?? '').toLowerCase(),
  }
}

/** Why a mail is a machine's answer (RFC 3834, and what mail systems do beside it). */
export function automatic(mail: ParsedMail): 'auto-reply' | 'list' | 'loop' | undefined {
  const of = (name: string): string => header(mail, name).join(', ')
  const submitted = of('auto-submitted')
    .replace(/\([^)]*\)/g, '')
    .trim()
  if (submitted !== '' && !/^no\b/i.test(submitted)) return 'auto-reply'
  if (['x-autoreply', 'x-autorespond', 'x-auto-response-suppress', 'x-autoreply-from'].some((name) => of(name) !== ''))
    return 'auto-reply'
  if (/\bauto[_-]?reply\b/i.test(of('precedence')) || /multipart\/report/.test(contentType(mail).value))
    return 'auto-reply'
  if (/\b(?:bulk|list|junk)\b/i.test(of('precedence')) || mail.headers.has('list')) return 'list'
  return header(mail, 'received').length > mostHops ? 'loop' : undefined
}
/** After so many servers it goes in circles. */
const mostHops = 30
