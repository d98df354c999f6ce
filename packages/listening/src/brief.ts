import type { Instant, Library, Scope } from '@prm/core'
import { type Case, casesOf, type Exclusion, exclusions, type Period, type Yield, yields } from './measure.ts'
import { type Mention, mentionOf } from './mention.ts'
import type { Pack } from './packs.ts'
import { type Times, times } from './rate.ts'
import { firstWords } from './text.ts'
import type { DecisionKind, Sentiment } from './tone.ts'

/** What was said and done in some time, for somebody who was away. Times are milliseconds by the wall clock. */
export interface Brief {
  readonly library: Pick<Library, 'name' | 'timeZone' | 'locale'>
  readonly since: Instant
  readonly until: Instant
  /** Posts that were seen, and what became of them. */
  readonly posts: {
    readonly seen: number
    readonly mentions: number
    readonly copies: number
    readonly below: number
    readonly gone: number
  }
  readonly decisions: { readonly [K in DecisionKind | 'undecided']: number }
  /** Of what was not ignored; `unknown` was not scored. */
  readonly tone: { readonly [K in Sentiment]: number }
  /** From when it was heard until the first decision, and until an answer was there. */
  readonly decided: Times
  readonly answered: Times
  readonly answers: {
    readonly posted: number
    readonly byHand: number
    readonly unapproved: number
    readonly waiting: number
    readonly failed: readonly string[]
  }
  readonly reactions: {
    readonly counts: { readonly [kind: string]: number }
    readonly authors: { readonly [K in Sentiment]: number }
  }
  /** Not decided by when it was due. */
  readonly late: readonly Line[]
  /** Where somebody helped, thanked or is still to. */
  readonly helped: readonly Line[]
  readonly noted: readonly Line[]
  readonly campaigns: readonly (Line & { readonly posts: number })[]
  readonly yields: readonly Yield[]
  readonly exclusions: readonly Exclusion[]
  readonly jumps: readonly {
    readonly pack: string
    readonly day: string
    readonly voices: number
    readonly expected: number
  }[]
  readonly budgets: readonly string[]
  readonly blindSpots: readonly string[]
}

export interface Line {
  readonly id: string
  /** Its first words, as long as they are kept. */
  readonly words?: string
  readonly url?: string
  readonly source: string
  readonly heard: Instant
  readonly due: Instant
  readonly decided?: { readonly is: DecisionKind; readonly at: Instant; readonly by: string }
  readonly posted?: Instant
  readonly author?: Sentiment
  readonly copies: number
}

export interface Making extends Period {
  readonly library: Library
  readonly packs: readonly Pack[]
  readonly budgets: readonly string[]
  readonly blindSpots: readonly string[]
  readonly jumps: Brief['jumps']
}

export async function briefOf(scope: Scope, making: Making): Promise<Brief> {
  const { since, until, library } = making
  const cases = await casesOf(scope, making)
  const mentions = new Map<string, Mention>()
  for (const { id, scored } of cases) {
    const row = scored.shown === 'no' ? undefined : (await scope.get('conversation', id))?.value
    const mention = row && mentionOf(row)
    if (mention) mentions.set(id, mention)
  }
  const shown = cases.filter(({ scored }) => scored.shown === 'yes')
  const below = cases.filter(({ scored }) => scored.shown !== 'yes')
  const wanted = shown.filter(({ decided }) => decided?.is !== 'ignore')
  const toAnswer = shown.filter(
    ({ decided, gone, posted }) => posted || (!gone && (decided?.is === 'help' || decided?.is === 'thank')),
  )
  const end = Date.parse(until)
  const wait = (from: Instant, to: Instant | undefined) => ({
    ms: (to === undefined ? end : Date.parse(to)) - Date.parse(from),
    over: to !== undefined,
  })
  const count = <K extends string>(
    keys: readonly K[],
    of: readonly (K | undefined)[],
  ): { readonly [key in K]: number } =>
    Object.fromEntries(keys.map((key) => [key, of.filter((one) => one === key).length])) as { [key in K]: number }
  const text = ({ id }: Case): string => mentions.get(id)?.text ?? ''
  const line = (one: Case): Line => {
    const { id, scored, heard, decided, posted } = one
    const mention = mentions.get(id)
    return {
      id,
      ...(mention?.text !== undefined && {
        words: firstWords(mention.title ? `${mention.title}: ${mention.text}` : mention.text, 140),
      }),
      ...(mention?.url !== undefined && { url: mention.url }),
      source: scored.source,
      heard,
      due: scored.due,
      ...(decided && { decided: { is: decided.is, at: decided.first, by: decided.by } }),
      ...(posted && { posted: posted.at }),
      ...(authorOf(one) !== undefined && { author: authorOf(one) as Sentiment }),
      copies: one.copies,
    }
  }
  const { packs } = making
  return {
    library: { name: library.name, timeZone: library.timeZone, locale: library.locale },
    since,
    until,
    posts: {
      seen: cases.length + cases.reduce((all, { copies }) => all + copies, 0),
      mentions: shown.length,
      copies: shown.reduce((all, { copies }) => all + copies, 0),
      below: below.length,
      gone: cases.filter(({ gone }) => gone).length,
    },
    decisions: count(
      ['help', 'thank', 'note', 'ignore', 'undecided'],
      shown.map(({ decided }) => decided?.is ?? 'undecided'),
    ),
    tone: count(
      ['negative', 'neutral', 'positive', 'unknown'],
      wanted.map(({ scored }) => scored.sentiment),
    ),
    decided: times(
      shown.filter(({ gone, decided }) => decided || !gone).map(({ heard, decided }) => wait(heard, decided?.first)),
    ),
    answered: times(toAnswer.map(({ heard, posted }) => wait(heard, posted?.at))),
    answers: {
      posted: shown.filter(({ posted }) => posted && !posted.byHand).length,
      byHand: shown.filter(({ posted }) => posted?.byHand).length,
      unapproved: shown.filter(({ posted }) => posted && !posted.approved).length,
      waiting: toAnswer.filter(({ posted }) => !posted).length,
      failed: shown.flatMap(({ failed }) => failed ?? []),
    },
    reactions: {
      counts: Object.fromEntries(
        [
          ...Map.groupBy(
            shown.flatMap(({ reactions }) => reactions),
            ({ kind }) => kind,
          ),
        ].map(([kind, some]) => [kind, some.reduce((all, { gone }) => all + (gone ? -1 : 1), 0)]),
      ),
      authors: count(['negative', 'neutral', 'positive', 'unknown'], shown.map(authorOf)),
    },
    late: shown
      .filter(({ decided, gone, scored }) => !(gone && !decided) && (decided?.first ?? until) > scored.due)
      .map(line),
    helped: shown.filter(({ decided }) => decided?.is === 'help' || decided?.is === 'thank').map(line),
    noted: shown.filter(({ decided }) => decided?.is === 'note').map(line),
    campaigns: shown.filter(({ copies }) => copies >= 2).map((one) => ({ ...line(one), posts: one.copies + 1 })),
    yields: yields(cases),
    exclusions: exclusions(
      shown.filter(({ decided }) => decided?.is === 'ignore').map(text),
      wanted.filter(({ decided }) => decided).map(text),
      packs.flatMap(({ names, nicknames = [], services = [], places = [], exclude }) => [
        ...names,
        ...nicknames,
        ...services,
        ...places,
        ...(exclude?.words ?? []),
      ]),
    ),
    jumps: making.jumps,
    budgets: making.budgets,
    blindSpots: making.blindSpots,
  }
}

function authorOf({ reactions }: Case): Sentiment | undefined {
  const last = reactions.findLast(({ author, gone }) => author && !gone)
  return last && (last.sentiment ?? 'positive')
}
