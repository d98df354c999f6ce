import type { Language } from './languages/language.ts'
import { languages } from './languages.ts'
import { asWords, clauses, distance, polite, unaccented, unnamed, unsigned } from './words.ts'

export { asWords, distance, unaccented } from './words.ts'

export type OptOutWord = 'stop' | 'start' | 'help'

/** The languages that are read. */
export const locales: readonly string[] = languages.map(({ locale }) => locale)

/** What a text says of opting out, of what, and how sure that is. */
export interface OptOut {
  readonly word: OptOutWord
  /** What it is of, where it narrows it: `news`, `overdue`. The host's purposes decide whether there is such a thing. */
  readonly scope?: string
  /** `exact`: the word, courtesies aside. `intent`: a sentence that says no less. `fuzzy`: the word, plainly mistyped. */
  readonly how: 'exact' | 'intent' | 'fuzzy'
}

/**
 * The providers' own rule: a message that is just the keyword, in any case. They answer it themselves and block the
 * number. Words: Twilio's defaults for long codes (support.twilio.com 360034798533), which hold those of 47 CFR 64.1200(a)(10).
 */
export function optOutKeyword(text: string): OptOutWord | undefined {
  return keywords.get(text.trim().toLowerCase())
}

const keywords: ReadonlyMap<string, OptOutWord> = new Map([
  ...words('stop', 'stop stopall unsubscribe cancel end quit revoke optout'),
  ...words('start', 'start yes unstop'),
  ...words('help', 'help info'),
])

function words(word: OptOutWord, list: string): (readonly [string, OptOutWord])[] {
  return list.split(' ').map((one) => [one, word] as const)
}

/** What a text asks for as a whole; nothing where it narrows it. See `readOptOut`. */
export function optOutWord(text: string): OptOutWord | undefined {
  const { optOut, scope } = optOutOf(text)
  return scope === undefined ? optOut : undefined
}

/** What a text asks for, and of what, where it narrows it, in the fields of a `message.received`. See `readOptOut`. */
export function optOutOf(text: string): { readonly optOut?: OptOutWord; readonly scope?: string } {
  const { word, scope } = readOptOut(text) ?? {}
  return word ? { optOut: word, ...(scope !== undefined && { scope }) } : {}
}

/** More than any text message holds. */
const longest = 1_600
/** Of a longer one only its sentences count, and those no longer than this. */
const longestTalk = 200

/**
 * What a reasonable person takes the text for, which 47 CFR 64.1200(a)(10) asks for: the keyword among courtesies and
 * punctuation, in the languages of `languages.ts`; a typo that is plainly the keyword; or a sentence that says no less than
 * "stop texting me". What says something else is left to a person: "can you stop by", "please cancel my hold".
 * `kinds` are the names that a library has for its purposes, beside those known here ("STOP TEENS"); `locale` matters only
 * where a word is an opt-out in one language and an ordinary one in another.
 */
export function readOptOut(
  text: string,
  { kinds, locale = '' }: { readonly kinds?: Kinds; readonly locale?: string } = {},
): OptOut | undefined {
  if (text.length > longest) return undefined
  const spoken = unsigned(text)
  // A bare word among many is for a person to judge.
  const short = spoken.length <= longestTalk
  const said = saidIn(polite(spelled(asWords(spoken))))
  const signed = asWords(unnamed(spoken))
  return (
    (short ? (bareWord(said, locale) ?? narrowed(said, kinds) ?? whole(said) ?? typo(said, locale)) : undefined) ??
    (plainest.has(signed) ? { word: 'stop', how: 'exact' } : among(spoken, said, kinds))
  )
}

/** Names for a purpose in a library's own words. */
export type Kinds = { readonly [purpose: string]: readonly string[] }

/** "S T O P" */
function spelled(words: string): string {
  return words.replace(/^(?:\p{L} ){2,}\p{L}$/u, (letters) => letters.replaceAll(' ', ''))
}

// ── what is left when courtesies are off ─────────────────────────────────────────────────────

/** Words as typed, and without accents. Taking accents off keeps the number of words. */
interface Form {
  readonly typed: string
  readonly flat: string
}
interface Said {
  readonly plain: Form
  /** Without what does not change what is asked. */
  readonly bare: Form
  /** Without "can you" either. */
  readonly asked: Form
}

function saidIn(words: string): Said {
  const plain = { typed: words, flat: unaccented(words) }
  return { plain, bare: within(plain, before, after), asked: within(plain, asking, after) }
}

function within({ typed, flat }: Form, front: RegExp, end?: RegExp): Form {
  const rest = flat.slice(front.exec(flat)?.[0].length ?? 0)
  const kept = end ? rest.replace(end, '') : rest
  const from = wordsIn(flat) - wordsIn(rest)
  return {
    typed: typed
      .split(' ')
      .slice(from, from + wordsIn(kept))
      .join(' '),
    flat: kept,
  }
}

function wordsIn(text: string): number {
  return text.split(' ').filter(Boolean).length
}

const all = (of: (language: Language) => readonly string[] | undefined): string =>
  languages.flatMap((language) => of(language) ?? []).join('|')
/** Longer ones first: "i said" before "i", "merci de" before "merci". */
const longestFirst = (patterns: string): string =>
  (patterns.match(/(?:[^|()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+/g) ?? [])
    .sort((a, b) => b.length - a.length)
    .join('|')
const openings = longestFirst(all(({ courtesy, opening }) => [...courtesy, ...opening]))
const before = new RegExp(`^(?:(?:${openings}) )+`)
const after = new RegExp(`(?: (?:${all(({ courtesy, closing = [] }) => [...courtesy, ...closing])}))+$`)
const asking = new RegExp(`^(?:(?:${longestFirst(`${openings}|${all((one) => one.asking)}`)}) )+`)
/** "Stop please ya no quiero mensajes": the word, and then a sentence, perhaps in another language. */
const word = new RegExp(`^(?:stop|stopp|alto|arret)(?: (?:${openings}))* `)

/** The words of a text, unaccented, without signature and courtesies: "Renew pls 📚" is "renew". */
export function bareWords(text: string): string {
  return saidIn(polite(asWords(unsigned(text)))).bare.flat
}

// ── words ────────────────────────────────────────────────────────────────────────────────────

const known = {
  stop: new Set(languages.flatMap(({ stop }) => stop)),
  start: new Set(languages.flatMap(({ start }) => start)),
  help: new Set(languages.flatMap(({ help }) => help)),
}
/** Only where they are typed so: with accents these letters are other words. */
const typedOnly = new Set(languages.flatMap(({ typed = [] }) => typed))

/** A text that is no more than the word, said once or over and over, in any of the languages. */
function bareWord({ plain, bare }: Said, locale: string): OptOut | undefined {
  // "Yes please" answers a question; only the bare word is the provider's START.
  if (plain.typed === 'yes') return { word: 'start', how: 'exact' }
  const local = languages.find((one) => one.locale === locale.toLowerCase().split(/[-_]/)[0])?.local
  if (local?.includes(bare.flat)) return { word: 'stop', how: 'exact' }
  if (typedOnly.has(bare.typed)) return { word: 'stop', how: 'exact' }
  for (const word of ['stop', 'start', 'help'] as const) {
    // What is written with accents in a list is not in it without.
    const is = (one: string): boolean => known[word].has(one)
    const said = [bare.flat, bare.typed, plain.flat, plain.typed]
    if (said.some((one) => every(one, is))) return { word, how: 'exact' }
  }
  return undefined
}

function every(text: string, is: (word: string) => boolean): boolean {
  return is(text) || text.split(' ').every(is)
}

/** Mistyped so that it is no other word: "stp" is "s’il te plaît" in French, "stoop", "shop" and "cancer" are words. */
function typo({ bare: { flat } }: Said, locale: string): OptOut | undefined {
  const once = flat.replace(/(.)\1{2,}/gu, '$1')
  const mistyped =
    (once !== flat && known.stop.has(once)) ||
    typos.has(once) ||
    (once === 'stp' && /^en/i.test(locale)) ||
    (/^un\S{6,}$/.test(once) && distance(once, 'unsubscribe') <= 2)
  return mistyped ? { word: 'stop', how: 'fuzzy' } : undefined
}

const typos = new Set(
  'stpo sotp tsop stopp sttop stip stpp dtop st0p sto0p cancle cacnel canecl qiut optuot'.split(' '),
)

// ── sentences ────────────────────────────────────────────────────────────────────────────────

/** A language's patterns, and the form of a text that they are for; a form that is not for them is none. */
interface Grammar {
  readonly form: (form: Form) => string | undefined
  readonly sentence: RegExp
  readonly short: RegExp
  readonly anywhere?: RegExp
  readonly narrowed: readonly { readonly pattern: RegExp; readonly scope: string }[]
  readonly contrary: RegExp
}

function grammar(language: Language, form: Grammar['form'], spell: (pattern: string) => string = String): Grammar {
  const { sentences, short = [], anywhere = [], denied, narrowed, unless, joined } = language
  const whole = (patterns: readonly string[]): RegExp => new RegExp(`^(?:${spell(patterns.join('|'))})$`, 'u')
  return {
    form,
    sentence: whole([...sentences, ...anywhere]),
    short: whole([...sentences, ...anywhere, ...short]),
    ...(denied && { anywhere: new RegExp(`(?:^|(?<!(?:^| )${denied}) )(?:${anywhere.join('|')})$`, 'u') }),
    narrowed: narrowed.map(([pattern, scope]) => ({ pattern: whole([pattern]), scope })),
    contrary: new RegExp(joined ? unless.join('|') : `(?:^| )(?:${spell(unless.join('|'))})(?: |$)`, 'u'),
  }
}

const grammars = languages.flatMap((language): readonly Grammar[] => {
  if (language.joined) return [grammar(language, ({ flat }) => flat.replaceAll(' ', ''))]
  if (!language.accents) return [grammar(language, ({ flat }) => flat)]
  const bare = ({ typed, flat }: Form): string | undefined => (typed === flat ? flat : undefined)
  return [grammar(language, ({ typed }) => typed), grammar(language, bare, unaccented)]
})

function some(form: Form, is: (text: string, grammar: Grammar) => boolean): boolean {
  return grammars.some((grammar) => {
    const text = grammar.form(form)
    return text !== undefined && is(text, grammar)
  })
}

/** What the patterns are tried on: most texts hold no courtesy, and are one. */
function ways({ bare, asked }: Said): readonly Form[] {
  return bare.flat === asked.flat && bare.typed === asked.typed ? [asked] : [asked, bare]
}

function narrowed(said: Said, kinds: Kinds = {}): OptOut | undefined {
  const [, begin, verb, kind = ''] =
    /^(?:(start|unstop)|(stop|unsubscribe(?: from)?|no more)) (.+)$/.exec(said.asked.flat) ?? []
  const own = Object.keys(kinds).find((purpose) =>
    [purpose, ...(kinds[purpose] ?? [])].some((name) => unaccented(asWords(name)) === kind),
  )
  // What begins again is said as what ends: "start news".
  const forms = begin ? [{ typed: `stop ${kind}`, flat: `stop ${kind}` }] : ways(said)
  const scope = own ?? forms.map(scopeOf).find(Boolean)
  if (scope === undefined) return undefined
  const command = (begin || verb) && (own !== undefined || !kind.includes(' '))
  return { word: begin ? 'start' : 'stop', scope, how: command ? 'exact' : 'intent' }
}

function scopeOf(form: Form): string | undefined {
  let scope: string | undefined
  some(form, (text, { narrowed }) => {
    scope = narrowed.find(({ pattern }) => pattern.test(text))?.scope
    return scope !== undefined
  })
  return scope
}

function whole(said: Said): OptOut | undefined {
  const is = ways(said).some((form) => some(form, (text, { short }) => short.test(text)))
  return is ? { word: 'stop', how: 'intent' } : undefined
}

/** "Wrong person. Stop texting me.": one sentence among others says so, and none says the contrary. */
function among(text: string, { plain }: Said, kinds?: Kinds): OptOut | undefined {
  if (some(plain, (one, { contrary }) => contrary.test(one))) return undefined
  const parts = clauses(text).map((words) => saidIn(polite(words)))
  const found = parts.flatMap((part): readonly Pick<OptOut, 'word' | 'scope'>[] => {
    if (part.plain.flat.length > longestTalk) return []
    const kind = narrowed(part, kinds)
    return kind ? [kind] : complains(part) ? [{ word: 'stop' }] : []
  })
  const [first] = found
  // Of two kinds at once: of everything, as is what we do not understand.
  const scope = found.every((one) => one.scope === first?.scope) ? first?.scope : undefined
  if (first) return { word: first.word, ...(scope !== undefined && { scope }), how: 'intent' }
  return beside(parts, text) ? { word: 'stop', how: 'intent' } : undefined
}

/** "Not interested, stop": the word itself stands first or last, and what is beside it does not go on from it. */
function beside(parts: readonly Said[], text: string): boolean {
  if (parts.length < 2 || parts.length > 4 || text.length > longestTalk || doubts.test(text)) return false
  const [first, second] = parts
  const [last, before] = [parts.at(-1), parts.at(-2)]
  const is = (part?: Said): boolean => part !== undefined && plainest.has(part.bare.flat)
  return (is(first) && !goesOn.test(second?.plain.flat ?? '')) || (is(last) && !leadsTo.test(before?.plain.flat ?? ''))
}

/** "So I text stop?", "Stop, Look and Listen: got it?" */
const doubts = /(?:stop|unsubscribe|out|all)\P{L}*[?？]|^\P{L}*\p{L}+,.*[?？]/iu
const goesOn = /^(?:the|a|an|my|your|his|her|at|by|in|on|near|for|and|or|sign|auto|\p{L}+ing)(?: |$)/u
const leadsTo = /(?:^| )(?:the|a|an|to|bus|next|full|non|one|can|you|i|we|ill|gonna|text|says|book|at)$/

function complains(said: Said): boolean {
  const { bare } = said
  const again = within(bare, word)
  if (again.flat !== bare.flat && some(again, (text, { sentence }) => sentence.test(text))) return true
  const is = (text: string, { sentence, anywhere }: Grammar): boolean => sentence.test(text) || !!anywhere?.test(text)
  return ways(said).some((form) => some(form, is))
}

/** Not "cancel", "end", "quit": they have other objects. */
const plainest = new Set(['stop', 'unsubscribe', 'optout', 'opt out', 'stopall', 'stop all'])
