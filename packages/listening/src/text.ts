import { createHash } from 'node:crypto'

/** A text in its words: lower case, without marks of plural and possession, a hashtag also in its parts. */
export interface Words {
  readonly words: readonly string[]
  /** As it was written, where staff are shown it. */
  readonly raw: readonly string[]
}

/** Chinese and Japanese write no blanks: each sign is a word, and a phrase is several. */
const word =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{N}\p{M}])+(?:['’][\p{L}]+)*/gu

export function wordsOf(text: string): Words {
  const raw: string[] = []
  for (const [found] of plain(text).matchAll(word)) raw.push(found)
  return { words: raw.map(stem), raw }
}

/** `#AlderLibrary` is read as two words; letters that only look otherwise are the same. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(
      /#([\p{L}\p{N}_]+)/gu,
      (_, tag: string) => ` ${tag.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2').replaceAll('_', ' ')} `,
    )
    .replaceAll('’', "'")
}

export function stem(raw: string): string {
  const lower = raw
    .toLowerCase()
    .replace(/'s$/, '')
    .replace(/^(?:[cdjlmnst]|qu|all|dell|nell)'(?=\p{L}{2})/u, '')
  if (lower.length > 4 && lower.endsWith('ies')) return `${lower.slice(0, -3)}y`
  return lower.length > 3 && lower.endsWith('s') && !/[suio]s$/.test(lower) ? lower.slice(0, -1) : lower
}

/** A phrase of a pack: its words, whole or as the beginning of one (`print*`). */
export interface Phrase {
  readonly name: string
  readonly words: readonly string[]
  readonly open: readonly boolean[]
}

export function phrase(name: string): Phrase {
  const parts = plain(name).match(new RegExp(`(?:${word.source})\\*?`, 'gu')) ?? []
  return {
    name,
    words: parts.map((part) => (part.endsWith('*') ? part.slice(0, -1).toLowerCase() : stem(part))),
    open: parts.map((part) => part.endsWith('*')),
  }
}

/** Where a phrase stands in a text, without what is `taken` already: from which word, and how many. */
export function where(
  text: Words,
  { words, open }: Phrase,
  taken: ReadonlySet<number> = none,
): readonly [number, number][] {
  const found: [number, number][] = []
  const joined = words.length > 1 ? words.join('') : undefined
  for (let at = 0; at < text.words.length; at++) {
    if (taken.has(at)) continue
    if (joined !== undefined && text.words[at] === joined) found.push([at, 1])
    else if (fits(text, words, open, at, taken)) found.push([at, words.length])
  }
  return found
}
const none: ReadonlySet<number> = new Set()

function fits(
  text: Words,
  words: readonly string[],
  open: readonly boolean[],
  at: number,
  taken: ReadonlySet<number>,
): boolean {
  return (
    words.length > 0 &&
    words.every((one, n) => {
      const other = text.words[at + n]
      if (other === undefined || taken.has(at + n)) return false
      return open[n] ? other.startsWith(one) : other === one || (words.length > 1 && mistyped(one, other))
    })
  )
}

/** One letter too few, too many, wrong or in the wrong place, in a word of five or more. */
function mistyped(right: string, written: string): boolean {
  if (right.length < 5 || Math.abs(right.length - written.length) > 1 || right[0] !== written[0]) return false
  let at = 0
  while (at < right.length && right[at] === written[at]) at++
  const [a, b] = [right.slice(at), written.slice(at)]
  return (
    a.slice(1) === b.slice(1) ||
    a === b.slice(1) ||
    a.slice(1) === b ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  )
}

/** What others say, or is the name of something: no opinion of the author. */
export function unquoted(text: string): string {
  return text
    .replace(/["“”«»„][^"“”«»„\n]{2,200}["“”«»„]/gu, ' ')
    .replace(/(?<![\p{L}\p{N}])[*_][^*_\n]{2,120}[*_](?![\p{L}\p{N}])/gu, ' ')
}

export function hash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)
}

/** Names a version of a text: blanks and marks apart the same words. */
export function versionOf(title: string | undefined, text: string): string {
  return hash(title ?? '', text.normalize('NFKC').replace(/\s+/g, ' ').trim()).slice(0, 12)
}

/** The first words, as a line of a list. */
export function firstWords(text: string, most = 80): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= most
    ? line
    : `${line
        .slice(0, most)
        .replace(/[\ud800-\udbff]$/, '')
        .replace(/\s\S*$/, '')} …`
}
