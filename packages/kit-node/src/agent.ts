import { request as overHttp } from 'node:http'
import { Agent, request as overHttps, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Net } from './config.ts'

type Opened = (error: Error | null, socket: Duplex) => void

/** A connection that does not come about in this time has sent nothing: node and undici wait as long. */
const openMs = 10_000
/** Shorter than servers keep an idle connection: one that closes at the moment of a write would leave it unknown. */
const idleMs = 4_000

/** TLS to the end, also through a proxy (RFC 9110, 9.3.6), so that it sees neither paths nor patrons. */
export class Tunnels extends Agent {
  readonly #net: Net

  constructor(net: Net) {
    super({ ...net.tls, keepAlive: true, timeout: idleMs })
    this.#net = net
  }

  override createConnection(options: RequestOptions, opened: Opened = () => undefined): Duplex | undefined {
    const host = String(options.host).includes(':') ? `[${options.host}]` : String(options.host)
    const end = `${host}:${options.port}`
    const proxy = this.#net.proxyOf(`https://${end}`)
    if (!proxy) return inTime(super.createConnection(options) as TLSSocket)
    const asked = (proxy.protocol === 'https:' ? overHttps : overHttp)({
      method: 'CONNECT',
      hostname: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port,
      path: end,
      headers: { host: end, ...authorization(proxy) },
      agent: false,
      timeout: openMs,
      ...(this.#net.tls.ca && { ca: this.#net.tls.ca }),
    })
    const fail = (code: string) => opened(refused(code), undefined as never)
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      socket.setTimeout(0)
      if (statusCode >= 200 && statusCode < 300)
        return opened(null, inTime(super.createConnection({ ...options, socket } as RequestOptions) as TLSSocket))
      socket.destroy()
      fail(String(statusCode))
    })
    asked.once('timeout', () => asked.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
    asked.once('error', (error) => fail(String((error as NodeJS.ErrnoException).code)))
    asked.end()
    return undefined
  }
}

function authorization({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (!username) return {}
  const said = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(said).toString('base64')}` }
}

/** `ERR_PROXY_407`: the kit reads of the code that nothing was sent. */
const refused = (code: string): Error =>
  Object.assign(new Error(`The proxy opened no connection (${code}).`), { code: `ERR_PROXY_${code}` })

function inTime(socket: TLSSocket): TLSSocket {
  const late = Object.assign(new Error('No connection came about.'), { code: 'ETIMEDOUT', syscall: 'connect' })
  const timer = setTimeout(() => socket.destroy(late), openMs)
  for (const event of ['secureConnect', 'close']) socket.once(event, () => clearTimeout(timer))
  return socket
}
