import type { Decision, Reason, Rule, Sending } from '../contract/decision.ts'
import type { Own, Shared } from '../contract/decision-inputs.ts'
import type { Medium, Price } from '../contract/primitives.ts'
import type { Purpose } from '../contract/purpose.ts'
import type { Ref } from '../contract/ref.ts'
import { momentOf } from '../schedule/allowed-time.ts'
import { type Whereabouts, zoneOf } from '../schedule/place.ts'
import { instant } from '../time/instants.ts'
import { spoken } from '../time/spoken.ts'
import { deadline, localDay } from '../time/zones.ts'
import { channelsOf, wishOf } from './media.ts'
import { barOf, whoIsTold } from './recipient.ts'
import { fit, type Met } from './way.ts'

/** Facts in, decision out. The same two inputs give the same decision for ever. */
export function decide(shared: Shared, own: Own): Pick<Decision, 'outcome' | 'reasons'> {
  const reasons: Reason[] = []
  const note = (rule: Rule, verdict: Reason['verdict'], detail: string, more: { via?: string; ref?: Ref } = {}) => {
    reasons.push({ rule, verdict, detail, ...more })
  }
  const against = (why?: Rule): Pick<Decision, 'outcome' | 'reasons'> => {
    const first = reasons.find((reason) => reason.verdict === 'reject')
    return { outcome: { send: false, why: why ?? (first as Reason).rule }, reasons }
  }

  const { library } = shared
  const purpose = shared.purposes[own.purpose]
  if (!purpose) {
    note('purpose', 'reject', `This library has no purpose "${own.purpose}".`)
    return against()
  }
  note('purpose', 'pass', `${own.purpose}: a ${purpose.class} message.`)
  if (own.earlier) {
    note('duplicate', 'reject', 'The same matter was already told from another source.', { ref: own.earlier })
    return against()
  }
  const bar = barOf(shared, own)
  if (bar) {
    note(bar.rule, 'reject', bar.detail)
    return against()
  }
  const told = whoIsTold(shared, own)
  if (told !== 'patron' && !own.recipient) {
    const nobody = told === 'nobody' ? 'Minors are not told of this.' : 'A minor, of whom no guardian can be reached.'
    note('minor', 'reject', nobody)
    return against()
  }
  if (own.recipient?.as === 'guardian') note('minor', 'pass', 'A minor: their guardian is told.')
  if (own.recipient?.as === 'proxy') note('proxy', 'pass', 'They have no address; who acts for them is told.')
  if (own.digest && own.digest > 1) note('digest', 'pass', `${own.digest} are told in one message.`)

  const here: Whereabouts = own.recipient ? { ...own, patron: own.recipient } : own
  const zone = zoneOf(library, here)
  const start = Math.max(Date.parse(own.now), own.notBefore ? Date.parse(own.notBefore) : 0)
  const end = own.expireAt === undefined ? undefined : deadline(own.expireAt, zone)
  const wish = wishOf(shared, own, purpose)
  const { why: before, outage } = own.after ?? {}
  if (before) note(before === 'outage' ? before : 'fallback', 'pass', another[before])
  note('preference', 'pass', wish.detail)
  const met = new Set<Met>()
  // Where none may be gone around by, it waits for its own.
  const carriers = channelsOf(shared, own)
    .filter(({ id }) => id === outage?.of || !outage?.down.includes(id))
    .sort((a, b) => Number(a.id === outage?.of) - Number(b.id === outage?.of))
  const by = (medium: Medium): Sending | undefined => {
    const channels = carriers.filter((channel) => channel.medium === medium)
    if (channels.length === 0) note('channel', 'reject', `No channel here carries ${medium}.`)
    else met.add('carried')
    for (const channel of channels) {
      const chosen = fit(channel, own, purpose, library, note, met)
      if (!chosen) continue
      const { slot, way } = chosen
      const { at: open, moves } = momentOf(shared, own, here, medium, start)
      for (const [rule, until] of moves) {
        if (Number.isNaN(until)) note(rule, 'reject', none[rule])
        else note(rule, 'defer', `${waits[rule]}: it waits until ${spoken(until, zone)}.`)
      }
      if (Number.isNaN(open)) return undefined
      const at = slot ? Math.max(open, Date.parse(slot.at)) : open
      if (slot === null) {
        note('rate', 'reject', 'It is more than its sender may send in a day.', { via: way.via })
        continue
      }
      const dear =
        outage && way.via !== outage.of && tooDear(purpose, way.cost, own.spent?.[localDay(at, library.timeZone)])
      if (dear) {
        note('outage', 'reject', dear, { via: way.via })
        continue
      }
      if (at > open) note('rate', 'defer', `Its sender is busy: it waits until ${spoken(at, zone)}.`)
      if (end === undefined || at < end)
        return { send: true, ...way, notBefore: instant(at), ...(end !== undefined && { expireAt: instant(end) }) }
      const when = `It is worthless after ${spoken(end - 1, zone)}, and cannot go before ${spoken(at, zone)}.`
      note('deadline', 'reject', when)
      if (start < end) met.add('deadline')
    }
    return undefined
  }
  const firstOf = (media: readonly Medium[]) =>
    media.reduce<Sending | undefined>((found, medium) => found ?? by(medium), undefined)
  let outcome = firstOf(wish.media)
  if (!outcome) {
    if (met.has('carried') && !met.has('address')) met.add('no-address')
    const failed = before === 'relevance' || before === 'outage' ? undefined : before
    const why = met.has('refused') ? undefined : (failed ?? purpose.fallback?.find((one) => met.has(one)))
    if (why && !failed) note('fallback', 'pass', another[why])
    if (why) outcome = firstOf(wish.rest)
  }
  if (outcome) return { outcome, reasons }
  if (reasons.every(({ verdict }) => verdict !== 'reject')) note('channel', 'reject', 'No medium is left to try.')
  if (own.recipient?.as !== 'guardian') return against()
  note('minor', 'reject', 'Their guardian cannot be reached.')
  return against('minor')
}

const another = {
  'no-address': 'No address for this is known; another medium is tried.',
  undeliverable: 'The address proves to be a bad one; another medium is tried.',
  deadline: 'It could not go in time; another medium is tried.',
  relevance: 'Some of what it told is over; the rest is told.',
  outage: 'Its provider is down, and it is urgent: another that carries this medium is tried.',
} as const

/** Why the money for going around an outage does not suffice. */
function tooDear({ failover }: Purpose, cost: Price | undefined, spent = 0): string | undefined {
  if (!failover) return 'Its purpose has no money for that.'
  const { micros, currency } = failover.perDay
  if (!cost) return 'What it costs there is not configured, so that no cap would hold.'
  if (cost.currency !== currency) return `It costs ${cost.currency} there, and the cap is in ${currency}.`
  return spent + cost.micros > micros
    ? 'What a day may cost for urgent messages in an outage would be more.'
    : undefined
}

const waits = { quiet: 'Quiet hours', hours: 'Closed', cap: 'Enough was sent to them in this time' } as const

const none = {
  quiet: 'The quiet hours of library, branch and patron leave no time of day.',
  hours: 'Opening hours and quiet hours leave no moment within a year.',
  cap: 'The caps leave no moment within years.',
} as const
