import type { Channel } from './adapter.ts'
import { type Draft, momentOf, type Own, sameAddress } from './decide.ts'
import type { Message, Slot } from './decision.ts'
import { addressId, collect, type Engine, put } from './engine.ts'
import type { Purpose } from './host.ts'
import type { Address } from './interaction.ts'
import type { Put, Sender } from './store.ts'
import { endOfDay, instant, localDay, milliseconds } from './time.ts'

// Each message gets its turn in its sender's timetable, so that a plan knows its end and workers need not agree on anything.

type Rated = NonNullable<Channel['senders']>[number]
type Moment = (ms: number) => number

/** What is later than this moves the timetable, and does not go beside what is on time. */
const lateMs = milliseconds('1s')
/** How long what was is kept, for what is late. */
const dayMs = milliseconds('1d')
/** Where there are more gaps, the oldest closes, and its time is lost. */
const mostGaps = 200
const mostRounds = 5_000

function isRated({ perSecond, perDay }: Rated): boolean {
  return perSecond !== undefined || perDay !== undefined
}

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

// ── whose turn is when ───────────────────────────────────────────────────────────────────────

/** The part of a sender's time and day that is kept for what is more urgent than a storm of the rest. */
const reserve = 0.25

function rankOf({ class: kind, quiet }: Purpose): number {
  return kind === 'promotional' ? 0 : quiet === 'ignore' ? 2 : 1
}

/**
 * The earliest turn: in the lane of its purpose's rank, or of what is less urgent. The lanes together are the rate; each has
 * its own row of times, so that no storm in one holds up another. Nothing where no day has room.
 */
function slotIn(
  engine: Engine,
  { purpose, units }: Pick<Message, 'purpose' | 'units'>,
  { perSecond = Number.POSITIVE_INFINITY, perDay = Number.MAX_SAFE_INTEGER }: Rated,
  { lanes, days }: Sender,
  start: number,
  moment: Moment,
): Slot | undefined {
  const { purposes, library } = engine.options
  const ranks = [0, 1, 2].filter((rank) => Object.values(purposes).some((one) => rankOf(one) === rank))
  const part = ranks.length > 1 ? reserve / (ranks.length - 1) : 0
  const mine = ranks.slice(0, ranks.indexOf(rankOf(purposes[purpose] as Purpose)) + 1)
  const room = perDay - units - Math.floor(perDay * part * (ranks.length - mine.length))
  const free = (rank: number, ms: number): number => {
    let at = moment(start)
    for (let round = 0; round < mostRounds && !Number.isNaN(at) && room >= 0; round++) {
      let next = at
      for (const [from, until, by] of lanes[rank] ?? [])
        if (next + ms > from) next = Math.max(next, until + by)
        else break
      let [day, full] = [perDay < Number.MAX_SAFE_INTEGER ? localDay(next, library.timeZone) : '', '']
      while ((days[day] ?? 0) > room) [day, full] = [instant(Date.parse(day) + dayMs).slice(0, 10), day]
      if (full) next = endOfDay(full, library.timeZone)
      if (next === at) return at
      at = moment(next)
    }
    return Number.NaN
  }
  let first: Slot | undefined
  for (const [index, rank] of mine.entries()) {
    const share = index > 0 ? part : 1 - part * (ranks.length - 1)
    const ms = Math.ceil((units * 1_000) / (perSecond * share))
    const at = free(rank, ms)
    if (!Number.isNaN(at) && !(first && Date.parse(first.at) <= at)) first = { at: instant(at), rank, ms }
  }
  return first
}

/** The timetable with this turn taken. */
function booked(engine: Engine, row: Sender, { at, rank, ms }: Slot, units: number): Sender {
  const [from, past] = [Date.parse(at), engine.now().getTime() - dayMs]
  const all: (readonly [number, number, number])[] = []
  const kept = (row.lanes[rank] ?? []).filter(([, until, by]) => until + by > past)
  const behind = kept.findIndex(([begins]) => begins > from)
  kept.splice(behind < 0 ? kept.length : behind, 0, [from, from + ms, 0])
  for (const one of kept) {
    const last = all.at(-1)
    if (last && last[1] === one[0] && last[2] === one[2]) all[all.length - 1] = [last[0], one[1], one[2]]
    else if (one[0] < one[1]) all.push(one)
  }
  const [a, b, ...rest] = all
  const taken = a && b && all.length > mostGaps ? [[a[0], b[1], Math.max(a[2], b[2])] as const, ...rest] : all
  return { ...row, lanes: { ...row.lanes, [rank]: taken }, days: daysWith(engine, row, from, units) }
}

/** With so much more on the day of this moment; what was before yesterday goes. */
function daysWith({ options, now }: Engine, { days }: Sender, at: number, more: number): Sender['days'] {
  const { timeZone } = options.library
  const [day, since] = [localDay(at, timeZone), localDay(now().getTime() - dayMs, timeZone)]
  const all: Record<string, number> = {}
  for (const date in days) if (date >= since) all[date] = days[date] as number
  if (day >= since) all[day] = (all[day] ?? 0) + more
  return all
}

/** The timetable with what was promised at this slot moved to `to`, and so what stands behind it, as far as no gap takes it up. */
function moved(row: Sender, { at, rank }: Slot, to: number): Sender {
  const slot = Date.parse(at)
  let end = Number.NEGATIVE_INFINITY
  const taken = (row.lanes[rank] ?? []).map(([from, until, by]) => {
    const later = Math.max(by, from > slot ? end - from : slot < until ? to - slot : by)
    end = until + later
    return [from, until, later] as const
  })
  return { ...row, lanes: { ...row.lanes, [rank]: taken } }
}

/** When what was promised at this slot goes; nothing where the timetable does not know it. */
function dueOf({ lanes }: Sender, { at, rank, ms }: Slot): number | undefined {
  const slot = Date.parse(at)
  const span = ms > 0 ? lanes[rank]?.find(([from, until]) => from <= slot && slot < until) : ([0, 0, 0] as const)
  return span && slot + span[2]
}

// ── at decision ──────────────────────────────────────────────────────────────────────────────

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
    const moment: Moment = (ms) => momentOf(engine.shared, own, here, channel.medium, ms).at
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

// ── what outages cost ────────────────────────────────────────────────────────────────────────

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
  return engine.senders.get(id) ?? { value: { id, lanes: {}, days: {} }, version: 0 }
}

/** Whoever decides by it meanwhile writes nothing: no row has this version. */
function stale(engine: Engine, id: string): void {
  engine.senders.set(id, { ...rowOf(engine, id), version: Number.NaN })
}

/** `anew`: also where this process knows it, since another may have moved it. */
async function load(engine: Engine, id: string, anew = false): Promise<void> {
  const version = () => engine.senders.get(id)?.version ?? Number.NaN
  if (!anew && version() >= 0) return
  const row = (await engine.scope.get('sender', id)) ?? { value: { id, lanes: {}, days: {} }, version: 0 }
  if (!(version() >= row.version)) engine.senders.set(id, row)
}

// ── at release ───────────────────────────────────────────────────────────────────────────────

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
