// In: what all decisions of a host share, and what is known for this one. Out: send (how, to which address, when) or not, and every
// reason. Pure: the same two inputs give the same decision forever.
import {
  type Decision,
  dialable,
  type Medium,
  type Own,
  type Purpose,
  type Reason,
  type Rule,
  type Sending,
  type Shared,
  sameAddress,
} from '../contract/index.ts'
import { earliestAllowed, type Whereabouts, zoneOf } from '../schedule/index.ts'
import { deadline, instant } from '../time/index.ts'
import { refusalOf } from './consent.ts'
import { carriersOf, preferredMedia } from './media.ts'
import type { Cases, ChannelCase, DecisionRule, Judgement, Obstacle, PatronCase, Stage, TimeCase } from './rule.ts'
import { fallbackDetail } from './rules/fallback.ts'
import { rules } from './rules/index.ts'

type Decided = Pick<Decision, 'outcome' | 'reasons'>

/** What the rules said so far. */
interface Record {
  readonly reasons: Reason[]
  readonly met: Set<Obstacle | 'carried' | 'address' | 'no-address'>
}

/** Asks the rules stage by stage, medium by medium, until one way to send is left or none. */
export function decide(shared: Shared, own: Own): Decided {
  const record: Record = { reasons: [], met: new Set() }
  const purpose = shared.purposes[own.purpose]
  const about: PatronCase = {
    shared,
    own,
    library: shared.library,
    purpose: purpose ?? unknownPurpose,
    carriers: carriersOf(shared, own),
    preferred: preferredMedia(shared, own, purpose ?? unknownPurpose),
  }
  if (ask(record, 'patron', about)) return notSent(record)
  const outcome = firstOf(record, about, about.preferred.media) ?? byAnotherMedium(record, about)
  if (outcome) return { outcome, reasons: record.reasons }
  if (record.reasons.every(({ verdict }) => verdict !== 'reject')) note(record, 'channel', noMediumLeft)
  if (own.recipient?.as !== 'guardian') return notSent(record)
  note(record, 'minor', { verdict: 'reject', detail: 'Their guardian cannot be reached.' })
  return notSent(record, 'minor')
}

/** Stands in until the rule `purpose` has rejected it. */
const unknownPurpose: Purpose = { basis: 'consent', class: 'promotional' }
const noMediumLeft: Judgement = { verdict: 'reject', detail: 'No medium is left to try.' }

function notSent({ reasons }: Record, why?: Rule): Decided {
  const first = reasons.find(({ verdict }) => verdict === 'reject') as Reason
  return { outcome: { send: false, rule: why ?? first.rule }, reasons }
}

function note({ reasons, met }: Record, rule: Rule, { ends: _, obstacle, ...reason }: Judgement): void {
  reasons.push({ rule, ...reason })
  if (obstacle) met.add(obstacle)
}

/** Asks the rules of one stage in order and notes what they say. Returns the rejection that ended it. */
function ask<S extends Stage>(record: Record, stage: S, of: Cases[S]): Judgement | undefined {
  const passed: [DecisionRule<S>, Judgement][] = []
  for (const rule of rules[stage]) {
    const said = rule.judge(of)
    if (said?.verdict === 'reject') {
      // What speaks for an address that is not used would only be in the reader's way.
      if (stage !== 'address') for (const [one, judgement] of passed) note(record, one.name, judgement)
      note(record, rule.name, said)
      return said
    }
    if (said) passed.push([rule, said])
  }
  for (const [rule, judgement] of passed) note(record, rule.name, judgement)
  return undefined
}

function firstOf(record: Record, about: PatronCase, media: readonly Medium[]): Sending | undefined {
  for (const medium of media) {
    const sending = byMedium(record, about, medium)
    if (sending) return sending
  }
  return undefined
}

/** The media that the purpose falls back on, where one of its reasons to do so was met. */
function byAnotherMedium(record: Record, about: PatronCase): Sending | undefined {
  const { own, purpose, preferred } = about
  const { met } = record
  if (met.has('carried') && !met.has('address')) met.add('no-address')
  const before = own.after?.why
  const failed = before === 'relevance' || before === 'outage' ? undefined : before
  const why = met.has('refused') ? undefined : (failed ?? purpose.fallback?.find((one) => met.has(one)))
  if (!why) return undefined
  if (!failed) note(record, 'fallback', { verdict: 'pass', detail: fallbackDetail[why] })
  return firstOf(record, about, preferred.rest)
}

function byMedium(record: Record, about: PatronCase, medium: Medium): Sending | undefined {
  const channels = about.carriers.filter((channel) => channel.medium === medium)
  if (ask(record, 'medium', { ...about, medium, channels })) return undefined
  record.met.add('carried')
  for (const channel of channels) {
    const addresses = about.own.addresses.filter(({ scheme }) => channel.schemes.includes(scheme))
    const of: ChannelCase = { ...about, medium, channels, channel, addresses }
    if (ask(record, 'channel', of)) continue
    const timed = firstAddress(record, of)
    if (!timed) continue
    const rejection = ask(record, 'time', timed)
    if (rejection?.ends === 'medium') return undefined
    if (rejection) continue
    const { way, at, end } = timed
    return { send: true, ...way, notBefore: instant(at), ...(end !== undefined && { expireAt: instant(end) }) }
  }
  return undefined
}

/** The first address of the channel that no rule rejects, and when it could go there. */
function firstAddress(record: Record, of: ChannelCase): TimeCase | undefined {
  const { own, channel } = of
  for (const to of of.addresses) {
    const draft = own.drafts.find((one) => one.via === channel.id && sameAddress(one.to, to))
    if (dialable(to)) record.met.add('address')
    const refusal = refusalOf(own, to, of.purpose, of.library)
    if (ask(record, 'address', { ...of, to, draft, refusal }) || !draft || 'refused' in draft) continue
    const { measure, slot, from = channel.from } = draft
    const way = {
      via: channel.id,
      to,
      ...(from && { from }),
      units: measure.units,
      ...(measure.cost && { cost: measure.cost }),
    }
    return { ...of, way, slot, ...timesOf(of, slot) }
  }
  return undefined
}

function timesOf(
  { shared, own, medium, library }: ChannelCase,
  slot: TimeCase['slot'],
): Pick<TimeCase, 'here' | 'zone' | 'start' | 'opens' | 'at' | 'end' | 'moves'> {
  const here: Whereabouts = own.recipient ? { ...own, patron: own.recipient } : own
  const zone = zoneOf(library, here)
  const start = Math.max(Date.parse(own.now), own.notBefore ? Date.parse(own.notBefore) : 0)
  const end = own.expireAt === undefined ? undefined : deadline(own.expireAt, zone)
  const { at: opens, moves } = earliestAllowed(shared, own, here, medium, start)
  return { here, zone, start, end, opens, moves, at: slot ? Math.max(opens, Date.parse(slot.at)) : opens }
}
