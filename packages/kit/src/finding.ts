import { type CheckResult, PrmError } from '@prm/core/adapter'

/**
 * For `check`: what was found, or why it could not be asked. A text is one that works. Throws what is no `PrmError`: that is a
 * bug.
 */
export async function asked(
  what: string,
  ask: () => Promise<string | Omit<CheckResult, 'what'>>,
): Promise<CheckResult> {
  try {
    const found = await ask()
    return { what, ...(typeof found === 'string' ? { ok: true, detail: found } : found) }
  } catch (error) {
    return { what, ...faultOf(error) }
  }
}

/** What an error says of what was asked: `unknown` where another time may tell. Throws what is no `PrmError`. */
export function faultOf(error: unknown): Pick<CheckResult, 'ok' | 'detail'> {
  if (!PrmError.is(error)) throw error
  const { code, message } = error
  return { ok: code === 'unavailable' || code === 'rate_limited' ? 'unknown' : false, detail: message }
}
