/** A share with Wilson's 95 % interval (Wilson 1927). */
export interface Rate {
  readonly count: number
  readonly of: number
  readonly value: number
  readonly low: number
  readonly high: number
}

const z95 = 1.959964

export function rate(count: number, of: number): Rate | undefined {
  if (of === 0) return undefined
  const value = count / of
  const square = z95 ** 2
  const middle = (value + square / (2 * of)) / (1 + square / of)
  const half = (z95 / (1 + square / of)) * Math.sqrt((value * (1 - value)) / of + square / (4 * of * of))
  return { count, of, value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** How long it takes, with what is not over yet counted as long as it has taken (Kaplan and Meier 1958). Milliseconds. */
export interface Times {
  readonly n: number
  readonly open: number
  /** Until half and until nine of ten were over; absent where it is not yet so. */
  readonly p50?: number
  readonly p90?: number
}

export function times(waits: readonly { readonly ms: number; readonly over: boolean }[]): Times {
  let [waiting, left] = [waits.length, 1]
  const reached: { p50?: number; p90?: number } = {}
  for (const [ms, some] of [...Map.groupBy(waits, (one) => one.ms)].sort(([a], [b]) => a - b)) {
    left *= 1 - some.filter(({ over }) => over).length / waiting
    waiting -= some.length
    if (left <= 0.5 + 1e-9) reached.p50 ??= ms
    if (left <= 0.1 + 1e-9) reached.p90 ??= ms
  }
  return { n: waits.length, open: waits.filter(({ over }) => !over).length, ...reached }
}
