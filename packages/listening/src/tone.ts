import { english, type Lexicon } from './lexicon.ts'
import type { Post } from './relevance.ts'
import { phrase, stem, unquoted, where, wordsOf } from './text.ts'

export type Sentiment = 'negative' | 'neutral' | 'positive' | 'unknown'
export type DecisionKind = 'help' | 'thank' | 'note' | 'ignore'
export type Urgency = 'urgent' | 'normal' | 'low'

/** How a post sounds. `unknown` where no word tells, or where its language is not read: never taken for content. */
export interface Tone {
  readonly sentiment: Sentiment
  /** The words that it was told by, for staff to doubt. */
  readonly words: readonly string[]
  /** It praises and complains in one breath: perhaps the contrary is meant. */
  readonly ironic?: true
}

/** What staff could do, as far as words tell: a suggestion, never a decision. */
export interface Advice {
  readonly tone: Tone
  readonly suggested: DecisionKind
  readonly urgency: Urgency
  readonly why: readonly string[]
}

/** Reads how a post sounds. Pure. */
export type ToneReader = (text: string, language: string | undefined) => Tone

/** Below this a text says too little either way. */
const least = 0.9
const turned = -0.7

/** A lexicon's reading: known titles and quotations are left out first, what is denied counts the other way round. */
export function toneBy(lexicons: readonly Lexicon[]): ToneReader {
  const readers = new Map(lexicons.map((one) => [one.code, moodOf(one)]))
  return (text, language) => {
    return (
      readers.get(language?.slice(0, 2).toLowerCase() ?? '')?.(unquoted(text)) ?? { sentiment: 'unknown', words: [] }
    )
  }
}

export const tone: ToneReader = toneBy([english])

function moodOf({ mood, not, more, less, but, ironic, broken }: Lexicon): (text: string) => Tone {
  const entries = Object.entries(mood).map(([words, weight]) => ({ ...phrase(words), weight }))
  const spoken = entries.filter(({ words }) => words.length > 0).sort((a, b) => b.words.length - a.words.length)
  const drawn = Object.entries(mood).filter(([sign]) => !/[\p{L}\p{N}]/u.test(sign))
  const [denies, adds, takes, turns] = [not, more, less, but].map((words) => new Set(words.map(stem)))
  return (text) => {
    const words = wordsOf(text)
    const taken = new Set<number>()
    const found: { at: number; weight: number; name: string }[] = []
    for (const one of spoken)
      for (const [at, many] of where(words, one, taken)) {
        const before = words.words.slice(Math.max(0, at - 3), at)
        const denied = before.some((word) => denies?.has(word) && !one.words.includes(word))
        const near = words.words[at - 1] ?? ''
        const by = adds?.has(near) ? 1.3 : takes?.has(near) ? 0.6 : 1
        for (let n = 0; n < many; n++) taken.add(at + n)
        // "Not bad" is faint praise; "no fine" is a relief.
        found.push({
          at,
          weight: one.weight * by * (denied ? turned : 1),
          name: words.raw.slice(at, at + many).join(' '),
        })
      }
    const lastBut = words.words.findLastIndex((word) => turns?.has(word))
    for (const one of found) if (lastBut > 0) one.weight *= one.at > lastBut ? 1.4 : 0.6
    for (const one of broken) {
      const [name] = one.exec(text) ?? []
      if (name !== undefined) found.push({ at: -1, weight: -1, name: name.toLowerCase().slice(0, 30) })
    }
    for (const [sign, weight] of drawn) if (text.includes(sign)) found.push({ at: -1, weight, name: sign })
    const meant = ironic.some((one) => one.test(text)) && found.some(({ weight }) => weight > 0)
    const sum = found.reduce((all, { weight }) => all + (meant && weight > 0 ? -0.5 * weight : weight), 0)
    const names = [
      ...new Set(found.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).map(({ name }) => name)),
    ].slice(0, 8)
    if (found.length === 0) return { sentiment: 'unknown', words: [] }
    const sentiment = sum >= least ? 'positive' : sum <= -least ? 'negative' : 'neutral'
    return { sentiment, words: names, ...(meant && { ironic: true as const }) }
  }
}

/** What could be done with a post that is about the library. Pure. */
export function advice(post: Post, relevant: boolean, read: ToneReader = tone, lexicon: Lexicon = english): Advice {
  const heard = read(`${post.title ?? ''}\n${post.text}`, post.language)
  if (!relevant)
    return { tone: heard, suggested: 'ignore', urgency: 'low', why: ['it is not about the library, as it seems'] }
  const bare = unquoted(`${post.title ?? ''}\n${post.text}`)
  const text = lexicon.rhetorical.reduce((all, one) => all.replace(one, ' '), bare)
  const says = (tests: readonly RegExp[]): boolean => tests.some((one) => one.test(text))
  const [asks, broken, thanks, told] = [lexicon.asks, lexicon.broken, lexicon.thanks, lexicon.told].map(says) as [
    boolean,
    boolean,
    boolean,
    boolean,
  ]
  const urgent = says(lexicon.urgent)
  const why = [
    ...(asks ? ['it asks something'] : []),
    ...(broken ? ['something does not work for somebody'] : []),
    ...(thanks ? ['it thanks'] : []),
    ...(told ? ['it is news or an advert'] : []),
    ...(urgent ? ['it cannot wait, as it seems'] : []),
    ...(heard.ironic ? ['it may mean the contrary'] : []),
  ]
  const good = heard.sentiment === 'positive' && !heard.ironic
  const suggested =
    told && !broken
      ? 'note'
      : asks && !(thanks && good)
        ? 'help'
        : broken && !good
          ? 'help'
          : urgent
            ? 'help'
            : thanks && good
              ? 'thank'
              : good && heard.words.length > 1
                ? 'thank'
                : 'note'
  return {
    tone: heard,
    suggested,
    urgency: urgent && suggested === 'help' ? 'urgent' : suggested === 'help' ? 'normal' : 'low',
    why,
  }
}
