import { type Code, PrmError } from '@prm/core'

/**
 * What a reply or a bounce says, by its enhanced status code (RFC 3463, IANA's registry) and, where that is missing or says
 * no more than "other", by its words.
 */
export type Meaning = 'undeliverable' | 'full' | 'sender' | 'auth' | 'relay' | 'rate' | 'other'

const bad = new Set(['1.1', '1.2', '1.3', '1.6', '1.10', '2.1', '4.4'])
const words: readonly (readonly [Meaning, RegExp])[] = [
  ['full', /(?:mailbox|quota|storage).{0,40}(?:full|exceed)|over ?quota|out of storage|insufficient.{0,20}storage/i],
  ['relay', /relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed)|unable to relay|not permitted to relay/i],
  [
    'rate',
    /rate.?limit|too (?:many|fast|quickly)|throttl|sending limit|try again later.{0,40}rate|concurrent connections/i,
  ],
  [
    'undeliverable',
    /(?:user|mailbox|recipient|account|address|alias|mail ?drop).{0,60}(?:unknown|not (?:found|exist)|n[o']t exist|does ?n[o']t|invalid|disabled|inactive|no longer|unavailable)|(?:unknown|no such|invalid|nonexistent).{0,20}(?:user|mailbox|recipient|account|address|person|local part)|no mailbox (?:here|by that)|host (?:or domain name )?not found|address rejected/i,
  ],
]

export function meaningOf(status: string | undefined, text = ''): Meaning {
  const detail = status?.slice(2) ?? ''
  const said = words.find(([, pattern]) => pattern.test(text))?.[0]
  if (bad.has(detail)) return 'undeliverable'
  if (detail === '2.2') return said === 'rate' ? 'rate' : 'full'
  if (detail === '1.7' || detail === '1.8') return 'sender'
  if (detail === '7.8' || detail === '7.9') return 'auth'
  if (detail === '3.2' || detail === '7.28') return 'rate'
  // Exchange Online refuses who is not in its directory with 5.4.1.
  if (detail === '4.1') return said === 'undeliverable' ? said : 'other'
  if (/^7\./.test(detail)) return said === 'relay' || said === 'rate' ? said : 'other'
  return said ?? 'other'
}

/** `5.1.1` in what a server said, if it said one. */
export const statusIn = (text: string): string | undefined =>
  /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])/.exec(text)?.[0]

/** What nodemailer rejects with, as far as it is read. */
interface Refusal {
  readonly code?: string
  readonly command?: string
  readonly responseCode?: number
  readonly response?: string
  readonly message?: string
}

/**
 * The error that a failed send asks for; `begun` when the mail itself was on its way. Its text holds codes alone: what a
 * server says mostly repeats the recipient.
 */
export function errorOf(thrown: unknown, begun: boolean): PrmError {
  const { code, command = '', responseCode, response = '', message = '' } = thrown as Refusal
  const status = statusIn(response)
  const vendor = { ...(responseCode && { status: responseCode }), ...(status && { code: status }) }
  const said = `${command.split(' ')[0]} ${[responseCode, status].filter(Boolean).join(' ') || code || 'failed'}`.trim()
  const fail = (code: Code, what: string) => new PrmError(code, `${what}: ${said}.`, { vendor })
  if (code === 'EAUTH' || command.startsWith('AUTH'))
    return responseCode && responseCode < 500
      ? fail('unavailable', 'The mail server could not check the login')
      : fail('auth', 'The mail server refused the login')
  if (!responseCode || responseCode === 421) {
    if (begun) return fail('unknown', 'The connection was lost once the mail was on its way')
    if (/certificate|wrong version number/i.test(message) || code === 'ETLS')
      return fail('config', 'The mail server has no certificate that is trusted, or no TLS')
    if (code === 'EMESSAGE' || code === 'EENVELOPE' || code === 'ESTREAM')
      return fail('invalid', 'The mail cannot be sent so')
    return fail('unavailable', 'The mail server was not reached or hung up')
  }
  const meaning = meaningOf(status, response)
  if (meaning === 'rate') return fail('rate_limited', 'The mail server takes no more for now')
  // A full mailbox may be emptied: mail servers keep trying for days.
  if (responseCode < 500 || meaning === 'full') return fail('unavailable', 'The mail server asks to come again later')
  if (responseCode === 530 || meaning === 'auth') return fail('auth', 'The mail server wants another login')
  if (meaning === 'relay') return fail('config', 'The mail server does not relay for us')
  if (meaning === 'sender' || (command === 'MAIL FROM' && responseCode !== 552))
    return fail('config', 'The mail server does not take our sender address')
  if (meaning === 'undeliverable') return fail('undeliverable', 'Nobody has this address')
  return fail('invalid', 'The mail server refused the mail')
}
