import { libraryWords, lifeWords } from './lexicon.ts'
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
  /** Where its author says it was written, in words: `Alder Falls`. */
  readonly place?: string
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
  readonly of: {
    readonly [K in 'names' | 'nicknames' | 'services' | 'places' | 'needs']: readonly Phrase[]
  }
  readonly not: {
    readonly names: readonly Phrase[]
    readonly words: readonly Phrase[]
    readonly places: readonly Phrase[]
  }
}

function reading(pack: Pack): Reading {
  // The longest first, so that "Harbor Branch Institute" is not taken for "Harbor Branch".
  const phrases = (texts: readonly string[] = []) => texts.map(phrase).sort(byLength)
  const { names, words, places } = pack.exclude ?? {}
  return {
    pack,
    of: {
      names: phrases(pack.names),
      nicknames: phrases(pack.nicknames),
      services: phrases(pack.services),
      places: phrases(pack.places),
      needs: phrases(pack.needs),
    },
    not: { names: phrases(names), words: phrases(words), places: phrases(places) },
  }
}

/** In log-odds. Chosen by what each says in general; the first of a kind says most. */
const weight = {
  prior: -2,
  name: [4.5, 0.5],
  beside: [2.2, 0],
  nickname: [1.6, 0.6],
  service: [1.3, 0.7],
  place: [0.9, 0.2],
  library: [1.3, 0.6],
  life: [0.8, 0.4, 0.4],
  need: [0.9, 0.4],
  asks: [0.5],
  source: [1.5],
  addressed: [4],
  follows: [8],
  another: [-6],
  against: [-1.5, -1, -1],
  elsewhere: [-1.5, -1],
  here: [1.5],
  away: [-3],
} as const
/** Where nothing says that it is here, or that it is a library, it stays below any threshold that is of use. */
const unsupported = 0.2

const byLength = (a: Phrase, b: Phrase): number => b.words.length - a.words.length
const ofLibraries: readonly Phrase[] = libraryWords.map(phrase).sort(byLength)
const ofLife: readonly Phrase[] = lifeWords.map(phrase).sort(byLength)

function weighed({ pack, of, not }: Reading, post: Post, words: Words): Relevance {
  const reasons: string[] = []
  let sum: number = weight.prior
  const add = (kind: Exclude<keyof typeof weight, 'prior'>, names: readonly string[], what: string): void => {
    if (names.length === 0) return
    const each: readonly number[] = weight[kind]
    sum += names.slice(0, each.length).reduce((all, _, at) => all + (each[at] as number), 0)
    const listed = names.map((name) => `“${name.replaceAll('*', '…')}”`).join(', ')
    reasons.push(listed === '“”' ? what : `${what}: ${listed}`)
  }
  const taken = new Set<number>()
  /** Each phrase once; its words are counted for no other. */
  const found = (phrases: readonly Phrase[]): readonly Hit[] =>
    phrases.flatMap((one) => {
      const hits = where(words, one, taken)
      for (const [at, many] of hits) for (let n = 0; n < many; n++) taken.add(at + n)
      return hits.length > 0 ? [{ name: one.name, at: hits.map(([at, many]) => [at, at + many - 1] as const) }] : []
    })
  const namesOf = (hits: readonly Hit[]): readonly string[] => hits.map(({ name }) => name)

  // Another's whole name first: what is part of it speaks for nobody else.
  const others = found(not.names)
  const elsewhere = found(not.places)
  const names = found(of.names)
  // Of "Alder Falls" and "Alder" the longer one; and Mrs Alder is somebody.
  const ids = new Set(of.places)
  const both = [...of.places, ...of.nicknames]
    .sort(byLength)
    .map((one) => ({ hits: found([one]), place: ids.has(one) }))
  const places = both.flatMap(({ hits, place }) => (place ? hits : []))
  const nicknames = both
    .flatMap(({ hits, place }) => (place ? [] : hits))
    .filter(({ at }) => !at.every(([first]) => title.test(words.words[first - 1] ?? '')))
  const services = found(of.services)
  const library = found(ofLibraries)
  const free = new Set(taken)
  const needs = of.needs.filter((one) => where(words, one, free).length > 0)
  const against = not.words.filter((one) => where(words, one, free).length > 0)
  const life = found(ofLife)
  const beside = [...nicknames, ...places].filter((one) => library.some((other) => near(one, other)))
  const tagged = post.place === undefined ? undefined : wordsOf(post.place)
  const here = tagged !== undefined && of.places.some((one) => where(tagged, one, new Set()).length > 0)
  const account = accountsIn(post, pack.accounts)
  const foreign = accountsIn(post, pack.exclude?.accounts)
  const known = [post.source, post.query].some((one) => one !== undefined && pack.sources?.includes(one))
  const certain = names.length > 0 || known || post.addressed === true || account !== undefined || post.follows === true

  add('another', namesOf(others), 'names another')
  add('name', namesOf(names), 'names the library')
  add('nickname', namesOf(nicknames), 'a nickname')
  add('beside', namesOf(beside.slice(0, 1)), 'beside a word of libraries')
  add('service', namesOf(services), 'a service')
  add('place', namesOf(places), 'a place')
  add('library', namesOf(library), 'of libraries')
  add('life', namesOf(life), 'of what is done there')
  if (tagged) add(here ? 'here' : 'away', [post.place ?? ''], here ? 'written at' : 'written elsewhere, at')
  if (places.length > 0 || here) {
    add('need', namesOf(needs.map(({ name }) => ({ name, at: [] }))), 'a need')
    if (needs.length > 0 && /[?？]|\b(?:need|looking for|anyone|busco|necesito|cherche)\b|哪里|推荐/i.test(post.text))
      add('asks', [''], 'it asks for it')
  }
  if (known) add('source', [''], 'from a source that is about the library mostly')
  if (post.addressed || account) add('addressed', [account ?? ''], 'names our account, or answers it')
  if (post.follows) add('follows', [''], 'answers what we wrote')
  add(
    'against',
    against.map(({ name }) => name),
    'speaks against it',
  )
  add('elsewhere', namesOf(elsewhere), 'is of another place')
  if (foreign !== undefined) add('another', [foreign], 'is of another')

  const about = services.length + library.length + life.length > 0
  const local = places.length > 0 || here
  const supported =
    certain ||
    beside.length > 0 ||
    (nicknames.length > 0
      ? about || local || nicknames.length > 1
      : local && services.length + library.length + needs.length > 0)
  if (!supported && nicknames.length > 0) reasons.push('nothing supports the nickname')
  if (reasons.length === 0) reasons.push('nothing in it is of the library')
  const score = 1 / (1 + Math.exp(-sum))
  return { score: Math.round((supported ? score : Math.min(score, unsupported)) * 1000) / 1000, pack: pack.id, reasons }
}

const title = /^(?:mr|mrs|ms|miss|dr|prof|professor|sir|señor|señora|sr|sra|herr|frau|mme|madame|monsieur)$/

interface Hit {
  readonly name: string
  /** First and last word, of each place. */
  readonly at: readonly (readonly [number, number])[]
}

/** "the AVU library", "la biblioteca de Alder Falls": with no more than two words between. */
function near(one: Hit, other: Hit): boolean {
  return one.at.some(([a, b]) => other.at.some(([c, d]) => (c > b ? c - b : a - d) <= 3 && (c > b || a > d)))
}

/** One of these accounts or sites is named in the text, or it is where the post stands. */
function accountsIn({ text, url = '' }: Post, accounts: readonly string[] = []): string | undefined {
  const host = URL.canParse(url) ? new URL(url) : undefined
  const parts = new Set(host?.pathname.split('/').map((part) => part.replace(/^@/, '').toLowerCase()))
  return accounts.find((account) => {
    const name = account.toLowerCase().replace(/^@/, '')
    if (host && (parts.has(name) || host.hostname === name || host.hostname.endsWith(`.${name}`))) return true
    return new RegExp(`(?<![\\w.@])@${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!\\w)`).test(text.toLowerCase())
  })
}
