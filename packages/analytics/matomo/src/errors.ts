import type { Code } from '@prm/core/adapter'

/** By words, since Matomo has no numbers; they are its own and English, as was asked for. */
export function codeOf(message: string | undefined): Code | undefined {
  if (message === undefined) return undefined
  if (/requires .* access|not have access/i.test(message)) return 'forbidden'
  if (/authenticat|token/i.test(message)) return 'auth'
  return /does not exist or is not available|plugin/i.test(message) ? 'unsupported' : undefined
}

export const said = {
  auth: 'the token is wrong or has expired',
  forbidden: 'the user of this token may not view the site, or there is no such site',
  unsupported: 'it has no such report, perhaps since a plugin is off',
  invalid: 'its own log says why',
}

/** How Matomo refuses, mostly with status 200. */
export function refusalIn(body: unknown): string | undefined {
  const { result, message } = (typeof body === 'object' && body ? body : {}) as { result?: unknown; message?: unknown }
  return result === 'error' ? String(message ?? '') : undefined
}
