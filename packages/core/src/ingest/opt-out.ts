// In: a text that says STOP, START or HELP. Out: the consent that it means.
import {
  type Address,
  type Consent,
  type Decision,
  dialable,
  type Interaction,
  type Message,
  refId,
} from '../contract/index.ts'
import { addressId, type Engine, hash, measured, now } from '../runtime/index.ts'
import { instant, latest, milliseconds } from '../time/index.ts'
import { after } from './consent.ts'

/** What a word is of: a purpose, all that is promotional, or everything, as is what we do not understand. */
export function scopeOf({ options }: Engine, scope = '*'): string {
  const word = scope.toLowerCase()
  if (word === 'promotional') return 'class:promotional'
  return Object.keys(options.purposes).find((name) => name.toLowerCase() === word) ?? '*'
}

/** STOP and START are one word on one address, for every purpose unless narrowed (47 CFR 64.1200(a)(10)). */
export function wordOf(
  engine: Engine,
  fact: Interaction,
  address: Address,
  word: 'stop' | 'start',
  purpose: string,
  text: string,
  before: readonly Consent[],
): Consent {
  const ref = { source: fact.source, key: fact.key }
  return {
    id: refId(ref),
    address: { scheme: address.scheme, value: address.value },
    purpose,
    state: word === 'stop' ? 'denied' : 'granted',
    basis: word === 'stop' ? 'stop' : 'service',
    at: after(before, now(engine)),
    by: fact.source,
    evidence: { text, fact: ref },
  }
}

/**
 * The key of the one message that may follow a STOP, none where it was had. Two that come at once are one: the key is made
 * of the word before them.
 */
export function confirmationKey(address: Address, of: string, words: readonly Consent[]): string | undefined {
  const last = latest(words.filter(({ purpose }) => purpose === '*' || purpose === of))
  if (last?.state === 'denied' && last.basis === 'stop') return undefined
  return `stop ${hash(addressId(address), of, last?.id ?? '')}`
}

/** A confirmation that comes later is a text to somebody who asked for none (47 CFR 64.1200(a)(12) speaks of five minutes). */
const confirmMs = milliseconds('15m')

/** The one message that may follow a STOP, where the provider does not send its own: within minutes, and nothing but that. */
export function confirmationOf(
  engine: Engine,
  fact: Interaction,
  to: Address,
  key: string,
  scope: string | undefined,
): { decision: Decision; message: Message } | undefined {
  const channel = engine.options.adapters[fact.source]?.channel
  // Of a number that nobody can dial no promise is made: whoever is texted is texted at another.
  if (!channel?.schemes.includes(to.scheme) || !dialable(to)) return undefined
  const what = scope === undefined ? ['', ''] : [` of this kind (${scope})`, ` ${scope.toUpperCase()}`]
  const again = `Reply START${what[1]} to get them again${scope === undefined ? '' : ', STOP to get none at all'}.`
  const text = `${engine.options.library.name}: you will get no more messages${what[0]} at this ${to.scheme === 'tel' ? 'number' : 'address'}. ${again}`
  const content = { text }
  const about = [{ source: fact.source, key: fact.key }]
  const { units, cost } = measured(channel, content, to)
  const from = fact.to ?? channel.senders?.[0]?.address
  const at = now(engine)
  const expireAt = instant(Date.parse(at) + confirmMs)
  const message: Message = {
    key,
    decision: key,
    purpose: 'stop',
    via: fact.source,
    to,
    ...(from && { from }),
    content,
    units,
    notBefore: at,
    expireAt,
    state: 'planned',
    attempts: [],
    confirms: { source: fact.source, key: fact.key },
  }
  const decision: Decision = {
    key,
    keys: [key],
    at,
    about,
    purpose: 'stop',
    outcome: {
      send: true,
      via: fact.source,
      to,
      ...(from && { from }),
      notBefore: at,
      expireAt,
      units,
      ...(cost && { cost }),
    },
    reasons: [
      { rule: 'consent', verdict: 'pass', detail: 'The one confirmation that a request to stop is answered with.' },
    ],
    inputs: { shared: engine.sharedId, own: null },
  }
  return { decision, message }
}
