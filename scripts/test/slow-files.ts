import { relative } from 'node:path'

/** A test file with the time that it took, imports included, in milliseconds. */
export interface Timed {
  readonly file: string
  readonly ms: number
}

/** Formats the ten slowest files, slowest first, below a heading; nothing where a run has one file at most. */
export function slowest(files: readonly Timed[], folder: string): readonly string[] {
  if (files.length < 2) return []
  const slow = files.toSorted((a, b) => b.ms - a.ms).slice(0, 10)
  const lines = slow.map(({ file, ms }) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${relative(folder, file)}`)
  return [`The ${slow.length} slowest test files:`, ...lines, '']
}
