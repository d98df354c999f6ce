import { type Answer, type Asked, badDay, type Faults, type Stream, spoiled } from '@prm/kit/simulator'
import { type Network, type Post, resourceOf } from './state.ts'

/** In millionths of a dollar, x-api/getting-started/pricing.mdx (2026-08). */
const price = { read: 5_000, own: 1_000, count: 5_000, reply: 10_000, withLink: 200_000 }

type Whole = Exclude<Answer, string | Stream | { readonly part: string }>
const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Whole => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
})
/** x-api/fundamentals/response-codes-and-errors.mdx */
const problem = (status: number, title: string, detail: string, type?: string): Whole =>
  json(status, {
    title,
    detail,
    status,
    type: type === undefined ? 'about:blank' : `https://api.x.com/2/problems/${type}`,
  })
const invalid = (detail: string): Whole => problem(400, 'Invalid Request', detail, 'invalid-request')
const forbidden = (detail: string): Whole => problem(403, 'Forbidden', detail)

export function serve(all: Network, waiting: Faults, asked: Asked): Answer {
  const now = all.now()
  const write = asked.method !== 'GET'
  const fault = waiting.take(write)
  // X tells the end of its limit in a header of its own, in seconds since 1970, and no Retry-After.
  if (fault === 'rate-limited-seconds' || fault === 'rate-limited-date') {
    const reset = String(Math.ceil(now.getTime() / 1000) + 2)
    const { body = '' } = problem(429, 'Too Many Requests', 'Too Many Requests', 'rate-limit-exceeded')
    return {
      status: 429,
      body,
      headers: {
        date: now.toUTCString(),
        'x-rate-limit-limit': '450',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': reset,
      },
    }
  }
  const refusals = {
    busy: { status: 429 },
    failed: problem(503, 'Service Unavailable', 'Service Unavailable'),
    denied: problem(401, 'Unauthorized', 'Unauthorized'),
  }
  const bad = badDay(fault, refusals, now)
  if (bad) return bad
  // A page with nothing on it, and a next one that is no more.
  if (fault === 'page-moved') return json(200, { meta: { result_count: 0, next_token: 'moved' } })
  const answer = routed(all, asked)
  return write && answer.status < 300 ? spoiled(fault, answer) : answer
}

function routed(all: Network, { method, url, headers, body }: Asked): Whole {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  const user = token === all.userToken
  if (!user && token !== all.appToken) return problem(401, 'Unauthorized', 'Unauthorized')
  if (all.trouble === 'unpaid')
    return problem(402, 'CreditsDepleted', 'The account has no credits to fulfil this request.', 'credits')
  if (all.trouble === 'capped')
    return problem(429, 'UsageCapExceeded', 'Usage cap exceeded: Monthly product cap', 'usage-capped')
  if (user && all.trouble === 'suspended')
    return forbidden('Your account is suspended and is not permitted to access this feature.')
  const path = url.pathname
  const one = /^\/2\/tweets\/(\d+)$/.exec(path)?.[1]
  const of = /^\/2\/users\/(\d+)\/(mentions|tweets)$/.exec(path)
  if (method === 'POST' && path === '/2/tweets') return user ? posted(all, body) : noUser()
  if (method === 'DELETE' && one) return user ? deleted(all, one) : noUser()
  if (method !== 'GET') return problem(404, 'Not Found', 'Not Found')
  if (path === '/2/tweets/search/recent') return searched(all, url)
  if (path === '/2/tweets/counts/recent') return counted(all, url)
  if (path === '/2/tweets') return lookedUp(all, (url.searchParams.get('ids') ?? '').split(','))
  if (path === '/2/users/me') return user ? json(200, { data: all.account }) : noUser()
  if (path === '/2/usage/tweets')
    return json(200, {
      data: { project_usage: String(Math.ceil(all.bill() / price.read)), project_cap: '3000000', cap_reset_day: 1 },
    })
  if (one) return lookedUp(all, [one], true)
  if (of) return timeline(all, url, of[1] ?? '', of[2] ?? '')
  return problem(404, 'Not Found', 'Not Found')
}

const noUser = (): Whole =>
  problem(
    403,
    'Unsupported Authentication',
    'Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.',
    'unsupported-authentication',
  )

// ── reading ──────────────────────────────────────────────────────────────────────────────────
const week = 7 * 24 * 60 * 60_000
const newest = (one: Post, other: Post): number => (BigInt(one.id) < BigInt(other.id) ? 1 : -1)
/** Of an edited post the latest version is found. */
const standing = (all: Network): Post[] =>
  all.posts.filter((post) => post.history.at(-1) === post.id && all.seen(post.id)).sort(newest)

function searched(all: Network, url: URL): Whole {
  const found = matching(all, url)
  return Array.isArray(found) ? paged(all, url, found, [10, 100], price.read) : found
}
function counted(all: Network, url: URL): Whole {
  const found = matching(all, url)
  if (!Array.isArray(found)) return found
  all.charge(price.count)
  return json(200, { data: [], meta: { total_tweet_count: found.length } })
}

function matching(all: Network, { searchParams: asked }: URL): Post[] | Whole {
  const query = asked.get('query') ?? ''
  if (query === '' || query.length > 512) return invalid('The query must be 1 to 512 characters.')
  if (/min_(faves|retweets):/.test(query)) return invalid('There were errors processing your request: unknown operator')
  const floor = all.now().getTime() - week
  const since = asked.get('since_id')
  if (since && Number((BigInt(since) >> 22n) + 1_288_834_974_657n) < floor)
    return invalid("'since_id' must be a tweet id created after the last 7 days.")
  if (Date.parse(asked.get('start_time') ?? '') < floor) return invalid("'start_time' must be within the last 7 days.")
  const fits = queryOf(query)
  // Reposts are not found by words since 2026-05-04.
  return standing(all).filter((post) => post.at.getTime() >= floor && post.repeats === undefined && fits(post))
}

/** Words, "phrases", from:, - and OR: a small part of X's language. */
function queryOf(query: string): (post: Post) => boolean {
  const clauses = query.replace(/[()]/g, ' ').match(/-?"[^"]+"|\S+/g) ?? []
  const [nots, words] = [clauses.filter((one) => one.startsWith('-')), clauses.filter((one) => !one.startsWith('-'))]
  const groups = words
    .join('\n')
    .split('\nOR\n')
    .map((group) => group.split('\n'))
  const says = (post: Post, term: string): boolean =>
    term.startsWith('from:')
      ? post.author === term.slice(5)
      : post.text.toLowerCase().includes(term.replace(/"/g, '').toLowerCase())
  return (post) =>
    groups.some((group) => group.every((term) => says(post, term))) && !nots.some((term) => says(post, term.slice(1)))
}

function timeline(all: Network, url: URL, id: string, which: string): Whole {
  const ours = standing(all).filter((post) => {
    if (which === 'tweets') return post.author === id
    return post.author !== id && new RegExp(`@${all.account.username}\\b`, 'i').test(post.text)
  })
  return paged(
    all,
    url,
    ours.slice(0, which === 'tweets' ? 3200 : 800),
    [5, 100],
    id === all.account.id ? price.own : price.read,
  )
}

function paged(
  all: Network,
  { searchParams: asked }: URL,
  found: readonly Post[],
  [least, most]: readonly [number, number],
  each: number,
): Whole {
  const size = Number(asked.get('max_results') ?? 10)
  if (!(size >= least && size <= most)) return invalid(`'max_results' must be ${least} to ${most}.`)
  const [since, until, from, to] = ['since_id', 'until_id', 'start_time', 'end_time'].map((name) => asked.get(name))
  // Seen by others: plhery/node-twitter-api-v2 152 and 197.
  if ((since || until) && (from || to))
    return invalid("Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.")
  const range = found.filter(
    (post) =>
      (!since || BigInt(post.id) > BigInt(since)) &&
      (!until || BigInt(post.id) < BigInt(until)) &&
      (!from || post.at.getTime() >= Date.parse(from)) &&
      (!to || post.at.getTime() < Date.parse(to)),
  )
  const token = asked.get('pagination_token')
  if (token === 'moved') return invalid("The 'pagination_token' is not valid any more.")
  const start = Number(/^p(\d+)$/.exec(token ?? 'p0')?.[1])
  const page = range.slice(start, start + size)
  for (const { id } of page) all.charge(each, id)
  const more = range.length > start + size && { next_token: `p${start + size}` }
  return json(200, {
    ...(page.length > 0 && { data: page.map((post) => resourceOf(all, post)) }),
    meta: { result_count: page.length, ...more },
  })
}

function lookedUp(all: Network, ids: readonly string[], single = false): Whole {
  if (ids.length > 100 || ids.some((id) => !/^\d+$/.test(id))) return invalid("'ids' must be 1 to 100 ids.")
  const found = ids.flatMap((id) => all.seen(id) ?? [])
  for (const { id, author } of found) all.charge(author === all.account.id ? price.own : price.read, id)
  const errors = ids
    .filter((id) => !all.seen(id))
    .map((id) => {
      const hidden = all.find(id) && !all.gone.has(id)
      const type = hidden ? 'not-authorized-for-resource' : 'resource-not-found'
      return {
        resource_id: id,
        resource_type: 'tweet',
        title: 'Not Found Error',
        type: `https://api.x.com/2/problems/${type}`,
      }
    })
  const data = found.map((post) => resourceOf(all, post))
  return json(200, { ...(data.length > 0 && { data: single ? data[0] : data }), ...(errors.length > 0 && { errors }) })
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────
function posted(all: Network, body: string): Whole {
  const { text, reply } = JSON.parse(body) as { text?: string; reply?: { in_reply_to_tweet_id?: string } }
  const answers = reply?.in_reply_to_tweet_id
  if (!text) return invalid('The text is missing.')
  if (answers === undefined) return forbidden('Only answers are simulated.')
  const post = all.seen(answers)
  if (!post) return forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.')
  const quoted = all.find(post.quotes)
  const summoned = new RegExp(`@${all.account.username}\\b`, 'i').test(post.text) || quoted?.author === all.account.id
  if (!summoned) return forbidden('You are not permitted to perform this action.')
  const ours = all.posts.filter(({ author, id }) => author === all.account.id && !all.gone.has(id))
  if (all.duplicates === 'refused' && ours.some((one) => one.answers === answers && one.text === text))
    return forbidden('You are not allowed to create a Tweet with duplicate content.')
  all.charge(/https?:\/\//.test(text) ? price.withLink : price.reply)
  const { id } = all.write({ text, author: all.account.id, answers }, true)
  return json(201, { data: { id, text, edit_history_tweet_ids: [id] } })
}

function deleted(all: Network, id: string): Whole {
  const post = all.seen(id)
  if (!post) return json(200, { data: { deleted: true } })
  if (post.author !== all.account.id) return forbidden('You are not authorized to delete this Tweet.')
  all.drop(id)
  return json(200, { data: { deleted: true } })
}
