import { type Adapters, type Channel, type Prm, PrmError } from '@prm/core'
import { milliseconds } from './clock.ts'
import type { Order, Recipient, SenderPlan } from './types.ts'

/** What a long code sends where nobody says otherwise, in parts a second (support.twilio.com 115002943027). */
const assumed = 1

interface Row {
  readonly via: string
  readonly from?: string
  readonly rated: boolean
  messages: number
  units: number
  first: string
  last: string
  readonly hours: Map<string, number>
  /** Units by when they are handed over, where no rate spreads them: a moment for each end of quiet hours. */
  readonly handed: Map<string, number>
}

export interface Timetable {
  take(line: Recipient): void
  /** Throws `conflict` where a sender would be overrun, saying what would fit. */
  end(): { readonly senders: readonly SenderPlan[]; readonly finish: string | null }
}

type Host = { readonly prm: Prm<Adapters, string, string, string> }

/** When each sender sends what: by the turns that the messages have. */
export function timetable({ prm }: Host, order: Pick<Order, 'within' | 'start'>, at: string): Timetable {
  const rows = new Map<string, Row>()
  return {
    take({ via, from, units, at }) {
      const id = `${via} ${from ?? ''}`
      let row = rows.get(id)
      if (!row) {
        row = {
          via,
          ...(from !== undefined && { from }),
          rated: rateOf(prm.adapters[via]?.channel, from) !== undefined,
          messages: 0,
          units: 0,
          first: at,
          last: at,
          hours: new Map(),
          handed: new Map(),
        }
        rows.set(id, row)
      }
      row.messages++
      row.units += units
      if (at < row.first) row.first = at
      if (at > row.last) row.last = at
      const hour = at.slice(0, 13)
      row.hours.set(hour, (row.hours.get(hour) ?? 0) + 1)
      if (!row.rated) row.handed.set(at, (row.handed.get(at) ?? 0) + units)
    },
    end() {
      const begins = Math.max(Date.parse(at), order.start ? Date.parse(order.start) : 0)
      const senders = [...rows.values()].map((row) => senderPlan(prm, row))
      for (const sender of senders) refuseOverrun(prm, sender, order, begins)
      const finish = senders.reduce<string | null>(
        (last, one) => (last === null || one.last > last ? one.last : last),
        null,
      )
      return { senders, finish }
    },
  }
}

function senderPlan(prm: Host['prm'], { hours, handed, rated: _, ...row }: Row): SenderPlan {
  const channel = prm.adapters[row.via]?.channel
  const declared = rateOf(channel, row.from)
  const perSecond = declared ?? (channel?.medium === 'sms' ? assumed : undefined)
  const last = perSecond === undefined ? row.last : sentBy(handed, perSecond, row.last)
  return {
    ...row,
    medium: channel?.medium ?? '',
    ...(perSecond !== undefined && { perSecond }),
    last,
    hours: [...hours]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([hour, messages]) => ({ hour: `${hour}:00:00.000Z`, messages })),
  }
}

/** Where no rate is declared all that is due is handed over at once, and the provider sends it at its own. */
function sentBy(handed: Row['handed'], perSecond: number, last: string): string {
  let free = 0
  for (const [at, units] of [...handed].sort(([a], [b]) => (a < b ? -1 : 1)))
    free = Math.max(free, Date.parse(at)) + Math.ceil((units / perSecond) * 1_000)
  return free === 0 ? last : new Date(free).toISOString()
}

function rateOf(channel: Channel | undefined, from: string | undefined): number | undefined {
  const sender = channel?.senders?.find(({ address }) => `${address.scheme}:${address.value}` === from)
  return (sender ?? (channel?.senders?.length === 1 ? channel.senders[0] : undefined))?.perSecond
}

function refuseOverrun(prm: Host['prm'], sender: SenderPlan, { within }: Pick<Order, 'within'>, begins: number): void {
  const { via, units, perSecond, last } = sender
  const channel = prm.adapters[via]?.channel
  const queue = channel?.limits.maxQueueTime
  const limit = within ?? queue
  if (limit === undefined || perSecond === undefined) return
  const limitMs = milliseconds(limit)
  const sendsMs = (units / perSecond) * 1_000
  const takesMs = within === undefined ? sendsMs : Math.max(sendsMs, Date.parse(last) - begins)
  const rated = rateOf(channel, sender.from) !== undefined
  const overQueue = !rated && queue !== undefined && sendsMs > milliseconds(queue)
  if (takesMs <= limitMs && !overQueue) return
  const needed = Math.ceil((units / limitMs) * 10_000) / 10
  const fits = [
    `a sender of ${needed} parts a second`,
    ...otherSenders(prm, via, units, limitMs),
    ...(rated
      ? [`within: "${daysOf(Date.parse(last) - begins)}", since what its queue cannot hold waits with us`]
      : [`the rate of "${via}" declared, so that what its queue cannot hold waits with us`]),
    `${Math.floor((limitMs / 1_000) * perSecond).toLocaleString('en')} parts at this rate`,
  ]
  const what = within === undefined ? `"${via}" keeps a message no longer than ${queue}` : `it may take ${within}`
  throw new PrmError(
    'conflict',
    `${units.toLocaleString('en')} parts at ${perSecond} a second take ${spokenTime(takesMs)}, and ${what}. What would fit: ${fits.join('; or ')}.`,
    { field: 'via' },
  )
}

/** Senders of this host that are fast enough. */
function otherSenders(prm: Host['prm'], via: string, units: number, limitMs: number): readonly string[] {
  return Object.entries(prm.adapters).flatMap(([id, { channel }]) =>
    id === via || channel?.medium !== prm.adapters[via]?.channel?.medium
      ? []
      : (channel?.senders ?? []).flatMap(({ perSecond }) =>
          perSecond !== undefined && (units / perSecond) * 1_000 <= limitMs
            ? [`"${id}", which takes ${spokenTime((units / perSecond) * 1_000)}`]
            : [],
        ),
  )
}

function daysOf(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 86_400_000))}d`
}

/** `27.8 h`, `22 min`, `40 s` */
function spokenTime(ms: number): string {
  if (ms >= 2 * 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 1_000)} s`
}
