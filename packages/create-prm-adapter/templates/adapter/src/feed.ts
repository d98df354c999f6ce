import {
  type Context,
  type Feed,
  type Interaction,
  type Json,
  type NoticeKind,
  notice,
  type PatronUpdate,
  type RejectedRecord,
} from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { type CarrierPigeonNotice, wireNotices } from './api.ts'

export function feed(api: Client): Feed {
  return {
    every: '5m',
    /** What stands after a `yield` runs once that batch is committed: mark there what was read, where you must. */
    async *pull(cursor, ctx) {
      let after = afterOf(cursor)
      while (!ctx.signal.aborted) {
        const query = { after, limit: 100 }
        const { notices, more } = await api.call({ method: 'GET', path: '/notices', query }, wireNotices, ctx)
        const last = notices.at(-1)
        if (!last) return
        after = last.seq
        yield {
          interactions: notices.flatMap((one) => factOf(one, ctx)),
          people: notices.map((one) => personOf(one, ctx)),
          rejected: notices.flatMap(badOf),
          cursor: { after },
        }
        if (!more) return
      }
    },
  }
}

/** Nobody can look into a cursor who erases a patron: it holds nothing of one. */
function afterOf(cursor: Json | undefined): number {
  return typeof cursor === 'object' && cursor !== null && 'after' in cursor ? Number(cursor.after) : 0
}

// UNVERIFIED: your own words for what a patron is told, and what each is about: here all are about a hold.
const kinds: ReadonlyMap<string, NoticeKind> = new Map([
  ['hold_ready', 'hold-ready'],
  ['hold_expiring', 'hold-expiring'],
  ['hold_cancelled', 'hold-cancelled'],
])

/** The key is made of ids and dates in the record, never of the day of the run. */
function factOf(one: CarrierPigeonNotice, ctx: Context): Interaction[] {
  const kind = kinds.get(one.kind)
  if (!kind) return []
  const collectBy = one.collect_by && { collectBy: one.collect_by }
  return [
    {
      key: [kind, one.hold, one.collect_by].filter(Boolean).join(' '),
      type: notice.name,
      source: ctx.id,
      origin: one.id,
      who: cardOf(one, ctx),
      data: {
        kind,
        subjectKey: `hold:${ctx.id}:${one.hold}`,
        items: [{ id: one.hold, ...(one.title && { title: one.title }), ...collectBy }],
        ...(one.pickup && { pickup: one.pickup }),
        ...(one.language && { language: one.language }),
      },
    },
  ]
}

/** What could not be read is told, and not left out quietly. */
function badOf({ id, kind }: CarrierPigeonNotice): RejectedRecord[] {
  return kinds.has(kind) ? [] : [{ source: `notice ${id}`, reason: `its kind is not known: ${kind.slice(0, 40)}` }]
}

const cardOf = ({ card }: CarrierPigeonNotice, ctx: Context) => ({
  scheme: 'ils',
  realm: `${ctx.id}/card`,
  value: card,
})

function personOf(one: CarrierPigeonNotice, ctx: Context): PatronUpdate {
  return {
    at: cardOf(one, ctx),
    also: one.phone ? [{ scheme: 'tel', value: one.phone }] : [],
    ...(one.name && { name: one.name }),
    ...(one.language && { locale: one.language }),
  }
}
