import { shownText } from '@prm/kit-pages'

/** Of one post; an instance may allow any length. */
const mostMarkup = 100_000
const mostText = 10_000

/** What a reader sees of a post: the short form of a link, no fallback of a quote that is shown beside it. */
export function textOf(content: string, quotes: boolean): string {
  // No `<` within a tag: what never ends must not be read again from each of its beginnings.
  const html = content
    .slice(0, mostMarkup)
    .replace(/<span\b([^<>]*)>([^<]*)<\/span>/g, (all, tag: string, words: string) => {
      if (tag.includes('invisible')) return ''
      if (tag.includes('ellipsis')) return `${words}…`
      return tag.includes('quote-inline') ? all : words
    })
  const text = shownText(quotes ? withoutQuote(html) : html)
  return text.length <= mostText ? text : `${text.slice(0, mostText).toWellFormed().trimEnd()} …`
}

/** "RE: …", which those see who are shown no quote (`quoted_status_id` of "statuses"). */
function withoutQuote(html: string): string {
  const [tag, name] = [...html.matchAll(/<(p|span)\b[^<>]*>/g)].find(([tag]) => tag.includes('quote-inline')) ?? []
  if (tag === undefined) return html
  const from = html.indexOf(tag)
  const to = html.indexOf(`</${name}>`, from)
  return html.slice(0, from) + (to < 0 ? '' : html.slice(to))
}

const link = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?'()[\]{}]/giu
/** Account::MENTION_RE: the local name, and its host where it has one. */
const mention =
  /(?<![=/\p{L}\p{M}\p{N}_])@([a-z\d_]+(?:[.-]+[a-z\d_]+)*)(?:@[\p{L}\p{M}\p{N}_]+(?:[.-]+[\p{L}\p{M}\p{N}_]+)*)?/giu
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** As an instance counts (StatusLengthValidator): graphemes, a link as so many, of a remote mention the local name only; a content warning as it is. */
export function countOf(text: string, perUrl: number, warning = ''): number {
  const counted = text.replace(link, 'x'.repeat(perUrl)).replace(mention, '@$1')
  return [...graphemes.segment(warning + counted)].length
}

/** Whom a text names, and so reaches. */
export const namesIn = (text: string): readonly string[] => [...text.matchAll(mention)].map(([all]) => all.slice(1))
