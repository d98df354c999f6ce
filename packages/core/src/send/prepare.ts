import { sameAddress } from '../contract/address.ts'
import type { Decision } from '../contract/decision.ts'
import type { Before, Draft, Own } from '../contract/decision-inputs.ts'
import type { Content } from '../contract/interaction.ts'
import type { Message } from '../contract/message.ts'
import { isNotice } from '../contract/notice.ts'
import type { Json } from '../contract/primitives.ts'
import { refId } from '../contract/ref.ts'
import type { Claim, Put } from '../contract/store.ts'
import { decide } from '../decide/decide.ts'
import { claimOf } from '../runtime/claims.ts'
import { type Engine, now } from '../runtime/engine.ts'
import { consentsAt, factsOf, put } from '../runtime/lookup.ts'
import { capsOf } from '../schedule/frequency-cap.ts'
import { zoneOf } from '../schedule/place.ts'
import { deadline } from '../time/zones.ts'
import { draftsOf } from './drafts.ts'
import { recipientOf, regarded, standIn, toldOf, whereabouts } from './recipient.ts'
import type { Asked } from './request.ts'
import { loadSpent, pay, sendersFor, spentBy, take, withSlots } from './sender-schedule.ts'

export interface Prepared {
  readonly decision: Decision
  readonly message?: Message
  /** What its sender's timetable becomes by it, and the matters that it alone tells: whoever was quicker makes it fail. */
  readonly turn?: readonly Put[]
  /** Its purpose ignores quiet hours: nor does it wait behind what is due already. */
  readonly urgent?: boolean
}

/**
 * Gathers what is known, writes the drafts and decides. Several sends are the members of one digest. `claimed` are the
 * matters that others decided with it tell.
 */
export async function prepare(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  after?: Before,
  books = true,
  claimed: Map<string, Claim> = new Map(),
): Promise<Prepared> {
  const [send] = sends
  const about = sends.flatMap((one) => one.about ?? [])
  const [found, facts] = await Promise.all([recipientOf(engine, send.to), factsOf(engine, about)])
  const branch = facts.find((fact) => fact.branch !== undefined)?.branch
  const { patron } = found
  const whose = {
    now: now(engine),
    purpose: send.purpose,
    ...(patron && { patron: regarded(engine, send.purpose, patron) }),
    ...(branch && { branch }),
  }
  const { recipient, as, addresses } = await standIn(engine, whose, found)
  const caps = capsOf(engine.shared, send.purpose)
  const [consents, claims, told] = await Promise.all([
    Promise.all(addresses.map((address) => consentsAt(engine, address))),
    Promise.all(facts.filter(isNotice).map((fact) => claimOf(engine, fact, send.key))),
    toldOf(engine, caps, (recipient ?? patron)?.id, addresses),
  ])
  const { outage } = after ?? {}
  const notices = facts.filter(isNotice)
  const asked = notices[0]?.data.medium
  const known = {
    ...whose,
    ...(recipient && as && { recipient: { ...whereabouts(recipient), as } }),
    ...(asked && { asked }),
    ...(send.adapters && { adapters: send.adapters }),
    ...(after && { after: { why: after.why, media: after.media, ...(outage && { outage }) } }),
  }
  const written = draftsOf(engine, sends, known, addresses, notices, recipient ?? patron, recipient && patron)
  const latest = (a: string | undefined, b: string | undefined) =>
    a === undefined || (b !== undefined && b > a) ? b : a
  const notBefore = sends.map((one) => one.notBefore).reduce(latest, undefined)
  const to = recipient ?? patron
  const zone = zoneOf(engine.options.library, { ...whose, ...(to && { patron: to }) })
  // A digest is worth something until the last of its matters is over: no notice is lost with another's deadline.
  const ends = sends.map((one) => one.expireAt)
  const expireAt = ends.reduce((a, b) => (a && b && deadline(a, zone) < deadline(b, zone) ? b : b && a))
  const rest = {
    key: send.key,
    ...known,
    addresses,
    consents: consents.flat().map(({ address, purpose, state, basis, at }) => ({ address, purpose, state, basis, at })),
    ...(told && { told }),
    ...(engine.options.allowlist && { allowlist: engine.options.allowlist }),
    ...(notBefore && { notBefore }),
    ...(expireAt && { expireAt }),
    ...(send.digest !== undefined && { digest: sends.length }),
  }
  const from = send.reply?.from
  const senders = await sendersFor(engine, written, from)
  // What is only tried out is tried by what all have spent.
  if (outage) await loadSpent(engine, send.purpose, !books)
  // From here to the turn that is taken nothing else runs.
  const others = claims.flatMap(({ mine, known = claimed.get(mine.id) }) =>
    known?.about && refId(known.about) !== refId(mine.about) ? [{ source: 'prm', key: known.key }] : [],
  )
  const turns = withSlots(engine, rest, written, senders)
  const drafts = from ? turns.map((draft) => ({ ...draft, from })) : turns
  const own: Own = {
    ...rest,
    ...(others[0] && { earlier: others[0] }),
    ...(outage && { spent: spentBy(engine, send.purpose) }),
    drafts: drafts.map(({ content: _, ...draft }) => draft as Draft),
  }
  const { outcome, reasons } = decide(engine.shared, own)
  const decision: Decision = {
    key: send.key,
    keys: sends.map((one) => one.key),
    at: own.now,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    ...(after && { after: { source: 'prm', key: after.key } }),
    about,
    purpose: send.purpose,
    outcome,
    reasons,
    inputs: { shared: engine.sharedId, own: own as unknown as Json },
    ...(send.by && { by: send.by }),
  }
  // A digest that waits for one of its sends, until another is over, is not told as one.
  const late = ends.some((end) => end && outcome.send && deadline(end, zone) <= Date.parse(outcome.notBefore))
  if (!outcome.send || late) return { decision }
  const draft = drafts.find((one) => one.via === outcome.via && sameAddress(one.to, outcome.to))
  const slot = draft && 'measure' in draft && draft.slot
  const { send: _, cost, ...way } = outcome
  const { fallback, failover, minor } = engine.options.purposes[send.purpose] ?? {}
  // Who is told, by what, and of what is still true, may be another at release.
  const other =
    (fallback ?? failover) !== undefined || (minor !== undefined && minor !== 'patron') || recipient !== undefined
  const keeps = !send.reply && (other || sends.some(({ recheck }) => recheck !== undefined))
  const message: Message = {
    key: send.key,
    ...(patron && { patronId: patron.id }),
    ...(recipient && { recipient: recipient.id }),
    decision: send.key,
    purpose: send.purpose,
    ...way,
    ...(slot && { slot }),
    content: draft?.content as Content,
    ...(keeps && { sends: sends as unknown as readonly Json[] }),
    ...(send.reply && { conversationId: send.reply.id }),
    ...(branch && { branch }),
    ...(send.campaign !== undefined && { campaign: send.campaign }),
    state: 'planned',
    attempts: [],
  }
  const claim = claims.flatMap(({ mine, known }) => (known ? [] : [put('claim', mine, 0)]))
  for (const { mine } of claims) claimed.set(mine.id, mine)
  const around = outage && cost && way.via !== outage.of
  const paid = books && around ? pay(engine, send.purpose, Date.parse(way.notBefore), cost.micros) : []
  const turn = [...(books ? take(engine, message) : []), ...paid, ...claim]
  return { decision, message, turn, urgent: engine.options.purposes[send.purpose]?.quietHours === 'ignore' }
}
