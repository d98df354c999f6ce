import type { Instant, Interaction, Scope } from '@prm/core'
import type { Decided, Scored } from './events.ts'
import * as events from './events.ts'
import { type Rate, rate } from './rate.ts'
import { stem, wordsOf } from './text.ts'
import type { DecisionKind } from './tone.ts'

/** One mention that came in some time, and what its facts in that time made of it. */
export interface Case {
  readonly id: string
  readonly scored: Scored
  readonly heard: Instant
  readonly decided?: { readonly is: DecisionKind; readonly at: Instant; readonly first: Instant; readonly by: string }
  readonly approved?: Instant
  readonly posted?: { readonly at: Instant; readonly byHand: boolean; readonly approved: boolean }
  readonly failed?: string
  readonly gone: boolean
  readonly copies: number
  readonly reactions: readonly events.Reacted[]
}

export interface Period {
  readonly since: Instant
  readonly until: Instant
}

/** What was seen between `since` and `until`, as it stood at `until`. */
export async function casesOf(scope: Scope, { since, until }: Period): Promise<readonly Case[]> {
  const of = async <D>({ name }: { readonly name: string }): Promise<readonly Interaction<string, D>[]> => {
    const all: Interaction<string, D>[] = []
    for await (const one of scope.find('interaction', { type: name, since, until }))
      all.push(one as Interaction<string, D>)
    return all
  }
  const byId = async <D>(event: { readonly name: string }) =>
    Map.groupBy(await of<D>(event), ({ conversationId = '' }) => conversationId)
  const decided = await byId<Decided>(events.decided)
  const approved = await byId(events.approved)
  const posted = await byId<events.Answered>(events.posted)
  const failed = await byId<events.Failed>(events.failed)
  const reacted = await byId<events.Reacted>(events.reacted)
  const gone = await byId(events.taken)
  // One post may be told of by two sources, be shown only since it was edited, or since what it was a copy of is gone.
  const first = (await of<Scored>(events.scored)).filter(({ data }) => !data.edited)
  const scored = [...new Map(first.map((one) => [one.data.post, one])).values()]
  const joined = Map.groupBy(
    scored.filter(({ data }) => data.shown === 'copy'),
    ({ conversationId = '' }) => conversationId,
  )
  const cases: Case[] = []
  for (const { data, seen: heard = '', conversationId } of scored) {
    if (data.shown === 'copy') continue
    const id = conversationId ?? data.post
    const decisions = decided.get(id) ?? []
    const [last, answer, wrong] = [decisions.at(-1), posted.get(id)?.at(-1), failed.get(id)?.at(-1)]
    const yes = approved.get(id)?.at(-1)?.seen
    cases.push({
      id,
      scored: data,
      heard,
      ...(last && {
        decided: { is: last.data.is, at: last.seen ?? '', first: decisions[0]?.seen ?? '', by: last.by?.id ?? '' },
      }),
      ...(yes !== undefined && { approved: yes }),
      ...(answer && {
        posted: {
          at: answer.data.at ?? answer.seen ?? '',
          byHand: answer.data.byHand === true,
          approved: yes !== undefined,
        },
      }),
      ...(wrong && !answer && { failed: wrong.data.why }),
      gone: gone.has(id),
      copies: joined.get(id)?.length ?? 0,
      reactions: (reacted.get(id) ?? []).map(({ data: one }) => one),
    })
  }
  return cases
}

/** How well one query, source or pack finds what staff want. */
export interface Yield {
  readonly of: 'all' | 'query' | 'source' | 'pack'
  readonly name: string
  readonly shown: number
  /** Of what was shown and judged, what was not `ignore`. */
  readonly precision?: Rate
  /** What was scored too low to be shown, and what of that was judged as a sample. */
  readonly below: number
  readonly sampled: number
  /** Of what there is, the share that is shown: from the sample, as wide as it is small. */
  readonly recall?: { readonly value: number; readonly low: number; readonly high: number }
}

export function yields(cases: readonly Case[]): readonly Yield[] {
  const named = (['query', 'source', 'pack'] as const).flatMap((of) =>
    [...Map.groupBy(cases, ({ scored }) => scored[of] ?? '')]
      .filter(([name]) => name !== '')
      .map(([name, some]) => yieldOf(of, name, some)),
  )
  return [yieldOf('all', '', cases), ...named.sort((a, b) => b.shown - a.shown || (a.name < b.name ? -1 : 1))]
}

function yieldOf(of: Yield['of'], name: string, cases: readonly Case[]): Yield {
  const shown = cases.filter(({ scored }) => scored.shown === 'yes')
  const below = cases.filter(({ scored }) => scored.shown !== 'yes')
  const judged = shown.filter(({ decided }) => decided)
  const wanted = judged.filter((one) => isWanted(one)).length
  const sample = below.filter(({ scored, decided }) => scored.shown === 'sample' && decided)
  const precision = rate(wanted, judged.length)
  const missed = rate(sample.filter((one) => isWanted(one)).length, sample.length)
  // What is shown and not judged yet is of as much use as what was judged.
  const all = judged.length === shown.length
  const recallAt = (use: number, missing: number): number =>
    (use * shown.length) / (use * shown.length + missing * below.length)
  return {
    of,
    name,
    shown: shown.length,
    ...(precision && { precision }),
    below: below.length,
    sampled: sample.length,
    ...(missed &&
      precision &&
      wanted > 0 && {
        recall: {
          value: recallAt(precision.value, missed.value),
          low: recallAt(all ? precision.value : precision.low, missed.high),
          high: recallAt(all ? precision.value : precision.high, missed.low),
        },
      }),
  }
}

const isWanted = ({ decided }: Case): boolean => decided !== undefined && decided.is !== 'ignore'

/** A word that stands in what is ignored, and hardly in what is wanted. */
export interface Exclusion {
  readonly term: string
  readonly ignored: number
  readonly wanted: number
}

/** So many ignored posts must have it. */
const support = 3

/**
 * Terms that would keep out what staff ignore: in at least three ignored posts, and at the most in one of twenty as large a
 * share of the wanted ones. Words of the packs themselves are none.
 */
export function exclusions(
  ignored: readonly string[],
  wanted: readonly string[],
  own: readonly string[] = [],
): readonly Exclusion[] {
  const ours = new Set(own.flatMap((text) => wordsOf(text).words))
  const count = (texts: readonly string[]): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const text of texts)
      for (const word of new Set(wordsOf(text).words)) counts.set(word, (counts.get(word) ?? 0) + 1)
    return counts
  }
  const [bad, good] = [count(ignored), count(wanted)]
  const share = (n: number, of: number): number => (n + 0.5) / (of + 1)
  return [...bad]
    .filter(
      ([term, n]) => n >= support && term.length > 2 && !/^\d+$/.test(term) && !ours.has(term) && !common.has(term),
    )
    .map(([term, n]) => ({ term, ignored: n, wanted: good.get(term) ?? 0 }))
    .filter(
      (one) =>
        share(one.ignored, ignored.length) >= 3 * share(one.wanted, wanted.length) && one.wanted <= one.ignored * 0.05,
    )
    .sort((a, b) => b.ignored - a.ignored || (a.term < b.term ? -1 : 1))
    .slice(0, 10)
}
const common = new Set(
  'the and for with that this from have has had are was were been not but you your our their they them its his her she who what when where why how all any out off over under about into just got get one two new now day today tonight'
    .split(' ')
    .map(stem),
)
