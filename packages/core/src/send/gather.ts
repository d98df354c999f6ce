// In: one send, or the members of a digest. Out: everything that the decision and its message are made from, read from the store.
import { type Before, isNotice, type Own, type Patron, type Ref } from '../contract/index.ts'
import { type Claimed, claimOf, consentsAt, type Engine, factsOf, now } from '../runtime/index.ts'
import { capsOf, zoneOf } from '../schedule/index.ts'
import { deadline } from '../time/index.ts'
import { draftsOf } from './drafts.ts'
import { recipientOf, regarded, standIn, toldOf, whereabouts } from './recipient.ts'
import type { Asked } from './request.ts'

export interface Gathered {
  readonly about: readonly Ref[]
  readonly patron: Patron | undefined
  /** Who gets it in the patron's place. */
  readonly recipient: Patron | undefined
  readonly branch: string | undefined
  /** The inputs of the decision, but for the texts, the slots and what others sent at the same time. */
  readonly inputs: Omit<Own, 'drafts' | 'earlier' | 'spent'>
  /** The texts, one for each adapter and address that could carry it. */
  readonly written: ReturnType<typeof draftsOf>
  /** For each notice, who may send about it: this send, or another that did already. */
  readonly claims: readonly Claimed[]
  /** In whose zone a deadline without a time is meant. */
  readonly zone: string
}

export async function gather(
  engine: Engine,
  sends: readonly [Asked, ...Asked[]],
  after: Before | undefined,
): Promise<Gathered> {
  const [send] = sends
  const about = sends.flatMap((one) => one.about ?? [])
  const [found, interactions] = await Promise.all([recipientOf(engine, send.to), factsOf(engine, about)])
  const branch = interactions.find((one) => one.branch !== undefined)?.branch
  const notices = interactions.filter(isNotice)
  const { patron } = found
  const whose = {
    now: now(engine),
    purpose: send.purpose,
    ...(patron && { patron: regarded(engine, send.purpose, patron) }),
    ...(branch && { branch }),
  }
  const { recipient, as, addresses } = await standIn(engine, whose, found)
  const to = recipient ?? patron
  const [consents, claims, told] = await Promise.all([
    Promise.all(addresses.map((address) => consentsAt(engine, address))),
    Promise.all(notices.map((one) => claimOf(engine, one, send.key))),
    toldOf(engine, capsOf(engine.shared, send.purpose), to?.id, addresses),
  ])
  const asked = notices[0]?.data.medium
  const outage = after?.outage
  const known = {
    ...whose,
    ...(recipient && as && { recipient: { ...whereabouts(recipient), as } }),
    ...(asked && { asked }),
    ...(send.adapters && { adapters: send.adapters }),
    ...(after && { after: { why: after.why, media: after.media, ...(outage && { outage }) } }),
  }
  const zone = zoneOf(engine.options.library, { ...whose, ...(to && { patron: to }) })
  const inputs = {
    key: send.key,
    ...known,
    addresses,
    consents: consents.flat().map(({ address, purpose, state, basis, at }) => ({ address, purpose, state, basis, at })),
    ...(told && { told }),
    ...(engine.options.allowlist && { allowlist: engine.options.allowlist }),
    ...timesOf(sends, zone),
    ...(send.digest !== undefined && { digest: sends.length }),
  }
  const written = draftsOf(engine, sends, known, addresses, notices, to, recipient && patron)
  return { about, patron, recipient, branch, inputs, written, claims, zone }
}

/** From when on, and until when, a message is worth sending. A digest is until the last of its members expires: none is lost with another's deadline. */
function timesOf(sends: readonly Asked[], zone: string): Pick<Own, 'notBefore' | 'expireAt'> {
  const latest = (a: string | undefined, b: string | undefined) =>
    a === undefined || (b !== undefined && b > a) ? b : a
  const notBefore = sends.map((one) => one.notBefore).reduce(latest, undefined)
  const expireAt = sends
    .map((one) => one.expireAt)
    .reduce((a, b) => (a && b && deadline(a, zone) < deadline(b, zone) ? b : b && a))
  return { ...(notBefore && { notBefore }), ...(expireAt && { expireAt }) }
}
