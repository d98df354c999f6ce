import type { LocalDate } from '@prm/core'
import { type Cell, threshold } from './cells.ts'
import { dayOf } from './clock.ts'
import { type Course, type Effect, effect, type NotEnough, type Week } from './effect.ts'
import { type Asked, join, type PageData, type Sources } from './join.ts'
import type { Told } from './pages.ts'
import { poissonRate, type Rate, roundedRate, sum } from './rate.ts'

export interface EditsOptions extends Sources {
  /** Weeks before and after an edit that are compared; 8 by default. Longer before than what made you edit: a spike falls by itself. */
  readonly weeks?: number
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
  /** By page: to name pages. */
  readonly titles?: { readonly [page: string]: string }
}

export interface EditsReport {
  readonly edits: readonly Edit[]
  readonly method: string
}

/** A page that was changed, and what came of it. */
export interface Edit {
  readonly page: string
  readonly title?: string
  readonly version: string
  readonly day: LocalDate
  readonly before: Window
  readonly after: Window
  readonly effect: Effect
  /** Pages that nobody edited meanwhile, and that were compared. */
  readonly controls: readonly string[]
  readonly text: string
}
export interface Window {
  readonly from: LocalDate
  readonly until: LocalDate
  readonly questions: Cell
  readonly views: number
  /** Questions per 1,000 views; not beside other pages, as the effect is. */
  readonly per1000: Rate | null
  readonly ref: string
}

const method =
  'Difference of differences of the rate of questions, on a log scale, beside pages without an edit. The 98 % interval counts ' +
  'chance (Poisson, widened by how the weeks vary), how differently pages drift (DerSimonian and Laird) and that controls are few.'

/** For each page that was edited: did questions per view fall, beside pages that were not? The day of the edit is in no window. */
export async function edits(options: EditsOptions): Promise<Told<EditsReport>> {
  const { weeks = 8 } = options
  const k = threshold(options.k)
  const { voices, pages, name } = await join(options)
  const titles = new Map(Object.entries(options.titles ?? {}).map(([page, title]) => [name(page), title]))
  const split = new Map(
    (options.pages?.moves ?? []).flatMap(({ from, to, at }) =>
      typeof to === 'string' ? [] : [[name(from), at?.slice(0, 10)] as const],
    ),
  )
  const rows: Record<string, readonly string[]> = {}
  const all = [...pages.values()].sort((a, b) => (a.page < b.page ? -1 : 1))
  const list = all.flatMap((data) => data.versions.slice(1).map((version) => editOf(data, version)))
  return { report: { edits: list, method }, rows }

  function editOf(data: PageData, { version, from: day }: PageData['versions'][number]): Edit {
    const { page } = data
    const title = titles.get(page)
    const ref = `edits ${page} ${version}`
    const [start, end] = [day - 7 * weeks, day + 1 + 7 * weeks]
    const course = courseOf(data, day)
    const others = all.filter((one) => one !== data && !editedWithin(one, start, end))
    const usable = others.flatMap((one) => {
      const control = courseOf(one, day)
      return control.before.length >= 2 && control.after.length >= 2 ? [{ page: one.page, control }] : []
    })
    const before = windowOf(data, course.before, start, day - 1, `${ref} before`)
    const after = windowOf(data, course.after, day + 1, end - 1, `${ref} after`)
    const found =
      refused(data, day, start, end) ??
      effect(
        course,
        usable.map(({ control }) => control),
      )
    const hidden = before.questions === null || after.questions === null
    const shown: Effect = found.enough && hidden ? { enough: false, why: 'few questions' } : found
    return {
      page,
      ...(title !== undefined && { title }),
      version,
      day: dayOf(day),
      before,
      after,
      effect: shown,
      controls: shown.enough ? usable.map((one) => one.page) : [],
      text: sentence(title ?? page, dayOf(day), shown, weeks),
    }
  }

  function refused({ page, versions }: PageData, day: number, start: number, end: number): NotEnough | undefined {
    if (split.has(page)) return { enough: false, why: 'page split' }
    const another = versions.slice(1).some(({ from }) => from !== day && from >= start && from < end)
    return another ? { enough: false, why: 'another edit' } : undefined
  }

  function editedWithin({ page, versions }: PageData, start: number, end: number): boolean {
    return split.has(page) || versions.slice(1).some(({ from }) => from >= start && from < end)
  }

  /** Whole weeks on both sides; one of which fewer than four days count is left out. */
  function courseOf(data: PageData, day: number): Course {
    const week = (first: number): readonly Week[] => {
      const days = Array.from({ length: 7 }, (_, at) => first + at).filter((at) => data.views.has(at))
      if (days.length < 4) return []
      const counted = new Set(days)
      return [{ questions: questions(asked(data, counted)), views: sum(days.map((at) => data.views.get(at) ?? 0)) }]
    }
    const numbers = Array.from({ length: weeks }, (_, at) => at)
    return {
      before: numbers.flatMap((at) => week(day - 7 * (weeks - at))),
      after: numbers.flatMap((at) => week(day + 1 + 7 * at)),
    }
  }

  function asked(data: PageData, days: ReadonlySet<number>): readonly Asked[] {
    return data.asked.filter(({ day }) => day !== undefined && days.has(day))
  }
  function questions(some: readonly Asked[]): number {
    return new Set(some.map(({ row }) => voices.rows[row]?.thread ?? `row ${row}`)).size
  }

  function windowOf(data: PageData, weekly: readonly Week[], from: number, until: number, ref: string): Window {
    const inside = data.asked.filter(({ day }) => day !== undefined && day >= from && day <= until)
    const people = new Set(inside.map(({ row }) => voices.of[row])).size
    const [count, views] = [sum(weekly.map((week) => week.questions)), sum(weekly.map((week) => week.views))]
    const shown = people >= k
    if (shown) rows[ref] = inside.map(({ row }) => voices.rows[row]?.id ?? '')
    return {
      from: dayOf(from),
      until: dayOf(until),
      questions: shown ? count : null,
      views: Math.round(views),
      per1000: shown && views >= k ? roundedRate(poissonRate(count, views, 1_000)) : null,
      ref,
    }
  }
}

function sentence(page: string, day: string, found: Effect, weeks: number): string {
  const what = `${page}, edited on ${day}:`
  if (!found.enough) return `${what} not enough data, since ${reasons[found.why]}.`
  const { value, low, high } = found.ratio
  const range = `between ${spoken(low)} and ${spoken(high)}`
  const beside = `beside ${found.controls} pages that were not edited, ${weeks} weeks before and after`
  if (!found.changed) return `${what} no effect shown; the questions per view may have changed ${range}, ${beside}.`
  return `${what} ${spoken(value)} questions per view (${range}), ${beside}.`
}

/** A ratio in percent: `40 % fewer`. */
function spoken(ratio: number): string {
  const percent = Math.round(Math.abs(ratio - 1) * 100)
  return percent === 0 ? 'no change' : `${percent} % ${ratio < 1 ? 'fewer' : 'more'}`
}

const reasons: Readonly<Record<NotEnough['why'], string>> = {
  'few questions': 'too few people asked',
  'few controls': 'too few pages without an edit are asked on',
  'no views': 'its views are not known',
  'short window': 'there are not two weeks with known views on both sides',
  'another edit': 'it was edited again within the time compared',
  'page split': 'the page was split',
}
