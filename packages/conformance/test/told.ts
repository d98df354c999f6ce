import { test } from 'vitest'
import type { Test } from '../src/index.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Why this check was no check here. */
    skipped?: string
  }
}

/** Tells the reporter of a fault that the vendor cannot have, which only the run can tell: it is no test left out. */
export const told: Test = (name, run) =>
  test(name, ({ task }) =>
    run({
      skip(why) {
        task.meta.skipped = why
      },
    }),
  )
