import type { Instant, LocalDate } from '@prm/core'
import { type Cell, threshold } from './cells.ts'
import { clock, numberOf } from './clock.ts'
import { type Course, type Effect, effect, type NotEnough, type Week } from './effect.ts'
import type { Told } from './pages.ts'
import type { Rows, Said } from './quotes.ts'
import { poissonRate, type Rate, roundedRate, sum } from './rate.ts'
import { voices } from './respondents.ts'
import { type Reading, topics } from './topics.ts'

export interface RecurrenceOptions extends Reading {
  /** Of both windows, and all of it: what else was said is what the theme is compared with. */
  readonly said: Rows<Said>
  /** The ids behind the theme when it was solved: what shares their words is of it, before and after. */
  readonly rows: readonly string[]
  /** The day of the fact `theme.solved`; it is in no window. */
  readonly solved: LocalDate | Instant
  readonly timeZone: string
  /** Before and after; 8 by default. Longer before than what made you act: a peak falls by itself. */
  readonly weeks?: number
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
}

export interface RecurrenceReport {
  readonly k: number
  readonly label: string
  readonly before: Side
  readonly after: Side
  /** How it changed beside other themes, with an interval; or why that cannot be said. */
  readonly effect: Effect
  readonly text: string
}
export interface Side {
  readonly voices: Cell
  /** For each 1,000 voices that speak of other things. */
  readonly per1000: Rate | null
  readonly ref: string
}

/** Whether a theme comes back after it was solved: its rate among all voices before and after, beside other themes. */
export async function recurrence(options: RecurrenceOptions): Promise<Told<RecurrenceReport>> {
  const { weeks = 8 } = options
  const k = threshold(options.k)
  const all = await voices(options.said)
  const topic = topics(all, k, options)
  const local = clock(options.timeZone)
  const day = numberOf(local(options.solved).day)
  const known = new Set(options.rows)
  const own = commonest([...all.rows.keys()].flatMap((row) => (known.has(all.rows[row]?.id ?? '') ? [row] : [])))
  const dayOf = all.rows.map(({ at }) => (at === undefined ? Number.NaN : numberOf(local(at).day)))
  const rows: Record<string, readonly string[]> = {}
  const members = own === -1 ? [] : [...all.rows.keys()].filter((row) => topic.of[row] === own)

  const firsts = Array.from({ length: weeks }, (_, at) => at)
  const past = firsts.map((at) => heardIn(day - 7 * (weeks - at)))
  const future = firsts.map((at) => heardIn(day + 1 + 7 * at))
  const [pastViews, futureViews] = [past, future].map(viewsOf)
  const courseOf = (one: number): Course => ({
    before: weeksOf(one, past, pastViews ?? []),
    after: weeksOf(one, future, futureViews ?? []),
  })
  const course = courseOf(own)
  const others = [...new Set(topic.of)].filter((one) => one >= 0 && one !== own).sort((a, b) => a - b)
  const found: Effect = own === -1 ? { enough: false, why: 'few questions' } : effect(course, others.map(courseOf))
  const before = sideOf(course.before, day - 7 * weeks, day - 1, 'before')
  const after = sideOf(course.after, day + 1, day + 7 * weeks, 'after')
  const hidden = before.voices === null || after.voices === null
  const shown: Effect = found.enough && hidden ? { enough: false, why: 'few questions' } : found
  const label = topic.label(members)
  const report = { k, label, before, after, effect: shown, text: sentence(label, before, after, shown, weeks) }
  return { report, rows }

  /** The topic that most of these are of; -1 is none. */
  function commonest(of: readonly number[]): number {
    const sizes = [...Map.groupBy(of, (row) => topic.of[row] ?? -1)].filter(([one]) => one >= 0)
    return sizes.sort(([a, x], [b, y]) => y.length - x.length || a - b)[0]?.[0] ?? -1
  }

  /** The rows of seven days, by topic. */
  function heardIn(start: number): ReadonlyMap<number, readonly number[]> {
    const here = [...all.rows.keys()].filter((row) => start <= (dayOf[row] ?? 0) && (dayOf[row] ?? 0) < start + 7)
    return Map.groupBy(here, (row) => topic.of[row] ?? -1)
  }
  /** Of each week, how many speak of other things. */
  function viewsOf(heard: readonly ReadonlyMap<number, readonly number[]>[]): readonly number[] {
    const before = new Set<string>()
    return heard.map((week) =>
      counted(
        [...week].flatMap(([one, here]) => (one === own ? [] : here)),
        before,
      ),
    )
  }
  /** A voice counts in the week in which it is heard first on that side. A week in which nobody said anything is none. */
  function weeksOf(
    one: number,
    heard: readonly ReadonlyMap<number, readonly number[]>[],
    views: readonly number[],
  ): readonly Week[] {
    const before = new Set<string>()
    return heard.flatMap((week, at) => {
      const questions = counted(week.get(one) ?? [], before)
      return views[at] ? [{ questions, views: views[at] }] : []
    })
  }
  function counted(of: readonly number[], heard: Set<string>): number {
    return sum(
      of.map((row) => {
        const voice = all.of[row] ?? ''
        if (heard.has(voice)) return 0
        heard.add(voice)
        return all.rows[row]?.times ?? 1
      }),
    )
  }

  function sideOf(weekly: readonly Week[], from: number, until: number, ref: string): Side {
    const [count, of] = [sum(weekly.map(({ questions }) => questions)), sum(weekly.map(({ views }) => views))]
    rows[ref] = members.flatMap((row) => {
      const at = dayOf[row] ?? Number.NaN
      return from <= at && at <= until ? [all.rows[row]?.id ?? ''] : []
    })
    const few = count > 0 && count < k
    return {
      voices: few ? null : count,
      per1000: few || of < k ? null : roundedRate(poissonRate(count, of, 1_000)),
      ref,
    }
  }
}

function sentence(label: string, before: Side, after: Side, found: Effect, weeks: number): string {
  const what = label === '' ? 'The theme' : label
  const rate = ({ voices, per1000 }: Side) =>
    per1000 ? `${voices} voices, ${per1000.value} for each 1,000 others` : voices === 0 ? 'none' : 'too few to tell'
  const sides = `before ${rate(before)}; after ${rate(after)}`
  if (!found.enough) return `${what}: ${sides}. Whether it comes back: not enough data, since ${reasons[found.why]}.`
  const { value, low, high } = found.ratio
  const range = `${percent(value)} of the rate before (${percent(low)} to ${percent(high)}), beside ${found.controls} other themes, ${weeks} weeks on each side`
  const came = !found.changed ? 'no change shown' : value < 1 ? 'it is raised less' : 'it is raised more than before'
  return `${what}: ${sides}. After it was solved, ${came}: ${range}.`
}
const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`

const reasons: Readonly<Record<NotEnough['why'], string>> = {
  'few questions': 'too few people raised it',
  'few controls': 'too few other themes are raised',
  'no views': 'nobody said anything else',
  'short window': 'there are not two weeks on both sides in which anybody said anything',
  'another edit': 'it was solved again within the time compared',
  'page split': 'it was split',
}
