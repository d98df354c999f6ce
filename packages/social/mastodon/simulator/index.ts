import type { ServerResponse } from 'node:http'
import type { Address, Fault, Json, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, faults, loopback, spoiled } from '@prm/kit/simulator'
import { htmlOf, type Note, type Post, paged, World, type Writer } from './state.ts'

export interface SimulateOptions {
  readonly accessToken?: string
  /** The library's account; `library` unless given. */
  readonly account?: string
  /** The id of one more post, that is there to be answered. */
  readonly known?: string
  readonly port?: number
  /** How slow it is. */
  readonly latencyMs?: number
  readonly now?: () => Date
  /** Requests in five minutes; 300 unless given. */
  readonly limit?: number
  /** What it says of that: the truth, nothing, or that nothing is left until 2099. */
  readonly headers?: 'honest' | 'absent' | 'lying'
}
export interface MastodonCredentials {
  readonly accessToken: string
}
/** What somebody writes. */
export interface Writing {
  /** `wren@else.example`, or `ife` on the instance itself. */
  readonly by: string
  /** With its `#tags` and `@names`. */
  readonly text: string
  /** Instead of what the instance would make of the text. */
  readonly html?: string
  readonly visibility?: 'public' | 'unlisted' | 'private' | 'direct'
  readonly warning?: string
  readonly language?: string
  readonly inReplyTo?: string
  readonly quotes?: string
  /** When it was written, where it comes late: then no stream tells it. */
  readonly at?: string
}
export interface Visit {
  readonly method: string
  readonly path: string
  readonly query: string
}
export interface MastodonSimulator extends Simulator<MastodonCredentials> {
  /** Answers the id. */
  post(writing: Writing): string
  edit(id: string, text: string): void
  remove(id: string): void
  /** With a post of anybody. */
  react(id: string, kind: 'favourite' | 'reblog', by: string): void
  /** The author's account, with all that it wrote; ours by its own name. */
  suspend(acct: string): void
  /** What the instance offers. Change it as its administrators do. */
  readonly offers: {
    tags: boolean
    search: boolean
    streaming: boolean
    /** Where it says that it streams, where that is elsewhere. */
    streamingUrl?: string
    /** Each event on the streams, and nothing of it. */
    silent: boolean
    /** Direct messages of strangers: of them only who asks for what is filtered hears, and no stream. As it is by itself. */
    filters: boolean
    maxCharacters: number
    scopes: readonly string[]
  }
  /** Ends all streams, in the midst of a word where `words` says what is still sent. */
  cut(words?: string): void
  /** An event on the streams of that kind (`user`, `hashtag`), whatever it holds. */
  say(kind: string, event: string, payload: Json): void
  /** How many streams are held. */
  streams(): number
  visits(): readonly Visit[]
}

const hourMs = 60 * 60_000
const windowMs = 5 * 60_000

/** A Mastodon instance on loopback with one library's account, by Mastodon's documentation and the behaviour of its source. */
export async function simulate(options: SimulateOptions = {}): Promise<MastodonSimulator> {
  const now = options.now ?? (() => new Date())
  const accessToken = options.accessToken ?? 'a-token-of-the-simulator'
  let url = ''
  const world = new World(options.account ?? 'library', now, () => url)
  const waiting = faults()
  const streams = new Map<ServerResponse, { readonly kind: string; readonly tag: string }>()
  const visits: Visit[] = []
  const received: ReturnType<Simulator['received']>[number][] = []
  const remembered = new Map<string, { readonly post: Post; readonly at: number }>()
  const offers: MastodonSimulator['offers'] = {
    tags: true,
    search: true,
    streaming: true,
    silent: false,
    filters: true,
    maxCharacters: 500,
    scopes: ['read', 'write:statuses'],
  }
  const spent = { window: 0, count: 0 }

  // ── streams ────────────────────────────────────────────────────────────────────────────────
  function tell(event: string, payload: Json, to: (stream: { kind: string; tag: string }) => boolean): void {
    if (offers.silent) return
    const data = typeof payload === 'string' ? payload : JSON.stringify(payload)
    for (const [response, stream] of streams) if (to(stream)) response.write(`event: ${event}\ndata: ${data}\n\n`)
  }
  const ofTags = (post: Post) => {
    const names = post.visibility === 'public' && offers.tags ? post.tags : []
    const own = !post.by.acct.includes('@')
    return ({ kind, tag }: { kind: string; tag: string }) =>
      names.includes(tag) && (kind === 'hashtag' || (kind === 'hashtag/local' && own))
  }
  const filtered = ({ type, post }: Note) => offers.filters && type === 'mention' && post.visibility === 'direct'
  function notify(note: Note): void {
    if (filtered(note)) return
    tell('notification', world.notification(note), ({ kind }) => /^user/.test(kind))
  }

  // ── what people do ─────────────────────────────────────────────────────────────────────────
  function write(by: Writer, writing: Omit<Writing, 'by'> & { readonly id?: string }): Post {
    const { text, html, at } = writing
    const names = [...text.matchAll(/(?<![\w/])@(\w+(?:@[\w.-]+\w)?)/g)].map(([, name = '']) => name)
    const ours = new Set([world.me.acct, `${world.me.acct}@${new URL(url).host}`])
    const post: Post = {
      id: writing.id ?? world.id(at === undefined ? now() : new Date(at)),
      by,
      text,
      html: html ?? htmlOf(text),
      visibility: writing.visibility ?? 'public',
      warning: writing.warning ?? '',
      language: writing.language ?? 'en',
      inReplyTo: writing.inReplyTo ?? null,
      quotes: writing.quotes ?? null,
      tags: [...text.matchAll(/(?<![\w/])#(\w+)/g)].map(([, name = '']) => name.toLowerCase()),
      mentions: [...new Set(names.map((name) => (ours.has(name) ? world.me : world.writer(name))))],
      at: at ?? now().toISOString(),
      edited: null,
    }
    world.posts.set(post.id, post)
    if (at === undefined) tell('update', world.status(post), ofTags(post))
    if (by !== world.me && post.mentions.includes(world.me)) notify(world.note('mention', by, post))
    if (by !== world.me && post.quotes !== null && world.posts.get(post.quotes)?.by === world.me)
      notify(world.note('quote', by, post))
    return post
  }
  function postOf(id: string): Post {
    const post = world.posts.get(id)
    if (!post) throw new Error(`There is no post ${id}.`)
    return post
  }
  function remove(post: Post): void {
    world.posts.delete(post.id)
    for (const [at, note] of [...world.notes.entries()].toReversed()) if (note.post === post) world.notes.splice(at, 1)
    const onTags = ofTags(post)
    tell('delete', post.id, (stream) => onTags(stream) || (stream.kind === 'user' && post.mentions.includes(world.me)))
  }

  // ── the API ────────────────────────────────────────────────────────────────────────────────
  const found = (body: Json): Sent => ({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  })
  const refused = (status: number, error: string): Sent => ({ ...found({ error }), status })
  const missing = refused(404, 'Record not found')

  function limited(answer: Sent): Sent {
    const { headers: said = 'honest', limit = 300 } = options
    const time = now().getTime()
    const date = { date: now().toUTCString() }
    if (said === 'absent') return { ...answer, headers: { ...answer.headers, ...date } }
    const window = Math.floor(time / windowMs)
    const reset = said === 'lying' ? '2099-01-01T00:00:00.000000Z' : new Date((window + 1) * windowMs).toISOString()
    const left = said === 'lying' ? 0 : Math.max(0, limit - spent.count)
    const headers = { 'x-ratelimit-limit': `${limit}`, 'x-ratelimit-remaining': `${left}`, 'x-ratelimit-reset': reset }
    return { ...answer, headers: { ...answer.headers, ...date, ...headers } }
  }

  function serve(asked: Asked): Answer {
    const { method, url: at, headers } = asked
    visits.push({ method, path: at.pathname, query: at.search })
    const writes = method !== 'GET'
    // A single post is read before it is answered: a bad day is for the answer.
    const fault = /^\/api\/v1\/statuses\/\d+$/.test(at.pathname) && !writes ? undefined : waiting.take(writes)
    const bad = badDay(
      fault,
      {
        busy: refused(429, 'Too many requests'),
        failed: refused(500, 'Internal'),
        denied: refused(401, 'The access token is invalid'),
      },
      now(),
    )
    if (bad) return typeof bad === 'object' && 'body' in bad ? limited(bad as Sent) : bad
    if (at.pathname === '/api/v1/streaming/health')
      return offers.streaming ? { status: 200, body: 'OK' } : { status: 502, body: 'Bad gateway' }
    if (at.pathname === '/api/v2/instance') return limited(found(instance()))
    if (headers.authorization !== `Bearer ${accessToken}`) return limited(refused(401, 'The access token is invalid'))
    if (at.pathname.startsWith('/api/v1/streaming/')) return stream(at)
    const window = Math.floor(now().getTime() / windowMs)
    if (spent.window !== window) Object.assign(spent, { window, count: 0 })
    if (++spent.count > (options.limit ?? 300)) return limited(refused(429, 'Too many requests'))
    if (world.me.suspended) return limited(refused(403, 'Your login is currently disabled'))
    const answer = limited(method === 'GET' ? read(at) : method === 'POST' ? publish(asked) : erase(at))
    return writes && answer.status === 200 ? spoiled(fault, answer) : answer
  }

  function stream(at: URL): Answer {
    if (!offers.streaming) return { status: 502, body: 'Bad gateway' }
    const kind = at.pathname.slice('/api/v1/streaming/'.length)
    if (!/^(user|user\/notification|hashtag|hashtag\/local)$/.test(kind)) return refused(404, 'Not found')
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'private, no-store' },
      stream(to) {
        to.write(':)\n')
        streams.set(to, { kind, tag: (at.searchParams.get('tag') ?? '').toLowerCase() })
        to.on('close', () => streams.delete(to))
      },
    }
  }

  function read({ pathname: path, searchParams: query }: URL): Sent {
    const seen = (posts: Iterable<Post>) => [...posts].filter((post) => world.sees(post))
    if (path === '/api/v1/accounts/verify_credentials') return found(world.account(world.me))
    if (path === '/api/v1/apps/verify_credentials') return found({ name: 'library', scopes: offers.scopes })
    if (path === '/api/v1/notifications') {
      const types = query.getAll('types[]')
      const whole = query.get('include_filtered') === 'true'
      const notes = world.notes.filter(({ type, by }) => !by.suspended && (types.length === 0 || types.includes(type)))
      const all = notes.filter((note) => whole || !filtered(note))
      return found(paged(all, query, 80).map((note) => world.notification(note)))
    }
    const tag = /^\/api\/v1\/timelines\/tag\/([^/]+)$/.exec(path)?.[1]
    if (tag !== undefined) {
      const name = decodeURIComponent(tag).toLowerCase()
      const own = query.get('local') === 'true'
      const all = offers.tags ? seen(world.posts.values()) : []
      const posts = all.filter(({ visibility, tags, by }) => {
        return visibility === 'public' && tags.includes(name) && !(own && by.acct.includes('@'))
      })
      return found(paged(posts, query, 40).map((post) => world.status(post)))
    }
    if (path === '/api/v2/search') {
      const words = (query.get('q') ?? '').toLowerCase().replace(/"/g, '').trim()
      const all = offers.search ? seen(world.posts.values()).toReversed() : []
      const hits = all.filter(({ text, by, mentions, visibility }) => {
        const may = by === world.me || mentions.includes(world.me) || (by.indexable && visibility === 'public')
        return may && text.toLowerCase().includes(words)
      })
      const from = Number(query.get('offset') ?? 0)
      const statuses = hits.slice(from, from + Math.min(Number(query.get('limit') ?? 20), 40))
      return found({ accounts: [], hashtags: [], statuses: statuses.map((post) => world.status(post)) })
    }
    const [, id = '', more] = /^\/api\/v1\/statuses\/([^/]+)(\/source)?$/.exec(path) ?? []
    const post = world.posts.get(id)
    if (post && world.sees(post)) {
      if (!more) return found(world.status(post))
      return post.by === world.me
        ? found({ id, text: post.text, spoiler_text: post.warning })
        : refused(403, 'This action is not allowed')
    }
    if (path === `/api/v1/accounts/${world.me.id}/statuses`) {
      const own = [...world.posts.values()].filter(({ by }) => by === world.me)
      return found(paged(own, query, 40).map((one) => world.status(one)))
    }
    return missing
  }

  function publish({ url: at, headers, body }: Asked): Sent {
    if (at.pathname !== '/api/v1/statuses') return missing
    const key = String(headers['idempotency-key'] ?? '')
    const before = remembered.get(key)
    if (key && before && now().getTime() - before.at < hourMs) return found(world.status(before.post))
    const said = JSON.parse(body) as Said
    const text = (said.status ?? '').trim()
    if (text === '') return refused(422, "Validation failed: Text can't be blank")
    const counted = text.replace(/https?:\/\/\S+/g, 'x'.repeat(23)).replace(/@(\w+)@[\w.-]+\w/g, '@$1')
    const length = [...new Intl.Segmenter().segment((said.spoiler_text ?? '') + counted)].length
    if (length > offers.maxCharacters)
      return refused(422, `Validation failed: Text character limit of ${offers.maxCharacters} exceeded`)
    const answered = world.posts.get(said.in_reply_to_id ?? '')
    if (said.in_reply_to_id !== undefined && !(answered && world.sees(answered)))
      return refused(404, 'The post you are trying to reply to does not appear to exist.')
    const post = write(world.me, {
      text,
      visibility: said.visibility ?? 'public',
      ...(said.spoiler_text && { warning: said.spoiler_text }),
      ...(said.language && { language: said.language }),
      ...(answered && { inReplyTo: answered.id }),
    })
    if (key) remembered.set(key, { post, at: now().getTime() })
    const prefix = answered ? `@${answered.by.acct} ` : ''
    const to: Address | undefined = answered && { scheme: 'post', value: answered.id, realm: new URL(url).host }
    const shown = text.startsWith(prefix) ? text.slice(prefix.length) : text
    received.push({
      at: now().toISOString(),
      key,
      ...(to && { to }),
      text: shown,
      raw: { ...said, id: post.id } as Json,
    })
    return found(world.status(post))
  }

  function erase({ pathname }: URL): Sent {
    const post = world.posts.get(/^\/api\/v1\/statuses\/([^/]+)$/.exec(pathname)?.[1] ?? '')
    if (post?.by !== world.me) return missing
    remove(post)
    return found(world.status(post))
  }

  function instance(): Json {
    const access = (open: boolean) => ({ local: open ? 'public' : 'disabled', remote: open ? 'public' : 'disabled' })
    return {
      domain: new URL(url).host,
      title: 'An instance',
      version: '4.5.2',
      configuration: {
        urls: { streaming: offers.streamingUrl ?? url.replace(/^http/, 'ws') },
        statuses: { max_characters: offers.maxCharacters, max_media_attachments: 4, characters_reserved_per_url: 23 },
        timelines_access: { live_feeds: access(true), hashtag_feeds: access(offers.tags) },
      },
    }
  }

  const server = await loopback(serve, options)
  url = server.url
  const cut = (words?: string): void => {
    for (const response of [...streams.keys()]) {
      if (words === undefined) response.destroy()
      else response.write(words, () => response.destroy())
    }
  }
  invented()
  function invented(): void {
    const ago = (hours: number) => new Date(now().getTime() - hours * hourMs).toISOString()
    const at = (hours: number, by: string, text: string) => write(world.writer(by), { text, at: ago(hours) })
    at(50, 'wren@else.example', 'The reading room at #AlderLibrary is so loud that nobody can read there.')
    at(30, 'ife', 'They found my book! Thank you, #AlderLibrary.')
    if (options.known !== undefined)
      write(world.writer('known@else.example'), { id: options.known, text: 'Is #AlderLibrary open?', at: ago(2) })
    at(3, 'quiet_reader@reads.example', `@${world.me.acct} does the #AlderLibrary print in colour?`)
  }

  return {
    url,
    credentials: { accessToken },
    offers,
    post: ({ by, ...writing }) => write(world.writer(by), writing).id,
    edit(id, text) {
      const post = postOf(id)
      Object.assign(post, { text, html: htmlOf(text), edited: now().toISOString() })
      tell('status.update', world.status(post), ofTags(post))
    },
    remove: (id) => remove(postOf(id)),
    react: (id, kind, by) => notify(world.note(kind, world.writer(by), postOf(id))),
    suspend(acct) {
      world.writer(acct).suspended = true
    },
    cut,
    say: (kind, event, payload) => tell(event, payload, (stream) => stream.kind === kind),
    streams: () => streams.size,
    visits: () => [...visits],
    received: () => [...received],
    fault(fault: Fault, times) {
      if (/^(page-moved|duplicate-report|reordered-reports)$/.test(fault)) throw new Error(`Mastodon has no ${fault}.`)
      waiting.add(fault, times)
    },
    async close() {
      cut()
      await server.close()
    },
  }
}
interface Said {
  readonly status?: string
  readonly in_reply_to_id?: string
  readonly visibility?: 'public'
  readonly spoiler_text?: string
  readonly language?: string
}
type Sent = { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
