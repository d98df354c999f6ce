// In: a sender's rate and what is booked. Out: the first free slot. Pure.
import type { Channel, Message, Purpose, Sender, Slot } from '../contract/index.ts'
import type { Engine } from '../runtime/index.ts'
import { endOfDay, instant, localDay, milliseconds } from '../time/index.ts'

// Each message gets its turn in its sender's timetable, so that a plan knows its end and workers need not agree on anything.

export type Rated = NonNullable<Channel['senders']>[number]

export type Moment = (ms: number) => number

/** How long what was is kept, for what is late. */
const dayMs = milliseconds('1d')

/** Where there are more gaps, the oldest closes, and its time is lost. */
const mostGaps = 200

const mostRounds = 5_000

export function isRated({ perSecond, perDay }: Rated): boolean {
  return perSecond !== undefined || perDay !== undefined
}

/** The part of a sender's time and day that is kept for what is more urgent than a storm of the rest. */
const reserve = 0.25

function rankOf({ class: kind, quietHours }: Purpose): number {
  return kind === 'promotional' ? 0 : quietHours === 'ignore' ? 2 : 1
}

/**
 * The earliest turn: in the lane of its purpose's rank, or of what is less urgent. The lanes together are the rate; each has
 * its own row of times, so that no storm in one holds up another. Nothing where no day has room.
 */
export function slotIn(
  engine: Engine,
  { purpose, units }: Pick<Message, 'purpose' | 'units'>,
  { perSecond = Number.POSITIVE_INFINITY, perDay = Number.MAX_SAFE_INTEGER }: Rated,
  { schedule, days }: Sender,
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
      for (const [from, until, by] of schedule[rank] ?? [])
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
    if (!Number.isNaN(at) && !(first && Date.parse(first.at) <= at)) first = { at: instant(at), priority: rank, ms }
  }
  return first
}

/** The timetable with this turn taken. */
export function booked(engine: Engine, row: Sender, { at, priority, ms }: Slot, units: number): Sender {
  const [from, past] = [Date.parse(at), engine.now().getTime() - dayMs]
  const all: (readonly [number, number, number])[] = []
  const kept = (row.schedule[priority] ?? []).filter(([, until, by]) => until + by > past)
  const behind = kept.findIndex(([begins]) => begins > from)
  kept.splice(behind < 0 ? kept.length : behind, 0, [from, from + ms, 0])
  for (const one of kept) {
    const last = all.at(-1)
    if (last && last[1] === one[0] && last[2] === one[2]) all[all.length - 1] = [last[0], one[1], one[2]]
    else if (one[0] < one[1]) all.push(one)
  }
  const [a, b, ...rest] = all
  const taken = a && b && all.length > mostGaps ? [[a[0], b[1], Math.max(a[2], b[2])] as const, ...rest] : all
  return { ...row, schedule: { ...row.schedule, [priority]: taken }, days: daysWith(engine, row, from, units) }
}

/** With so much more on the day of this moment; what was before yesterday goes. */
export function daysWith({ options, now }: Engine, { days }: Sender, at: number, more: number): Sender['days'] {
  const { timeZone } = options.library
  const [day, since] = [localDay(at, timeZone), localDay(now().getTime() - dayMs, timeZone)]
  const all: Record<string, number> = {}
  for (const date in days) if (date >= since) all[date] = days[date] as number
  if (day >= since) all[day] = (all[day] ?? 0) + more
  return all
}

/** The timetable with what was promised at this slot moved to `to`, and so what stands behind it, as far as no gap takes it up. */
export function moved(row: Sender, { at, priority }: Slot, to: number): Sender {
  const slot = Date.parse(at)
  let end = Number.NEGATIVE_INFINITY
  const taken = (row.schedule[priority] ?? []).map(([from, until, by]) => {
    const later = Math.max(by, from > slot ? end - from : slot < until ? to - slot : by)
    end = until + later
    return [from, until, later] as const
  })
  return { ...row, schedule: { ...row.schedule, [priority]: taken } }
}

/** When what was promised at this slot goes; nothing where the timetable does not know it. */
export function dueOf({ schedule }: Sender, { at, priority, ms }: Slot): number | undefined {
  const slot = Date.parse(at)
  const span = ms > 0 ? schedule[priority]?.find(([from, until]) => from <= slot && slot < until) : ([0, 0, 0] as const)
  return span && slot + span[2]
}
