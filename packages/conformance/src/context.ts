import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { type Context, PrmError } from '@prm/core/adapter'

/** What a facet is called with in an adapter's own tests, with all that was logged: it must hold nothing of anybody. */
export function testContext(
  id: string,
  more: Partial<Context> = {},
): Context & { readonly logged: readonly unknown[] } {
  const logged: unknown[] = []
  return {
    id,
    library: 'alder',
    publicUrl: `https://library.example/prm/${id}`,
    signal: new AbortController().signal,
    now: () => new Date(),
    log: (...entry) => void logged.push(entry),
    ...more,
    logged,
  }
}

/** The error of a promise, proved to be one of ours and to hold none of these, however deep one looks. */
export async function thrown(promise: Promise<unknown>, ...secrets: readonly string[]): Promise<PrmError> {
  const error: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert(PrmError.is(error), 'nothing of ours was thrown')
  const all = inspect(error, { depth: 20, showHidden: true })
  for (const [index, secret] of secrets.entries()) assert(!all.includes(secret), `the error holds the secret ${index}`)
  return error
}
