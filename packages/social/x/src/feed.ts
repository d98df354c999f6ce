import type { Bad, Context, Feed, Instant, Interaction, Json, Pulled } from '@prm/core'
import { PrmError } from '@prm/core'
import { type Client, type Fields, resolve } from '@prm/kit'
import { dollars, type Options } from './config.ts'
import { firstOf, goneOf, latestOf, madeAt, mentionOf } from './post.ts'
import { fields, kindOf, wirePage, type XPage, type XPost } from './wire.ts'

/** What is known between two looks. Ids are written to base 36, times in hours since 1970: there are many. */
interface State {
  /** Of the money: `2026-11`, in UTC. */
  month: string
  /** Spent, and set aside for a page that is being asked for. */
  spent: number
  /** Said once, until there is money again. */
  usedUp?: boolean
  /** X wants to be paid first: not asked before. */
  until?: Instant
  walks: { [name: string]: Walk }
  /** What was told and may be taken back or edited. */
  told: { [id: string]: Told }
}
/** How far a search or the mentions were read. `top` and `until` are of a look that is not at its end. */
interface Walk {
  since?: string
  top?: string
  until?: string
  read?: number
  /** When it last came to its end. */
  whole?: Instant
}
type Told = [kind: 0 | 1, told: number, asked: number, latest?: string]
const [mentioned, found] = [0, 1] as const

/** One place to read from. */
interface Source {
  readonly name: string
  readonly api: Client
  readonly path: string
  readonly query: Fields
  readonly price: number
  readonly least: number
  readonly kind: Told[0]
  /** It gives no older ones than this; or no more than so many. */
  readonly days?: number
  readonly reach?: number
  readonly pack?: string
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Asked again so many hours after: with a pull each hour at the least that is within X's 24. */
const againAfter = 22
/** Told posts that are watched at once. */
const mostTold = 10_000
const most = 100

export interface Clients {
  readonly app: Client
  readonly user: Client
}

export function feed({ app, user }: Clients, options: Options): Feed {
  const { account, queries, prices } = options
  const mentions: Source = {
    name: 'mentions',
    api: user,
    path: `2/users/${account.id}/mentions`,
    query: {},
    price: prices.ownRead,
    least: 5,
    kind: mentioned,
    reach: 800,
  }
  const sources: readonly Source[] = [
    ...(options.userToken === undefined ? [] : [mentions]),
    ...queries.map(({ name, query }) => ({
      name: `query ${name}`,
      api: app,
      path: '2/tweets/search/recent',
      // Our own posts are not told, and cost as much as others.
      query: { query: `(${query}) -from:${account.id}` },
      price: prices.read,
      least: 10,
      kind: found,
      days: 7,
      pack: name,
    })),
  ]
  return { every: options.every, pull: (cursor, ctx) => pull(options, app, mentions, sources, cursor, ctx) }
}

async function* pull(
  options: Options,
  app: Client,
  mentions: Source,
  sources: readonly Source[],
  cursor: Json | undefined,
  ctx: Context,
): AsyncGenerator<Pulled> {
  const { prices } = options
  const key = await resolve(options.pseudonymKey)
  const state = stateOf(cursor, ctx.now())
  const [facts, bad]: [Interaction[], Bad[]] = [[], []]
  const hour = Math.floor(ctx.now().getTime() / hourMs)
  if (ctx.signal.aborted || (state.until !== undefined && state.until > ctx.now().toISOString())) return
  delete state.until

  const flush = (): Pulled => ({
    interactions: facts.splice(0),
    bad: bad.splice(0),
    cursor: structuredClone(state) as unknown as Json,
  })

  /** What it may cost is set aside, and stored, before it is asked; what it did cost is known after. */
  async function* paid(atMost: number, price: number, ask: () => Promise<XPage>): AsyncGenerator<Pulled, XPage> {
    state.spent += atMost * price
    yield flush()
    if (ctx.signal.aborted) throw new PrmError('unavailable', 'It was called off.')
    try {
      const page = await ask()
      state.spent -= (atMost - (page.data?.length ?? 0)) * price
      return page
    } catch (error) {
      // Who is refused pays nothing; what broke off may have been charged.
      if (PrmError.is(error) && error.vendor?.status !== undefined) state.spent -= atMost * price
      throw error
    }
  }

  /** What it costs to ask all that was told again, once a day, until the month or its time is over. */
  const days = Math.min(options.keepDays, Math.ceil((nextMonth(state).getTime() - ctx.now().getTime()) / dayMs) - 1)
  const again = (kind: Told[0]): number => days * (kind === mentioned ? prices.ownRead : prices.read)
  const room = (source: Source): number => {
    const told = Object.values(state.told)
    const upkeep = told.reduce((sum, [kind]) => sum + again(kind), 0)
    const each = source.price + again(source.kind)
    const money = options.budget - state.spent - upkeep
    return Math.min(most, mostTold - told.length, each > 0 ? Math.floor(money / each) : most)
  }
  const usedUp = (what: string): void => {
    if (!state.usedUp) bad.push({ where: 'budget', why: `${what} ${untilWhen(state)}` })
    state.usedUp = true
  }

  function tell(post: XPost, source: Source): void {
    const first = short(firstOf(post))
    const [kind, since = hour, , latest = first] = state.told[first] ?? [source.kind]
    const version = short(post.id)
    const isNew = state.told[first] === undefined
    if (!isNew && BigInt(post.id) <= long(latest)) {
      if (state.told[first]) state.told[first][2] = hour
      return
    }
    const fact = mentionOf(post, options, key, ctx.id, source.pack)
    if (!fact) return
    facts.push(fact)
    state.told[first] = version === first ? [kind, since, hour] : [kind, since, hour, version]
  }

  async function* walk(source: Source): AsyncGenerator<Pulled> {
    state.walks[source.name] ??= {}
    const at = state.walks[source.name] as Walk
    const floor = ctx.now().getTime() - 7 * dayMs + 60_000
    gap(source, at, floor)
    const { until } = at
    let token: string | undefined
    for (;;) {
      const size = room(source)
      if (size < source.least) {
        const full = Object.keys(state.told).length > mostTold - source.least
        usedUp(
          full
            ? `${mostTold} posts are watched, which is the most: no more are read.`
            : `The ${dollars(options.budget)} of this month are used up, or set aside to ask again what was told.`,
        )
        return
      }
      const old = at.since === undefined || (source.days && madeAt(String(long(at.since))) < floor)
      const query = {
        ...source.query,
        max_results: size,
        'tweet.fields': fields,
        ...(old ? { start_time: new Date(floor).toISOString() } : { since_id: String(long(at.since ?? '')) }),
        until_id: until && String(long(until)),
        pagination_token: token,
      }
      const page = yield* paid(size, source.price, () =>
        source.api.call({ method: 'GET', path: source.path, query }, wirePage, ctx),
      )
      delete state.usedUp
      const posts = page.data ?? []
      for (const post of posts) {
        tell(post, source)
        if (at.top === undefined || BigInt(post.id) > long(at.top)) at.top = short(post.id)
        if (at.until === undefined || BigInt(post.id) < long(at.until)) at.until = short(post.id)
      }
      at.read = (at.read ?? 0) + posts.length
      token = page.meta?.next_token ?? undefined
      if (token !== undefined) continue
      if (source.reach !== undefined && at.read >= source.reach)
        bad.push({ where: source.name, why: `X gives the latest ${source.reach} alone: what is older was not read.` })
      const since = at.top ?? at.since
      state.walks[source.name] = { ...(since !== undefined && { since }), whole: ctx.now().toISOString() }
      return
    }
  }

  /** A search goes back seven days: what is older, and was not read, is lost, and that is said. */
  function gap({ name, days }: Source, at: Walk, floor: number): void {
    if (days === undefined || at.whole === undefined) return
    const unread = at.until !== undefined && madeAt(String(long(at.until))) < floor
    if (!unread && Date.parse(at.whole) >= floor) return
    const why = `X's search goes back ${days} days: what was posted between ${at.whole} and ${new Date(floor).toISOString()} was not read.`
    bad.push({ where: name, why })
    if (!unread) return
    at.since = at.top ?? at.since ?? short('1')
    delete at.top
    delete at.until
  }

  /** Deletions and edits within a day: what was told is asked again, own mentions at their lower price. */
  async function* watch(): AsyncGenerator<Pulled> {
    for (const [first, [, told]] of Object.entries(state.told))
      if (hour - told > options.keepDays * 24) delete state.told[first]
    const due = (kind: Told[0]): bigint[] =>
      Object.entries(state.told)
        .filter(([, [of, , asked]]) => of === kind && hour - asked >= againAfter)
        .map(([first, [, , , latest = first]]) => long(latest))
        .sort((a, b) => (a < b ? -1 : 1))
    yield* reread(due(mentioned))
    // Of the mentions those that were not among the mentions any more: whether they are gone is asked by their ids.
    const ids = [...due(mentioned), ...due(found)].map(String)
    for (let at = 0; at < ids.length; ) {
      const size = Math.min(most, ids.length - at, affordable(prices.read))
      if (size < 1) return usedUp(`${ids.length - at} posts that were told cannot be asked again for lack of money.`)
      const batch = ids.slice(at, at + size)
      const query = { ids: batch.join(','), 'tweet.fields': fields }
      const page = yield* paid(size, prices.read, () =>
        app.call({ method: 'GET', path: '2/tweets', query }, wirePage, ctx),
      )
      ids.push(...settle(batch, page))
      at += size
    }
  }

  async function* reread(due: readonly bigint[]): AsyncGenerator<Pulled> {
    const [oldest, newest] = [due[0], due.at(-1)]
    if (oldest === undefined || newest === undefined || options.userToken === undefined) return
    const range = { since_id: String(oldest - 1n), until_id: String(newest + 1n) }
    let token: string | undefined
    do {
      const size = Math.min(most, affordable(prices.ownRead))
      if (size < mentions.least) return
      const query = { ...range, max_results: size, 'tweet.fields': fields, pagination_token: token }
      const page = yield* paid(size, prices.ownRead, () =>
        mentions.api.call({ method: 'GET', path: mentions.path, query }, wirePage, ctx),
      )
      for (const post of page.data ?? []) if (state.told[short(firstOf(post))]) tell(post, mentions)
      token = page.meta?.next_token ?? undefined
    } while (token !== undefined)
  }
  const affordable = (price: number): number => (price > 0 ? Math.floor((options.budget - state.spent) / price) : most)

  /** What a look-up says of each; gives the newer versions that there are of them. */
  function settle(batch: readonly string[], { data, errors }: XPage): string[] {
    const newer: string[] = []
    const there = new Map((data ?? []).map((post) => [post.id, post]))
    const refused = new Map((errors ?? []).map(({ resource_id, type }) => [resource_id, kindOf(type)]))
    const firsts = new Map(Object.entries(state.told).map(([first, [, , , latest = first]]) => [latest, first]))
    for (const id of batch) {
      const post = there.get(id)
      const first = firsts.get(short(id)) ?? (post && short(firstOf(post)))
      const kept = first === undefined ? undefined : state.told[first]
      if (first === undefined || !kept) continue
      if (post) {
        tell(post, { ...mentions, kind: kept[0] })
        if (latestOf(post) !== id && !batch.includes(latestOf(post))) newer.push(latestOf(post))
      } else if (!refused.has(id) || goneKinds.has(refused.get(id) ?? '')) {
        facts.push(goneOf(String(long(first)), ctx.id))
        delete state.told[first]
      } else
        bad.push({ where: 'posts that were told', why: `X did not say whether one still stands: ${refused.get(id)}.` })
    }
    return newer
  }

  let [worked, first]: [boolean, PrmError | undefined] = [false, undefined]
  const steps = sources.map((source) => ({ name: source.name, run: () => walk(source) }))
  for (const { name, run } of [{ name: 'posts that were told', run: watch }, ...steps]) {
    if (ctx.signal.aborted) return
    try {
      yield* run()
      worked ||= run !== watch
    } catch (error) {
      if (!PrmError.is(error) || ctx.signal.aborted) throw error
      first ??= error
      bad.push({ where: name, why: error.message })
      if (error.vendor?.status !== 402 && error.vendor?.code !== 'usage-capped') continue
      state.until = new Date(Math.ceil((ctx.now().getTime() + 1) / dayMs) * dayMs).toISOString()
      bad.push({
        where: 'budget',
        why: `X wants to be paid first, or its own cap is reached. It is asked again at ${state.until}.`,
      })
      break
    }
  }
  if (!ctx.signal.aborted) yield flush()
  // Who could ask nobody must not seem to have heard that there is nothing.
  if (first && !worked && !state.until) throw first
}

/** openapi.json, ResourceNotFoundProblem and ResourceUnauthorizedProblem: deleted, protected, suspended, withheld. */
const goneKinds = new Set(['resource-not-found', 'not-authorized-for-resource'])

const short = (id: string): string => BigInt(id).toString(36)
const long = (text: string): bigint => {
  let id = 0n
  for (const digit of text) id = id * 36n + BigInt(Number.parseInt(digit, 36))
  return id
}

function stateOf(cursor: Json | undefined, now: Date): State {
  const state = structuredClone((cursor ?? {}) as unknown as Partial<State>)
  const month = now.toISOString().slice(0, 7)
  const { walks = {}, told = {}, until } = state
  const same = state.month === month ? state : { spent: 0 }
  return { month, spent: 0, ...same, walks, told, ...(until !== undefined && { until }) }
}
const nextMonth = ({ month }: State): Date => {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 1))
}
const untilWhen = (state: State): string => `It begins again at ${nextMonth(state).toISOString()}.`
