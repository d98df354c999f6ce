import { type Address, dialable, sameAddress } from '../contract/address.ts'
import type { Reason, Rule, Sending } from '../contract/decision.ts'
import type { Draft, Own, Shared } from '../contract/decision-inputs.ts'
import type { Library } from '../contract/library.ts'
import type { Slot } from '../contract/message.ts'
import type { Purpose } from '../contract/purpose.ts'
import { refusalOf, spokenScheme } from './consent.ts'

/** What was found on the way, for and against another medium. */
export type Met = 'carried' | 'address' | 'refused' | NonNullable<Purpose['fallback']>[number]

/** The first address that this channel can and may reach. */
export function fit(
  channel: Shared['channels'][number],
  own: Own,
  purpose: Purpose,
  library: Library,
  note: (rule: Rule, verdict: Reason['verdict'], detail: string, more: { via: string }) => void,
  met: Set<Met>,
): { way: Pick<Sending, 'via' | 'to' | 'from' | 'units' | 'cost'>; slot: Slot | null | undefined } | undefined {
  const via = channel.id
  const addresses = own.addresses.filter((address) => channel.schemes.includes(address.scheme))
  if (addresses.length === 0)
    note('address', 'reject', `No ${channel.schemes.map(spokenScheme).join(' or ')} is known.`, { via })
  for (const to of addresses) {
    const draft = own.drafts.find((one) => one.via === via && sameAddress(one.to, to))
    const objection = objectionTo(to, draft, own, purpose, library)
    if (dialable(to)) met.add('address')
    if (objection?.met) met.add(objection.met)
    if (objection) note(objection.rule, 'reject', objection.detail, { via })
    if (objection || !draft || 'refused' in draft) continue
    const { units, unit, encoding, cost } = draft.measure
    const agreed = purpose.basis === 'consent' ? 'The patron agreed.' : 'A service message that nobody refused.'
    note('consent', 'pass', agreed, { via })
    note('length', 'pass', `${units} ${unit}${units === 1 ? '' : 's'}${encoding ? `, ${encoding}` : ''}.`, { via })
    const { slot, from = channel.from } = draft
    return { way: { via, to, ...(from && { from }), units, ...(cost && { cost }) }, slot }
  }
  return undefined
}

function objectionTo(
  to: Address,
  draft: Draft | undefined,
  own: Own,
  purpose: Purpose,
  library: Library,
): { rule: Rule; detail: string; met?: Met } | undefined {
  if (!dialable(to)) return { rule: 'address', detail: 'The number is not one that can exist.' }
  if (own.only && !own.only.includes(to.value))
    return { rule: 'only', detail: 'Held back: this first try writes only to the numbers it was given.' }
  const refusal = refusalOf(own, to, purpose, library)
  if (refusal) return { ...refusal, met: refusal.bad ? 'undeliverable' : 'refused' }
  if (!draft) return undefined
  if ('refused' in draft) return { rule: draft.refused, detail: draft.detail }
  const { unfit, tooLong, units, unit } = draft.measure
  if (unfit) return { rule: 'channel', detail: `This channel cannot reach it: ${unfit}.`, met: 'undeliverable' }
  return tooLong ? { rule: 'length', detail: `The text is too long: ${units} ${unit}s.` } : undefined
}
