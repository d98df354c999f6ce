// In: drafts and their senders. Out: a slot for each, and the schedules with it, as they are stored.
import {
  type Address,
  type Draft,
  type Message,
  type Own,
  type Put,
  type Sender,
  type Slot,
  sameAddress,
} from '../contract/index.ts'
import { addressId, collect, type Engine, put } from '../runtime/index.ts'
import {
  booked,
  daysWith,
  dueOf,
  earliestAllowed,
  isRated,
  type Moment,
  moved,
  type Rated,
  slotIn,
} from '../schedule/index.ts'
import { localDay, milliseconds } from '../time/index.ts'

/** What is later than this moves the timetable, and does not go beside what is on time. */
const lateMs = milliseconds('1s')

/** The rated sender of a message, and its row. */
function ratedBy(
  engine: Engine,
  { via, from }: Pick<Message, 'via' | 'from'>,
): { readonly id: string; readonly sender: Rated } | undefined {
  const senders = engine.options.adapters[via]?.channel?.senders
  const sender = senders?.find((one) => isRated(one) && from && sameAddress(one.address, from))
  return sender && { id: idOf(via, sender), sender }
}

function idOf(via: string, { address }: Rated): string {
  return `${via} ${addressId(address)}`
}

/** Reads the timetables that these drafts may need, and which sender each address knows. Nothing where that needs no choice. */
export async function sendersFor(
  engine: Engine,
  drafts: readonly Draft[],
  given?: Address,
): Promise<ReadonlyMap<Draft, Address>> {
  const known = new Map<Draft, Address>()
  for (const draft of drafts) {
    const { via, to } = draft
    const senders = engine.options.adapters[via]?.channel?.senders ?? []
    for (const sender of senders) if (isRated(sender)) await load(engine, idOf(via, sender))
    if (senders.length < 2) continue
    const last = given ? [] : await collect(engine.scope.find('message', { address: to, order: 'newest', limit: 20 }))
    const from = given ?? last.find((one) => one.via === via && one.from)?.from
    if (from && senders.some(({ address }) => sameAddress(address, from))) known.set(draft, from)
  }
  return known
}

/** Each draft with the sender that can take it first, or that the patron knows, and its turn there. */
export function withSlots<D extends Draft>(
  engine: Engine,
  own: Omit<Own, 'drafts'>,
  drafts: readonly D[],
  known: ReadonlyMap<Draft, Address>,
): readonly D[] {
  const here = own.recipient ? { ...own, patron: own.recipient } : own
  const start = Math.max(Date.parse(own.now), own.notBefore ? Date.parse(own.notBefore) : 0)
  return drafts.map((draft) => {
    const { channel } = engine.options.adapters[draft.via] ?? {}
    const { senders = [] } = channel ?? {}
    if (!channel || !('measure' in draft) || (senders.length < 2 && !senders.some(isRated))) return draft
    const of = { purpose: own.purpose, units: draft.measure.units }
    const moment: Moment = (ms) => earliestAllowed(engine.shared, own, here, channel.medium, ms).at
    const from = known.get(draft)
    const turns = senders.flatMap((sender) => {
      if (from && !sameAddress(sender.address, from)) return []
      const row = rowOf(engine, idOf(draft.via, sender)).value
      const slot = isRated(sender) ? (slotIn(engine, of, sender, row, start, moment) ?? null) : undefined
      return [{ from: sender.address, ...(slot !== undefined && { slot }) }]
    })
    const when = ({ slot }: (typeof turns)[number]) => (slot === undefined ? '' : (slot?.at ?? '~'))
    return { ...draft, ...turns.reduce((a, b) => (when(b) < when(a) ? b : a)) }
  })
}

export type Turned = Pick<Message, 'via' | 'from' | 'units' | 'slot'>

/** Takes the turn, to be written with the message: whoever was quicker in another process makes that fail. */
export function take(engine: Engine, message: Turned): readonly Put[] {
  const { slot, units } = message
  const rated = ratedBy(engine, message)
  return rated && slot ? [change(engine, rated.id, (row) => booked(engine, row, slot, units))] : []
}

function spentId(engine: Engine, purpose: string): string | undefined {
  const currency = engine.options.purposes[purpose]?.failover?.perDay.currency
  return currency && `failover ${purpose} ${currency}`
}

/** Reads what this purpose has spent on going around outages. */
export async function loadSpent(engine: Engine, purpose: string, anew: boolean): Promise<void> {
  const id = spentId(engine, purpose)
  if (id) await load(engine, id, anew)
}

/** By day, as far as this process knows: whoever was quicker makes the write fail. */
export function spentBy(engine: Engine, purpose: string): Sender['days'] {
  return rowOf(engine, spentId(engine, purpose) ?? '').value.days
}

/** Books what it costs to go around an outage on the day that it goes, to be written with the message. */
export function pay(engine: Engine, purpose: string, at: number, micros: number): readonly Put[] {
  const id = spentId(engine, purpose)
  return id ? [change(engine, id, (row) => ({ ...row, days: daysWith(engine, row, at, micros) }))] : []
}

/** What could not be written is read anew. Answers whether there was such a turn. */
export function forget(engine: Engine, prepared: readonly { readonly turn?: readonly Put[] }[]): boolean {
  const turns = prepared.flatMap(({ turn = [] }) => turn)
  for (const { kind, value } of turns) if (kind === 'sender') stale(engine, value.id)
  return turns.length > 0
}

/** What this process writes next of a sender: each write on the one before, so that many go into one transaction. */
function change(engine: Engine, id: string, by: (row: Sender) => Sender): Put {
  const { value, version } = rowOf(engine, id)
  const changed = by(value)
  engine.senders.set(id, { value: changed, version: version + 1 })
  return put('sender', changed, version)
}

function rowOf(engine: Engine, id: string): { readonly value: Sender; readonly version: number } {
  return engine.senders.get(id) ?? { value: { id, schedule: {}, days: {} }, version: 0 }
}

/** Whoever decides by it meanwhile writes nothing: no row has this version. */
function stale(engine: Engine, id: string): void {
  engine.senders.set(id, { ...rowOf(engine, id), version: Number.NaN })
}

/** `anew`: also where this process knows it, since another may have moved it. */
async function load(engine: Engine, id: string, anew = false): Promise<void> {
  const version = () => engine.senders.get(id)?.version ?? Number.NaN
  if (!anew && version() >= 0) return
  const row = (await engine.scope.get('sender', id)) ?? { value: { id, schedule: {}, days: {} }, version: 0 }
  if (!(version() >= row.version)) engine.senders.set(id, row)
}

/** When its turn is, and its new slot where the old one is spent or gone by; nothing: now. */
export type Turn = { readonly at: number; readonly slot?: Slot } | undefined

/**
 * Whether it is this message's turn. What is late moves the timetable, so that a backlog goes at the sender's rate, whoever
 * sends it: those that ask at once are answered in the order of their slots, by the row as it is now.
 */
export function turnOf(engine: Engine, message: Message, open: number, moment: Moment): Promise<Turn> | undefined {
  const rated = ratedBy(engine, message)
  if (!rated) return undefined
  const { id, sender } = rated
  return new Promise((resolve, reject) => {
    const line = engine.lines.get(id) ?? []
    line.push({
      at: message.slot?.at ?? '',
      ask: () => resolve(turn(engine, id, sender, message, open, moment)),
      reject,
    })
    if (engine.lines.set(id, line).get(id)?.length === 1) setImmediate(() => void answer(engine, id))
  })
}

async function answer(engine: Engine, id: string): Promise<void> {
  const failed = await load(engine, id, true).then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  const line = engine.lines.get(id) ?? []
  engine.lines.delete(id)
  for (const one of line.sort((a, b) => (a.at < b.at ? -1 : 1)))
    if (failed) one.reject(failed.error)
    else one.ask()
}

async function turn(
  engine: Engine,
  id: string,
  sender: Rated,
  message: Message,
  open: number,
  moment: Moment,
): Promise<Turn> {
  const { slot, units, attempts } = message
  const day = (ms: number) => localDay(ms, engine.options.library.timeZone)
  for (;;) {
    const row = rowOf(engine, id).value
    const now = engine.now().getTime()
    const due = slot && dueOf(row, slot)
    const at = Math.max(now, due ?? now)
    const tried = Date.parse(attempts.at(-1)?.at ?? '')
    const another = slot && sender.perDay !== undefined && day(at) !== day(Date.parse(slot.at))
    const keeps = slot && due !== undefined && !(tried >= due) && open <= at && !another
    if (keeps && due > now) return { at: due }
    if (keeps && (slot.ms === 0 || now - due <= lateMs)) return undefined
    const next = keeps ? undefined : slotIn(engine, message, sender, row, Math.max(now, open), moment)
    if (!keeps && !next) return { at: Number.NaN }
    const written = await write(engine, id, (one) =>
      next ? booked(engine, one, next, units) : moved(one, slot as Slot, now),
    )
    if (written) return next && { at: Date.parse(next.at), slot: next }
    await load(engine, id)
  }
}

async function write(engine: Engine, id: string, by: (row: Sender) => Sender): Promise<boolean> {
  const [written = false] = await engine.scope.commit([{ put: [change(engine, id, by)] }])
  if (!written) stale(engine, id)
  return written
}

/** The provider wants nothing before `to`: this message and what stands behind it wait. */
export async function moveOn(engine: Engine, message: Message, to: number): Promise<void> {
  const { slot } = message
  const { id } = ratedBy(engine, message) ?? {}
  if (!id || !slot) return
  do await load(engine, id, true)
  while (!(await write(engine, id, (row) => moved(row, slot, to))))
}
