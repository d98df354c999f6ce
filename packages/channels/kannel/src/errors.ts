import type { Code } from '@prm/core/adapter'

/** What a refusal means: Kannel has texts and no numbers (gw/smsbox.c of 1.4.5, and measured). */
export function codeOf(status: number, body: unknown): Code | undefined {
  const said = typeof body === 'string' ? body : ''
  if (status === 403) return 'auth' // Authorization failed for sendsms
  if (status === 404) return 'config' // Unknown request: another path, or not smsbox
  // Only bearerbox says so, of what it did not take; any other 5xx may come after it did.
  if (status === 503 && said.startsWith('Temporal failure')) return 'unavailable'
  if (status !== 400) return undefined
  if (said.startsWith('Sender missing')) return 'config'
  if (said.includes('white- and/or black-lists')) return 'unsupported' // the gateway's own lists, not the patron's word
  return 'invalid'
}
