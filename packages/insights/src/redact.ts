import type { Language } from './languages.ts'
import type { Said } from './quotes.ts'
import type { Read, Word } from './tokens.ts'

export interface Privacy {
  /** Names that are never shown: of staff, of patrons that a source knows. */
  readonly names?: readonly string[]
  /** The library's own words, which may be shown however few wrote them: titles, headings, FAQs. */
  readonly own?: readonly string[]
}

/** Who wrote a word, as many as matter, and how it is written inside sentences. */
interface Writers {
  readonly by: Set<string>
  times: number
  inside: number
  capital: number
}
const nobody = (): Writers => ({ by: new Set(), times: 0, inside: 0, capital: 0 })

/** What of people's words may be shown. */
export interface Redactor {
  /** The text without e-mail, links, numbers, names, and whatever fewer than `k` people wrote. */
  quote(text: string): string
  /** Whether a word may stand in a label. */
  shows(word: string): boolean
}

/**
 * Shows of a text only words that at least `k` voices wrote or that are the library's own; no e-mail, link, handle or number
 * that could be anyone's; and no name: one that is given, that stands where names stand ("my name is"), or that is written
 * like a name wherever it is not the library's own word.
 */
export function redactor(
  texts: readonly Said[],
  of: readonly string[],
  k: number,
  read: (text: string) => Read,
  { names = [], own = [] }: Privacy = {},
): Redactor {
  const writers = new Map<string, Writers>()
  const mine = new Set(own.flatMap((text) => read(text).words.map(({ word }) => word)))
  const named = new Set(
    names.flatMap((name) => read(name).words.map(({ word }) => word)).filter((word) => word.length > 1),
  )
  const stop = new Set<string>()
  for (const [at, { text, times = 1 }] of texts.entries()) {
    const { words, language } = read(text)
    for (const { word, term, at: start } of words) {
      if (term === undefined && !/\d/.test(word)) stop.add(word)
      const count = writers.get(word) ?? nobody()
      writers.set(word, count)
      if (count.by.size < k) count.by.add(of[at] ?? '')
      count.times = Math.max(count.times, times)
      if (language?.capitals || begins(text, start)) continue
      count.inside++
      if (/^\p{Lu}\p{Ll}/u.test(text.slice(start))) count.capital++
    }
  }
  const shows = (word: string): boolean => {
    if (named.has(word)) return false
    if (mine.has(word)) return true
    if (/\d/.test(word) && !/^\d{1,3}$/.test(word)) return false
    const { by, times, inside, capital } = writers.get(word) ?? nobody()
    if (inside > 0 && capital / inside >= 0.7 && !stop.has(word)) return false
    return stop.has(word) || Math.max(by.size, times) >= k
  }
  return {
    shows,
    quote(text) {
      const taken = maskedIn(text)
      const { words, language } = read(text)
      let quote = ''
      let at = 0
      for (const one of words) {
        const { word, at: start, end } = one
        if (start < at) {
          at = Math.max(at, end)
          continue
        }
        const mask = taken.find((span) => start < span.end && end > span.at)
        if (!mask && shows(word) && !nameLike(text, one, language)) continue
        const [from, to] = mask ? [Math.min(start, Math.max(at, mask.at)), Math.max(end, mask.end)] : [start, end]
        quote += `${text.slice(at, from)}${mask?.as ?? '[…]'}`
        at = to
      }
      return `${quote}${text.slice(at)}`
        .replace(/\s+/g, ' ')
        .replace(/(?:\[…\][\s,;.'’-]*){2,}/g, '[…] ')
        .trim()
    },
  }

  /** Written like a name here, though others write it otherwise: "will" and "Will". */
  function nameLike(text: string, { word, at }: Word, language: Language | undefined): boolean {
    if (language?.capitals || mine.has(word) || begins(text, at) || stop.has(word)) return false
    return /^\p{Lu}\p{Ll}/u.test(text.slice(at))
  }
}

/** Whether a sentence begins there. */
const begins = (text: string, at: number): boolean =>
  /(?:^|[.!?:\n"“„(]\s*|\n)$/.test(text.slice(Math.max(0, at - 4), at)) || at === 0

interface Span {
  readonly at: number
  readonly end: number
  readonly as: string
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/[^\s<>()"',;:]+@[^\s<>()"',;]+\.[^\s<>()"',;]+/gu, '[e-mail]'],
  [/\b(?:https?:\/\/|www\.)\S+/giu, '[link]'],
  [/(?<![\p{L}\p{N}])@[\p{L}\p{N}_.-]+/gu, '[name]'],
  // Cards, phones, barcodes, identity numbers, dates of birth: digits in groups, with letters before or after them.
  [/(?<![\p{L}\p{N}])\+?\(?[\p{L}]{0,4}\d(?:[\p{L}\d]|[\s()./-]{1,2}(?=\d)){3,}[\p{L}]{0,3}/gu, '[number]'],
  // What stands where names stand.
  [
    /(?<=\b(?:my name(?: is|'s)|name:|named?|called|me llamo|mi nombre es|je m'appelle|mon nom est|ich hei(?:ß|ss)e|mein name ist|mi chiamo|meu nome é|me chamo|mijn naam is|jag heter|jeg hedder|nimeni on)\s+)[\p{L}'’.-]+(?:\s+\p{Lu}[\p{L}'’.-]*|(?<=name(?: is|'s)\s+[\p{L}'’.-]+)\s+(?!and\b|i\b|but\b|from\b|with\b)[\p{L}'’-]+){0,3}/giu,
    '[name]',
  ],
  [
    /(?<=\b(?:mr|mrs|ms|mx|miss|dr|prof|professor|sra?|mme|m|herr|frau)\b\.?\s+)\p{L}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*)?/giu,
    '[name]',
  ],
  [
    /(?<=(?:\bI(?:'|’)?\s?a?m|\bthis is|\bhere is|\bje suis|\bsoy|\bich bin)\s+)\p{Lu}\p{Ll}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*)*/gu,
    '[name]',
  ],
  [
    /(?<=(?:\b(?:thanks|thank you|regards|cheers|best|sincerely|gracias|saludos|merci|cordialement|danke|gr(?:ü|ue)(?:ß|ss)e)\s*[,.!–-]?\s*\n?\s*(?:[-–—]\s*)?))(?!\p{Ll})\p{Lu}\p{Ll}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’.-]*)*\s*$/giu,
    '[name]',
  ],
]

/** What is nobody's business, in the order of the text; of two that meet, the first. */
function maskedIn(text: string): readonly Span[] {
  const spans: Span[] = []
  for (const [pattern, as] of patterns)
    for (const match of text.matchAll(pattern)) {
      const span = { at: match.index, end: match.index + match[0].length, as }
      if (!spans.some((other) => span.at < other.end && span.end > other.at)) spans.push(span)
    }
  return spans.sort((a, b) => a.at - b.at)
}
