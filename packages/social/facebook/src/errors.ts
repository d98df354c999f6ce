import type { Code } from '@prm/core/adapter'
import type { Call } from '@prm/kit'

/** Its code, and its subcode where it has one. */
export function numbersIn(body: unknown): readonly number[] {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as {
    error?: { code?: unknown; error_subcode?: unknown }
  }
  return [error?.code, error?.error_subcode].filter((number) => typeof number === 'number')
}

/**
 * Meta's error numbers in ours ("Handling Errors", "Rate Limits", and Messenger's "Common Error Codes"). That somebody cannot be
 * written to now is no bad address: they may write again, and then be answered.
 */
export function codeOf(_: number, body: unknown, { method }: Call): Code | undefined {
  const [code = 0, subcode = 0] = numbersIn(body)
  if (closed.has(subcode) || code === 551) return 'unsupported'
  if (code === 1 || code === 2 || code === 1200) return method === 'GET' ? 'unavailable' : 'unknown'
  // "Duplicate": the same was just posted by us, so that an earlier call may have been taken after all.
  if (code === 506) return 'unknown'
  if (limits.has(code) || (code >= 80_000 && code <= 80_014)) return 'rate_limited'
  if (code === 190 || code === 102) return 'auth'
  if (code === 3 || code === 10 || code === 368 || (code >= 200 && code < 300)) return 'forbidden'
  if (code === 33 || code === 803 || subcode === 33 || subcode === 2_018_001) return 'not_found'
  return code === 100 ? 'invalid' : undefined
}

/** Application, user, page, a custom limit, and that of an application again. */
const limits: ReadonlySet<number> = new Set([4, 17, 32, 613, 341])

/** Outside of the allowed window, twice; a person who takes no messages from us, and one who is not available. */
const closed: ReadonlySet<number> = new Set([2_018_278, 2_018_065, 2_018_108, 1_545_041])
