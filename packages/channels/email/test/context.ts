import { inspect } from 'node:util'
import { type Context, PrmError } from '@prm/core'
import { expect } from 'vitest'

export const publicUrl = 'https://library.example/prm/mail'

/** A context whose log must hold nothing of anybody. */
export function context(more: Partial<Context> = {}): Context & { readonly logged: unknown[] } {
  const logged: unknown[] = []
  return {
    id: 'mail',
    library: 'alder',
    url: publicUrl,
    signal: new AbortController().signal,
    now: () => new Date(),
    log: (...entry) => logged.push(entry),
    ...more,
    logged,
  }
}

/** What a promise throws, proved to hold none of these however deep one looks. */
export async function thrown(promise: Promise<unknown>, ...secrets: readonly string[]): Promise<PrmError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!PrmError.is(error)) throw new Error('Nothing of ours was thrown.', { cause: error })
  const all = inspect(error, { depth: 20, showHidden: true })
  for (const secret of secrets) expect(all).not.toContain(secret)
  return error
}
