import type { Fault, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, faults, loopback, spoiled } from '@prm/kit/simulator'
import { type Line, lineTo, refuse } from './line.ts'
import { type Author, type Happening, type Network, network, type PostOptions, post, type Row } from './state.ts'

export type { PostOptions } from './state.ts'

export interface SimulateOptions {
  readonly handle?: string
  readonly appPassword?: string
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
  /** Nothing was said yet. */
  readonly empty?: boolean
}
export interface BlueskyCredentials {
  readonly identifier: string
  readonly appPassword: string
}
export interface BlueskySimulator extends Simulator<BlueskyCredentials> {
  /** The account's DID. */
  readonly did: string
  /** Of the Jetstream: `v1` or `v2`. */
  streamUrl(version?: 'v1' | 'v2'): string
  /** Somebody says something, `@handle` names somebody; its address. */
  post(handle: string, text: string, options?: PostOptions): string
  react(handle: string, uri: string, kind: 'like' | 'repost'): string
  remove(uri: string): void
  /** Closes what is said under it to answers. */
  gate(uri: string): void
  /** `takendown`, `suspended`, `deactivated`, `deleted`; `undefined` is as before. */
  account(handle: string, status: string | undefined): void
  /** The profile says of itself that it is a bot. */
  labelBot(): void
  /** All access tokens are old now; with `refresh`, what refreshes them too. */
  expire(refresh?: boolean): void
  /** Each connection ends: without a word, or with a frame that says why. */
  disconnect(why?: 'ConsumerTooSlow'): void
  /** The next connections are refused. */
  refuseStreams(times?: number): void
  /** Into all streams, as it is. */
  shout(text: string): void
  /** How many connections to the stream are open. */
  streams(): number
  /** What was asked for, in order: the method's last word. */
  visits(): readonly string[]
}

/** A server of AT Protocol with a small network behind it, and a Jetstream, by the lexicons. */
export async function simulate(options: SimulateOptions = {}): Promise<BlueskySimulator> {
  const { handle = 'alder.example.org', appPassword = 'abcd-efgh-ijkl-mnop' } = options
  const now = options.now ?? (() => new Date())
  const world = network(handle, now)
  if (!options.empty) invent(world, handle)
  const waiting = faults()
  const visits: string[] = []
  const door = doorOf(world, handle, appPassword, now)
  const received: { at: string; key: string; to: { scheme: 'post'; value: string }; text: string; raw: never }[] = []
  const lines = new Map<Line, (one: Happening) => void>()
  let refusals = 0
  let bot = false

  const server = await loopback((asked) => answer(asked), { port: options.port, upgrade: stream })

  function answer(asked: Asked): Answer {
    const method = asked.url.pathname.replace('/xrpc/', '')
    visits.push(method.split('.').at(-1) ?? '')
    const entered = door.answer(method, asked)
    if (entered) return entered
    // The look at a post before an answer is spared, so that a bad day meets the answer itself.
    const write = asked.method === 'POST'
    const fault = /(getPosts|resolveHandle)$/.test(method) ? undefined : waiting.take(write)
    const bad = badDay(fault, refused, now())
    if (bad) return bad
    const refusal = door.check(asked, write)
    if (refusal) return refusal
    const done = serve(method, asked)
    return write && done.status === 200 ? spoiled(fault, done) : done
  }

  function serve(
    method: string,
    { url: { searchParams: query }, body }: Asked,
  ): Exclude<Answer, string | { part: string }> {
    const limit = Math.min(Number(query.get('limit') ?? 50), 100)
    if (method === 'app.bsky.notification.listNotifications') {
      const reasons = query.getAll('reasons')
      const before = query.get('cursor') ?? '9'
      const all = world.notices
        .filter(({ reason, indexedAt }) => (reasons.length === 0 || reasons.includes(reason)) && indexedAt < before)
        .filter(({ uri, did }) => world.rows.has(uri) && !world.isHidden(did))
        .sort((a, b) => (a.indexedAt < b.indexedAt ? 1 : -1))
      const rows = all.slice(0, limit).map(({ reason, reasonSubject, ...row }) => ({
        ...viewOf(row),
        reason,
        ...(reasonSubject && { reasonSubject }),
        isRead: false,
      }))
      return json({ notifications: rows, ...(all.length > limit && { cursor: rows.at(-1)?.indexedAt }) })
    }
    if (method === 'app.bsky.feed.searchPosts') {
      const q = query.get('q') ?? ''
      if (q === '') return failed(400, 'InvalidRequest', 'Params must have the property "q"')
      const phrase = q.replaceAll('"', '').toLowerCase()
      const since = query.get('since') ?? ''
      const all = [...world.rows.values()]
        .filter(({ collection, did, record, indexedAt }) => {
          const there = collection === post && !world.isHidden(did) && indexedAt >= since
          return there && String(record.text).toLowerCase().replace(/\s+/g, ' ').includes(phrase)
        })
        .sort((a, b) => (a.indexedAt < b.indexedAt ? 1 : -1))
      const start = Number(query.get('cursor') ?? 0)
      const end = start + limit
      return json({ posts: all.slice(start, end).map(viewOf), ...(all.length > end && { cursor: String(end) }) })
    }
    if (method === 'app.bsky.feed.getPosts') {
      const uris = query.getAll('uris')
      if (uris.length > 25) return failed(400, 'InvalidRequest', 'uris must not have more than 25 elements')
      const rows = uris.flatMap((uri) => world.rows.get(uri) ?? []).filter(({ did }) => !world.isHidden(did))
      return json({ posts: rows.map(viewOf) })
    }
    if (method === 'com.atproto.repo.getRecord') {
      const uri = `at://${query.get('repo')}/${query.get('collection')}/${query.get('rkey')}`
      const row = world.rows.get(uri)
      if (row) return json({ uri, cid: row.cid, value: row.record })
      return failed(400, 'RecordNotFound', `Could not locate record: ${uri}`)
    }
    if (method === 'com.atproto.identity.resolveHandle') {
      const one = world.authors.get(query.get('handle') ?? '')
      return one ? json({ did: one.did }) : failed(400, 'InvalidRequest', 'Unable to resolve handle')
    }
    if (method === 'app.bsky.actor.getProfile') {
      const one = [...world.authors.values()].find(({ did, handle }) =>
        [did, handle].includes(query.get('actor') ?? ''),
      )
      if (!one) return failed(400, 'InvalidRequest', 'Profile not found')
      const labels = bot && one === world.me ? [{ src: one.did, val: 'bot' }] : []
      return json({ did: one.did, handle: one.handle, labels })
    }
    if (method === 'com.atproto.repo.createRecord') return create(JSON.parse(body) as Created)
    if (method === 'com.atproto.repo.deleteRecord') {
      const { repo, collection, rkey } = JSON.parse(body) as Created
      if (repo !== world.me.did) return failed(403, 'InvalidRequest', 'Not your repo')
      world.remove(`at://${repo}/${collection}/${rkey}`)
      return json({})
    }
    return failed(501, 'MethodNotImplemented', 'Method Not Implemented')
  }

  function viewOf(row: Row) {
    const one = [...world.authors.values()].find(({ did }) => did === row.did)
    const root = (row.record.reply as { root?: { uri?: string } } | undefined)?.root?.uri ?? row.uri
    return {
      uri: row.uri,
      cid: row.cid,
      author: { did: row.did, handle: one?.handle ?? 'handle.invalid' },
      record: row.record,
      indexedAt: row.indexedAt,
      viewer: { threadMuted: false, ...(world.gated.has(root) && { replyDisabled: true }) },
    }
  }

  function create({ repo, collection, rkey = '', record }: Created) {
    const wrong = wrongIn(world, repo, collection, rkey, record)
    if (wrong) return failed(400, 'InvalidRequest', wrong)
    // atproto issue 3718: of a key that is there already.
    if (world.rows.has(`at://${repo}/${collection}/${rkey}`))
      return failed(500, 'InternalServerError', 'Internal Server Error')
    const at = now().toISOString()
    const row = world.put(repo, collection, rkey, record, at)
    const value = (record.reply as { parent?: { uri?: string } } | undefined)?.parent?.uri ?? ''
    received.push({ at, key: rkey, to: { scheme: 'post', value }, text: String(record.text), raw: record as never })
    return json({ uri: row.uri, cid: row.cid, commit: { cid: row.cid, rev: rkey }, validationStatus: 'valid' })
  }

  function stream({ url, headers }: Omit<Asked, 'body'>, socket: Parameters<typeof lineTo>[1]): void {
    if (refusals > 0) {
      refusals--
      refuse(socket)
      return
    }
    const two = url.pathname.startsWith('/xrpc/')
    const wanted = url.searchParams.getAll(two ? 'collections' : 'wantedCollections')
    const most = Number(url.searchParams.get('maxMessageSizeBytes') ?? 0)
    const line = lineTo({ headers }, socket)
    const floor = (now().getTime() - 36 * 60 * 60 * 1000) * 1000
    const cursor = Number(url.searchParams.get('cursor') ?? Number.POSITIVE_INFINITY)
    const send = (one: Happening): void => {
      if (one.commit && wanted.length > 0 && !wanted.includes(one.commit.collection)) return
      const text = JSON.stringify(two ? v2(one) : v1(one))
      if (most === 0 || Buffer.byteLength(text) <= most) line.send(text)
    }
    if (two && cursor < floor)
      line.send(
        '{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}}',
      )
    for (const one of world.happenings) if (one.us >= Math.max(cursor, floor)) send(one)
    world.listeners.add(send)
    lines.set(line, send)
    socket.on('close', () => {
      world.listeners.delete(send)
      lines.delete(line)
    })
  }

  return {
    url: server.url,
    did: world.me.did,
    credentials: { identifier: handle, appPassword },
    streamUrl: (version = 'v1') => {
      const path = version === 'v1' ? '/subscribe' : '/xrpc/network.bsky.jetstream.subscribeEvents'
      return `${server.url.replace('http', 'ws')}${path}`
    },
    post: world.post,
    react: world.react,
    remove: world.remove,
    gate: (uri) => void world.gated.add(uri),
    account: world.account,
    labelBot: () => {
      bot = true
    },
    expire: door.expire,
    disconnect(why) {
      for (const line of lines.keys()) {
        if (why) line.send(JSON.stringify({ $type: 'error', error: why, message: 'Too far behind.' }))
        if (why) line.end(1008, why)
        else line.drop()
      }
    },
    refuseStreams(times = 1) {
      refusals = times
    },
    shout: (text) => {
      for (const line of lines.keys()) line.send(text)
    },
    streams: () => [...lines.keys()].filter(({ open }) => open).length,
    visits: () => [...visits],
    received: () => [...received],
    fault(fault: Fault, times) {
      if (!met.has(fault)) throw new Error(`Bluesky has no ${fault}.`)
      waiting.add(fault, times)
    },
    close: () => server.close(),
  }
}

const met: ReadonlySet<Fault> = new Set([
  'rate-limited-seconds',
  'rate-limited-date',
  'hang-after-accept',
  'reset',
  'reset-after-accept',
  'server-error',
  'html',
  'slow-body',
  'oversize-body',
  'expired-token',
])
const json = (body: object, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const failed = (status: number, error: string, message: string) => json({ error, message }, status)
const refused = {
  busy: failed(429, 'RateLimitExceeded', 'Rate Limit Exceeded'),
  failed: failed(500, 'InternalServerError', 'Internal Server Error'),
  denied: failed(400, 'ExpiredToken', 'Token has expired'),
}

interface Created {
  readonly repo: string
  readonly collection: string
  readonly rkey?: string
  readonly record: { readonly [name: string]: unknown }
}

/** What a server that knows the lexicon finds wrong. */
function wrongIn(world: Network, repo: string, collection: string, rkey: string, record: Created['record']) {
  const {
    text,
    facets = [],
    langs = [],
    reply,
    createdAt,
  } = record as {
    text?: unknown
    facets?: readonly { index: { byteStart: number; byteEnd: number } }[]
    langs?: readonly string[]
    reply?: { readonly [end in 'root' | 'parent']?: { readonly uri?: string; readonly cid?: string } }
    createdAt?: string
  }
  if (repo !== world.me.did) return 'Could not find repo'
  if (collection !== post || record.$type !== post) return 'Invalid $type'
  if (!/^[2-7a-j][2-7a-z]{12}$/.test(rkey)) return 'Invalid rkey: not a TID'
  if (typeof text !== 'string') return 'Record must have the property "text"'
  const bytes = Buffer.byteLength(text)
  if (bytes > 3000) return 'Record/text must not be longer than 3000 characters'
  if ([...new Intl.Segmenter().segment(text)].length > 300) return 'Record/text must not be longer than 300 graphemes'
  if (Number.isNaN(Date.parse(createdAt ?? ''))) return 'Record/createdAt must be an valid datetime'
  if (langs.length > 3) return 'Record/langs must not have more than 3 elements'
  if (facets.some(({ index }) => index.byteStart >= index.byteEnd || index.byteEnd > bytes)) return 'Record/facets'
  if (reply && !(reply.root?.uri && reply.root.cid && reply.parent?.uri && reply.parent.cid)) return 'Record/reply'
  return undefined
}

// ── signing in ───────────────────────────────────────────────────────────────────────────────
function doorOf(world: Network, handle: string, password: string, now: () => Date) {
  let access = new Set<string>()
  let refresh = new Set<string>()
  const old = new Set<string>()
  const signIns: number[] = []
  let count = 0
  const token = (scope: string): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ typ: 'at+jwt', alg: 'HS256' })}.${part({ scope, sub: world.me.did, jti: String(count++) })}.c2ln`
  }
  const opened = () => {
    const [accessJwt, refreshJwt] = [token('com.atproto.appPass'), token('com.atproto.refresh')]
    access.add(accessJwt)
    refresh.add(refreshJwt)
    const { status } = world.me
    return json({ did: world.me.did, handle, accessJwt, refreshJwt, active: !status, ...(status && { status }) })
  }
  const tokenOf = ({ headers }: Asked): string => (headers.authorization ?? '').replace('Bearer ', '')
  const unknown = (token: string) =>
    old.has(token) ? failed(400, 'ExpiredToken', 'Token has expired') : failed(401, 'InvalidToken', 'Bad token')
  const down = ({ status = '' }: Author) =>
    /^(takendown|suspended)$/.test(status) && failed(401, 'AccountTakedown', 'Account has been taken down')

  return {
    /** 30 in 5 minutes, 300 a day. */
    answer(method: string, asked: Asked): Answer | undefined {
      if (method === 'com.atproto.server.createSession') {
        const at = now().getTime()
        for (const [most, ms] of [
          [30, 5 * 60_000],
          [300, 24 * 60 * 60_000],
        ] as const) {
          const [first] = signIns.filter((one) => one > at - ms)
          if (signIns.filter((one) => one > at - ms).length < most || first === undefined) continue
          const headers = { 'ratelimit-limit': String(most), 'ratelimit-remaining': '0' }
          const reset = {
            'ratelimit-reset': String(Math.ceil((first + ms) / 1000)),
            'ratelimit-policy': `${most};w=${ms / 1000}`,
          }
          return { ...refused.busy, headers: { ...refused.busy.headers, ...headers, ...reset } }
        }
        signIns.push(at)
        const said = JSON.parse(asked.body) as { identifier?: string; password?: string }
        if (![handle, world.me.did].includes(said.identifier ?? '') || said.password !== password)
          return failed(401, 'AuthenticationRequired', 'Invalid identifier or password')
        return down(world.me) || opened()
      }
      if (method === 'com.atproto.server.refreshSession') {
        const token = tokenOf(asked)
        if (!refresh.delete(token)) return unknown(token)
        old.add(token)
        return down(world.me) || opened()
      }
      return undefined
    },
    check(asked: Asked, write: boolean): Answer | undefined {
      const token = tokenOf(asked)
      if (token === '') return failed(401, 'AuthMissing', 'Authentication Required')
      if (!access.has(token)) return unknown(token)
      if (write && world.me.status === 'deactivated') return failed(401, 'AccountDeactivated', 'Account is deactivated')
      return down(world.me) || undefined
    },
    expire(all = false): void {
      for (const one of access) old.add(one)
      access = new Set()
      if (!all) return
      for (const one of refresh) old.add(one)
      refresh = new Set()
    },
  }
}

// ── the Jetstream ────────────────────────────────────────────────────────────────────────────
function v1({ us, did, commit, account }: Happening): object {
  if (account) return { did, time_us: us, kind: 'account', account: { did, seq: us, time: timeOf(us), ...account } }
  const { row, ...rest } = commit ?? {}
  const made = row && { record: row.record, cid: row.cid }
  return { did, time_us: us, kind: 'commit', commit: { rev: '3lbq2i5t6b22a', ...rest, ...made } }
}
function v2({ us, did, commit, account }: Happening): object {
  const { row, ...rest } = commit ?? {}
  const kind = `network.bsky.jetstream.subscribeEvents#${account ? 'account' : 'commit'}`
  const time = timeOf(us)
  const said = account
    ? { account: { did, seq: us, time, ...account } }
    : { rev: '3lbq2i5t6b22a', ...rest, ...(row && { record: row.record, cid: row.cid }) }
  return { $type: 'message', payload: { $type: kind, seq: us % 1e9, did, time, ...said } }
}
const timeOf = (us: number): string =>
  new Date(us / 1000).toISOString().replace('Z', `${String(us % 1000).padStart(3, '0')}Z`)

// ── what was said ────────────────────────────────────────────────────────────────────────────
function invent({ post, put, author }: Network, handle: string): void {
  const at = (minute: number): string => `2026-11-24T15:${String(minute).padStart(2, '0')}:00.000Z`
  const open = post(handle, 'We are open until nine on Thursdays.', { at: at(0) })
  post('quiet-reader.example.org', 'Alder Library found the book I had lost. Thank you!', { at: at(5) })
  post('ife.example.org', 'Until nine also in December?', { at: at(10), reply: open })
  post('wren.example.org', `@${handle} the third floor is so loud that nobody can read there.`, { at: at(15) })
  post('teo.example.org', 'Good to know: Alder Library is open late.', { at: at(20), quote: open })
  post('teo.example.org', 'Nothing but rain.', { at: at(25) })
  const subject = { uri: open, cid: 'bafyreilike' }
  put(author('ife.example.org').did, 'app.bsky.feed.like', '3mlike2222222', { subject, createdAt: at(30) }, at(30))
}
