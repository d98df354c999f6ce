import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault, Json } from '@prm/core/adapter'
import {
  allowsRenewal,
  cancelHold,
  checkout,
  checkouts,
  holds,
  placeHold,
  renewal,
  resume,
  suspension,
} from './circulation.ts'
import { account, patchDI, patron, patronDI, patrons, put, putMessaging } from './patrons.ts'
import { type Answer, list, parsed, refuse } from './query.ts'
import type { Town } from './state.ts'
import { messageStatus } from './webhook.ts'

export function serve(town: Town): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => answer(town, request, Buffer.concat(chunks), response))
  }
}

function answer(town: Town, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', town.url)
  const method = request.method ?? 'GET'
  const fault = take(town, method, url.pathname)
  if (fault === 'reset') return void request.socket.destroy()
  const bad = badDay(fault, town)
  const given = bad ?? routed(town, method, url, request, body)
  town.calls.push({ method, path: url.pathname, query: url.search, status: given.status })
  if (fault === 'hang-after-accept') return
  if (fault === 'reset-after-accept') return void request.socket.destroy()
  const html = typeof given.body === 'string' && given.body.startsWith('<')
  const text = html ? String(given.body) : given.body === undefined ? '' : JSON.stringify(given.body)
  response.writeHead(given.status, {
    'content-type': html ? 'text/html;charset=UTF-8' : 'application/json;charset=UTF-8',
    ...given.headers,
  })
  if (fault === 'slow-body') return void response.write(text.slice(0, 1))
  response.end(fault === 'oversize-body' ? text + ' '.repeat(2 * 1024 * 1024) : text)
  for (const listener of town.after) listener(method, url.pathname)
}

// ── who asks, and may they ───────────────────────────────────────────────────────────────────
function routed(town: Town, method: string, url: URL, request: IncomingMessage, body: Buffer): Answer {
  if (!url.pathname.startsWith('/api/v1/')) return { status: 404, body: '<html><body>Not found</body></html>' }
  const path = url.pathname.slice('/api/v1'.length)
  const text = body.toString()
  if (path === '/oauth/token') return token(town, new URLSearchParams(text))
  const who = authenticated(town, request)
  if (who) return who
  const json = text === '' ? undefined : parsed(text)
  const embed = request.headers['x-koha-embed']
  const added = (town.options.plugins ?? []).flatMap((name) => plugged[name] ?? [])
  for (const [verb, pattern, needs, run] of [...routes, ...added]) {
    const [, id = ''] = verb === method ? (pattern.exec(path) ?? []) : []
    if (verb !== method || !pattern.test(path)) continue
    const [area = ''] = needs
    const { permissions } = town.options
    if (area && permissions && !permissions.includes(area) && !permissions.includes(needs.join('.')))
      return refuse(403, 'Authorization failure. Missing required permission(s).', {
        required_permissions: { [area]: needs[1] ?? '1' },
      })
    const answer = run({ town, url, id, json, embed: Array.isArray(embed) ? embed.join(',') : embed })
    if (!answer) continue
    if (method !== 'GET' && answer.status < 300)
      town.written.push({ at: town.now().toISOString(), method, path, body: json ?? null })
    return answer
  }
  return refuse(404, 'Not found')
}

function token(town: Town, form: URLSearchParams): Answer {
  const { clientId, clientSecret, oauth = true } = town.options
  if (!oauth || form.get('grant_type') !== 'client_credentials') return refuse(400, 'Unimplemented grant type')
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
    return refuse(403, 'access_denied')
  const access_token = `MTY${randomBytes(12).toString('hex')}`
  town.tokens.set(access_token, 0)
  return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: 3600 } }
}

function authenticated(town: Town, request: IncomingMessage): Answer | undefined {
  const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ')
  const { user, password, callsPerToken = Number.POSITIVE_INFINITY } = town.options
  if (scheme === 'Basic') {
    if (user === undefined) return refuse(401, 'Basic authentication disabled')
    const right = Buffer.from(value, 'base64').toString() === `${user}:${password}`
    return right ? undefined : refuse(town.old ? 403 : 401, 'Invalid password')
  }
  const used = town.tokens.get(value)
  if (scheme !== 'Bearer' || used === undefined || used >= callsPerToken) return refuse(401, 'Authentication failure.')
  town.tokens.set(value, used + 1)
  return undefined
}

// ── what is there ────────────────────────────────────────────────────────────────────────────
interface Asked {
  readonly town: Town
  readonly url: URL
  readonly id: string
  readonly json: Json | undefined
  readonly embed: string | undefined
}
type Route = readonly [string, RegExp, readonly string[], (asked: Asked) => Answer | undefined]

/** x-koha-authorization of each path. */
const routes: readonly Route[] = [
  ['GET', /^\/patrons$/, ['borrowers', 'list_borrowers'], ({ town, url, embed }) => patrons(town, url, embed)],
  ['GET', /^\/patrons\/(\d+)$/, ['borrowers', 'list_borrowers'], ({ town, id }) => patron(town, id)],
  ['PUT', /^\/patrons\/(\d+)$/, ['borrowers', 'edit_borrowers'], ({ town, id, json }) => put(town, id, json)],
  [
    'GET',
    /^\/patrons\/(\d+)\/account$/,
    ['updatecharges', 'remaining_permissions'],
    ({ town, id }) => account(town, id),
  ],
  [
    'GET',
    /^\/checkouts$/,
    ['circulate', 'circulate_remaining_permissions'],
    ({ town, url, embed }) => checkouts(town, url, embed),
  ],
  [
    'GET',
    /^\/checkouts\/(\d+)$/,
    ['circulate', 'circulate_remaining_permissions'],
    ({ town, id, embed }) => checkout(town, id, embed),
  ],
  [
    'GET',
    /^\/checkouts\/(\d+)\/allows_renewal$/,
    ['circulate', 'circulate_remaining_permissions'],
    ({ town, id }) => allowsRenewal(town, id),
  ],
  [
    'POST',
    /^\/checkouts\/(\d+)\/renewals?$/,
    ['circulate', 'circulate_remaining_permissions'],
    ({ town, id }) => renewal(town, id),
  ],
  ['GET', /^\/holds$/, ['borrowers', 'edit_borrowers'], ({ town, url, embed }) => holds(town, url, embed)],
  ['POST', /^\/holds$/, ['reserveforothers'], ({ town, json }) => placeHold(town, json)],
  ['DELETE', /^\/holds\/(\d+)$/, ['reserveforothers'], ({ town, id }) => cancelHold(town, id)],
  ['POST', /^\/holds\/(\d+)\/suspension$/, ['reserveforothers'], ({ town, id, json }) => suspension(town, id, json)],
  ['DELETE', /^\/holds\/(\d+)\/suspension$/, ['reserveforothers'], ({ town, id }) => resume(town, id)],
  ['GET', /^\/libraries\/(\w+)$/, ['catalogue'], ({ town, id }) => library(town, id)],
  [
    'GET',
    /^\/biblios\/(\d+)\/items$/,
    ['catalogue'],
    ({ town, url, id, embed }) => (town.old ? undefined : items(town, url, id, embed)),
  ],
  ['GET', /^\/biblios$/, ['catalogue'], ({ town, url, embed }) => (town.old ? undefined : biblios(town, url, embed))],
]

/** Below /contrib, with the plugin of that name. */
const plugged: { readonly [plugin: string]: readonly Route[] } = {
  'webhook-notifications': [
    [
      'POST',
      /^\/contrib\/webhook_notifications\/message\/(\d+)\/status$/,
      [],
      ({ town, url, id }) => messageStatus(town, url, id),
    ],
  ],
  'message-bee': [
    [
      'POST',
      /^\/contrib\/messagebee\/message\/(\d+)\/status$/,
      [],
      ({ town, url, id }) => messageStatus(town, url, id),
    ],
  ],
  'rest-di': [
    [
      'GET',
      /^\/contrib\/kohasuomi\/patrons\/(\d+)$/,
      ['borrowers', 'view_borrower_infos_from_any_libraries'],
      ({ town, url, id }) => patronDI(town, url, id),
    ],
    [
      'PATCH',
      /^\/contrib\/kohasuomi\/patrons\/(\d+)$/,
      ['borrowers', 'edit_borrowers'],
      ({ town, id, json }) => patchDI(town, id, json),
    ],
    [
      'PUT',
      /^\/contrib\/kohasuomi\/patrons\/(\d+)\/messaging_preferences$/,
      ['borrowers', 'edit_borrowers'],
      ({ town, id, json }) => putMessaging(town, id, json),
    ],
  ],
}

function library(town: Town, id: string): Answer {
  const body = town.libraries.get(id)
  // An old server says 401 of a library that it does not know (seen live).
  return body
    ? { status: 200, body }
    : town.old
      ? refuse(401, 'Authentication failure.')
      : refuse(404, 'Library not found')
}

function biblios(town: Town, url: URL, embed: string | undefined): Answer {
  return list(town, url, embed, { rows: [...town.biblios.values()], filters: [], id: 'biblio_id', show: (row) => row })
}

function items(town: Town, url: URL, id: string, embed: string | undefined): Answer {
  if (!town.biblios.has(Number(id))) return refuse(404, 'Bibliographic record not found')
  const rows = [...town.items.values()].filter(({ biblio_id }) => biblio_id === Number(id))
  return list(town, url, embed, { rows, filters: [], id: 'item_id', show: (row) => row })
}

// ── bad days ─────────────────────────────────────────────────────────────────────────────────
/** These wait for a write; the others meet any call but the one for a token. */
const afterwards: ReadonlySet<Fault> = new Set([
  'hang-after-accept',
  'reset-after-accept',
  'slow-body',
  'oversize-body',
])

function take(town: Town, method: string, path: string): Fault | undefined {
  if (path.endsWith('/oauth/token')) return undefined
  const call = `${method} ${path}`
  const at = town.faults.findIndex(({ fault, at }) => (at ? at.test(call) : !afterwards.has(fault) || method !== 'GET'))
  return at < 0 ? undefined : town.faults.splice(at, 1)[0]?.fault
}

function badDay(fault: Fault | undefined, town: Town): Answer | undefined {
  if (fault === 'html') return { status: 200, body: '<html><body>Please sign in to this network.</body></html>' }
  if (fault === 'server-error') return refuse(500, 'Something went wrong, check the logs.')
  if (fault === 'expired-token') {
    town.tokens.clear()
    return refuse(401, 'Authentication failure.')
  }
  // Koha knows no limits; a proxy in front of it may.
  const busy = (retryAfter: string): Answer => ({
    ...refuse(429, 'Too many requests'),
    headers: { 'retry-after': retryAfter },
  })
  if (fault === 'rate-limited-seconds') return busy('2')
  if (fault === 'rate-limited-date') return busy(new Date(town.now().getTime() + 2000).toUTCString())
  return undefined
}
