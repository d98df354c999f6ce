import type { Language, Words } from './languages/language.ts'
import { languages } from './languages.ts'
import { asWords, distance, title, unaccented } from './words.ts'

// A clause is read as a line of letters, one for each word or phrase that a language's lists know: "please stop texting me"
// is Y s w m. What they make together, requests.ts says.

/** A letter, or two, for each list. */
const letters: { readonly [list in keyof Required<Words>]: string } = {
  cease: 's',
  leave: 'u',
  cancel: 'c',
  not: 'n',
  no: 'z',
  never: 'ze',
  neverSend: 'nv',
  unneeded: 'na',
  write: 'w',
  text: 'wt',
  call: 'C',
  send: 'v',
  want: 'a',
  get: 'g',
  texts: 't',
  me: 'm',
  number: 'N',
  drop: 'd',
  dropMe: 'dm',
  remove: 'cd',
  list: 'l',
  revoke: 'r',
  consent: 'p',
  more: 'e',
  it: 'i',
  anything: 'ie',
  alone: 'j',
  threat: 'T',
  wrong: 'W',
  things: 'x',
  groups: 'xG',
  asked: 'q',
  limits: 'h',
  told: 'P',
  you: 'y',
  others: 'b',
  i: 'I',
  miss: 'F',
  keep: 'f',
  dontStop: 'ff',
  still: 'WK',
  but: '|',
  yet: '|k',
  meant: 'k',
  sent: 'R',
  reported: 'Rs',
  and: '+',
  question: '?',
  of: 'o',
  off: 'lo',
  little: '.',
}
/** Words of the messages themselves, said in every language. */
const borrowed = [
  ['u', 'unsubscribe|unsub|opt out'],
  ['s', 'stop'],
  ['cd', 'remove|delete'],
] as const
/** Kinds that there are only messages of, mostly messages of, that are things too, and these as one word after STOP. */
const kinds = { messages: '1', news: '2', things: '3', named: '34' } as const

/** A word or a phrase as its letters. */
export interface Mark {
  /** `_` is a word that no list knows, half a word of Chinese and Vietnamese. */
  readonly letters: string
  /** The letters that a request is made of. */
  readonly bits: number
  readonly scope?: string
  readonly words: number
}

const han = /\p{Script=Han}/u
const ascii = /^[ -~]*$/

const made = 'suczenwtCvagmNdlrpij1234'
/** Letters as bits, those of a request only. */
export function bitsOf(letters: string): number {
  let bits = 0
  for (const letter of letters) if (made.includes(letter)) bits |= 1 << made.indexOf(letter)
  return bits
}

interface Phrase extends Mark {
  readonly all: readonly string[]
}

/** A language's lists, ready to look up. */
export interface Lexicon {
  readonly locale: string
  /** Typed without accents, a word may be another. */
  readonly unsure: boolean
  /** How its words are compared. */
  readonly form: (word: string) => string
  /** By their first word, longest first. */
  readonly phrases: ReadonlyMap<string, readonly Phrase[]>
  /** Those whose first word may go on, by its first three letters. */
  readonly stems: ReadonlyMap<string, readonly Phrase[]>
}

/** The phrases of a list. */
export function list(phrases: string | undefined): readonly string[] {
  return (phrases?.split(/[|\n]/) ?? []).map((phrase) => phrase.trim()).filter(Boolean)
}

/** By a word without one of its letters, or with all: long words that are found mistyped too. */
const typos = new Map<string, Set<string>>()

function lexicon(language: Language, form: Lexicon['form']): Lexicon {
  const [phrases, stems] = [new Map<string, Phrase[]>(), new Map<string, Phrase[]>()]
  // Of the same phrase in two lists the first counts.
  const add = (names: string | undefined, letters: string, scope?: string): void => {
    for (const name of list(names)) {
      const all = tokens(name).map(form)
      const [first = ''] = all
      const [map, key] = first.endsWith('*') ? [stems, first.slice(0, 3)] : [phrases, first]
      const same = map.get(key) ?? []
      same.push({ all, letters, bits: bitsOf(letters), words: all.length, ...(scope !== undefined && { scope }) })
      map.set(key, same)
      if (all.length === 1 && /^[suwtvdr]+$/.test(letters) && /^[a-z]{4,}$/.test(first))
        for (const less of without(first)) typos.set(less, (typos.get(less) ?? new Set()).add(first))
    }
  }
  for (const [scope, of, names] of language.kinds) add(names, kinds[of], scope)
  for (const [name, letter] of Object.entries(letters)) add(language.words[name as keyof Words], letter)
  for (const [letter, names] of borrowed) add(names, letter)
  add(language.please, 'Y')
  add(language.asking, 'A')
  add(language.courtesy, '.')
  add(language.opening, '.')
  for (const same of [...phrases.values(), ...stems.values()]) same.sort((a, b) => b.words - a.words)
  return { locale: language.locale, unsure: language.accents === true && form === unaccented, form, phrases, stems }
}

const plain = languages.map((one) => lexicon(one, one.locale === 'de' ? german : unaccented))
/** Where accents make other words: these, unless a text is typed without. */
const accented = languages.map((one, at) => (one.accents ? lexicon(one, toned) : (plain[at] as Lexicon)))
const known = new Set([...plain, ...accented].flatMap(({ phrases }) => [...phrases.keys()]))

/** The lists to read a text with. */
export function lexicons(text: string): readonly Lexicon[] {
  // Only Vietnamese has so many.
  const words = text.toLowerCase().split(/\s+/)
  const marked = words.filter((word) => !ascii.test(word) && unaccented(word) !== word).length
  return marked * 3 > words.length ? accented : plain
}

/** Umlauts are typed as "oe" too. */
function german(word: string): string {
  return unaccented(word).replace(/([aou])e/g, '$1')
}

/** Vietnamese tones are written over either of two vowels: hủy and huỷ, xóa and xoá. */
function toned(word: string): string {
  if (ascii.test(word)) return word
  return word
    .normalize('NFD')
    .replace(/([ou])([aey])([\u0300\u0301\u0303\u0309\u0323])$/, '$1$3$2')
    .normalize('NFC')
}

/** Words, and Chinese ones letter by letter. */
function tokens(words: string): readonly string[] {
  return (han.test(words) ? words.match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) : words.match(/\S+/g)) ?? []
}

/** A clause in the letters of each of these languages. */
export function marks(clause: string, lexicons: readonly Lexicon[]): readonly (readonly Mark[])[] {
  const typed = tokens(asWords(clause).replace(/(\p{L})\1{2,}/gu, '$1'))
  const near = typed.map(meant)
  const unknown = typed.map((word, at): Mark => {
    const hour = /^\d|^[apuh]/.test(word) && (hours.test(word) || hours.test(`${typed[at - 1]}${word}`))
    const letters = word === title ? 'x' : hour ? 'h' : han.test(word) ? '_' : '__'
    return { letters, bits: 0, words: 1 }
  })
  const forms = new Map<Lexicon['form'], readonly string[]>()
  return lexicons.map((one) => {
    const words = forms.get(one.form) ?? typed.map(one.form)
    forms.set(one.form, words)
    const found: Mark[] = []
    for (let at = 0; at < words.length; at += found.at(-1)?.words ?? 1) {
      const phrase = phraseAt(words, at, near, one)
      found.push(phrase ?? (one.locale === 'vi' && unknown[at]?.letters === '__' ? syllable : (unknown[at] as Mark)))
    }
    return found
  })
}

const syllable: Mark = { letters: '_', bits: 0, words: 1 }
/** "6am", "18 uhr" */
const hours = /^\d{1,2}(?:am|pm|h|uhr)$/

function phraseAt(
  words: readonly string[],
  at: number,
  near: readonly (readonly string[])[],
  { phrases, stems }: Lexicon,
): Phrase | undefined {
  const word = words[at] ?? ''
  const same = (each: string, index: number): boolean => {
    const said = words[at + index] ?? ''
    return each.endsWith('*') ? said.startsWith(each.slice(0, -1)) : index === 0 || each === said
  }
  const fits = ({ all }: Phrase): boolean => all.every(same)
  return (
    phrases.get(word)?.find(fits) ??
    (stems.size > 0 ? stems.get(word.slice(0, 3))?.find(fits) : undefined) ??
    (near[at]?.length ? near[at].flatMap((other) => phrases.get(other) ?? []).find(fits) : undefined)
  )
}

/** The words that may be meant, where one letter is missing, too many, other or swapped. */
function meant(word: string): readonly string[] {
  if (!/^[a-z]{4,20}$/.test(word) || known.has(word)) return []
  const near = new Set(without(word).flatMap((less) => [...(typos.get(less) ?? [])]))
  return [...near].filter((other) => {
    if (distance(word, other) !== 1) return false
    if (sorted(word) === sorted(other)) return true
    // Other endings are other forms, and of few letters another one is another word.
    const edges = word[0] === other[0] && word.at(-1) === other.at(-1)
    return edges && (other.length > 5 || (other.length > 4 && word.length !== other.length))
  })
}

/** A word, and the word without each of its letters. */
function without(word: string): readonly string[] {
  return [word, ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1))]
}

function sorted(word: string): string {
  return [...word].sort().join('')
}
