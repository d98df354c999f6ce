import {
  type Context,
  type FeedPage,
  type Instant,
  type Interaction,
  type Json,
  PrmError,
  reactionSeen,
} from '@prm/core/adapter'
import { type Fields, resolve, sha256, type Wire } from '@prm/kit'
import {
  anything,
  fits,
  type Notification,
  notification,
  notifications,
  type Page,
  postRecord,
  posts,
  view,
} from './api.ts'
import type { Options, Query } from './config.ts'
import { type News, type State, told } from './cursor.ts'
import { goneOf, matches, type Reader, realm, type Seen, voiceOf } from './interactions.ts'
import { jetstream } from './jetstream.ts'
import type { Pds } from './session.ts'
import { collection, postUri, uriOf } from './uri.ts'

const hour = 60 * 60 * 1000
/** What comes late into a list that is sorted by date. Facts that come twice are one. */
const overlapMs = hour
const mostPages = 20
/** At the first look. */
const firstPages = 1

export async function* pull(
  options: Options,
  api: Pds,
  cursor: Json | undefined,
  ctx: Context,
): AsyncGenerator<FeedPage> {
  const { did } = await api.session(ctx)
  const reader: Reader = { options, did, key: await resolve(options.pseudonymKey), ctx }
  let state: State = { searched: {}, told: [], ...(cursor as Partial<State> | undefined) }
  const looks: readonly (readonly [string, (state: State) => Promise<News>])[] = [
    ['notifications', (state) => notified(reader, api, state)],
    ...options.queries.flatMap((query) =>
      query.any.map(
        (phrase) => [`search ${query.name}`, (state: State) => searched(reader, api, query, phrase, state)] as const,
      ),
    ),
    ['told posts', (state) => lookedAfter(reader, api, state)],
  ]
  for (const [where, look] of looks) {
    if (ctx.signal.aborted) return
    const news = await look(state).catch((error: unknown): News => {
      // Who cannot read notifications must not seem to have heard that there is nothing. The rest is asked for again next time.
      if (!PrmError.is(error) || error.code === 'auth' || where === 'notifications') throw error
      return { interactions: [], bad: [{ source: where, reason: error.message }], state }
    })
    if (ctx.signal.aborted) return
    state = news.state
    yield pulled(news)
  }
  for await (const news of jetstream(reader, state)) yield pulled(news)
}
const pulled = ({ interactions, bad, state }: News): FeedPage => ({
  interactions,
  rejected: bad,
  cursor: state as unknown as Json,
})

/** Oldest first, as far back as `since`; and what to say where there were more than are read. */
async function pages(
  api: Pds,
  list: readonly [string, Wire<Page>],
  query: Fields,
  since: Instant | undefined,
  ctx: Context,
): Promise<{ readonly rows: readonly unknown[]; readonly more?: string }> {
  const rows: unknown[] = []
  let cursor: string | undefined
  for (let n = 0; n < (since === undefined ? firstPages : mostPages); n++) {
    const page = await pageOf(api, list, { ...query, cursor }, ctx)
    rows.unshift(...page.rows.toReversed())
    const last = fits(view, page.rows.at(-1))?.indexedAt
    // A page may be empty, what stood there is hidden, and others follow.
    if (!page.cursor || page.cursor === cursor || (since !== undefined && last !== undefined && last < since))
      return { rows }
    cursor = page.cursor
  }
  if (since === undefined) return { rows }
  return { rows, more: `there are more than ${rows.length} since ${since}: the oldest of them were not read` }
}
/** Fewer rows where they are too much to be read: anybody may write a megabyte. */
async function pageOf(
  api: Pds,
  list: readonly [string, Wire<Page>],
  query: Fields,
  ctx: Context,
  limit = 100,
): Promise<Page> {
  const [path, wire] = list
  try {
    return await api.call({ method: 'GET', path, query: { ...query, limit }, maxBytes }, wire, ctx)
  } catch (error) {
    if (limit === 1 || !PrmError.is(error) || error.code !== 'contract') throw error
    return pageOf(api, list, query, ctx, limit / 10)
  }
}
const maxBytes = 8 * 1024 * 1024
/** How far a list was read, by the network's clock where it says so, since ours may be wrong for a while. */
function readTo(rows: readonly unknown[], before: Instant | undefined, start: Instant): Instant {
  const [newest = start] = [before ?? [], ...rows.map((row) => fits(view, row)?.indexedAt ?? [])]
    .flat()
    .toSorted()
    .reverse()
  return newest < start ? newest : start
}
const overlapped = (at: Instant | undefined): Instant | undefined =>
  at && new Date(Date.parse(at) - overlapMs).toISOString()

const reasons = ['mention', 'reply', 'quote', 'like', 'repost']

async function notified(reader: Reader, api: Pds, state: State): Promise<News> {
  const { ctx } = reader
  const start = ctx.now().toISOString()
  const where = 'notifications'
  const since = overlapped(state.notified)
  const { rows, more } = await pages(
    api,
    ['app.bsky.notification.listNotifications', notifications],
    { reasons },
    since,
    ctx,
  )
  const read = rows.map((row) => fits(notification, row))
  const fresh = read.flatMap((one) => (one && (since === undefined || one.indexedAt >= since) ? [one] : []))
  const seen = fresh.filter(({ reason }) => /^(mention|reply|quote)$/.test(reason)).map(seenOf)
  const news = told(reader, seen, where, {
    ...state,
    notified: readTo(rows, state.notified, start),
  })
  return {
    ...news,
    interactions: [...news.interactions, ...fresh.flatMap((one) => reactionOf(reader, one) ?? [])],
    bad: [
      ...news.bad,
      ...(more ? [{ source: where, reason: more }] : []),
      ...read.flatMap((one) =>
        one ? [] : [{ source: where, reason: 'a notification is in another shape than expected' }],
      ),
    ],
  }
}
const seenOf = ({ uri, record, indexedAt }: Pick<Notification, 'uri' | 'record' | 'indexedAt'>): Seen => ({
  uri,
  record,
  seenAt: Number.isNaN(Date.parse(indexedAt)) ? new Date(0).toISOString() : new Date(indexedAt).toISOString(),
})

/** What somebody did with a post of ours. */
function reactionOf({ did, key, ctx }: Reader, one: Notification): Interaction | undefined {
  const subject = one.reasonSubject ?? ''
  if (!/^(like|repost|quote)$/.test(one.reason) || postUri(subject)?.did !== did) return undefined
  return {
    key: `${one.reason} ${one.uri.replace('at://', '')}`,
    type: reactionSeen.name,
    source: ctx.id,
    at: seenOf(one).seenAt,
    who: { scheme: 'post', value: subject, realm },
    data: { kind: one.reason },
    evidence: voiceOf(key, one.author.did),
  }
}

/** One phrase. What only looks alike to a search engine is left out, as it is in the stream. */
async function searched(reader: Reader, api: Pds, query: Query, phrase: string, state: State): Promise<News> {
  const { ctx } = reader
  const start = ctx.now().toISOString()
  const where = `search ${query.name}`
  const name = sha256(phrase).hex.slice(0, 12)
  const since = overlapped(state.searched[name])
  const asked = { q: `"${phrase.replace(/["\\]/g, ' ')}"`, sort: 'latest', since }
  const { rows, more } = await pages(api, ['app.bsky.feed.searchPosts', posts], asked, since, ctx)
  const seen = rows.flatMap((row) => {
    const one = fits(view, row)
    const post = one && fits(postRecord, one.record)
    return post && matches(query, post) ? [{ ...seenOf(one), replyDisabled: one.viewer?.replyDisabled }] : []
  })
  const upTo = readTo(rows, state.searched[name], start)
  const news = told(reader, seen, where, { ...state, searched: { ...state.searched, [name]: upTo } })
  return { ...news, bad: [...news.bad, ...(more ? [{ source: where, reason: more }] : [])] }
}

/** Whether 25 of those that were told are still there. What a list leaves out may only be blocked: the record itself decides. */
async function lookedAfter({ ctx }: Reader, api: Pds, state: State): Promise<News> {
  const [some, rest] = [state.told.slice(0, 25), state.told.slice(25)]
  const gone = new Set<string>()
  if (some.length > 0) {
    const uris = some.map(([id]) => uriOf(...(id.split('/') as [string, string])))
    const call = { method: 'GET', path: 'app.bsky.feed.getPosts', query: { uris }, maxBytes } as const
    const { rows } = await api.call(call, posts, ctx).catch((error: unknown) => {
      // One that is too large, or refused, hides the others.
      if (PrmError.is(error) && /^(contract|invalid)$/.test(error.code)) return { rows: [] }
      throw error
    })
    const there = new Set(rows.map((row) => fits(view, row)?.uri))
    for (const [index, [id]] of some.entries())
      if (!there.has(uris[index]) && !(await exists(api, id, ctx))) gone.add(id)
  }
  const kept = some.filter(([id]) => !gone.has(id))
  const interactions = [...gone].map((id) => goneOf(ctx, id))
  return { interactions, bad: [], state: { ...state, told: [...rest, ...kept] } }
}

async function exists(api: Pds, id: string, ctx: Context): Promise<boolean> {
  const [repo = '', rkey = ''] = id.split('/')
  try {
    await api.call(
      { method: 'GET', path: 'com.atproto.repo.getRecord', query: { repo, collection, rkey } },
      anything,
      ctx,
    )
    return true
  } catch (error) {
    // Where nobody can say, it is.
    if (PrmError.is(error)) return error.code !== 'not_found'
    throw error
  }
}
