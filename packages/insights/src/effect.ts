import { type Rate, rounded, sum, t98 } from './rate.ts'

/** What happened on one page: questions and views, week by week, before and after. */
export interface Course {
  readonly before: readonly Week[]
  readonly after: readonly Week[]
}
export interface Week {
  readonly questions: number
  readonly views: number
}

/** What an edit changed, or why that cannot be said. */
export type Effect = Measured | NotEnough
export interface Measured {
  readonly enough: true
  /** The rate of questions after, beside what it would have been: 0.6 is 40 % fewer. With its 98 % interval: of a hundred edits that did nothing, two may look otherwise. */
  readonly ratio: Rate
  /** The interval excludes no change. */
  readonly changed: boolean
  readonly controls: number
  /** How much more the weeks vary than chance alone would make them; 1 is chance. */
  readonly dispersion: number
}
export interface NotEnough {
  readonly enough: false
  readonly why: 'few questions' | 'few controls' | 'no views' | 'short window' | 'another edit' | 'page split'
}

/** Fewer questions in both windows together tell nothing. */
const leastQuestions = 20
/** A page that hardly anybody asks on is no control. Chosen by both windows together: by one alone it would drift back. */
const leastOfControl = 10
/** Fewer do not show how much pages drift by themselves. */
const leastControls = 5
/** Pages drift by a tenth even where so few controls do not show it: the square of that, on the log scale. */
const leastDrift = 0.01

/**
 * The difference of differences: how the rate of questions changed on the edited page, beside how it changed meanwhile on
 * pages that nobody edited, on a log scale. The interval holds three sources of chance: counts (Poisson, widened by how much
 * the weeks vary more than that), how differently pages drift by themselves (the variance between controls, by DerSimonian
 * and Laird), and that controls are few (Student's t): that is a prediction interval for one more page without an edit.
 */
export function effect(edited: Course, others: readonly Course[]): Effect {
  if (edited.before.length < 2 || edited.after.length < 2) return { enough: false, why: 'short window' }
  if ([edited.before, edited.after].some((weeks) => viewsOf(weeks) <= 0)) return { enough: false, why: 'no views' }
  if (questionsOf(edited) < leastQuestions) return { enough: false, why: 'few questions' }
  const controls = others.filter(
    (one) => questionsOf(one) >= leastOfControl && viewsOf(one.before) > 0 && viewsOf(one.after) > 0,
  )
  if (controls.length < leastControls) return { enough: false, why: 'few controls' }

  const dispersion = dispersionOf([edited, ...controls])
  const changes = controls.map((one) => changeOf(one, dispersion))
  const own = changeOf(edited, dispersion)
  const drift = driftOf(changes)
  const weights = changes.map(({ variance }) => 1 / (variance + drift))
  const common = sum(changes.map(({ change }, at) => change * (weights[at] ?? 0))) / sum(weights)
  const ofControls = drift + 1 / sum(weights)
  const variance = own.variance + ofControls
  const freedom = (controls.length - 1) * (variance / ofControls) ** 2 // Satterthwaite: only the controls' part is estimated
  const half = t98(freedom) * Math.sqrt(variance)
  const difference = own.change - common
  const [low, high] = [difference - half, difference + half]
  return {
    enough: true,
    ratio: { value: rounded(Math.exp(difference)), low: rounded(Math.exp(low)), high: rounded(Math.exp(high)) },
    changed: low > 0 || high < 0,
    controls: controls.length,
    dispersion: rounded(dispersion),
  }
}

interface Change {
  /** The logarithm of the rate after by the rate before. */
  readonly change: number
  readonly variance: number
}

/** Half a question is added to each side, so that none is a number too (Haldane). */
function changeOf({ before, after }: Course, dispersion: number): Change {
  const [b, a] = [before, after].map((weeks) => sum(weeks.map(({ questions }) => questions)) + 0.5) as [number, number]
  const change = Math.log(a / viewsOf(after)) - Math.log(b / viewsOf(before))
  return { change, variance: dispersion * (1 / a + 1 / b) }
}

/** Pearson's chi-square by its degrees of freedom, of all weeks about the rate of their page and window; never below 1. */
function dispersionOf(courses: readonly Course[]): number {
  let [square, freedom] = [0, 0]
  for (const weeks of courses.flatMap(({ before, after }) => [before, after])) {
    const rate = sum(weeks.map(({ questions }) => questions)) / viewsOf(weeks)
    const seen = weeks.filter(({ views }) => views > 0)
    if (rate === 0 || seen.length < 2) continue
    square += sum(seen.map(({ questions, views }) => (questions - rate * views) ** 2 / (rate * views)))
    freedom += seen.length - 1
  }
  return freedom === 0 ? 1 : Math.max(1, square / freedom)
}

/** The variance between pages that is not of their counts. */
function driftOf(changes: readonly Change[]): number {
  const weights = changes.map(({ variance }) => 1 / variance)
  const total = sum(weights)
  const mean = sum(changes.map(({ change }, at) => change * (weights[at] ?? 0))) / total
  const spread = sum(changes.map(({ change }, at) => (weights[at] ?? 0) * (change - mean) ** 2))
  const scale = total - sum(weights.map((weight) => weight ** 2)) / total
  return Math.max(leastDrift, (spread - (changes.length - 1)) / scale)
}

const viewsOf = (weeks: readonly Week[]): number => sum(weeks.map(({ views }) => views))
const questionsOf = ({ before, after }: Course): number => sum([...before, ...after].map(({ questions }) => questions))
