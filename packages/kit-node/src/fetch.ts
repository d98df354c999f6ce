import { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { AxiosHeaders, type AxiosResponse, getAdapter, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { Tunnels } from './agent.ts'
import { type Net, type NetConfig, netOf } from './config.ts'

/** What is shorter goes out with its length: not every server behind a CGI takes a body without one. */
const wholeBytes = 1024 * 1024
const mostRedirects = 20

/**
 * A `fetch` over Node's own HTTP, for the `fetch` option of an adapter: private authorities, client certificates, proxies.
 * It fails as Node's does, with a `TypeError` whose `cause` says why, or with the reason of the signal. Throws `config`
 * naming the field when the config is wrong.
 */
export function fetchBy(config: NetConfig = {}): typeof fetch {
  const net = netOf(config)
  const agent = new Tunnels(net)
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    signal.throwIfAborted()
    const stop = new AbortController()
    let end = () => stop.abort()
    const called = Promise.withResolvers<never>()
    const off = () => {
      end()
      called.reject(signal.reason)
    }
    signal.addEventListener('abort', off)
    try {
      const asked = bodyOf(request).then((body) => followed(request, body, net, agent, stop.signal))
      const answer = await Promise.race([asked, called.promise])
      const body = answer.response.data as Readable
      end = () => body.destroy(signal.reason)
      body.once('close', () => signal.removeEventListener('abort', off))
      return responseOf(answer, request.method)
    } catch (error) {
      end()
      signal.removeEventListener('abort', off)
      if (signal.aborted) throw signal.reason
      throw error instanceof TypeError ? error : new TypeError('fetch failed', { cause: plain(error) })
    }
  }
}

/** What axios throws carries the request with its headers: the token, and the proxy’s password. */
function plain(error: unknown): unknown {
  if (!isAxiosError(error)) return error
  const { message, code } = error
  return error.cause ?? Object.assign(new Error(message), { code })
}

type Body = Buffer | Readable | undefined
interface Answer {
  readonly url: URL
  readonly redirected: boolean
  readonly response: AxiosResponse
}

/** A request whose body is read as far as it is short. */
async function bodyOf({ body }: Request): Promise<Body> {
  if (!body) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  const rest = body[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await rest.next()
    if (done) return Buffer.concat(chunks)
    chunks.push(value)
    size += value.byteLength
    if (size > wholeBytes) break
  }
  async function* all() {
    yield* chunks
    yield* { [Symbol.asyncIterator]: () => rest }
  }
  return Readable.from(all(), { objectMode: false })
}

/** The rules of the Fetch standard, HTTP-redirect fetch. */
async function followed(request: Request, given: Body, net: Net, agent: Tunnels, signal: AbortSignal): Promise<Answer> {
  const headers = new Headers(request.headers)
  if (!headers.has('accept')) headers.set('accept', '*/*')
  let [url, method, body] = [new URL(request.url), request.method, given]
  for (let redirects = 0; ; redirects++) {
    const response = await ask(url, method, headers, body, net, agent, signal)
    const to = [301, 302, 303, 307, 308].includes(response.status) && response.headers.location
    if (!to || request.redirect === 'manual') return { url, redirected: redirects > 0, response }
    ;(response.data as Readable).destroy()
    const next = new URL(to, url)
    if (request.redirect === 'error' || redirects === mostRedirects || !/^https?:$/.test(next.protocol))
      throw new TypeError('fetch failed', { cause: new Error('A redirect that is not followed.') })
    const rewrites = response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST'
    if (rewrites) {
      ;[method, body] = ['GET', undefined]
      for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language'])
        headers.delete(name)
    }
    if (body instanceof Readable)
      throw new TypeError('fetch failed', { cause: new Error('A body that was sent cannot be sent again elsewhere.') })
    if (next.origin !== url.origin) for (const name of ['authorization', 'cookie', 'host']) headers.delete(name)
    url = next
  }
}

/** One request, over axios’s HTTP adapter alone: its defaults, and its reading of the environment, stay out. */
function ask(
  url: URL,
  method: string,
  headers: Headers,
  body: Body,
  net: Net,
  agent: Tunnels,
  signal: AbortSignal,
): Promise<AxiosResponse> {
  const proxy = url.protocol === 'http:' ? net.proxyOf(url.href) : undefined
  return getAdapter('http')({
    url: url.href,
    method,
    headers: new AxiosHeaders(Object.fromEntries(headers)),
    data: body,
    responseType: 'stream',
    maxRedirects: 0,
    httpsAgent: agent,
    proxy: proxy !== undefined && {
      protocol: proxy.protocol,
      host: proxy.hostname,
      port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
      ...(proxy.username && {
        auth: { username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) },
      }),
    },
    signal,
  } as InternalAxiosRequestConfig)
}

function responseOf({ url, redirected, response }: Answer, method: string): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers))
    for (const one of [value].flat()) headers.append(name, String(one))
  const body = response.data as Readable
  // Decoded, it has another length.
  if (!(body instanceof IncomingMessage)) headers.delete('content-length')
  const empty = method === 'HEAD' || [204, 205, 304].includes(response.status)
  if (empty) body.resume()
  const { status, statusText } = response
  const made = new Response(empty ? null : (Readable.toWeb(body) as ReadableStream<Uint8Array>), {
    status,
    statusText,
    headers,
  })
  return Object.defineProperties(made, { url: { value: url.href }, redirected: { value: redirected } })
}
