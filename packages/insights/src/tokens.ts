import type { Language } from './languages.ts'

/** What a text is made of: each word as it was written, in lower case, and the term that it counts as, if any. */
export interface Word {
  readonly word: string
  readonly term?: string
  /** Where it stands in the text. */
  readonly at: number
  readonly end: number
}

/** A text in its words, and the language they were taken for. */
export interface Read {
  readonly words: readonly Word[]
  readonly language: Language | undefined
}

/** Reads texts in some languages: which one a text is in is told by its commonest words, the first of equals. */
export function reader(languages: readonly Language[]): (text: string) => Read {
  const tongues = languages.map((language) => ({
    language,
    stop: new Set(language.stopWords.map((word) => word.toLowerCase())),
    stems: new Map<string, string>(),
  }))
  const segments = new Intl.Segmenter(languages[0]?.code, { granularity: 'word' })
  return (text) => {
    const words = apart(text, segments)
    let best = tongues[0]
    if (tongues.length > 1) {
      const scores = tongues.map(({ stop }) => words.reduce((sum, { word }) => sum + (stop.has(word) ? 1 : 0), 0))
      best = tongues[scores.indexOf(Math.max(...scores))]
    }
    if (!best) return { words, language: undefined }
    const { stop, stems, language } = best
    const termed = words.map((one) => {
      const { word } = one
      if (word.length < 2 || stop.has(word) || /^\d+$/.test(word)) return one
      let term = stems.get(word)
      if (term === undefined) {
        term = language.stem(word)
        stems.set(word, term)
      }
      return { ...one, term }
    })
    return { words: termed, language }
  }
}

/** Thai and Khmer write no blanks either. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/u

function apart(text: string, segments: Intl.Segmenter): readonly Word[] {
  const words: Word[] = []
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}]+(?:['’][\p{L}]+)*/gu)) {
    const at = match.index
    if (!unspaced.test(match[0])) words.push({ word: plain(match[0]), at, end: at + match[0].length })
    else
      for (const { segment, index } of segments.segment(match[0]))
        words.push({ word: plain(segment), at: at + index, end: at + index + segment.length })
  }
  return words
}

const plain = (word: string): string => word.normalize('NFKC').toLowerCase().replaceAll('’', "'")
