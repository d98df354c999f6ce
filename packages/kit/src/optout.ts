import type { Language } from './languages/language.ts'
import { languages } from './languages.ts'
import { list } from './lexicon.ts'
import { begins, ofMessages, requestsIn } from './requests.ts'
import { asWords, distance, polite, sentences, unaccented, unnamed, unquoted, unsigned } from './words.ts'

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
  { kinds = {}, locale = '' }: { readonly kinds?: Kinds; readonly locale?: string } = {},
): OptOut | undefined {
  if (text.length > longest) return undefined
  const spoken = unquoted(unsigned(text))
  // A bare word among many is for a person to judge.
  const short = spoken.length <= longestTalk
  const said = saidIn(polite(spelled(asWords(spoken))))
  const word = short ? (bareWord(said, locale) ?? command(said, kinds) ?? typo(said, locale)) : undefined
  if (word) return word
  const signed = asWords(unnamed(spoken))
  if (signed !== said.plain.typed && plainest.has(signed)) return { word: 'stop', how: 'exact' }
  return request(spoken, kinds)
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
  return { plain, bare: within(plain, before), asked: within(plain, asking) }
}

/** Without these before it, and without courtesies after it. One word is left. */
function within({ typed, flat }: Form, front: Phrases): Form {
  const words = flat.split(' ')
  let [from, to] = [0, words.length]
  for (let size = 1; size > 0; from += size) {
    const phrases = front.get(words[from] ?? '') ?? []
    size =
      phrases.find((one) => one.length < to - from && one.every((word, at) => word === words[from + at]))?.length ?? 0
  }
  for (let size = 1; size > 0; to -= size) {
    const phrases = after.get(words[to - 1] ?? '') ?? []
    size =
      phrases.find((one) => one.length < to - from && one.every((word, at) => word === words[to - 1 - at]))?.length ?? 0
  }
  return { typed: typed.split(' ').slice(from, to).join(' '), flat: words.slice(from, to).join(' ') }
}

/** Phrases by their first word, longest first: "i said" before "i". */
type Phrases = ReadonlyMap<string, readonly (readonly string[])[]>

function phrases(of: (language: Language) => readonly (string | undefined)[], backward = false): Phrases {
  const all = new Map<string, string[][]>()
  for (const phrase of languages.flatMap((one) => of(one).flatMap(list))) {
    const words = unaccented(phrase).split(' ')
    if (backward) words.reverse()
    const [first = ''] = words
    all.set(
      first,
      [...(all.get(first) ?? []), words].sort((a, b) => b.length - a.length),
    )
  }
  return all
}
const before = phrases(({ courtesy, please, opening, words }) => [courtesy, please, opening, words.wrong])
const asking = phrases((one) => [one.courtesy, one.please, one.opening, one.words.wrong, one.asking])
const after = phrases(({ courtesy, please }) => [courtesy, please], true)

/** The words of a text, unaccented, without signature and courtesies: "Renew pls 📚" is "renew". */
export function bareWords(text: string): string {
  return saidIn(polite(asWords(unsigned(text)))).bare.flat
}

// ── words ────────────────────────────────────────────────────────────────────────────────────

const all = (of: (language: Language) => string | undefined): ReadonlySet<string> =>
  new Set(languages.flatMap((language) => list(of(language))))
const known = { stop: all(({ stop }) => stop), start: all(({ start }) => start), help: all(({ help }) => help) }
/** Only where they are typed so: with accents these letters are other words. */
const typedOnly = all(({ typed }) => typed)
const mistyped = { stop: all((one) => one.mistyped?.stop), help: all((one) => one.mistyped?.help) }

/** A text that is no more than the word, said once or over and over, in any of the languages. */
function bareWord({ plain, bare }: Said, locale: string): OptOut | undefined {
  // "Yes please" answers a question; only the bare word is the provider's START.
  if (plain.typed === 'yes') return { word: 'start', how: 'exact' }
  const local = languages.find((one) => one.locale === locale.toLowerCase().split(/[-_]/)[0])?.local
  if (list(local).includes(bare.flat)) return { word: 'stop', how: 'exact' }
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

/** Mistyped so that it is no other word: "stp" is “s’il te plaît” in French, "stoop", "shop" and "cancer" are words. */
function typo({ bare: { flat, typed } }: Said, locale: string): OptOut | undefined {
  const once = flat.replace(/(.)\1{2,}/gu, '$1')
  const stop =
    (once !== flat && known.stop.has(once)) ||
    mistyped.stop.has(once) ||
    (once === 'stp' && /^en/i.test(locale)) ||
    (/^un\S{6,}$/.test(once) && distance(once, 'unsubscribe') <= 2)
  if (stop) return { word: 'stop', how: 'fuzzy' }
  return mistyped.help.has(once) || mistyped.help.has(typed) ? { word: 'help', how: 'fuzzy' } : undefined
}

// ── one kind: STOP NEWS, START NEWS ──────────────────────────────────────────────────────────

function command({ asked, bare }: Said, kinds: Kinds): OptOut | undefined {
  for (const { flat } of [asked, bare]) {
    const [, begin, kind = ''] = again.exec(flat) ?? ends.exec(flat) ?? []
    // "No more fines" is of them, "STOP FINES" of their notices.
    const [stop] = kind ? requestsIn(flat.startsWith('no more ') ? flat : `stop ${kind}`).stops : []
    const known = stop?.whole && (begin || !/^(?:stop|unsubscribe|no more) .* /.test(flat)) ? stop.scope : undefined
    const scope = ownKind(kinds, (name) => name === kind) ?? known
    // What begins again is called as what ends.
    if (scope !== undefined) return { word: begin ? 'start' : 'stop', scope, how: 'exact' }
  }
  return undefined
}

const again = new RegExp(`^(${[...known.start].map(unaccented).join('|')}) (.+)$`)

function ownKind(kinds: Kinds, is: (name: string) => boolean): string | undefined {
  return Object.keys(kinds).find((purpose) =>
    [purpose, ...(kinds[purpose] ?? [])].some((name) => is(unaccented(asWords(name)))),
  )
}

// ── sentences ────────────────────────────────────────────────────────────────────────────────

/** "Wrong person. Stop texting me.": one clause says so, and none the contrary. */
function request(text: string, kinds: Kinds): OptOut | undefined {
  const { stops, contrary } = requestsIn(text)
  const said = unaccented(asWords(text))
  const own = stops.length > 0 ? ownKind(kinds, (name) => said.endsWith(` ${name}`)) : undefined
  // Of two kinds at once: of everything, as is what we do not understand.
  const scopes = new Set(stops.map((one) => own ?? one.scope))
  const [scope] = scopes
  if (scopes.size === 1 && scope !== undefined) return { word: 'stop', scope, how: 'intent' }
  return !contrary && (stops.length > 0 || beside(text)) ? { word: 'stop', how: 'intent' } : undefined
}

/** "Not interested, stop": the word itself stands first or last, and what is beside it does not go on from it. */
function beside(text: string): boolean {
  if (text.length > longestTalk || doubts.test(text)) return false
  const [, shouted = '', rest = ''] = /^\P{L}*(\p{Lu}{4,})\s+(.*\p{Ll}{2}.*)$/su.exec(text) ?? []
  if (plainest.has(bareWords(shouted)) && begins(rest)) return true
  const [, told = '', cry = ''] = /^(.*\p{Ll}{2}.*)\s(\p{Lu}{4,})\P{L}*$/su.exec(text) ?? []
  if (shouts.has(bareWords(cry).replace(/(.)\1{2,}/gu, '$1')) && !leadsTo.test(asWords(told)) && ofMessages(told))
    return true
  const parts = sentences(text).flatMap(({ clauses }) => clauses.map(bareWords))
  if (parts.length < 2 || parts.length > 4) return false
  const is = (part = ''): boolean => every(part, (one) => plainest.has(one))
  return (is(parts[0]) && !goesOn.test(parts[1] ?? '')) || (is(parts.at(-1)) && !leadsTo.test(parts.at(-2) ?? ''))
}

/** "So I text stop?", "Stop, Look and Listen: got it?" */
const doubts = /(?:stop|unsubscribe|out|all)\P{L}*[?？]|^\P{L}*\p{L}+,.*[?？]/iu
const goesOn = /^(?:the|a|an|my|your|his|her|at|by|in|on|near|for|and|or|sign|auto|\p{L}+ing)(?: |$)/u
const leadsTo =
  /(?:^| )(?:the|a|an|to|bus|next|full|non|one|can|you|i|we|ill|gonna|text|says|book|at|reply|texted|send|sent|typed)$/u

const shouts = new Set(['stop', 'stopp', 'unsubscribe', 'optout', 'opt out', 'stopall', 'stop all'])
/** Not "cancel", "end", "quit": they have other objects. */
const plainest = new Set([...shouts, ...languages.flatMap((one) => list(one.plain))])
/** "STOP NEWS", "BAJA avisos de retraso" */
const ends = new RegExp(`^(?:${[...plainest].map(unaccented).join('|')}|unsubscribe from|no more)() (.+)$`)
