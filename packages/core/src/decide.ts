import type { Channel, Measure } from './adapter.ts'
import type { Decision, Reason, Rule, Sending } from './decision.ts'
import type { Library, Purpose } from './host.ts'
import type { Address, Consent, Patron, Ref } from './interaction.ts'
import { deadline, instant, nextOpen, type QuietHours, spoken } from './time.ts'
import type { Instant, LocalDate, Medium } from './words.ts'

/** What all decisions of one host share. JSON, stored once by its hash. */
export interface Shared {
  readonly library: Library
  readonly purposes: { readonly [purpose: string]: Purpose }
  readonly channels: readonly {
    readonly id: string
    readonly medium: Medium
    readonly schemes: readonly string[]
    readonly exposure: Channel['exposure']
    readonly from?: Address
  }[]
}

/** What one decision is made from, and nothing else: no clock, no store. JSON, stored with the decision; no item data. */
export interface Own {
  readonly key: string
  readonly now: Instant
  readonly purpose: string
  /** Absent when nobody is known at that address. */
  readonly patron?: Pick<Patron, 'id' | 'timeZone' | 'branch' | 'preferences' | 'quiet'>
  readonly addresses: readonly Address[]
  readonly consents: readonly Pick<Consent, 'address' | 'purpose' | 'state' | 'basis' | 'at'>[]
  /** The medium that the notice asks for, and its branch. */
  readonly asked?: Medium
  readonly branch?: string
  readonly via?: readonly string[]
  readonly only?: readonly string[]
  readonly notBefore?: Instant
  readonly expireAt?: Instant | LocalDate
  /** An earlier message about the same matter from another source. */
  readonly earlier?: Ref
  /** How many sends are told in this one, if it is a digest. */
  readonly digest?: number
  /** What the text comes to by each adapter and address that could carry it, or why there is no text. */
  readonly drafts: readonly Draft[]
}
export type Draft = { readonly via: string; readonly to: Address } & (
  | { readonly measure: Measure }
  | { readonly refused: 'template' | 'exposure'; readonly detail: string }
)

/** Facts in, decision out. The same two inputs give the same decision for ever. */
export function decide(shared: Shared, own: Own): Pick<Decision, 'outcome' | 'reasons'> {
  const reasons: Reason[] = []
  const note = (rule: Rule, verdict: Reason['verdict'], detail: string, more: { via?: string; ref?: Ref } = {}) => {
    reasons.push({ rule, verdict, detail, ...more })
  }
  const against = (): Pick<Decision, 'outcome' | 'reasons'> => {
    const first = reasons.find((reason) => reason.verdict === 'reject')
    return { outcome: { send: false, why: first?.rule ?? 'channel' }, reasons }
  }

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
  if (own.digest && own.digest > 1) note('digest', 'pass', `${own.digest} are told in one message.`)

  const wish = wishOf(shared, own, purpose)
  note('preference', 'pass', wish.detail)
  let chosen: Pick<Sending, 'via' | 'to' | 'from' | 'units' | 'cost'> | undefined
  for (const medium of wish.media) {
    const channels = shared.channels.filter(
      (channel) => channel.medium === medium && (own.via?.includes(channel.id) ?? true),
    )
    if (channels.length === 0) note('channel', 'reject', `No channel here carries ${medium}.`)
    for (const channel of channels) {
      chosen = fit(channel, own, purpose, shared.library, note)
      if (chosen) break
    }
    if (chosen) break
  }
  if (!chosen) return against()

  const start = Math.max(Date.parse(own.now), own.notBefore ? Date.parse(own.notBefore) : 0)
  const zone = zoneOf(shared.library, own)
  const open = purpose.quiet === 'ignore' ? start : nextOpen(start, quietHours(shared.library, own))
  if (Number.isNaN(open)) {
    note('quiet', 'reject', 'The quiet hours of library, branch and patron leave no time of day.')
    return against()
  }
  if (open > start) note('quiet', 'defer', `Quiet hours: it waits until ${spoken(open, zone)}.`)
  const end = own.expireAt === undefined ? undefined : deadline(own.expireAt, zone)
  if (end !== undefined && open >= end) {
    note(
      'deadline',
      'reject',
      `It is worthless after ${spoken(end - 1, zone)}, and cannot go before ${spoken(open, zone)}.`,
    )
    return against()
  }
  const outcome: Sending = {
    send: true,
    ...chosen,
    notBefore: instant(open),
    ...(end !== undefined && { expireAt: instant(end) }),
  }
  return { outcome, reasons }
}

/** The notice's own word, then the patron's, then the purpose's, then whatever there is. */
export function wishOf(
  shared: Shared,
  own: Pick<Own, 'asked' | 'patron' | 'purpose' | 'via'>,
  purpose: Purpose,
): { media: readonly Medium[]; detail: string } {
  if (own.asked) return { media: [own.asked], detail: `The notice asks for ${own.asked}.` }
  const wished = own.patron?.preferences?.[own.purpose] ?? own.patron?.preferences?.['*']
  if (wished) return { media: wished, detail: `The patron prefers ${wished.join(', then ')}.` }
  if (purpose.order) return { media: purpose.order, detail: `The purpose goes by ${purpose.order.join(', then ')}.` }
  const channels = shared.channels.filter(({ id }) => own.via?.includes(id) ?? true)
  return { media: [...new Set(channels.map((channel) => channel.medium))], detail: 'Nobody asks for a medium.' }
}

/** The first address that this channel can and may reach. */
function fit(
  channel: Shared['channels'][number],
  own: Own,
  purpose: Purpose,
  library: Library,
  note: (rule: Rule, verdict: Reason['verdict'], detail: string, more: { via: string }) => void,
): Pick<Sending, 'via' | 'to' | 'from' | 'units' | 'cost'> | undefined {
  const via = channel.id
  const addresses = own.addresses.filter((address) => channel.schemes.includes(address.scheme))
  if (addresses.length === 0) {
    const detail = `No ${channel.schemes.map(spokenScheme).join(' or ')} is known.`
    note('address', 'reject', detail, { via })
  }
  for (const to of addresses) {
    if (!dialable(to)) {
      note('address', 'reject', 'The number is not one that can exist.', { via })
      continue
    }
    if (own.only && !own.only.includes(to.value)) {
      note('only', 'reject', 'Held back: this first try writes only to the numbers it was given.', { via })
      continue
    }
    const refusal = refusalOf(own, to, purpose, library)
    if (refusal) {
      note(refusal.rule, 'reject', refusal.detail, { via })
      continue
    }
    const draft = own.drafts.find((one) => one.via === via && sameAddress(one.to, to))
    if (!draft) continue
    if ('refused' in draft) {
      note(draft.refused, 'reject', draft.detail, { via })
      continue
    }
    const { measure } = draft
    if (measure.unfit) {
      note('channel', 'reject', `This channel cannot reach it: ${measure.unfit}.`, { via })
      continue
    }
    if (measure.tooLong) {
      note('length', 'reject', `The text is too long: ${measure.units} ${measure.unit}s.`, { via })
      continue
    }
    note(
      'consent',
      'pass',
      purpose.basis === 'consent' ? 'The patron agreed.' : 'A service message that nobody refused.',
      { via },
    )
    note(
      'length',
      'pass',
      `${measure.units} ${measure.unit}${measure.units === 1 ? '' : 's'}${measure.encoding ? `, ${measure.encoding}` : ''}.`,
      { via },
    )
    return {
      via,
      to,
      ...(channel.from && { from: channel.from }),
      units: measure.units,
      ...(measure.cost && { cost: measure.cost }),
    }
  }
  return undefined
}

/** Why this address may not be written to now for this purpose: the latest word on it decides. */
export function refusalOf(
  own: Pick<Own, 'consents' | 'purpose'>,
  to: Address,
  purpose: Purpose,
  library: Library,
): { rule: Rule; detail: string } | undefined {
  const said = own.consents.filter(
    ({ address, purpose: what }) =>
      // A word that names no realm is of the address in all of them.
      sameAddress(address, address.realm === undefined ? { scheme: to.scheme, value: to.value } : to) &&
      (what === '*' || what === own.purpose),
  )
  const last = latest(said)
  if (last?.state === 'denied') {
    const on = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: library.timeZone }).format(
      Date.parse(last.at),
    )
    if (last.basis === 'stop') return { rule: 'suppressed', detail: `asked to stop on ${on}` }
    if (last.basis === 'bounce') return { rule: 'suppressed', detail: `could not be reached on ${on}` }
    if (last.basis === 'complaint') return { rule: 'suppressed', detail: `complained on ${on}` }
    return { rule: 'consent', detail: `refused on ${on}` }
  }
  // START takes a STOP back, and agrees to nothing that nobody agreed to before.
  const agreed = latest(said.filter(({ basis }) => basis !== 'stop' && basis !== 'service'))
  if (purpose.basis === 'consent' && agreed?.state !== 'granted')
    return { rule: 'consent', detail: 'Nobody at this address agreed to this purpose.' }
  return undefined
}

function latest<W extends { readonly at: Instant }>(words: readonly W[]): W | undefined {
  return words.reduce<W | undefined>((a, b) => (a && a.at > b.at ? a : b), undefined)
}

function spokenScheme(scheme: string): string {
  return scheme === 'tel' ? 'phone number' : scheme === 'mailto' ? 'e-mail address' : scheme
}

/** A telephone number that is not E.164 is one that the source wrote and nobody can dial. */
export function dialable(address: Address): boolean {
  return address.scheme !== 'tel' || /^\+[1-9]\d{6,14}$/.test(address.value)
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.scheme === b.scheme && a.value === b.value && a.realm === b.realm
}

type Whereabouts = Pick<Own, 'patron' | 'branch'>

/** The zone in which this patron's clock runs: their own, else their branch's, else the library's. */
export function zoneOf(library: Library, at: Whereabouts): string {
  return at.patron?.timeZone ?? branchOf(library, at)?.timeZone ?? library.timeZone
}

/** Every window in which this patron is left alone: the library's, the branch's and their own. */
export function quietHours(library: Library, at: Whereabouts): readonly QuietHours[] {
  const zone = zoneOf(library, at)
  const branch = branchOf(library, at)
  return [
    ...(library.quiet ? [{ span: library.quiet, zone }] : []),
    ...(branch?.quiet ? [{ span: branch.quiet, zone: branch.timeZone ?? library.timeZone }] : []),
    ...(at.patron?.quiet ? [{ span: at.patron.quiet, zone }] : []),
  ]
}

function branchOf(
  library: Library,
  { patron, branch }: Whereabouts,
): NonNullable<Library['branches']>[number] | undefined {
  const id = branch ?? patron?.branch
  return id === undefined ? undefined : library.branches?.find((one) => one.id === id)
}
