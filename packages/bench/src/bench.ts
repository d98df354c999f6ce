import type { Line } from './line.ts'

export interface Size {
  /** Small enough for a test: that it runs, not how fast. */
  readonly quick: boolean
  /** Of what grows with its input, one run over a gigabyte. */
  readonly gigabyte?: boolean
  /** How often each contender runs, in turn with the others. */
  readonly runs: number
}

export type Bench = (size: Size) => AsyncIterable<Line>

/** Each contender once, then each again: what the machine does meanwhile, it does to all. */
export async function alternating<const K extends string, T>(
  runs: number,
  contenders: { readonly [N in K]: (run: number) => Promise<T> },
): Promise<{ readonly [N in K]: readonly T[] }> {
  const results = Object.fromEntries(Object.keys(contenders).map((name) => [name, [] as T[]])) as Record<K, T[]>
  for (let run = 0; run < runs; run++)
    for (const [name, contend] of Object.entries(contenders) as [K, (run: number) => Promise<T>][])
      results[name].push(await contend(run))
  return results
}
