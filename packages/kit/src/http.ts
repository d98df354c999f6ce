import { type Awaitable, type Code, type Context, type Json, PrmError } from '@prm/core/adapter'
import { bytesOf } from './body.ts'
import type { Wire } from './config.ts'

export interface Client {
  /** One call; what comes back fits `wire`. Everything else throws a PrmError by the table of this file. */
  call<T>(call: Call, wire: Wire<T>, ctx: Context): Promise<T>
  /** The answer itself, unread, for what is not JSON; refusals throw as in `call`. */
  open(call: Call, ctx: Context): Promise<Response>
}

export interface ClientOptions {
  readonly baseUrl: string
  /** Asked before each call, and once more after a 401: the call is repeated if the answer is another. */
  readonly headers?: () => Awaitable<Readonly<Record<string, string>>>
  /** What a refusal means with this vendor; `undefined` leaves it to the table. Its body is JSON, or else the text that came. */
  readonly code?: (status: number, body: unknown, call: Call) => Code | undefined
  /** The vendor's own error number in the body of a refusal. */
  readonly vendorCode?: (body: unknown) => string | number | undefined
  /** For the call as a whole, repeats and body included; 15,000 by default. */
  readonly timeoutMs?: number
  readonly fetch?: typeof fetch
}

/** Query and form fields: an array is a repeated field, `undefined` none. */
export type Fields = { readonly [name: string]: string | number | readonly string[] | undefined }

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `baseUrl`, or a whole URL that a response named: it must be of the same origin. */
  readonly path: string
  readonly query?: Fields
  readonly json?: Json
  readonly form?: Fields
  /** What is neither JSON nor a form. */
  readonly body?: { readonly type: string; readonly text: string }
  readonly headers?: Readonly<Record<string, string>>
  /** What comes back is text, not JSON: `wire` is of a string. */
  readonly text?: boolean
  /** Changes something, so that it is never repeated, and a lost answer is `unknown`. All but GET, unless said otherwise. */
  readonly write?: boolean
  /** Of the answer; 1 MiB by default. */
  readonly maxBytes?: number
  /** Follow redirects (`open` on media); otherwise one is a broken contract. */
  readonly follow?: boolean
}

const mostBytes = 1024 * 1024

/**
 * HTTP for adapters. Time-outs, resets and 5xx after a write may have been taken: `unknown`. What was never sent, and the
 * same on a read: `unavailable`. Errors name host, method, status and the vendor's number, and carry neither bodies nor
 * headers nor URLs.
 */
export function client(options: ClientOptions): Client {
  const base = new URL(options.baseUrl)
  return {
    call: (call, wire, ctx) =>
      exchange(options, base, call, ctx, writes(call) && !options.fetch && !call.follow ? post : ask, async (answer) =>
        checked(await jsonOf(answer, call, base), wire, call, base),
      ),
    open: (call, ctx) => exchange(options, base, call, ctx, ask, async ({ response }) => response),
  }
}

/** What is read of an answer, whichever client brought it. */
interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  /** `undefined` where there are more. */
  bytes(most: number): Promise<Uint8Array | undefined>
}
type Ask<A extends Answer> = (
  options: ClientOptions,
  call: Call,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<A>

async function exchange<A extends Answer, T>(
  options: ClientOptions,
  base: URL,
  call: Call,
  ctx: Context,
  ask: Ask<A>,
  read: (answer: A) => Promise<T>,
): Promise<T> {
  const url = urlOf(base, call)
  const first = (await options.headers?.()) ?? {}
  try {
    return await attempt(options, base, call, url, first, ctx, ask, read)
  } catch (error) {
    if (!(PrmError.is(error) && error.code === 'auth') || !options.headers) throw error
    const second = await options.headers()
    if (JSON.stringify(second) === JSON.stringify(first)) throw error
    return attempt(options, base, call, url, second, ctx, ask, read)
  }
}

async function attempt<A extends Answer, T>(
  options: ClientOptions,
  base: URL,
  call: Call,
  url: URL,
  headers: Readonly<Record<string, string>>,
  ctx: Context,
  ask: Ask<A>,
  read: (answer: A) => Promise<T>,
): Promise<T> {
  if (ctx.signal.aborted) throw new PrmError('unavailable', `${said(base, call)} was called off before it was sent.`)
  // Own timer and listener: those of AbortSignal.timeout and .any outlive the call, and there are many calls.
  const abort = new AbortController()
  let stop = () => {}
  // Clients do not always hear of it: undici not while it connects, `fetch` not once its Request is garbage collected.
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      abort.abort()
      reject(abort.signal.reason)
    }
  })
  const timer = setTimeout(stop, options.timeoutMs ?? 15_000)
  ctx.signal.addEventListener('abort', stop)
  const answered = async (): Promise<T> => {
    const type = call.body && { 'content-type': call.body.type }
    const answer = await ask(options, call, url, { ...headers, ...call.headers, ...type }, abort.signal)
    if (answer.status >= 200 && answer.status < 300) return read(answer)
    throw refusal(options, base, call, answer, await bodyOf(answer), ctx)
  }
  try {
    return await Promise.race([stopped, answered()])
  } catch (error) {
    if (PrmError.is(error)) throw error
    throw failure(error, abort.signal.aborted, base, call)
  } finally {
    clearTimeout(timer)
    ctx.signal.removeEventListener('abort', stop)
  }
}

let undici: Promise<typeof import('undici')> | undefined

/**
 * A write, by undici's own `request`: it costs a third of what `fetch` does, and goes through the same dispatcher (pool, and
 * proxy where the host set one). Loaded at the first, since that takes longer than all else of this package.
 */
const post: Ask<Answer> = async (_, call, url, headers, signal) => {
  undici ??= import('undici')
  const { request } = await undici
  const { type, body } = bodyFor(call)
  const options = {
    method: call.method,
    headers: { accept: '*/*', 'user-agent': 'node', ...(type && { 'content-type': type }), ...headers },
    body,
    signal,
  }
  const { statusCode, headers: said, body: stream } = await request(url, options)
  const [retryAfter = null] = [said['retry-after']].flat()
  return { status: statusCode, retryAfter, bytes: (most) => bytesOf(stream, most) }
}

function bodyFor({ json, form, body }: Call): { readonly type?: string; readonly body: string | null } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) }
  if (!form) return { body: body?.text ?? null }
  return { type: 'application/x-www-form-urlencoded;charset=UTF-8', body: fieldsOf(form).toString() }
}

let kept: Promise<typeof import('ky')> | undefined

/** All else, by ky over `fetch`, which is loaded at the first as well. */
const ask: Ask<Answer & { readonly response: Response }> = async (options, call, url, headers, signal) => {
  const response = await responseTo(options, call, url, headers, signal)
  const { status, body } = response
  const bytes = async (most: number) => (body ? bytesOf(body, most) : new Uint8Array())
  return { status, retryAfter: response.headers.get('retry-after'), bytes, response }
}

const responseTo = async (...[options, call, url, headers, signal]: Parameters<Ask<Answer>>): Promise<Response> => {
  kept ??= import('ky')
  const { default: ky, isHTTPError } = await kept
  try {
    return await ky(url, {
      method: call.method,
      headers: { ...headers },
      ...(call.json !== undefined && { json: call.json }),
      ...(call.form && { body: fieldsOf(call.form) }),
      ...(call.body && { body: call.body.text }),
      redirect: call.follow ? 'follow' : 'manual',
      signal,
      timeout: false,
      retry: {
        limit: writes(call) ? 0 : 2,
        methods: [call.method],
        statusCodes: [500, 502, 503, 504],
        afterStatusCodes: [],
        delay: (attempt) => 100 * 3 ** (attempt - 1),
      },
      throwHttpErrors: (status) => !writes(call) && status >= 500, // ky repeats only what it throws
      ...(options.fetch && { fetch: options.fetch }),
    })
  } catch (error) {
    // Its body is read already; ky gives it as `data`.
    if (isHTTPError(error))
      return new Response(JSON.stringify(error.data ?? null), {
        status: error.response.status,
        headers: error.response.headers,
      })
    throw error
  }
}

const writes = (call: Call): boolean => call.write ?? call.method !== 'GET'

function urlOf(base: URL, { path, query }: Call): URL {
  const absolute = /^[a-z][a-z\d+.-]*:/i.test(path)
  const text = absolute ? path : `${base.origin}${base.pathname.replace(/\/$/, '')}/${path.replace(/^\/+/, '')}`
  const url = URL.parse(text)
  // Not the path itself: it may hold a secret or a number.
  if (!url)
    throw new PrmError('invalid', `The path of a call to ${base.host} cannot be part of a URL.`, { field: 'path' })
  if (url.origin !== base.origin)
    throw new PrmError('contract', `${base.host} pointed to another host, which is not asked.`)
  for (const [name, value] of fieldsOf(query ?? {})) url.searchParams.append(name, value)
  return url
}

function fieldsOf(fields: Fields): URLSearchParams {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) params.append(name, String(one))
  }
  return params
}

// ── what came back ───────────────────────────────────────────────────────────────────────────
async function jsonOf(answer: Answer, call: Call, base: URL): Promise<unknown> {
  const most = call.maxBytes ?? mostBytes
  const bytes = await answer.bytes(most)
  if (!bytes) throw broken(call, `${said(base, call)} was answered with more than ${most / mostBytes} MiB.`)
  if (call.text) return new TextDecoder().decode(bytes)
  if (bytes.byteLength === 0) return undefined
  const value = parsed(bytes)
  if (value === undefined)
    throw broken(call, `${said(base, call)} was answered ${answer.status} with something that is not JSON.`)
  return value
}

async function checked<T>(value: unknown, wire: Wire<T>, call: Call, base: URL): Promise<T> {
  const result = await wire['~standard'].validate(value)
  if (!result.issues) return result.value
  const paths = result.issues
    .slice(0, 3)
    .map(
      ({ path = [] }) =>
        path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.') || 'the whole',
    )
  throw broken(call, `${said(base, call)} was answered in another shape than expected, in: ${paths.join(', ')}.`)
}

/** A 2xx that cannot be read: the vendor broke its contract, and a write it answered may have been taken. */
const broken = (call: Call, message: string): PrmError => new PrmError(writes(call) ? 'unknown' : 'contract', message)

/** The body of a refusal, where it can be had: its status decides without it. */
async function bodyOf(answer: Answer): Promise<unknown> {
  try {
    const bytes = await answer.bytes(mostBytes)
    return bytes && (parsed(bytes) ?? new TextDecoder().decode(bytes))
  } catch {
    return undefined // The body was cut off; what matters is the status, and that is here.
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined // JSON has no undefined; and the error's own message quotes the body.
  }
}

function refusal(
  options: ClientOptions,
  base: URL,
  call: Call,
  { status, retryAfter }: Answer,
  body: unknown,
  ctx: Context,
): PrmError {
  const number = String(options.vendorCode?.(body) ?? '')
  const vendor = { status, ...(/^[\w.-]{1,40}$/.test(number) && { code: number }) }
  const retryAfterMs = waitOf(retryAfter, ctx)
  const code = options.code?.(status, body, call) ?? codeOf(status, writes(call))
  return new PrmError(
    code,
    `${said(base, call)} was answered ${status}${vendor.code ? `, code ${vendor.code}` : ''}.`,
    {
      vendor,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  )
}

function codeOf(status: number, write: boolean): Code {
  if (status < 400) return 'contract' // moved, and not followed
  if (status >= 500 || status === 408) return write ? 'unknown' : 'unavailable'
  return codes[status] ?? 'invalid'
}
const codes: { readonly [status: number]: Code } = {
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  405: 'unsupported',
  409: 'conflict',
  410: 'not_found',
  425: 'unavailable',
  429: 'rate_limited',
}

/** RFC 9110, 10.2.3: seconds, or an HTTP date. */
function waitOf(header: string | null, ctx: Context): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Math.round(Number(header) * 1000)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - ctx.now().getTime())
}

// ── what did not ─────────────────────────────────────────────────────────────────────────────
/**
 * Errors of undici, node:dns, node:net, TLS and @prm/kit-node after which no byte of the request has left, or none was read:
 * a server that asks for a client certificate ends the connection by an alert before it looks at what came along.
 */
const neverSent =
  /^(ERR_PROXY_\w+|ERR_SSL_\S+_ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|HANDSHAKE_FAILURE)|ECONNREFUSED|ENOTFOUND|EAI_\w+|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_INVALID_URL|ERR_TLS_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/

function failure(error: unknown, stopped: boolean, base: URL, call: Call): PrmError {
  const reasons = reasonsOf(error)
  const unsent = reasons.length > 0 && reasons.every((reason) => neverSent.test(reason))
  const why = stopped ? 'took too long or was called off' : `broke off${reasons[0] ? ` (${reasons[0]})` : ''}`
  return new PrmError(
    writes(call) && !unsent ? 'unknown' : 'unavailable',
    `${said(base, call)} ${unsent ? `could not be sent (${reasons[0]})` : why}.`,
  )
}

/** The system codes at the bottom of an error: ky and fetch wrap them, and both address families may have been tried. */
function reasonsOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return []
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return error.errors.flatMap((one) => reasonsOf(one, depth + 1))
  const below = 'cause' in error ? reasonsOf(error.cause, depth + 1) : []
  if (below.length > 0) return below
  const { code, syscall } = error as { code?: unknown; syscall?: unknown }
  if (code === 'ETIMEDOUT' && syscall === 'connect') return ['UND_ERR_CONNECT_TIMEOUT']
  return typeof code === 'string' ? [code] : []
}

const said = (base: URL, call: Call): string => `${call.method} to ${base.host}`
