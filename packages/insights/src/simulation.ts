import { type Course, type Effect, effect, type Week } from './effect.ts'

/** A library of invented pages, one of which was edited: to see what `effect` finds, and how often it is wrong. */
export interface Trial {
  /** What the edit does to the rate: 0.6 is 40 % fewer questions, 1 is nothing. */
  readonly planted: number
  readonly controls: number
  /** Questions that the edited page gets a week. */
  readonly questions: number
  /** Weeks before and after. */
  readonly weeks: number
  /** How much more the weeks vary than chance: 1 is chance. */
  readonly dispersion: number
  /** By how much pages drift by themselves: the standard deviation of the logarithm of their rate. */
  readonly drift: number
  /** What the season does to all pages: 1.8 is 80 % more. */
  readonly season: number
}

/** What came of many trials. */
export interface Tried {
  readonly runs: number
  /** The planted effect lay in the interval. */
  readonly held: number
  /** Something was called an effect. */
  readonly called: number
  readonly notEnough: number
}

/** Tries it with other chances each time; the same seed gives the same. */
export function tried(trial: Trial, runs: number, seed: number): Tried {
  const random = randomFrom(seed)
  const results = Array.from({ length: runs }, () => once(trial, random))
  const enough = results.filter((one) => one.enough)
  return {
    runs,
    held: enough.filter(({ ratio: { low, high } }) => low <= trial.planted && trial.planted <= high).length,
    called: enough.filter(({ changed }) => changed).length,
    notEnough: runs - enough.length,
  }
}

function once(trial: Trial, random: () => number): Effect {
  const page = (planted: number, each: number): Course => {
    const views = 200 + 1_800 * random()
    const drifted = Math.exp(trial.drift * normal(random)) * trial.season * planted
    const week = (factor: number): Week => {
      const seen = Math.max(1, Math.round(views * (0.7 + 0.6 * random())))
      return { views: seen, questions: dispersed((each * factor * seen) / views, trial.dispersion, random) }
    }
    return {
      before: Array.from({ length: trial.weeks }, () => week(1)),
      after: Array.from({ length: trial.weeks }, () => week(drifted)),
    }
  }
  const edited = page(trial.planted, trial.questions)
  return effect(
    edited,
    Array.from({ length: trial.controls }, () => page(1, trial.questions * (0.3 + 1.4 * random()))),
  )
}

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Knuth's; halved while the mean is large, since sums of Poisson counts are Poisson. */
export function poisson(mean: number, random: () => number): number {
  if (mean > 30) return poisson(mean / 2, random) + poisson(mean / 2, random)
  const limit = Math.exp(-mean)
  let [count, product] = [0, random()]
  while (product > limit) {
    count++
    product *= random()
  }
  return count
}

/** Questions come in clumps (classes, a broken link): as many clumps as chance has, each of a geometric size. */
function dispersed(mean: number, dispersion: number, random: () => number): number {
  if (dispersion <= 1) return poisson(mean, random)
  const end = 2 / (dispersion + 1) // a clump of mean 1/end makes the variance (2 - end)/end times the mean
  let count = 0
  for (let clumps = poisson(mean * end, random); clumps > 0; clumps--)
    count += 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - end))
  return count
}
