import { createHmac } from 'node:crypto'
import { type Answer, type Asked, badDay, isLocal, post, spoiled } from '@prm/kit/simulator'
import { deliveryOf, echoOf, signed } from './events.ts'
import { type Fields, fieldsIn } from './fields.ts'
import { addComment, addMessage, all, isThere, type Kept, nameOf, type State, seconds } from './state.ts'

type Plain = Exclude<Answer, string | { readonly part: string }>
type Body = { readonly [name: string]: unknown }
const headers = { 'content-type': 'application/json; charset=UTF-8', 'facebook-api-version': 'v25.0' }
const ok = (body: object): Plain => ({ status: 200, headers, body: JSON.stringify(body) })

function refused(code: number, subcode?: number, message = 'An error.', status = 400): Plain {
  const error = {
    message: `(#${code}) ${message}`,
    type: 'OAuthException',
    code,
    ...(subcode && { error_subcode: subcode }),
  }
  return { status, headers, body: JSON.stringify({ error: { ...error, fbtrace_id: 'AbCdEfGhIjK' } }) }
}
const gone = (id: string): Plain =>
  refused(
    100,
    33,
    `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions`,
  )
const refusals = {
  busy: refused(4),
  failed: refused(2, undefined, 'Service temporarily unavailable', 500),
  denied: refused(190),
}

/** The part of the Graph API that a page needs. */
export function serve(state: State, { method, url, headers: sent, body }: Asked): Answer {
  const write = method === 'POST'
  const fault = state.faults.take(write)
  if (fault === 'rate-limited-seconds') return busy(state)
  const bad = badDay(fault, refusals, state.now())
  if (bad) return bad
  const [version = '', ...path] = url.pathname.split('/').filter(Boolean)
  if (version !== state.graphVersion)
    return refused(2635, undefined, 'You are calling a deprecated version of the API.')
  const token = sent.authorization?.replace(/^Bearer /, '') ?? url.searchParams.get('access_token') ?? ''
  const app = token === `${state.appId}|${state.appSecret}`
  if (!app && token !== state.pageToken) return refused(190, undefined, 'Invalid OAuth access token.')
  const proof = createHmac('sha256', state.appSecret).update(token).digest('hex')
  if (url.searchParams.get('appsecret_proof') !== proof)
    return refused(100, undefined, 'Invalid appsecret_proof provided in the API argument')
  if (write) {
    const [answer, reports] = take(state, path, parsed(body))
    if (reports && state.webhookUrl && isLocal(state.webhookUrl)) state.reporter.start(reports, fault)
    return answer.status === 200 ? spoiled(fault, answer) : answer
  }
  if (method === 'DELETE') return remove(state, path[0] ?? '')
  return read(state, path, url.searchParams, app, fault === 'page-moved')
}

/** As "Rate Limits" shows it: minutes in a header, and no Retry-After. */
function busy(state: State): Plain {
  const usage = {
    type: 'pages',
    call_count: 100,
    total_cputime: 12,
    total_time: 14,
    estimated_time_to_regain_access: 3,
  }
  const answer = refused(32, undefined, 'Page request limit reached')
  return {
    ...answer,
    headers: { ...headers, 'x-business-use-case-usage': JSON.stringify({ [state.pageId]: [usage] }) },
  }
}

function parsed(body: string): Body {
  try {
    return JSON.parse(body)
  } catch {
    return Object.fromEntries(new URLSearchParams(body))
  }
}

// ── what is asked ────────────────────────────────────────────────────────────────────────────
function read(
  state: State,
  [id = '', edge]: readonly string[],
  query: URLSearchParams,
  app: boolean,
  moved: boolean,
): Plain {
  if (id === 'debug_token') return app ? ok({ data: debug(state, query.get('input_token') ?? '') }) : refused(100)
  if (id === state.appId && edge === 'subscriptions')
    return app
      ? ok({
          data: state.webhookUrl ? [{ object: 'page', callback_url: state.webhookUrl, active: true, fields: [] }] : [],
        })
      : refused(15, undefined, 'This method must be called with an app access_token.')
  if (id === state.pageId && edge === 'subscribed_apps')
    return ok({
      data: state.fields.size > 0 ? [{ id: state.appId, name: 'Alder', subscribed_fields: [...state.fields] }] : [],
    })
  const fields = fieldsIn(query.get('fields') ?? 'id')
  if (moved) return ok({ data: [], paging: { cursors: { after: 'QVFI' }, next: 'https://graph.facebook.com/next' } })
  if (id === state.pageId && edge === 'feed') {
    if (!state.scopes.has('pages_read_engagement')) return refused(10, undefined, 'Requires pages_read_engagement')
    const since = Number(query.get('since') ?? 0)
    const posts = all(state, 'post', ({ at }) => seconds(at) >= since)
    return ok(paged(posts, query, (one) => shown(state, one, fields)))
  }
  if (id === state.pageId && edge === 'conversations') return conversations(state, query, fields)
  const kept = state.kept.get(id)
  if (!kept || !isThere(state, kept)) return gone(id)
  if (edge === 'comments') return ok(commentsOf(state, kept, query, fields))
  return edge === undefined ? ok(shown(state, kept, fields)) : refused(100, undefined, `nonexisting field (${edge})`)
}

function debug(state: State, token: string): object {
  if (token !== state.pageToken)
    return { is_valid: false, scopes: [], error: { code: 190, message: 'Malformed access token' } }
  const said = {
    app_id: state.appId,
    type: 'PAGE',
    application: 'Alder',
    profile_id: state.pageId,
    user_id: '7299999999999999',
  }
  return { ...said, is_valid: true, expires_at: 0, data_access_expires_at: 0, scopes: [...state.scopes] }
}

/** With what was asked for, and of others what the permissions allow. */
function shown(state: State, kept: Kept, fields: Fields): Body {
  const { id, kind, from, text, at, parent, photo, psid } = kept
  const readable = kind === 'message' || from === state.pageId || state.scopes.has('pages_read_user_content')
  const every: { readonly [name: string]: () => unknown } = {
    from: () => (readable ? { id: from, name: nameOf(state, from) } : undefined),
    message: () => (readable && (text !== '' || kind === 'message') ? text : undefined),
    created_time: () => at.toISOString().replace(/\.\d+Z$/, '+0000'),
    parent: () => (parent === undefined ? undefined : { id: parent }),
    attachment: () => (photo ? { type: 'photo' } : undefined),
    attachments: () => (photo && psid === undefined ? { data: [{ media_type: 'photo' }] } : undefined),
    comments: () => {
      const { args, fields: below } = fields.get('comments') ?? { args: {}, fields: new Map() }
      return commentsOf(state, kept, new URLSearchParams(args), below)
    },
  }
  return Object.fromEntries([
    ['id', id],
    ...[...fields.keys()].flatMap((name) => (every[name] ? [[name, every[name]()]] : [])),
  ])
}

/** `filter=stream` shows all levels, else those right below it ("/object/comments"). */
function commentsOf(state: State, on: Kept, query: URLSearchParams, fields: Fields): object {
  const below = (one: Kept): boolean => (on.kind === 'comment' ? one.parent === on.id : one.post === on.id)
  const stream = query.get('filter') === 'stream'
  const comments = all(
    state,
    'comment',
    (one) => below(one) && (stream || on.kind === 'comment' || one.parent === undefined),
  )
  const sorted = query.get('order') === 'reverse_chronological' ? comments : comments.toReversed()
  return paged(sorted, query, (one) => shown(state, one, fields))
}

function conversations(state: State, query: URLSearchParams, fields: Fields): Plain {
  if (!state.scopes.has('pages_messaging')) return refused(200, undefined, 'Requires pages_messaging')
  const messages = all(state, 'message')
  const whose = [...new Set(messages.map(({ psid }) => psid))].filter((one) => (query.get('user_id') ?? one) === one)
  return ok(
    paged(
      whose.map((psid) => ({ id: `t_${psid}`, psid })),
      query,
      ({ id, psid }) => {
        const own = messages.filter((one) => one.psid === psid)
        const { args, fields: below } = fields.get('messages') ?? { args: {}, fields: new Map() }
        return {
          id,
          updated_time: own[0]?.at.toISOString().replace(/\.\d+Z$/, '+0000'),
          messages: paged(own, new URLSearchParams(args), (one) => shown(state, one, below)),
        }
      },
    ),
  )
}

function paged<T extends { readonly id: string }>(
  every: readonly T[],
  query: URLSearchParams,
  show: (one: T) => object,
): object {
  const from = query.get('after') ? every.findIndex(({ id }) => id === query.get('after')) + 1 : 0
  const limit = Number(query.get('limit') ?? 25)
  const some = every.slice(from, from + limit)
  const more = every.length > from + limit
  if (some.length === 0) return { data: [] }
  const cursors = { before: some[0]?.id, after: some.at(-1)?.id }
  return {
    data: some.map(show),
    paging: { cursors, ...(more && { next: 'https://graph.facebook.com/next?access_token=…' }) },
  }
}

// ── what is written ──────────────────────────────────────────────────────────────────────────
type Reports = readonly ((signal: AbortSignal) => Promise<void>)[]

function take(state: State, [id = '', edge]: readonly string[], body: Body): readonly [Plain, Reports?] {
  if (id === state.pageId && edge === 'messages') return write(state, body)
  const on = state.kept.get(id)
  if (edge !== 'comments' || !on || on.kind === 'message' || !isThere(state, on)) return [gone(id)]
  if (!state.scopes.has('pages_manage_engagement')) return [refused(200, undefined, 'Requires pages_manage_engagement')]
  const { message } = body
  if (typeof message !== 'string' || message.trim() === '') return [refused(100, undefined, 'Empty comment')]
  const kept = addComment(state, state.pageId, on, message)
  state.taken.push({ kept, to: id })
  return [ok({ id: kept.id })]
}

const dayMs = 24 * 60 * 60 * 1000

function write(state: State, body: Body): readonly [Plain, Reports?] {
  const { recipient, message, messaging_type: type, tag } = body as { [name: string]: unknown }
  const psid = String((recipient as { id?: unknown } | undefined)?.id ?? '')
  const { text, metadata } = (message ?? {}) as { text?: unknown; metadata?: unknown }
  if (!state.scopes.has('pages_messaging')) return [refused(200, undefined, 'Requires pages_messaging')]
  const [last] = all(state, 'message', (one) => one.psid === psid && one.from === psid)
  if (!last) return [refused(100, 2018001, 'No matching user found')]
  if (state.unreachable.has(psid)) return [refused(551, 1545041, 'This person isn’t available right now.')]
  if (typeof text !== 'string' || text === '') return [refused(100, 2018034, 'Message cannot be empty')]
  if (text.length > 2000)
    return [refused(100, undefined, 'Length of param message[text] must be less than or equal to 2000')]
  const agent = type === 'MESSAGE_TAG' && tag === 'HUMAN_AGENT'
  if (agent && !state.humanAgent) return [refused(10, undefined, 'Requires the Human Agent feature')]
  const age = state.now().getTime() - last.at.getTime()
  if (age > (agent ? 7 * dayMs : dayMs))
    return [refused(10, 2018278, 'This message is sent outside of allowed window.')]
  const more = { ...(typeof metadata === 'string' && { metadata }), ...(agent && { tag: 'HUMAN_AGENT' }) }
  const kept = addMessage(state, state.pageId, psid, text, more)
  state.taken.push({ kept, to: psid, ...(more.metadata && { key: more.metadata.replace(/^prm /, '') }) })
  const reports = [echoOf(state, kept), deliveryOf(state, kept)].map((event) => async (signal: AbortSignal) => {
    if (!state.webhookUrl) return
    const answer = await post(signed(state, state.webhookUrl, { messaging: [event] }), signal)
    state.posted.push({ what: 'message' in event ? 'echo' : 'delivery', answer })
  })
  return [ok({ recipient_id: psid, message_id: kept.id }), reports]
}

function remove(state: State, id: string): Plain {
  const kept = state.kept.get(id)
  if (!kept || kept.kind === 'message' || !isThere(state, kept)) return gone(id)
  kept.removed = true
  return ok({ success: true })
}
