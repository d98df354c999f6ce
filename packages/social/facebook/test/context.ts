import { testContext } from '@prm/conformance'
import type { Context } from '@prm/core'

export { thrown } from '@prm/conformance'

export const publicUrl = 'https://library.example/prm/page'
export const at = '2026-11-24T16:00:00.000Z'

export function context(more: Partial<Context> = {}): ReturnType<typeof testContext> {
  return testContext('page', { publicUrl, now: () => new Date(at), ...more })
}

/** What was warned of: no ids of people, no words. */
export const warned = ({ logged }: ReturnType<typeof testContext>): readonly string[] =>
  logged.flatMap((entry) => {
    const [level, message] = entry as readonly [string, string]
    return level === 'warn' ? [message] : []
  })
