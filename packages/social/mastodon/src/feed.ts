import {
  type Context,
  type FeedPage,
  type Interaction,
  type Json,
  PrmError,
  type RejectedRecord,
} from '@prm/core/adapter'
import { type Fields, resolve } from '@prm/kit'
import {
  type Api,
  isLater,
  maxBytes,
  type Notification,
  notificationIn,
  ourselves,
  type Status,
  statusIn,
  statusOf,
  wireFound,
  wireList,
} from './api.ts'
import type { Options, Search, Tag } from './config.ts'
import { cursorOf, type Memory, nameOf, type Place, remembered } from './cursor.ts'
import { factOf, goneOf, isPublic, reactionOf, type Teller, versionIn } from './interactions.ts'
import { type Heard, listen } from './stream.ts'

const hourMs = 60 * 60_000
/** How far back the first look goes, and a search ever. */
const firstMs = 7 * 24 * hourMs
/** A post of another instance comes late, after an outage by hours, and its id says when it was written (Mastodon::Snowflake): so far is read again. */
const lateMs = 6 * hourMs
/** Notifications have an id before they can be read: the last minute is read again. */
const unsettledMs = 60_000
/** How often posts that were told are asked for again, and for how long. */
const againMs = 15 * 60_000
const followedMs = 30 * 24 * hourMs
const mostPages = 50
const mostFound = 5

/** What one pull works with. */
interface Pull {
  readonly api: Api
  readonly memory: Memory
  readonly teller: Teller
  /** Ids say when something was written: those of Mastodon do, those of other software do not. */
  readonly timed: boolean
  readonly ctx: Context
}
interface Page {
  readonly interactions: readonly Interaction[]
  readonly rejected: readonly RejectedRecord[]
}

/**
 * Catches up by REST, then holds the streams. They are opened first, so that nothing falls between; and they move no
 * position, so that what they did not bring is read by the next pull.
 */
export async function* pull(
  api: Api,
  options: Options,
  cursor: Json | undefined,
  ctx: Context,
): AsyncGenerator<FeedPage> {
  if (ctx.signal.aborted) return
  const key = await resolve(options.pseudonymKey)
  const memory = remembered(cursor, api.host)
  const me = (await ourselves(api, ctx)).id
  const all: Pull = { api, memory, teller: { source: ctx.id, host: api.host, me, key }, timed: /^\d+$/.test(me), ctx }
  const streams = options.stream === undefined ? undefined : await listen(api, options, ctx)
  try {
    const looks: readonly (readonly [where: string, AsyncGenerator<Page>])[] = [
      ['notifications', notifications(all)],
      ...options.tags.map((tag) => [`tag ${tag.name}`, tagged(all, tag)] as const),
      ...options.searches.map((search, index) => [`search ${index + 1}`, found(all, search)] as const),
      ['posts that were told', again(all)],
    ]
    let [failed, first]: [number, PrmError | undefined] = [0, undefined]
    for (const [where, look] of looks) {
      try {
        for await (const page of look) {
          if (ctx.signal.aborted) return
          yield { ...page, cursor: cursorOf(memory) }
        }
      } catch (error) {
        if (ctx.signal.aborted) return
        if (!PrmError.is(error) || /^(auth|rate_limited)$/.test(error.code)) throw error
        failed++
        first ??= error
        yield { interactions: [], rejected: [{ source: where, reason: error.message }], cursor: cursorOf(memory) }
      }
    }
    // Who could ask nobody must not seem to have heard that there is nothing. The last look asks only now and then.
    if (first && failed >= looks.length - 1) throw first
    for await (const heard of streams?.batches() ?? [])
      yield { ...joined(heard.map((one) => told(all, one))), cursor: cursorOf(memory) }
  } finally {
    streams?.close()
  }
}

const joined = (pages: readonly Page[]): Page => ({
  interactions: pages.flatMap(({ interactions }) => interactions),
  rejected: pages.flatMap(({ rejected }) => rejected),
})
const nothing: Page = { interactions: [], rejected: [] }

// ── what there is to tell of one ─────────────────────────────────────────────────────────────
/** A post that is new, or reads otherwise. Not our own, and no boost: that is the voice of what it repeats. */
function telling({ memory, teller }: Pull, status: Status, query?: string): readonly Interaction[] {
  const { id, account, reblog, created_at, edited_at } = status
  if (account.id === teller.me || reblog) return []
  const version = versionIn(status)
  const before = memory.told.get(id)
  if (before && (before.version === version || !edited_at)) return []
  // A search finds what only followers may read, and is no message to us.
  if (!before && !isPublic(status) && !status.mentions.some((one) => one.id === teller.me)) return []
  const by = before?.query ?? query
  const secret = isPublic(status) ? undefined : (true as const)
  memory.told.set(id, { version, day: created_at.slice(0, 10), query: by, secret })
  return [factOf(status, teller, by, before !== undefined)]
}

function gone({ memory, teller }: Pull, id: string): readonly Interaction[] {
  const before = memory.told.get(id)
  memory.told.delete(id)
  return before && !before.secret ? [goneOf(id, teller)] : []
}

function noted(all: Pull, note: Notification): readonly Interaction[] {
  const reaction = reactionOf(note, all.teller)
  const says = note.status && /^(mention|quote)$/.test(note.type)
  return [...(reaction ? [reaction] : []), ...(says && note.status ? telling(all, note.status) : [])]
}

/** One event of a stream. */
function told(all: Pull, { where, tag, event, data }: Heard): Page {
  if (event === 'delete') return { interactions: gone(all, data.trim()), rejected: [] }
  const bad = [{ source: where, reason: `an event "${event.slice(0, 40)}" that cannot be read` }]
  if (event === 'notification') {
    const note = notificationIn(parsed(data))
    return note ? { interactions: noted(all, note), rejected: [] } : { interactions: [], rejected: bad }
  }
  if (event !== 'status.update' && !(event === 'update' && tag)) return nothing
  const status = statusIn(parsed(data))
  if (!status) return { interactions: [], rejected: bad }
  // On the account's own stream stands what those write that it follows.
  return tag || all.memory.told.has(status.id)
    ? { interactions: telling(all, status, tag?.query), rejected: [] }
    : nothing
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Those of a list that can be read, oldest first. */
function read<T extends { readonly id: string }>(
  list: readonly unknown[],
  where: string,
  into: (value: unknown) => T | undefined,
): { readonly all: readonly T[]; readonly bad: readonly RejectedRecord[] } {
  const all = list.flatMap((one) => into(one) ?? [])
  const lost = list.length - all.length
  const bad =
    lost > 0
      ? [{ source: where, reason: `${lost} of ${list.length} came in another shape than Mastodon describes` }]
      : []
  return { all: all.toSorted((a, b) => (isLater(a.id, b.id) ? 1 : -1)), bad }
}

const msAgo = (ctx: Context, ms: number): number => ctx.now().getTime() - ms

/** One by one where all together are too much to read: a huge post must not hide the others. */
async function listOf({ api, ctx }: Pull, path: string, query: Fields): Promise<readonly unknown[]> {
  try {
    return await api.call({ method: 'GET', path, query, maxBytes }, wireList, ctx)
  } catch (error) {
    if (!PrmError.is(error) || error.code !== 'contract') throw error
    return api.call({ method: 'GET', path, query: { ...query, limit: 1 }, maxBytes }, wireList, ctx)
  }
}

// ── what is looked at ────────────────────────────────────────────────────────────────────────
async function* notifications(all: Pull): AsyncGenerator<Page> {
  const { api, memory, ctx } = all
  const since = msAgo(ctx, firstMs)
  const first = memory.notes === undefined
  let after = memory.notes
  for (let page = 0; page < mostPages; page++) {
    const types = ['mention', 'favourite', 'reblog', 'quote']
    // Direct messages of strangers are filtered where nobody set it otherwise (NotificationPolicy).
    const query = { 'types[]': types, include_filtered: 'true', limit: 80, min_id: after }
    const list = await listOf(all, '/api/v1/notifications', query)
    const { all: notes, bad } = read(list, 'notifications', notificationIn)
    const [oldest, newest] = [notes[0]?.id ?? '0', notes.at(-1)?.id]
    const settled = notes.findLast(({ created_at }) => !(Date.parse(created_at) > msAgo(ctx, unsettledMs)))?.id
    const moved = newest !== undefined && (after === undefined || isLater(newest, after))
    if (first ? page === 0 : moved) memory.notes = settled ?? memory.notes ?? oldest
    const fresh = first ? notes.filter((one) => Date.parse(one.created_at) >= since) : notes
    yield { interactions: fresh.flatMap((one) => noted(all, one)), rejected: bad }
    if (first || !moved || api.low()) return
    after = newest
  }
}

const idAt = (ms: number): string => String(BigInt(Math.max(0, ms)) << 16n)
const writtenMs = ({ id, created_at }: Status): number =>
  /^\d{15,20}$/.test(id) ? Number(BigInt(id) >> 16n) : Date.parse(created_at)

async function* tagged(all: Pull, tag: Tag): AsyncGenerator<Page> {
  const { api, memory, ctx } = all
  const path = `/api/v1/timelines/tag/${encodeURIComponent(tag.name)}`
  const name = nameOf(tag)
  const place: Place = memory.tags.get(name) ?? { ms: msAgo(ctx, firstMs) }
  let ms = Math.min(place.ms, msAgo(ctx, 0)) // Our clock may have been ahead.
  let after = place.after ?? (all.timed ? idAt(ms - lateMs) : undefined)
  for (let page = 0; page < mostPages; page++) {
    const query = { limit: 40, min_id: after, ...(tag.local && { local: 'true' }) }
    const list = await listOf(all, path, query)
    const { all: posts, bad } = read(list, `tag ${tag.name}`, statusIn)
    const newest = posts.at(-1)
    const more = newest !== undefined && (after === undefined || isLater(newest.id, after))
    // A clock that runs ahead must not hide what is written until then.
    if (newest) ms = Math.max(ms, Math.min(writtenMs(newest), msAgo(ctx, 0)))
    if (more) after = newest.id
    memory.tags.set(name, after !== undefined && (more || !all.timed) ? { ms, after } : { ms })
    yield { interactions: posts.flatMap((post) => telling(all, post, tag.query)), rejected: bad }
    if (!more || api.low()) return
  }
}

/** In no order that could be relied on, so that it keeps no position: what was told is known. */
async function* found(all: Pull, { text, query }: Search): AsyncGenerator<Page> {
  const { api, ctx } = all
  for (let page = 0; page < mostFound; page++) {
    const asked = { q: text, type: 'statuses', limit: 40, offset: page * 40 }
    const call = { method: 'GET', path: '/api/v2/search', query: asked, maxBytes } as const
    const { statuses } = await api.call(call, wireFound, ctx)
    const { all: posts, bad } = read(statuses, 'search', statusIn)
    const recent = posts.filter(({ created_at }) => Date.parse(created_at) >= msAgo(ctx, firstMs))
    yield { interactions: recent.flatMap((post) => telling(all, post, query)), rejected: bad }
    if (recent.length === 0 || statuses.length < 40 || api.low()) return
  }
}

/** Posts that were told, the next twenty: what is edited or deleted while nobody listens is told by nobody. */
async function* again(all: Pull): AsyncGenerator<Page> {
  const { api, memory, ctx } = all
  const now = ctx.now().toISOString()
  if (memory.again && Math.abs(msAgo(ctx, Date.parse(memory.again.at))) < againMs) return
  for (const [id, { day }] of memory.told) if (Date.parse(day) < msAgo(ctx, followedMs)) memory.told.delete(id)
  const ids = [...memory.told].flatMap(([id, { secret }]) => (secret ? [] : id))
  const from = ids.indexOf(memory.again?.id ?? '') + 1
  const asked: (readonly [id: string, Status | undefined])[] = []
  for (const id of ids.slice(from < ids.length ? from : 0).slice(0, 20))
    if (!api.low()) asked.push([id, await one(all, id)])
  const last = asked.at(-1)
  if (!last) return
  // Only now, when nothing can fail any more: what is told of one is remembered.
  const interactions = asked.flatMap(([id, status]) => (status ? telling(all, status) : gone(all, id)))
  memory.again = { at: now, id: last[0] }
  yield { interactions, rejected: [] }
}

async function one({ api, ctx }: Pull, id: string): Promise<Status | undefined> {
  try {
    return await statusOf(api, id, ctx)
  } catch (error) {
    if (PrmError.is(error) && error.code === 'not_found') return undefined
    throw error
  }
}
