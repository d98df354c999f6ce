import type { BadLine, BadRow, Fault, Plan } from './types.ts'

/** What a plan tells of its bad rows: the first ones, and all of them by what is wrong. */
export interface Faults {
  look(line: BadLine): void
  found(): Pick<Plan, 'bad' | 'faults'>
}

const mostBad = 100
const mostKinds = 100
const someLines = 10

export function faults(): Faults {
  const bad: BadRow[] = []
  const kinds = new Map<string, Omit<Fault, 'rows' | 'lines'> & { rows: number; readonly lines: number[] }>()
  return {
    look({ is: _, ...row }) {
      if (bad.length < mostBad) bad.push(row)
      const { field, why } = row
      const key = JSON.stringify([field, why])
      const known = kinds.has(key) || kinds.size < mostKinds
      const one = kinds.get(known ? key : '') ?? {
        ...(known ? { ...(field !== undefined && { field }), why } : { why: 'Other reasons: the file has each.' }),
        rows: 0,
        lines: [],
      }
      kinds.set(known ? key : '', one)
      one.rows++
      if (one.lines.length < someLines) one.lines.push(row.line)
    },
    found: () => ({ bad, faults: [...kinds.values()].sort((a, b) => b.rows - a.rows) }),
  }
}
