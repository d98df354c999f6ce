import { english } from './lexicon.ts'
import type { Pack } from './packs.ts'
import { type Phrase, phrase, type Words, where, wordsOf } from './text.ts'

/** What is judged: what a `mention.seen` says, and who told it. */
export interface Post {
  readonly text: string
  readonly title?: string
  readonly url?: string
  readonly language?: string
  readonly query?: string
  readonly addressed?: true
  /** The adapter's name in this host. */
  readonly source?: string
  /** It answers a post of ours. */
  readonly follows?: boolean
}

export interface Relevance {
  /** How likely it is about the library, 0 to 1: a score, not a measured probability. */
  readonly score: number
  /** The pack that speaks for it most. */
  readonly pack?: string
  /** What speaks for and against it, in words. */
  readonly reasons: readonly string[]
}

/** Whether a post is about the library, by the pack that speaks for it most. Pure. */
export type Judge = (post: Post) => Relevance

export function relevance(post: Post, packs: readonly Pack[]): Relevance {
  return judge(packs)(post)
}

/** Reads packs once for many posts. */
export function judge(packs: readonly Pack[]): Judge {
  const read = packs.map(reading)
  return (post) => {
    const words = wordsOf(`${post.title ?? ''} . ${post.text}`)
    const all = read.map((one) => weighed(one, post, words))
    const best = all.reduce<Relevance | undefined>((a, b) => (a && a.score >= b.score ? a : b), undefined)
    return best ?? { score: 0, reasons: ['There is no pack.'] }
  }
}

interface Reading {
  readonly pack: Pack
  readonly of: { readonly [K in (typeof lists)[number]]: readonly Phrase[] }
  readonly not: {
    readonly names: readonly Phrase[]
    readonly words: readonly Phrase[]
    readonly places: readonly Phrase[]
  }
}
const lists = ['names', 'nicknames', 'services', 'places', 'needs'] as const

function reading(pack: Pack): Reading {
  // The longest first, so that "Harbor Branch Institute" is not taken for "Harbor Branch".
  const phrases = (texts: readonly string[] = []) => texts.map(phrase).sort((a, b) => b.words.length - a.words.length)
  const { names, words, places } = pack.exclude ?? {}
  return {
    pack,
    of: Object.fromEntries(lists.map((list) => [list, phrases(pack[list])])) as unknown as Reading['of'],
    not: { names: phrases(names), words: phrases(words), places: phrases(places) },
  }
}

/** In log-odds. Chosen by what each says in general, not fitted. */
const weight = {
  prior: -2.2,
  name: 4.5,
  nickname: 1.6,
  again: 0.5,
  service: 1.1,
  place: 1,
  library: 1.3,
  need: 1.5,
  source: 1.5,
  addressed: 4,
  follows: 8,
  another: -6,
  against: -1.4,
  elsewhere: -1.5,
} as const
/** Without support a nickname stays below any threshold that is of use. */
const unsupported = 0.2
const generic = english.library.map(phrase)

function weighed({ pack, of, not }: Reading, post: Post, words: Words): Relevance {
  const reasons: string[] = []
  const taken = new Set<number>()
  /** Each phrase once; its words are not counted for another. */
  const found = (phrases: readonly Phrase[], take = true): readonly string[] =>
    phrases.flatMap((one) => {
      const places = where(words, one, taken)
      if (take) for (const [at, many] of places) for (let n = 0; n < many; n++) taken.add(at + n)
      return places.length > 0 ? [one.name] : []
    })
  let sum: number = weight.prior
  const add = (names: readonly string[], each: number, most: number, what: (names: string) => string): void => {
    if (names.length === 0) return
    sum += Math.sign(each) * Math.min(Math.abs(each) * names.length, most)
    reasons.push(what(names.map((name) => `“${name.replace(/\*/g, '…')}”`).join(', ')))
  }

  // Another's whole name first: what is part of it speaks for nobody else.
  const others = found(not.names)
  const names = found(of.names)
  const nicknames = found(of.nicknames)
  const places = found(of.places)
  const services = found(of.services)
  const needs = found(of.needs, false)
  const library = [...new Set(found(generic))]
  const account = accountsIn(post, pack.accounts)
  const foreign = accountsIn(post, pack.exclude?.accounts)
  const known = [post.source, post.query].some((one) => one !== undefined && pack.sources?.includes(one))

  add(others, weight.another, 6, (all) => `names another: ${all}`)
  add(names, weight.name, weight.name + weight.again, (all) => `names the library: ${all}`)
  add(nicknames, weight.nickname, weight.nickname + weight.again, (all) => `a nickname: ${all}`)
  add(services, weight.service, 2.4, (all) => `a service: ${all}`)
  add(places, weight.place, 1.5, (all) => `a place: ${all}`)
  add(library, weight.library, 2, (all) => `words of libraries: ${all}`)
  if (places.length > 0) add(needs, weight.need, 2, (all) => `a need at a place: ${all}`)
  if (known) {
    sum += weight.source
    reasons.push('from a source that is about the library mostly')
  }
  if (post.addressed || account) {
    sum += weight.addressed
    reasons.push(account ? `names our account: ${account}` : 'names our account or answers it')
  }
  if (post.follows) {
    sum += weight.follows
    reasons.push('answers what we wrote')
  }
  add(found(not.words, false), weight.against, 4.2, (all) => `speaks against it: ${all}`)
  add(found(not.places, false), weight.elsewhere, 3, (all) => `is of another place: ${all}`)
  if (foreign) {
    sum += weight.another
    reasons.push(`is of another: ${foreign}`)
  }
  const tongue = post.language?.slice(0, 2).toLowerCase()
  if (pack.languages && tongue && tongue !== 'un' && !pack.languages.some((one) => one.startsWith(tongue))) {
    sum -= 1
    reasons.push(`in a language that its patrons do not write in: ${post.language}`)
  }
  const supported =
    names.length > 0 ||
    services.length + places.length + library.length > 0 ||
    nicknames.length > 1 ||
    known ||
    post.addressed === true ||
    account !== undefined ||
    post.follows === true
  let score = 1 / (1 + Math.exp(-sum))
  if (!supported) {
    if (nicknames.length > 0) reasons.push('nothing supports the nickname')
    score = Math.min(score, unsupported)
  }
  // Anybody writes of a town, of printing or of a library: of this one only with a name, or where two of these meet.
  const here = names.length + nicknames.length > 0 || known || post.addressed || account || post.follows
  if (!here && (places.length === 0 || services.length + library.length + needs.length === 0))
    score = Math.min(score, unsupported)
  if (reasons.length === 0) reasons.push('nothing in it is of the library')
  return { score: Math.round(score * 1000) / 1000, pack: pack.id, reasons }
}

function accountsIn({ text, url = '' }: Post, accounts: readonly string[] = []): string | undefined {
  const lower = text.toLowerCase()
  const host = URL.canParse(url) ? new URL(url) : undefined
  return accounts.find((account) => {
    const name = account.toLowerCase().replace(/^@/, '')
    if (host && (host.hostname === name || host.hostname.endsWith(`.${name}`))) return true
    if (
      host &&
      name ===
        host.pathname
          .split('/')
          .find((part) => part.replace(/^@/, '').toLowerCase() === name)
          ?.replace(/^@/, '')
          .toLowerCase()
    )
      return true
    return new RegExp(`(?<![\\w.@])@${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`).test(lower)
  })
}
