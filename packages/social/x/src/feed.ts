import type { Context, Feed, FeedPage, Interaction, Json, RejectedRecord } from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Client, type Fields, resolve } from '@prm/kit'
import { fields, wirePage, type XPage, type XPost } from './api.ts'
import { dollars, type Options, type Query } from './config.ts'
import {
  againAfter,
  found,
  hourMs,
  type Kind,
  long,
  mention,
  nextMonth,
  priceOf,
  roomFor,
  short,
  stateOf,
  type Walk,
} from './cursor.ts'
import { kindOf } from './errors.ts'
import { firstOf, goneOf, idAt, latestOf, mentionOf } from './interactions.ts'

export interface Clients {
  readonly app: Client
  readonly user: Client
}

/** One place to read from. */
interface Source {
  readonly name: string
  readonly kind: Kind
  readonly api: Client
  readonly path: string
  readonly query: Fields
  /** The least that X takes for a page. */
  readonly least: number
  readonly pack?: Query
}

/** A page, and a page of which nobody knows whether there is anything on it: what it may cost is set aside. */
const [most, first] = [100, 20]
/** How far a search goes back, and how many mentions X gives. */
const [searchMs, reach] = [7 * 24 * hourMs, 800]
/** Told posts that are watched at once. */
const mostTold = 10_000
/** A hundred posts of 25,000 letters each, escaped, and what is linked in them: 1 MiB stops at a dozen of them. */
const maxBytes = 64 * 1024 * 1024
/** Pages in a row without a post: there may be some, and a network that is ill gives them for ever. */
const mostEmpty = 10
/** openapi.json, ResourceNotFoundProblem and ResourceUnauthorizedProblem: deleted, protected, suspended, withheld. */
const goneKinds = new Set<unknown>(['resource-not-found', 'not-authorized-for-resource'])

export function feed(clients: Clients, options: Options): Feed {
  return { every: options.every, pull: (cursor, ctx) => pull(clients, options, cursor, ctx) }
}

function sourcesOf({ app, user }: Clients, { account, queries, userToken }: Options): readonly Source[] {
  const mentions: Source = {
    name: 'mentions',
    kind: mention,
    api: user,
    path: `2/users/${account.id}/mentions`,
    query: {},
    least: 5,
  }
  const searches = queries.map((pack) => ({
    name: `query ${pack.name}`,
    kind: found,
    api: app,
    path: '2/tweets/search/recent',
    query: { query: searched(pack.query, account.id) },
    least: 10,
    pack,
  }))
  return userToken === undefined ? searches : [mentions, ...searches]
}

/** Our own posts are not told, and cost as much as others. */
export const searched = (query: string, own: string): string => `(${query}) -from:${own}`

async function* pull(
  clients: Clients,
  options: Options,
  cursor: Json | undefined,
  ctx: Context,
): AsyncGenerator<FeedPage> {
  const key = await resolve(options.pseudonymKey)
  const now = ctx.now()
  const hour = Math.floor(now.getTime() / hourMs)
  const state = stateOf(cursor, now)
  if (ctx.signal.aborted || (state.until !== undefined && state.until > now.toISOString())) return
  delete state.until
  const sources = sourcesOf(clients, options)
  const [facts, bad]: [Interaction[], RejectedRecord[]] = [[], []]
  const begins = `It begins again at ${nextMonth(state).toISOString()}.`

  const flush = (): FeedPage => ({
    interactions: facts.splice(0),
    rejected: bad.splice(0),
    cursor: structuredClone(state) as unknown as Json,
  })
  /** Said once in a month, and anew of another budget. */
  function lacking(what: 'read' | 'again', why: string): void {
    if (state.said[what] !== options.budget) bad.push({ source: 'budget', reason: `${why} ${begins}` })
    state.said[what] = options.budget
  }

  /** What a page can cost at the most is set aside, and stored, before it is asked; what it did cost is known after. */
  async function* paid(
    { api, path }: Pick<Source, 'api' | 'path'>,
    query: Fields,
    [atMost, price]: readonly [number, number],
  ): AsyncGenerator<FeedPage, XPage> {
    state.spent += atMost * price
    yield flush()
    let read = 0
    try {
      // It costs money, so that it is a write: never repeated by itself, and a lost answer is `unknown`.
      const call = { method: 'GET', path, query: { ...query, 'tweet.fields': fields }, write: true, maxBytes } as const
      const page = await api.call(call, wirePage, ctx)
      read = page.data?.length ?? 0
      return page
    } catch (error) {
      if (!PrmError.is(error) || error.code !== 'unknown') throw error
      if (!error.vendor) read = atMost // what it held is charged, unless the network ate it before X saw it
      throw new PrmError('unavailable', error.message, error)
    } finally {
      state.spent -= (atMost - read) * price // X charges what it gives
    }
  }

  function tell(post: XPost, kind: Kind, pack?: Query): void {
    const [id, version] = [short(firstOf(post)), short(post.id)]
    const before = state.told[id]
    if (before) before[2] = hour
    if (before && BigInt(post.id) <= long(before[3] ?? id)) return
    const fact = mentionOf(post, options, key, ctx.id, pack)
    if (!fact) return
    facts.push(fact)
    const [of, since] = before ?? [kind, hour]
    state.told[id] = version === id ? [of, since, hour] : [of, since, hour, version]
  }

  // ── what is new ────────────────────────────────────────────────────────────────────────────
  async function* walk(source: Source): AsyncGenerator<FeedPage> {
    const { name, kind, least } = source
    const at: Walk = { ...state.walks[name] }
    state.walks[name] = at
    const floor = now.getTime() - searchMs + 60_000
    // Where nothing was seen yet. What was told is not told again.
    const from = kind === mention && at.whole !== undefined ? Date.parse(at.whole) - hourMs : floor
    let [size, empty] = [first, 0]
    for (let [begun, token]: [boolean, string | undefined] = [false, undefined]; ; size = most) {
      const places = mostTold - Object.keys(state.told).length
      const room = Math.min(size, places, roomFor(state, options, kind, now))
      if (places < least) return lacking('read', `${mostTold} posts are watched: no more are read.`)
      if (room < least)
        return lacking(
          'read',
          `The ${dollars(options.budget)} of this month are used up, or set aside to ask again what was told.`,
        )
      if (!begun && kind === found) gap(name, at, floor)
      begun = true
      const [since, oldest] = [at.since === undefined ? idAt(from) : long(at.since), idAt(floor)]
      const page: XPage = yield* paid(
        source,
        {
          ...source.query,
          max_results: room,
          // Not `start_time`, which does not go with `until_id`: X answers 400.
          since_id: String(kind === found && since < oldest ? oldest : since),
          until_id: at.until && String(long(at.until)),
          pagination_token: token,
        },
        [room, priceOf(options, kind)],
      )
      const posts = page.data ?? []
      const above = at.until
      for (const post of posts) {
        tell(post, kind, source.pack)
        if (at.top === undefined || BigInt(post.id) > long(at.top)) at.top = short(post.id)
        if (at.until === undefined || BigInt(post.id) < long(at.until)) at.until = short(post.id)
      }
      empty = posts.length > 0 ? 0 : empty + 1
      at.read = (at.read ?? 0) + posts.length
      const next = page.meta?.next_token
      if (!next) break
      if (empty > mostEmpty || (posts.length > 0 && at.until === above))
        throw new PrmError('contract', 'X’s pages do not end.')
      // A page goes on below its last post, so that it can after a kill. Only one without posts needs X's token.
      token = posts.length > 0 ? undefined : next
    }
    if (kind === mention && (at.read ?? 0) >= reach)
      bad.push({ source: name, reason: `X gives the latest ${reach} mentions: what is older was not read.` })
    const since = at.top ?? at.since
    state.walks[name] = { ...(since !== undefined && { since }), whole: now.toISOString() }
  }

  /** A search goes back seven days. What is older, and was not read, is lost, and that is said. */
  function gap(name: string, at: Walk, floor: number): void {
    const cut = at.until !== undefined && long(at.until) < idAt(floor)
    if (at.whole !== undefined && (cut || Date.parse(at.whole) < floor)) {
      const to = new Date(floor).toISOString()
      bad.push({ source: name, reason: `X's search goes back 7 days: not all of ${at.whole} to ${to} was read.` })
      at.whole = to
    }
    if (!cut) return
    if (at.top !== undefined) at.since = at.top
    delete at.top
    delete at.until
  }

  // ── what was told ──────────────────────────────────────────────────────────────────────────
  const due = (kind: Kind): bigint[] =>
    Object.entries(state.told)
      .filter(([, [of, , asked]]) => of === kind && hour - asked >= againAfter)
      .map(([id, [, , , latest = id]]) => long(latest))
      .sort((a, b) => (a < b ? -1 : 1))
  const affordable = (price: number): number =>
    price > 0 ? Math.max(0, Math.floor((options.budget - state.spent) / price)) : most
  const poor = (count: number): void =>
    lacking(
      'again',
      `${count} posts that were told cannot be asked again, whether they still stand: erase their texts.`,
    )

  /** Deletions and edits within a day: what was told is asked again, own mentions at their own price. */
  async function* watch(kind: Kind): AsyncGenerator<FeedPage> {
    const own = kind === mention && sources.find((source) => source.kind === mention)
    if (own) yield* reread(own)
    // Mentions that are not among the mentions any more are looked up, too: X may not list all.
    const ids = due(kind).map(String)
    const { read } = options.prices
    for (let at = 0; at < ids.length; ) {
      const batch = ids.slice(at, at + Math.min(most, affordable(read)))
      if (batch.length === 0) return poor(ids.length - at)
      const page = yield* paid({ api: clients.app, path: '2/tweets' }, { ids: batch.join() }, [batch.length, read])
      ids.push(...settle(batch, page))
      at += batch.length
    }
  }

  async function* reread(source: Source): AsyncGenerator<FeedPage> {
    const ids = due(mention)
    const [oldest, newest] = [ids[0], ids.at(-1)]
    if (oldest === undefined || newest === undefined) return
    for (let [until, before] = [newest + 1n, 0n]; until !== before; ) {
      const size = Math.min(most, affordable(options.prices.ownRead))
      if (size < source.least) return poor(ids.length)
      const query = { since_id: String(oldest - 1n), until_id: String(until), max_results: size }
      const page = yield* paid(source, query, [size, options.prices.ownRead])
      before = until
      for (const post of page.data ?? []) {
        if (state.told[short(firstOf(post))]) tell(post, mention)
        if (page.meta?.next_token && BigInt(post.id) < until) until = BigInt(post.id)
      }
    }
  }

  /** What a look-up says of each; gives the newer versions that there are of them. Of whom it says nothing, nothing is known. */
  function settle(batch: readonly string[], { data, errors }: XPage): string[] {
    const newer: string[] = []
    const there = new Map((data ?? []).map((post) => [post.id, post]))
    const refused = new Map((errors ?? []).map(({ resource_id, type }) => [resource_id, kindOf(type) ?? 'unknown']))
    const firsts = new Map(Object.entries(state.told).map(([id, [, , , latest = id]]) => [latest, id]))
    const unsaid: string[] = []
    for (const id of batch) {
      const post = there.get(id)
      if (post) {
        const told = state.told[short(firstOf(post))]
        if (told) tell(post, told[0])
        if (told && BigInt(latestOf(post)) > BigInt(id)) newer.push(latestOf(post))
        continue
      }
      const of = firsts.get(short(id))
      if (of === undefined) continue
      const why = refused.get(id) ?? 'nothing'
      if (goneKinds.has(why)) {
        facts.push(goneOf(String(long(of)), ctx.id))
        delete state.told[of]
      } else unsaid.push(why)
    }
    const whys = [...new Set(unsaid)].join()
    if (whys)
      bad.push({
        source: 'posts that were told',
        reason: `X does not say whether ${unsaid.length} still stand: ${whys}.`,
      })
    return newer
  }

  let [worked, failure]: [boolean, PrmError | undefined] = [false, undefined]
  for (const [id, [, told]] of Object.entries(state.told))
    if (hour - told >= options.keepDays * 24) delete state.told[id]
  const steps = [
    { where: 'mentions that were told', run: () => watch(mention), fresh: false },
    { where: 'posts that were told', run: () => watch(found), fresh: false },
    ...sources.map((source) => ({ where: source.name, run: () => walk(source), fresh: true })),
  ]
  for (const { where, run, fresh } of steps) {
    if (ctx.signal.aborted) return
    try {
      yield* run()
      worked ||= fresh
    } catch (error) {
      if (!PrmError.is(error) || ctx.signal.aborted) throw error
      failure ??= error
      bad.push({ source: where, reason: error.message })
      if (error.vendor?.status !== 402 && error.vendor?.code !== 'usage-capped') continue
      state.until = new Date((Math.floor(now.getTime() / (24 * hourMs)) + 1) * 24 * hourMs).toISOString()
      bad.push({
        source: 'budget',
        reason: `X wants to be paid first, or its own cap is reached. It is asked again at ${state.until}.`,
      })
      break
    }
  }
  if (!ctx.signal.aborted) yield flush()
  // Who could ask nobody must not seem to have heard that there is nothing.
  if (failure && !worked && !state.until) throw failure
}
