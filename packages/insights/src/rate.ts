/** A rate with its 95 % interval. */
export interface Rate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The normal quantile of 0.975. */
const z95 = 1.959964

/**
 * Events per `per` of something counted, with Byar's interval for a Poisson count: close to the exact one of Garwood from
 * one event on, and without a table (Breslow and Day 1987, Statistical Methods in Cancer Research II, p. 69).
 */
export function poissonRate(events: number, of: number, per: number): Rate {
  const low = events === 0 ? 0 : events * (1 - 1 / (9 * events) - z95 / (3 * Math.sqrt(events))) ** 3
  const next = events + 1
  const high = next * (1 - 1 / (9 * next) + z95 / (3 * Math.sqrt(next))) ** 3
  return { value: (events / of) * per, low: (Math.max(0, low) / of) * per, high: (high / of) * per }
}

/** A share with Wilson's interval (Wilson 1927): it stays between 0 and 1 also for small counts. */
export function share(count: number, of: number): Rate {
  const value = count / of
  const square = z95 ** 2
  const middle = (value + square / (2 * of)) / (1 + square / of)
  const half = (z95 / (1 + square / of)) * Math.sqrt((value * (1 - value)) / of + square / (4 * of * of))
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The 0.99 quantile of Student's t from four degrees of freedom on (Abramowitz and Stegun 26.7.5), within 1 %. */
export function t98(df: number): number {
  const z = 2.326348
  return (
    z +
    (z ** 3 + z) / (4 * df) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * df ** 3)
  )
}

export function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** Three figures are more than such counts can tell. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3))
}

export const roundedRate = ({ value, low, high }: Rate): Rate => ({
  value: rounded(value),
  low: rounded(low),
  high: rounded(high),
})
