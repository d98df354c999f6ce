import type { Channel } from './adapter.ts'
import { type Draft, momentOf, type Own, sameAddress } from './decide.ts'
import type { Message, Slot } from './decision.ts'
import { addressId, collect, type Engine, put } from './engine.ts'
import type { Purpose } from './host.ts'
import type { Address } from './interaction.ts'
import type { Lane, Put, Sender } from './store.ts'
import { endOfDay, instant, localDay, milliseconds } from './time.ts'

// Each message gets its turn in its sender's timetable, so that a plan knows its end and workers need not agree on anything.

type Rated = NonNullable<Channel['senders']>[number]
type Moment = (ms: number) => number

/** Later than this, and the timetable moves: what is late no longer goes beside what is on time. */
const lateMs = milliseconds('1s')
/** How long what was is kept, for what is late. */
const pastMs = milliseconds('1d')
/** More gaps than this are no longer kept open. */
const mostGaps = 200
const mostRounds = 5_000

function isRated({ perSecond, perDay }: Rated): boolean {
  return perSecond !== undefined || perDay !== undefined
}

export function senderId(via: string, { address }: Pick<Rated, 'address'>): string {
  return `${via} ${addressId(address)}`
}

// ── lanes ────────────────────────────────────────────────────────────────────────────────────

function rankOf({ class: kind, quiet }: Purpose): number {
  return kind === 'promotional' ? 0 : quiet === 'ignore' ? 2 : 1
}

/** The part of a sender's time that the most common rank of purpose leaves to those above it, for one of its storms. */
const reserve = 0.25

interface Way {
  readonly rank: number
  readonly msOf: (units: number) => number
  readonly perDay: number
}

/** The lanes of a sender that this purpose may take: its own and those of what is less urgent. Together they are the rate. */
function waysOf(engine: Engine, purpose: string, { perSecond, perDay = Number.POSITIVE_INFINITY }: Rated): Way[] {
  const { purposes } = engine.options
  const own = rankOf(purposes[purpose] ?? { basis: 'service', class: 'service' })
  const ranks = [...new Set([own, ...Object.values(purposes).map(rankOf)])].sort()
  const above = ranks.length - 1
  const part = above > 0 ? reserve / above : 0
  const ofDay = perDay === Number.POSITIVE_INFINITY ? perDay : Math.floor(perDay * part)
  return ranks.flatMap((rank, index) => {
    const share = index > 0 ? part : 1 - part * above
    const most = index > 0 || perDay === ofDay ? ofDay : perDay - ofDay * above
    const msOf = (units: number) => (perSecond === undefined ? 0 : Math.ceil((units * 1_000) / (perSecond * share)))
    return rank <= own ? [{ rank, msOf, perDay: most }] : []
  })
}

const empty: Lane = { taken: [], days: {} }

/** The first moment at or after `at` that is free, on a day with room, and that `moment` allows; `NaN` where there is none. */
function freeIn({ taken, days }: Lane, way: Way, zone: string, units: number, at: number, moment: Moment): number {
  if (units > way.perDay) return Number.NaN
  const length = way.msOf(units)
  let ms = moment(at)
  for (let round = 0; round < mostRounds && !Number.isNaN(ms); round++) {
    let free = ms
    for (const [from, until, by] of taken)
      if (free + length > from) free = Math.max(free, until + by)
      else break
    if (way.perDay !== Number.POSITIVE_INFINITY) {
      const day = localDay(free, zone)
      if ((days[day] ?? 0) + units > way.perDay) free = endOfDay(day, zone)
    }
    if (free === ms) return ms
    ms = moment(free)
  }
  return Number.NaN
}

/** The earliest turn among the lanes of a sender. */
function slotIn(
  engine: Engine,
  purpose: string,
  sender: Rated,
  row: Sender,
  units: number,
  at: number,
  moment: Moment,
) {
  const zone = engine.options.library.timeZone
  const slots = waysOf(engine, purpose, sender).map(({ rank, ...way }) => ({
    rank,
    at: freeIn(row.lanes[rank] ?? empty, { rank, ...way }, zone, units, at, moment),
  }))
  return slots.reduce<{ rank: number; at: number } | undefined>(
    (first, one) => (Number.isNaN(one.at) || (first && first.at <= one.at) ? first : one),
    undefined,
  )
}

function booked(engine: Engine, purpose: string, sender: Rated, row: Sender, units: number, slot: Slot): Sender {
  const zone = engine.options.library.timeZone
  const at = Date.parse(slot.at)
  const past = engine.now().getTime() - pastMs
  const { taken, days } = row.lanes[slot.rank] ?? empty
  const length =
    waysOf(engine, purpose, sender)
      .find(({ rank }) => rank === slot.rank)
      ?.msOf(units) ?? 0
  const all = [...taken.filter(([, until, by]) => until + by > past), [at, at + length, 0] as const]
  const day = localDay(at, zone)
  const counts = { ...days, ...(sender.perDay !== undefined && { [day]: (days[day] ?? 0) + units }) }
  const since = localDay(past, zone)
  const lane: Lane = {
    taken: joined(length > 0 ? all : all.slice(0, -1)),
    days: Object.fromEntries(Object.entries(counts).filter(([date]) => date >= since)),
  }
  return { ...row, lanes: { ...row.lanes, [slot.rank]: lane } }
}

/** What touches is one; where there are too many, the narrowest gap closes, and its time is lost. */
function joined(spans: Lane['taken']): Lane['taken'] {
  const all: (readonly [number, number, number])[] = []
  for (const one of [...spans].sort(([a], [b]) => a - b)) {
    const last = all.at(-1)
    if (last && last[1] === one[0] && last[2] === 0 && one[2] === 0) all[all.length - 1] = [last[0], one[1], 0]
    else all.push(one)
  }
  if (all.length <= mostGaps) return all
  const gaps = all.map(([from, , by], i) =>
    i > 0 && by === 0 && all[i - 1]?.[2] === 0 ? from - (all[i - 1]?.[1] ?? 0) : Number.POSITIVE_INFINITY,
  )
  const at = gaps.indexOf(Math.min(...gaps))
  return all.flatMap((one, i) =>
    i === at - 1 ? [[one[0], all[at]?.[1] ?? one[1], 0] as const] : i === at ? [] : [one],
  )
}

/** The lane with what was promised at `slot` moved to `to`, and so what stands behind it, as far as no gap takes it up. */
function postponed({ taken, days }: Lane, slot: number, to: number): Lane {
  let end = Number.NEGATIVE_INFINITY
  const moved = taken.map(([from, until, by]) => {
    const more = from > slot ? end - from - by : slot < until ? to - slot - by : 0
    end = until + by + Math.max(0, more)
    return [from, until, by + Math.max(0, more)] as const
  })
  return { taken: moved, days }
}

// ── at decision ──────────────────────────────────────────────────────────────────────────────

/** Reads the timetables that these drafts may need, and answers which sender each address knows. Nothing where none is rated. */
export async function sendersFor(engine: Engine, drafts: readonly Draft[]): Promise<ReadonlyMap<string, Address>> {
  const known = new Map<string, Address>()
  for (const { via, to } of drafts) {
    const senders = engine.options.adapters[via]?.channel?.senders ?? []
    await Promise.all(senders.filter(isRated).map((sender) => load(engine, senderId(via, sender))))
    if (senders.length < 2) continue
    const last = await collect(engine.scope.find('message', { address: to, order: 'newest', limit: 20 }))
    const from = last.find((one) => one.via === via && senders.some(({ address }) => isAt(address, one.from)))?.from
    if (from) known.set(`${via} ${addressId(to)}`, from)
  }
  return known
}

function isAt(address: Address, from: Address | undefined): boolean {
  return from !== undefined && sameAddress(address, from)
}

/** Each draft with the sender that can take it first, or that the patron knows, and its turn there. */
export function withSlots<D extends Draft>(
  engine: Engine,
  own: Omit<Own, 'drafts'>,
  drafts: readonly D[],
  known: ReadonlyMap<string, Address>,
): readonly D[] {
  const here = { ...own, ...(own.recipient && { patron: own.recipient }) }
  const start = Math.max(Date.parse(own.now), own.notBefore ? Date.parse(own.notBefore) : 0)
  return drafts.map((draft) => {
    const channel = engine.options.adapters[draft.via]?.channel
    const all = channel?.senders ?? []
    if (!channel || !('measure' in draft) || (all.length < 2 && !all.some(isRated))) return draft
    const from = known.get(`${draft.via} ${addressId(draft.to)}`)
    const moment: Moment = (ms) => momentOf(engine.shared, own, here, channel.medium, ms).at
    const turns = (from ? all.filter(({ address }) => sameAddress(address, from)) : all).map((sender) => {
      const row = engine.senders.get(senderId(draft.via, sender))?.value
      const slot = row && slotIn(engine, own.purpose, sender, row, draft.measure.units, start, moment)
      return { from: sender.address, slot, at: isRated(sender) ? (slot?.at ?? Number.POSITIVE_INFINITY) : start }
    })
    const first = turns.reduce((a, b) => (b.at < a.at ? b : a))
    const slot = first.slot && { at: instant(first.slot.at), rank: first.slot.rank }
    const none = first.at === Number.POSITIVE_INFINITY && { slot: null }
    return { ...draft, from: first.from, ...(slot && { slot }), ...none }
  })
}

/** Takes the turn, to be written with the message: whoever was quicker in another process makes that fail. */
export function take(engine: Engine, { via, from, slot, units, purpose }: Message): readonly Put[] {
  const sender = ratedBy(engine, via, from)
  return sender && slot
    ? [change(engine, senderId(via, sender), (row) => booked(engine, purpose, sender, row, units, slot))]
    : []
}

/** What could not be written so, is read anew. Answers whether there was such a turn. */
export function forget(engine: Engine, prepared: readonly { readonly turn?: readonly Put[] }[]): boolean {
  const turns = prepared.flatMap(({ turn = [] }) => turn)
  for (const { kind, value } of turns) if (kind === 'sender') engine.senders.delete(value.id)
  return turns.length > 0
}

function ratedBy(engine: Engine, via: string, from: Address | undefined): Rated | undefined {
  return engine.options.adapters[via]?.channel?.senders?.find((one) => isRated(one) && isAt(one.address, from))
}

/** What this process writes next of a sender: each write on the one before, so that many go into one transaction. */
function change(engine: Engine, id: string, by: (row: Sender) => Sender): Put {
  const { value, version } = engine.senders.get(id) ?? { value: { id, lanes: {} }, version: 0 }
  const changed = by(value)
  engine.senders.set(id, { value: changed, version: version + 1 })
  return put('sender', changed, version)
}

/** `anew`: also where this process knows it, since another may have moved it. */
async function load(engine: Engine, id: string, anew = false): Promise<void> {
  if (!anew && engine.senders.has(id)) return
  const row = (await engine.scope.get('sender', id)) ?? { value: { id, lanes: {} }, version: 0 }
  if ((engine.senders.get(id)?.version ?? -1) < row.version) engine.senders.set(id, row)
}

// ── at release ───────────────────────────────────────────────────────────────────────────────

/**
 * Whether it is this message's turn: nothing if it is; else when it will be, with its new slot where the old one is spent or
 * gone by. What is late moves the timetable, so that a backlog goes at the sender's rate, whoever sends it.
 */
export async function turnOf(
  engine: Engine,
  message: Message,
  open: number,
  moment: Moment,
): Promise<{ readonly at: number; readonly slot?: Slot } | undefined> {
  const { via, from, slot, purpose, units, attempts } = message
  const sender = ratedBy(engine, via, from)
  if (!sender) return undefined
  const id = senderId(via, sender)
  const zone = engine.options.library.timeZone
  for (;;) {
    await load(engine, id, true)
    const now = engine.now().getTime()
    const row = engine.senders.get(id)?.value as Sender
    const due = slot && dueOf(row, slot, sender)
    const last = Date.parse(attempts.at(-1)?.at ?? '')
    const spent =
      !slot ||
      due === undefined ||
      last >= due ||
      open > Math.max(now, due) ||
      (sender.perDay !== undefined && localDay(Math.max(now, due), zone) !== localDay(Date.parse(slot.at), zone))
    if (!spent && due > now) return { at: due }
    if (!spent && (sender.perSecond === undefined || now - due <= lateMs)) return undefined
    if (!spent) {
      if (await wrote(engine, id, (one) => movedTo(one, slot, now))) return undefined
      continue
    }
    const next = slotIn(engine, purpose, sender, row, units, Math.max(now, open), moment)
    if (!next) return { at: Number.NaN }
    const fresh: Slot = { at: instant(next.at), rank: next.rank }
    if (await wrote(engine, id, (one) => booked(engine, purpose, sender, one, units, fresh)))
      return { at: next.at, slot: fresh }
  }
}

/** When what was promised at this slot goes; nothing where the timetable does not know it. */
function dueOf({ lanes }: Sender, { at, rank }: Slot, { perSecond }: Rated): number | undefined {
  const ms = Date.parse(at)
  if (perSecond === undefined) return ms
  const span = lanes[rank]?.taken.find(([from, until]) => from <= ms && ms < until)
  return span && ms + span[2]
}

function movedTo(row: Sender, slot: Slot, to: number): Sender {
  const lane = postponed(row.lanes[slot.rank] ?? empty, Date.parse(slot.at), to)
  return { ...row, lanes: { ...row.lanes, [slot.rank]: lane } }
}

async function wrote(engine: Engine, id: string, by: (row: Sender) => Sender): Promise<boolean> {
  const [written] = await engine.scope.commit([{ put: [change(engine, id, by)] }])
  if (!written) engine.senders.delete(id)
  return written ?? false
}

/** The provider wants nothing before `to`: this message and what stands behind it wait. */
export async function moveOn(engine: Engine, { via, from, slot }: Message, to: number): Promise<void> {
  const sender = ratedBy(engine, via, from)
  if (!sender || !slot) return
  const id = senderId(via, sender)
  do await load(engine, id, true)
  while (!(await wrote(engine, id, (row) => movedTo(row, slot, to))))
}
