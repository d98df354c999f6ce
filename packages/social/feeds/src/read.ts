import { PrmError } from '@prm/core/adapter'
import { shownText } from '@prm/kit-pages'
import { type AtomFeed, type JsonFeed, parseFeed, parseJsonFeed, type RdfFeed, type RssFeed } from 'feedsmith'
import type { Got } from './api.ts'
import { canonical } from './link.ts'
import { textOf } from './text.ts'

/** One item, whatever the format. */
export interface Entry {
  /** What the feed calls it. */
  readonly id: string | undefined
  readonly url: string | undefined
  readonly title: string
  readonly text: string
  /** As it is written. */
  readonly date: string | undefined
  readonly author: string | undefined
  readonly language: string | undefined
}
export interface Read {
  readonly format: string
  readonly entries: readonly Entry[]
  /** Why there may be more. */
  readonly cut?: string
}

/** So many are read of one feed at one look: it tells what is new first. */
const mostEntries = 500
/** Of one item's mark-up, and of its words, in characters. */
const mostMarkup = 100_000
const mostText = 10_000

/** Throws `contract` where it is no feed. */
export function readFeed({ bytes = new Uint8Array(), type, url, cut }: Got): Read {
  const text = textOf(bytes, type).trim()
  const long = cut ? `it is longer than ${bytes.byteLength} bytes, and was read so far` : undefined
  if (/^[{[]/.test(text)) {
    if (long) throw broken(`is JSON of more than ${bytes.byteLength} bytes, which cannot be read in part`)
    return { format: 'json', ...bounded(jsonIn(text, url)) }
  }
  const start = afterProlog(text)
  const root = /^<([\w.:-]+)/.exec(text.slice(start, start + 100))?.[1] ?? ''
  if (/^html$/i.test(root)) throw broken('is a web page: look there for the address of its feed')
  if (!/(^|:)(rss|feed|rdf)$/i.test(root)) throw broken('is neither RSS, Atom nor JSON Feed')
  const xml = text.slice(start)
  const end = endOf(xml, root)
  const why = long ?? (end.more ? `it has more than ${mostEntries} items, and the first were read` : undefined)
  const whole = why === undefined ? xmlIn(xml, url) : undefined
  if (whole) return whole
  const part = xmlIn(xml.slice(0, end.at) + end.close, url)
  if (!part || (!why && part.entries.length === 0)) throw broken('is XML that cannot be read')
  return { ...part, cut: why ?? 'it breaks off or is no good XML, and was read as far as its last whole item' }
}

const broken = (why: string): PrmError => new PrmError('contract', `What came ${why}.`)

/** Where its root begins. An own DTD is not read: all that feeds use one for is to be a bomb, or to ask for files. */
function afterProlog(text: string): number {
  let at = 0
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++
    const end = text.startsWith('<?', at) ? '?>' : text.startsWith('<!--', at) ? '-->' : undefined
    if (end !== undefined) {
      const found = text.indexOf(end, at)
      if (found < 0) return text.length
      at = found + end.length
    } else if (/^<!doctype/i.test(text.slice(at, at + 9))) {
      const found = text.indexOf('>', at)
      if (found < 0 || text.slice(at, found).includes('['))
        throw broken('declares entities in a DTD of its own, which is not read')
      if (/^<!doctype\s+html/i.test(text.slice(at, at + 40))) throw broken('is a web page: look there for its feed')
      at = found + 1
    } else return at
  }
}

/** The end of the last item that is told, and what closes the document there. */
function endOf(xml: string, root: string): { readonly at: number; readonly close: string; readonly more: boolean } {
  const close = /rss$/i.test(root) ? `</channel></${root}>` : `</${root}>`
  let [at, count] = [0, 0]
  for (const { index, 0: tag } of xml.matchAll(/<\/(?:[\w.-]+:)?(?:item|entry)\s*>/gi)) {
    if (++count > mostEntries) return { at, close, more: true }
    at = index + tag.length
  }
  return { at, close, more: false }
}

function xmlIn(xml: string, url: string): Read | undefined {
  try {
    const { format, feed } = parseFeed(xml)
    if (format === 'rss') return { format, entries: ofRss(feed, url) }
    if (format === 'atom') return { format, entries: ofAtom(feed, url) }
    return format === 'rdf' ? { format, entries: ofRdf(feed, url) } : undefined
  } catch {
    return undefined // Of all that can be wrong it says no more than "Invalid feed format".
  }
}

function jsonIn(text: string, url: string): readonly Entry[] {
  let feed: JsonFeed.Feed<string>
  try {
    feed = parseJsonFeed(JSON.parse(text)) as JsonFeed.Feed<string>
  } catch {
    throw broken('is JSON, and no JSON Feed')
  }
  return (feed.items ?? []).map((item) => {
    const html = item.content_html ?? escaped(item.content_text ?? item.summary)
    const by = (item.authors ?? feed.authors)?.[0]
    const link = item.url ?? item.external_url ?? item.id
    return entry(item.id, [link, feed.home_page_url ?? url], escaped(item.title), html, {
      date: item.date_published ?? item.date_modified,
      author: by?.name ?? by?.url,
      language: item.language ?? feed.language,
    })
  })
}

function bounded(entries: readonly Entry[]): Pick<Read, 'entries' | 'cut'> {
  if (entries.length <= mostEntries) return { entries }
  return {
    entries: entries.slice(0, mostEntries),
    cut: `it has more than ${mostEntries} items, and the first were read`,
  }
}

// ── the formats ──────────────────────────────────────────────────────────────────────────────
type Deep<T> = { readonly [K in keyof T]?: Deep<T[K]> | undefined }

function ofRss(feed: Deep<RssFeed.Feed<string>>, url: string): readonly Entry[] {
  const { items = [] } = feed as RssFeed.Feed<string>
  const base = feed.xml?.base ?? feed.link ?? url
  return items.map(({ title, link, guid, description, content, pubDate, dc, atom, authors, xml }) => {
    const permanent = guid?.isPermaLink === false ? undefined : guid?.value
    return entry(guid?.value, [link ?? permanent, xml?.base ?? base], title, content?.encoded ?? description, {
      date: pubDate ?? dc?.dates?.[0] ?? atom?.published ?? atom?.updated,
      author: dc?.creators?.[0] ?? authors?.[0]?.name ?? authors?.[0]?.email,
      language: xml?.lang ?? dc?.languages?.[0] ?? feed.language ?? feed.xml?.lang,
    })
  })
}

function ofRdf(feed: Deep<RdfFeed.Feed<string>>, url: string): readonly Entry[] {
  const { items = [], dc: all } = feed as RdfFeed.Feed<string>
  const base = feed.xml?.base ?? feed.link ?? url
  return items.map(({ title, link, rdf, description, content, dc }) =>
    entry(rdf?.about ?? link, [link ?? rdf?.about, base], title, content?.encoded ?? description, {
      date: dc?.dates?.[0],
      author: dc?.creators?.[0],
      language: dc?.languages?.[0] ?? all?.languages?.[0],
    }),
  )
}

function ofAtom(feed: Deep<AtomFeed.Feed<string>>, url: string): readonly Entry[] {
  const { entries = [], authors: own } = feed as AtomFeed.Feed<string>
  return entries.map(({ id, links = [], title, content, summary, published, updated, authors, source, xml, dc }) => {
    const link = links.find(({ rel = 'alternate' }) => rel === 'alternate') ?? links[0]
    const by = (authors ?? source?.authors ?? own)?.find(({ name, uri, email }) => name || uri || email)
    return entry(
      id,
      [link?.href ?? id, xml?.base ?? feed.xml?.base ?? url],
      marked(title),
      marked(content ?? summary),
      {
        date: updated ?? published,
        author: by?.uri ?? by?.name ?? by?.email ?? dc?.creators?.[0],
        language: xml?.lang ?? dc?.languages?.[0] ?? feed.xml?.lang,
      },
    )
  })
}

/** RFC 4287, 3.1.1: what names no type is text, not mark-up. */
const marked = (said: { readonly value?: string; readonly type?: string } | undefined): string | undefined =>
  /html/i.test(said?.type ?? '') ? said?.value : escaped(said?.value)
const escaped = (text: string | undefined): string | undefined =>
  text?.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\n/g, '<br>')

function entry(
  id: string | undefined,
  [link, base]: readonly [link: string | undefined, base: string],
  title: string | undefined,
  html: string | undefined,
  rest: Pick<Entry, 'date' | 'author' | 'language'>,
): Entry {
  return {
    id: id?.trim() || undefined,
    url: link === undefined ? undefined : canonical(link, base),
    title: clipped(shownText((title ?? '').slice(0, mostMarkup)).replace(/\s+/g, ' '), 500),
    text: clipped(shownText((html ?? '').slice(0, mostMarkup)), mostText),
    ...rest,
  }
}

const clipped = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed().trimEnd()} …`
