import type { Context, Feed, Interaction, Notice, NoticeItem, PatronUpdate } from '@prm/core/adapter'
import { notice, PrmError } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'
import { type Api, unlessMissing } from './api.ts'
import { dueIn } from './circulation.ts'
import { byId, personOf, realmOf } from './directory.ts'
import { stateOf } from './holds.ts'
import type { Messaging } from './messaging.ts'
import { dayAt, idIn, type Row, rowOf, textOf, unavailable, wireRow } from './values.ts'

interface News {
  readonly kind: 'hold-ready' | 'due-soon' | 'overdue'
  readonly key: string
  /** A hold, or a loan. */
  readonly row: Row
}

/** How long after its day a loan is still told as overdue: what is older is no news, at a first look least of all. */
const newsDays = 14
const perBatch = 50

/**
 * Koha pushes nothing: holds at the desk, and loans that are due soon or overdue, are read again and again. The cursor holds
 * a mark for each that was told and still is so, and nothing of anybody. Keys are made of Koha's own ids and dates, so that
 * what is told again after a restart is the same fact.
 */
export function feed(api: Api, messaging: Messaging): Feed {
  return {
    every: '15m',
    async *pull(cursor, ctx) {
      const told = new Set<unknown>(Array.isArray(cursor) ? cursor : [])
      const marks = () => [...told].map(String).sort()
      const current = new Set<unknown>()
      let waiting: News[] = []
      const batch = async () => {
        const pull = await pulled(api, messaging, waiting, ctx)
        // Of what could not be told there is no mark, so that it is tried again.
        for (const { source } of pull.rejected) told.delete(markOf(source))
        return pull
      }
      for await (const one of news(api, ctx)) {
        const mark = markOf(one.key)
        current.add(mark)
        if (told.has(mark)) continue
        told.add(mark)
        waiting.push(one)
        if (waiting.length < perBatch) continue
        yield { ...(await batch()), cursor: marks() }
        waiting = []
      }
      const last = await batch()
      // Only now is it known what is no more.
      const over = [...told].filter((mark) => !current.has(mark))
      for (const mark of over) told.delete(mark)
      if (waiting.length + over.length > 0) yield { ...last, cursor: marks() }
    },
  }
}

/** 60 bits of the key: enough to tell some 100,000 apart, and nothing can be read in it. */
const markOf = (key: string): string => sha256(key).base64.slice(0, 10)

// ── what is to be told ───────────────────────────────────────────────────────────────────────
async function* news(api: Api, ctx: Context): AsyncGenerator<News> {
  const ready = { path: '/holds', query: { status: 'W', _match: 'exact' }, id: 'hold_id', embed: 'biblio' }
  for await (const row of api.each(ready, ctx)) {
    if (stateOf(row) !== 'ready') continue
    const kind = 'hold-ready'
    yield { kind, key: [kind, idIn(row, 'hold_id'), textOf(row, 'waiting_date')].filter(Boolean).join(' '), row }
  }
  const today = dayAt(ctx.now(), api.options.timeZone)
  for await (const row of api.each({ path: '/checkouts', id: 'checkout_id' }, ctx)) {
    const due = dueIn(row, api.options)
    const day = due.length > 10 ? dayAt(new Date(due), api.options.timeZone) : due
    const days = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000)
    // A loan of hours is over at its minute.
    const over = due.length > 10 ? Date.parse(due) < ctx.now().getTime() : days < 0
    const kind = over ? 'overdue' : 'due-soon'
    if (days <= api.options.dueSoonDays && days >= -newsDays)
      yield { kind, key: `${kind} ${idIn(row, 'checkout_id')} ${due}`, row }
  }
}

// ── and to whom ──────────────────────────────────────────────────────────────────────────────
async function pulled(api: Api, messaging: Messaging, news: readonly News[], ctx: Context) {
  const people: PatronUpdate[] = []
  const odd = unavailable('Koha broke on them.')
  for (const patron of await patronsOf(api, new Set(news.map(({ row }) => idIn(row, 'patron_id'))), ctx))
    people.push(
      personOf(patron, api, ctx, await unlessBroken(messaging.read(idIn(patron, 'patron_id'), ctx), odd, ctx)),
    )
  const interactions: Interaction[] = []
  const rejected: { source: string; reason: string }[] = []
  for (const one of news) {
    const known = people.some(({ at }) => at.value === idIn(one.row, 'patron_id'))
    if (!known) rejected.push({ source: one.key, reason: 'Koha shows no patron to it.' })
    else interactions.push(await told(api, one, ctx))
  }
  if (ctx.signal.aborted) throw new PrmError('unavailable', 'The feed was called off.')
  return { interactions, people, rejected }
}

async function patronsOf(api: Api, ids: ReadonlySet<string>, ctx: Context): Promise<readonly Row[]> {
  const found: Row[] = []
  if (ids.size > 0 && (await api.modern(ctx))) {
    const q = { patron_id: [...ids].map(Number) }
    for await (const patron of api.each({ path: '/patrons', q, id: 'patron_id' }, ctx)) found.push(patron)
  } else for (const id of ids) found.push(...(await unlessBroken(byId(api, id, ctx), [], ctx)))
  return found
}

async function told(api: Api, { kind, key, row }: News, ctx: Context): Promise<Interaction> {
  const isHold = kind === 'hold-ready'
  const id = idIn(row, isHold ? 'hold_id' : 'checkout_id')
  const at = textOf(row, 'waiting_date')?.slice(0, 10)
  const branch = textOf(row, 'pickup_library_id', 'library_id')
  const title = textOf(isHold ? rowOf(row, 'biblio') : await biblioOf(api, id, ctx), 'title')
  const dates = isHold ? { collectBy: textOf(row, 'expiration_date')?.slice(0, 10) } : { due: dueIn(row, api.options) }
  const item = { id: textOf(row, 'item_id'), barcode: textOf(row, 'external_id'), title, ...dates }
  const fact = noticeOf(api, ctx, { key, kind, ids: [id], patron: idIn(row, 'patron_id'), items: [item], branch })
  return { ...fact, ...(at && { at }) }
}

/** Titles of those loans alone that are told: embedded in the whole list they would weigh more than the rest. */
async function biblioOf(api: Api, loan: string, ctx: Context): Promise<Row | undefined> {
  if (!(await api.modern(ctx))) return undefined
  const asked = api.ask({ path: `/checkouts/${loan}`, embed: 'item.biblio' }, ctx, wireRow())
  // It may be returned this very moment.
  const found = unlessMissing(
    asked.then(({ value }) => rowOf(rowOf(value, 'item'), 'biblio')),
    () => undefined,
  )
  return unlessBroken(found, undefined, ctx)
}

/** One record that Koha breaks on, each time, keeps nobody else from hearing; that it is down altogether does. */
async function unlessBroken<T, O>(call: Promise<T>, otherwise: O, ctx: Context): Promise<T | O> {
  return call.catch((error: unknown) => {
    if (!PrmError.is(error) || error.vendor?.status !== 500) throw error
    ctx.log('warn', 'Koha breaks on one record, and the others are told.', { code: error.code })
    return otherwise
  })
}

// ── the fact ─────────────────────────────────────────────────────────────────────────────────
type Loose<T> = { readonly [name in keyof T]?: T[name] | undefined }
export interface Told
  extends Loose<Omit<Notice, 'kind' | 'subjectKey' | 'items'> & Pick<Interaction, 'branch' | 'origin'>> {
  readonly key: string
  readonly kind: Notice['kind']
  /** Of holds or loans; none where it is about neither. */
  readonly ids: readonly string[]
  readonly patron: string
  readonly items: readonly Loose<NoticeItem>[]
}

/** A notice of this Koha, whichever way it came; matters are those that other sources of the same realm give. */
export function noticeOf(api: Api, ctx: Context, told: Told): Interaction<'notice', Notice> {
  const { key, kind, ids, patron, items, branch, origin, ...more } = told
  const realm = realmOf(api, ctx)
  const about = kind.startsWith('hold-') ? 'hold' : ids.length > 0 ? 'loan' : 'account'
  return said({
    key,
    type: notice.name,
    source: ctx.id,
    who: { scheme: 'ils', realm: `${realm}/id`, value: patron },
    branch,
    origin,
    data: said({
      kind,
      ...(kind === 'overdue' && { level: 1 }),
      subjectKey: `${about}:${realm}:${ids.length > 0 ? ids.join('/') : patron}`,
      items: items.map(said),
      ...(about === 'hold' && { pickup: branch }),
      ...more,
    }),
  }) as Interaction<'notice', Notice>
}

/** Without what is not known. */
const said = <T extends object>(known: T): T =>
  Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as T
