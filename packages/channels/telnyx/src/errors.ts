import type { Code } from '@prm/core/adapter'

/** Telnyx's number in a body `{ errors: [{ code, title, detail }] }`; it is written as text, and read as a number too. */
export function numberIn(body: unknown): number | undefined {
  const errors = typeof body === 'object' && body !== null && 'errors' in body ? body.errors : undefined
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined
  const code = typeof first === 'object' && first !== null && 'code' in first ? Number(first.code) : Number.NaN
  return Number.isSafeInteger(code) ? code : undefined
}

/**
 * What a Telnyx error asks for; `undefined` for a number we do not know, whose HTTP status then decides. Meanings:
 * developers.telnyx.com, "Messaging Error Code Reference" and "API error codes".
 */
export function codeOf(number: number | undefined): Code | undefined {
  return number === undefined ? undefined : codes.get(number)
}

/** What the error of a message that was taken says of the address itself. */
export function meansOf(number: unknown): { addressStatus?: 'undeliverable' | 'blocked' } {
  const code = codeOf(Number(number))
  return code === 'undeliverable' || code === 'blocked' ? { addressStatus: code } : {}
}

const codes: ReadonlyMap<number, Code> = new Map([
  ...all('auth', 10009),
  ...all('forbidden', 10010),
  ...all('not_found', 10005),
  ...all('rate_limited', 10011, 40318), // too many requests; the sender's queue holds 4 hours already
  ...all('rate_limited', 40011, 40016, 40018), // carrier: rate, T-Mobile's daily cap, AT&T's rate
  ...all('rate_limited', 40333), // the profile's daily spend limit

  // Nobody can be reached until the set-up is mended, so the adapter pauses and the work is kept.
  ...all('config', 40305, 40306, 40307, 40308, 40013), // From: invalid or of no profile, sender name, not for MMS, refused
  ...all('config', 40312, 40321), // the profile: disabled, no usable number
  ...all('config', 40010, 40100, 40150, 40151, 40329, 40330), // not registered for 10DLC, not enabled, toll-free not verified
  ...all('forbidden', 40314, 10038), // messaging disabled for the account, or not at its level

  // This number or this text; the rest goes on.
  ...all('undeliverable', 10001, 10002, 10016, 40001, 40012, 40310), // inactive, invalid, a landline, not a number
  ...all('blocked', 40300), // the recipient texted STOP
  // The destination is not on the profile's list, or not verified on a trial account: one patron's number pauses nobody.
  ...all('unsupported', 40309, 40319, 10039),
  ...all('invalid', 10003, 10004, 10015, 10023, 10027), // URL, parameter, JSON, entity
  ...all('invalid', 40009, 40301, 40302, 40303, 40304, 40316, 40317, 40328), // content: wrong, too large, missing, too many parts
  ...all('invalid', 40002, 40003, 40015, 40017, 40322), // filtered as spam: the text or the sender, not the number

  // Again later, or nothing that is said of the address: core tries no second time what was taken.
  ...all('unavailable', 40004, 40005, 40006, 40007, 40008, 40014, 40315, 40320),
])

function all(code: Code, ...numbers: readonly number[]): (readonly [number, Code])[] {
  return numbers.map((number) => [number, code] as const)
}
