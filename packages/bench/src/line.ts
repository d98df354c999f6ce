/** One figure beside a peer's: `ratio` above 1 means that ours is better, whether more or less of the unit is. */
export interface Compared {
  readonly bench: string
  readonly case: string
  readonly peer: string
  readonly ours: number
  readonly theirs: number
  readonly unit: string
  readonly ratio: number
  /** The least `ratio` that is good enough. */
  readonly target: number
  readonly ok: boolean
  readonly runs: number
}

/** One figure without a peer. */
export interface Figure {
  readonly bench: string
  readonly case: string
  readonly ours: number
  readonly unit: string
  /** The most that is good enough. */
  readonly target: number
  readonly ok: boolean
  readonly runs: number
}

export interface Skipped {
  readonly bench: string
  readonly peer: string
  readonly skipped: string
}

export type Line = Compared | Figure | Skipped

/** What both did, run by run. */
export function compared(
  where: Pick<Compared, 'bench' | 'case' | 'peer' | 'unit' | 'target'>,
  better: 'more' | 'less',
  ours: readonly number[],
  theirs: readonly number[],
): Compared {
  const [a, b] = [median(ours), median(theirs)]
  const ratio = round(better === 'more' ? a / b : b / a)
  const { bench, case: name, peer, unit, target } = where
  const [runs, ok] = [Math.min(ours.length, theirs.length), ratio >= target]
  return { bench, case: name, peer, ours: round(a), theirs: round(b), unit, ratio, target, ok, runs }
}

export function figure(where: Pick<Figure, 'bench' | 'case' | 'unit' | 'target'>, values: readonly number[]): Figure {
  const { bench, case: name, unit, target } = where
  const ours = round(median(values))
  return { bench, case: name, ours, unit, target, ok: ours <= target, runs: values.length }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Three figures are more than one machine can tell. */
function round(value: number): number {
  return value >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))
}

/** For a person to read. */
export function spoken(line: Line): string {
  if ('skipped' in line) return `${line.bench}: beside ${line.peer}: skipped, ${line.skipped}`
  const { bench, case: name, ours, unit, target, ok, runs } = line
  const verdict = ok ? 'ok' : 'MISSED'
  if (!('peer' in line)) return `${bench} ${name}: ${ours} ${unit}, at most ${target}: ${verdict} (${runs} runs)`
  const { peer, theirs, ratio } = line
  return `${bench} ${name}: ${ours} ${unit}, ${peer} ${theirs}: ratio ${ratio}, at least ${target}: ${verdict} (${runs} runs)`
}
