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
