/**
 * Takes each problem of a run, answers whether it is to be reported now, and remembers that in the store: a file that stays
 * where it is, is reported once a day, not at every run of a timer.
 */
import { createHash } from 'node:crypto'
import type { Scope } from '@prm/core'

export interface Problems {
  /** True for a problem that was not reported within a day. */
  report(text: string): boolean
  /** Stores what was reported. The texts are hashed, since a file name may hold anything. */
  save(): Promise<void>
}

/** For a dry run, which stores nothing: every problem is reported. */
export const everyProblem: Problems = { report: () => true, save: () => Promise.resolve() }

const id = 'reported problems'
const dayMs = 86_400_000

/** Problems as the store remembers them. */
export async function problemsOf(scope: Scope, now: () => number): Promise<Problems> {
  const kept = (await scope.get('cursor', id))?.value.value ?? {}
  const reported = new Map(Object.entries(kept as { readonly [hash: string]: number }))
  let changed = false
  return {
    report(text) {
      const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
      const last = reported.get(hash)
      if (last !== undefined && Math.abs(now() - last) < dayMs) return false
      reported.set(hash, now())
      changed = true
      return true
    },
    async save() {
      if (!changed) return
      const recent = [...reported].filter(([, at]) => Math.abs(now() - at) < dayMs)
      await scope.commit([{ put: [{ kind: 'cursor', value: { id, value: Object.fromEntries(recent) } }] }])
      changed = false
    },
  }
}
