// In: a message that was decided earlier. Out: whether it is still right to send it now, to this address.
import { type Channel, dialable, type Message, type Patron, type Settled, sameAddress } from '../contract/index.ts'
import { aboutMinor, excludedBy, refusalOf } from '../decide/index.ts'
import { againJob, bulkId, consentsAt, lateJobs, leftToOthers, put, reachable } from '../runtime/index.ts'
import { capsOf, earliestAllowed } from '../schedule/index.ts'
import { regarded, standIn, toldOf, turnOf } from '../send/index.ts'
import { instant, latest } from '../time/index.ts'
import { end, instead, record } from './outcome.ts'
import { heldMs, isLate, type Start, worthless } from './start.ts'

/** Is it still right to send this now, to this address? The second look at consent, hours, deadline and address. */
export async function recheck(start: Start): Promise<Settled | { readonly patron?: Patron }> {
  const { engine, channel, at } = start
  const { library, purposes, allowlist } = engine.options
  const message = start.message
  if (message.expireAt && message.expireAt <= at) return end(start, 'expired', worthless)
  if (message.confirms) {
    const back = latest(await consentsAt(engine, message.to))?.state === 'granted'
    return back ? end(start, 'cancelled', 'cancelled: they asked to get messages again') : {}
  }
  const row = message.campaign !== undefined && (await engine.scope.get('cursor', bulkId(message.campaign)))
  if (row) return end(start, 'cancelled', `cancelled: stopped: ${row.value.value}`)
  const purpose = purposes[message.purpose]
  if (!purpose) {
    const gone = `cancelled: this library has no purpose "${message.purpose}" any more`
    return leftToOthers(engine, message.notBefore) ?? end(start, 'cancelled', gone)
  }
  const person = async (id: string | undefined) =>
    id === undefined ? undefined : (await engine.scope.get('patron', id))?.value
  const patron = await person(message.patronId)
  const { recipient } = message
  const told = recipient === undefined ? patron : await person(recipient)
  const of = {
    now: at,
    purpose: message.purpose,
    ...(patron && { patron: regarded(engine, message.purpose, patron) }),
    ...(message.branch && { branch: message.branch }),
  }
  const now = await standIn(engine, of, {
    ...(patron && { patron }),
    addresses: patron ? reachable(patron) : [message.to],
  })
  // A child who has come of age, or is known for one since; a guardian who is none any more, or is gone.
  const nobody = now.recipient === undefined && aboutMinor(engine.shared, of) !== 'patron'
  if (nobody || now.recipient?.id !== recipient) {
    const why = 'cancelled: who is to be told of this is not who was to be'
    const anew = message.state === 'planned' && message.sends ? [againJob(engine, message.key, 'relevance')] : []
    return record(
      start,
      anew.length > 0 ? `${why}; it is decided anew` : why,
      { done: true },
      { state: 'cancelled' },
      [],
      anew,
    )
  }
  const to = message.conversationId === undefined ? addressNow(message, channel, told) : message.to
  if (!to) return instead(start, 'no-address', 'the patron has no such address any more')
  if (allowlist && !allowlist.includes(to.value))
    return { outcome: { release: true, runAt: instant(Date.parse(at) + heldMs) } }
  const consents = await consentsAt(engine, to)
  const refusal =
    excludedBy(engine.shared, of) ?? refusalOf({ consents, purpose: message.purpose }, to, purpose, library)
  if (refusal) return instead(start, 'bad' in refusal ? 'undeliverable' : undefined, refusal.detail)
  const here = { ...of, ...(told && { patron: told }) }
  const caps = capsOf(engine.shared, message.purpose)
  const others = await toldOf(engine, caps, told?.id, told ? reachable(told) : [to], message)
  const heard = { ...of, ...(others && { told: others }) }
  const moment = (ms: number) => earliestAllowed(engine.shared, heard, here, channel.medium, ms)
  const { at: allowed, moves } = moment(Date.parse(at))
  const turn = await turnOf(engine, message, allowed, (ms) => moment(ms).at)
  const open = turn?.at ?? allowed
  if (Number.isNaN(open)) return end(start, 'cancelled', 'cancelled: no moment is left at which it may go')
  if (isLate(message, open))
    return instead(start, 'deadline', `${[...moves.keys()].join(', ') || 'rate'}: longer than it is worth`, 'expired')
  if (!turn && open <= Date.parse(at) && sameAddress(to, message.to)) return { ...(patron && { patron }) }
  // Moved for the others too, whom a cap counts; the address is stored so that a look-up asks for the one that was called.
  const notBefore = message.state === 'planned' ? instant(open) : message.notBefore
  const moved = put('message', { ...message, to, notBefore, ...(turn?.slot && { slot: turn.slot }) })
  return {
    outcome: { release: true, runAt: instant(open) },
    batches: [{ put: [moved], jobs: lateJobs(message.key, at, notBefore) }],
  }
}

/** Where the patron is reached now: a number that changed since the decision belongs to somebody else. */
function addressNow(message: Message, channel: Channel, patron: Patron | undefined): Message['to'] | undefined {
  if (!patron) return message.to
  const addresses = reachable(patron).filter((address) => channel.schemes.includes(address.scheme) && dialable(address))
  return addresses.find((address) => sameAddress(address, message.to)) ?? addresses[0]
}
