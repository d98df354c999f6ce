import type { Channel, Measure } from './adapter.ts'
import type { Decision, Reason, Rule, Sending, Slot } from './decision.ts'
import type { Branch, Library, Purpose } from './host.ts'
import type { Address, Consent, Patron, Ref } from './interaction.ts'
import {
  deadline,
  endOfDay,
  instant,
  localDay,
  milliseconds,
  nextOpen,
  nextOpening,
  type QuietHours,
  spoken,
} from './time.ts'
import type { Instant, LocalDate, Medium, Price } from './words.ts'

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
  /** Whose matter it is, absent when nobody is known at that address; of their person only what a rule looks at. */
  readonly patron?: Known & Pick<Patron, 'birthDate' | 'category' | 'expires' | 'blocks'>
  /** Who is told in their place: the addresses are theirs. */
  readonly recipient?: Known & { readonly as: 'guardian' | 'proxy' }
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
  /** Where a cap counts them: when else the same person was told, or is to be. */
  readonly told?: readonly Told[]
  /** Why an earlier message is decided anew, and the media that were tried. */
  readonly after?: {
    readonly why: After
    readonly media: readonly Medium[]
    /** The adapter that it was to go by, and all that are down. */
    readonly outage?: { readonly of: string; readonly down: readonly string[] }
  }
  /** By day, in millionths, what its purpose has spent on going around outages. */
  readonly spent?: { readonly [day: LocalDate]: number }
  /** How many sends are told in this one, if it is a digest. */
  readonly digest?: number
  /** What the text comes to by each adapter and address that could carry it, or why there is no text. */
  readonly drafts: readonly Draft[]
}
type Known = Pick<Patron, 'id' | 'timeZone' | 'branch' | 'preferences' | 'quiet'>
export type After = NonNullable<Purpose['fallback']>[number] | 'relevance' | 'outage'
export interface Told {
  readonly at: Instant
  readonly purpose: string
}
export type Draft = { readonly via: string; readonly to: Address } & (
  | {
      readonly measure: Measure
      /** Which of several senders, and its turn there where it has a timetable; `null`: no day has room for it. */
      readonly from?: Address
      readonly slot?: Slot | null
    }
  | { readonly refused: 'template' | 'exposure'; readonly detail: string }
)

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

/** What was found on the way, for and against another medium. */
type Met = 'carried' | 'address' | 'refused' | NonNullable<Purpose['fallback']>[number]
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

// ── of whom, and to whom ─────────────────────────────────────────────────────────────────────

type Who = Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>

/** What about this patron keeps every message of this purpose from going. */
export function barOf({ library, purposes }: Shared, own: Who): { rule: Rule; detail: string } | undefined {
  const { not } = purposes[own.purpose] ?? {}
  const { category, blocks = [], expires } = own.patron ?? {}
  if (category !== undefined && not?.categories?.includes(category))
    return { rule: 'category', detail: 'Patrons of this category are not told of this.' }
  const block = blocks.find((one) => not?.blocks?.includes(one))
  if (block) return { rule: 'block', detail: `The card is blocked: ${block}.` }
  const ended = expires !== undefined && endOfDay(expires, zoneOf(library, own)) <= Date.parse(own.now)
  if (not?.expired && (ended || blocks.includes('expired'))) return { rule: 'block', detail: 'The card has ended.' }
  return undefined
}

/** About a minor the purpose says who is told; who was born on 29 February comes of age on 1 March. */
export function whoIsTold({ library, purposes }: Shared, own: Who): NonNullable<Purpose['minor']> {
  const { below = 18, categories } = library.minors ?? {}
  const purpose = purposes[own.purpose]
  const told = purpose?.minor ?? (purpose?.class === 'promotional' ? 'nobody' : 'patron')
  const { birthDate, category } = own.patron ?? {}
  if (told === 'patron') return told
  if (category !== undefined && categories?.includes(category)) return told
  if (birthDate === undefined) return 'patron'
  if (Number(own.now.slice(0, 4)) - Number(birthDate.slice(0, 4)) > below + 1) return 'patron'
  const ofAge = `${Number(birthDate.slice(0, 4)) + below}${birthDate.slice(4)}`
  return localDay(Date.parse(own.now), zoneOf(library, own)) < ofAge ? told : 'patron'
}

/**
 * The notice's own word, then the patron's, then the purpose's, then whatever there is; and the rest of the purpose's order,
 * where it may fall back. What was tried is not tried again.
 */
export function wishOf(
  shared: Shared,
  own: Pick<Own, 'asked' | 'patron' | 'recipient' | 'branch' | 'purpose' | 'via' | 'after'>,
  { order = [], fallback }: Purpose,
): { media: readonly Medium[]; rest: readonly Medium[]; detail: string } {
  const { preferences } = own.recipient ?? own.patron ?? {}
  const around = shared.channels.find(({ id }) => id === own.after?.outage?.of)
  const wished = preferences?.[own.purpose] ?? preferences?.['*']
  const [media, detail] = around
    ? [[around.medium], `It stays with ${around.medium}.`]
    : own.asked
      ? [[own.asked], `The notice asks for ${own.asked}.`]
      : wished
        ? [wished, `The patron prefers ${wished.join(', then ')}.`]
        : order.length > 0
          ? [order, `The purpose goes by ${order.join(', then ')}.`]
          : [[...new Set(channelsOf(shared, own).map(({ medium }) => medium))], 'Nobody asks for a medium.']
  const fresh = (medium: Medium) => !own.after?.media.includes(medium)
  const rest = fallback ? order.filter((medium) => !media.includes(medium) && fresh(medium)) : []
  return { media: media.filter(fresh), rest, detail }
}

/** What may carry it: as the send says, else as its branch does, else anything. */
export function channelsOf(shared: Shared, own: Pick<Own, 'patron' | 'branch' | 'via'>): Shared['channels'] {
  const via = own.via ?? branchOf(shared.library, own)?.via
  return shared.channels.filter(({ id }) => via?.includes(id) ?? true)
}

/** The first address that this channel can and may reach. */
function fit(
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

/** Why this address may not be written to now for this purpose: the latest word on it decides. `bad`: nobody can be reached there; `silent`: nobody ever agreed. */
export function refusalOf(
  own: Pick<Own, 'consents' | 'purpose'>,
  to: Address,
  purpose: Purpose,
  library: Library,
): { rule: Rule; detail: string; bad?: true; silent?: true } | undefined {
  const said = own.consents.filter(
    ({ address, purpose: what }) =>
      // A word that names no realm is of the address in all of them.
      sameAddress(address, address.realm === undefined ? { scheme: to.scheme, value: to.value } : to) &&
      (what === '*' || what === own.purpose || what === `class:${purpose.class}`),
  )
  // A number that proves to be a bad one hides no word of its owner.
  const owners = latest(said.filter(({ basis }) => basis !== 'bounce'))
  const last = owners?.state === 'denied' ? owners : latest(said)
  if (last?.state === 'denied') {
    const on = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: library.timeZone }).format(
      Date.parse(last.at),
    )
    if (last.basis === 'stop') return { rule: 'suppressed', detail: `asked to stop on ${on}` }
    if (last.basis === 'bounce') return { rule: 'suppressed', detail: `could not be reached on ${on}`, bad: true }
    if (last.basis === 'complaint') return { rule: 'suppressed', detail: `complained on ${on}` }
    return { rule: 'consent', detail: `refused on ${on}` }
  }
  // START takes a STOP back, and agrees to nothing that nobody agreed to before; nor does a bad number take that back.
  const agreed = latest(said.filter(({ basis }) => basis !== 'stop' && basis !== 'service' && basis !== 'bounce'))
  if (purpose.basis === 'consent' && agreed?.state !== 'granted')
    return { rule: 'consent', detail: 'Nobody at this address agreed to this purpose.', silent: true }
  return undefined
}

/** The last that was said; of two in one millisecond the one that was stored last. */
export function latest<W extends { readonly at: Instant }>(words: readonly W[]): W | undefined {
  return words.reduce<W | undefined>((a, b) => (a && Date.parse(a.at) > Date.parse(b.at) ? a : b), undefined)
}

function spokenScheme(scheme: string): string {
  return scheme === 'tel' ? 'phone number' : scheme === 'mailto' ? 'e-mail address' : scheme
}

/** A telephone number that is not E.164 is one that the source wrote and nobody can dial. */
export function dialable(address: Address): boolean {
  return address.scheme !== 'tel' || /^\+[1-9]\d{6,14}$/.test(address.value)
}

/** A mailbox is the same in capitals: RFC 5321 §2.4 would let a server tell them apart, and none does. */
export function written<A extends Address>(address: A): A {
  return address.scheme === 'mailto' ? { ...address, value: address.value.trim().toLowerCase() } : address
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.scheme === b.scheme && a.value === b.value && a.realm === b.realm
}

// ── where and when ───────────────────────────────────────────────────────────────────────────

interface Whereabouts {
  readonly patron?: Pick<Patron, 'timeZone' | 'branch' | 'quiet'>
  readonly branch?: string
}

/** The zone in which this patron's clock runs: their own, else their branch's, else the library's. */
export function zoneOf(library: Pick<Library, 'branches' | 'timeZone'>, at: Whereabouts): string {
  return at.patron?.timeZone ?? branchOf(library, at)?.timeZone ?? library.timeZone
}

/** Every window in which this patron is left alone by this medium: the library's, the branch's and their own. */
function quietHours(library: Library, at: Whereabouts, medium: Medium): readonly QuietHours[] {
  const zone = zoneOf(library, at)
  const branch = branchOf(library, at)
  const binds = ({ media }: { readonly media?: readonly Medium[] }) => media?.includes(medium) ?? true
  return [
    ...(library.quiet && binds(library.quiet) ? [{ span: library.quiet, zone }] : []),
    ...(branch?.quiet && binds(branch.quiet)
      ? [{ span: branch.quiet, zone: branch.timeZone ?? library.timeZone }]
      : []),
    ...(at.patron?.quiet ? [{ span: at.patron.quiet, zone }] : []),
  ]
}

function branchOf(library: Pick<Library, 'branches'>, { patron, branch }: Whereabouts): Branch | undefined {
  const id = branch ?? patron?.branch
  return id === undefined ? undefined : library.branches?.find((one) => one.id === id)
}

type Mover = 'quiet' | 'hours' | 'cap'
const waits = { quiet: 'Quiet hours', hours: 'Closed', cap: 'Enough was sent to them in this time' } as const
const none = {
  quiet: 'The quiet hours of library, branch and patron leave no time of day.',
  hours: 'Opening hours and quiet hours leave no moment within a year.',
  cap: 'The caps leave no moment within years.',
} as const

/**
 * The first moment from `start` on that quiet hours, opening hours and caps leave, and which of them moved it how far; `NaN`
 * where they leave none within a year. `of` is whose matter it is, `here` who is told.
 */
export function momentOf(
  shared: Pick<Shared, 'library' | 'purposes'>,
  of: Whereabouts & Pick<Own, 'told' | 'purpose'>,
  here: Whereabouts,
  medium: Medium,
  start: number,
): { at: number; moves: ReadonlyMap<Mover, number> } {
  const { library } = shared
  const purpose = shared.purposes[of.purpose]
  const quiet = purpose?.quiet === 'ignore' ? [] : quietHours(library, here, medium)
  const caps = capsOf(shared, of.purpose)
  const steps: [Mover, (at: number) => number][] = [['quiet', (at) => nextOpen(at, quiet)]]
  if (purpose?.hours === 'open') {
    const place = branchOf(library, of)
    const hours = place?.hours ?? library.hours
    const opening = { ...(hours && { hours }), closed: [...(library.closed ?? []), ...(place?.closed ?? [])] }
    steps.push(['hours', (at) => nextOpening(at, opening, place?.timeZone ?? library.timeZone)])
  }
  if (caps.length > 0) steps.push(['cap', (at) => nextFree(at, of.told ?? [], caps)])
  const moves = new Map<Mover, number>()
  let at = start
  const until = purpose?.hours === 'open' ? start + milliseconds('366d') : Number.POSITIVE_INFINITY
  for (let round = 0; round < 366 && at <= until; round++) {
    const before = at
    for (const [rule, next] of steps) {
      const moment = next(at)
      if (moment !== at) moves.set(rule, moment)
      if (Number.isNaN(moment)) return { at: moment, moves }
      at = moment
    }
    if (at === before || steps.length === 1) return { at, moves }
  }
  return { at: Number.NaN, moves: moves.set(purpose?.hours === 'open' ? 'hours' : 'quiet', Number.NaN) }
}

/** The caps that bind this purpose: its own, and that over all. */
export function capsOf(
  { library, purposes }: Pick<Shared, 'library' | 'purposes'>,
  of: string,
): readonly { readonly max: number; readonly ms: number; readonly of?: string }[] {
  const own = purposes[of]?.cap
  const all = library.cap
  return [
    ...(own ? [{ max: own.max, ms: milliseconds(own.per), of }] : []),
    ...(all ? [{ max: all.max, ms: milliseconds(all.per) }] : []),
  ]
}

/** The first moment from `at` on before which each cap leaves room. */
function nextFree(at: number, told: readonly Told[], caps: ReturnType<typeof capsOf>): number {
  for (const { max, ms, of } of caps) {
    const within = told
      .filter(({ purpose }) => of === undefined || purpose === of)
      .map((one) => Date.parse(one.at))
      .filter((moment) => moment <= at && moment > at - ms)
      .sort((a, b) => b - a)
    const last = within[max - 1]
    if (last !== undefined) return nextFree(last + ms, told, caps)
  }
  return at
}
