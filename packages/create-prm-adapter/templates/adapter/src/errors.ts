import type { Code } from '@prm/core/adapter'

/** Carrier Pigeon's word in the body of a refusal: `{ "error": "opted_out" }`. */
export function wordIn(body: unknown): string | undefined {
  const word = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return typeof word === 'string' ? word : undefined
}

/** What a refusal asks for; `undefined` for a word that is not here, whose HTTP status then decides. */
export const codeOf = (body: unknown): Code | undefined => codes.get(wordIn(body) ?? '')

// UNVERIFIED: put your own words here, with the page that lists them.
const codes: ReadonlyMap<string, Code> = new Map([
  ['opted_out', 'blocked'], // @channel
  ['no_such_number', 'undeliverable'], // @channel
  ['not_mobile', 'undeliverable'], // @channel
  ['too_long', 'invalid'], // @channel
  ['account_suspended', 'forbidden'],
])
