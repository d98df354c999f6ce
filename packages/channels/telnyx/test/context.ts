import { testContext } from '@prm/conformance'
import type { Context } from '@prm/core'

export { thrown } from '@prm/conformance'

export const publicUrl = 'https://library.example/prm/sms'

export function context(more: Partial<Context> = {}): ReturnType<typeof testContext> {
  return testContext('sms', { publicUrl, ...more })
}
