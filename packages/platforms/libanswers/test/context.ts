import { testContext } from '@prm/conformance'
import type { Context } from '@prm/core'

export { thrown } from '@prm/conformance'

export const publicUrl = 'https://library.example/prm/answers'

export function context(more: Partial<Context> = {}): ReturnType<typeof testContext> {
  return testContext('answers', { publicUrl, now: () => new Date('2026-11-24T16:00:00.000Z'), ...more })
}
