import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure, type ServerOptions } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach } from 'vitest'

const open: Server[] = []
const sockets = new Set<Socket>()
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve))
})

/** Its port, on 127.0.0.1, until the end of the test. */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return (server.address() as AddressInfo).port
}

export const plain = async (answer: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(answer))}`

export const secure = async (options: ServerOptions, answer: RequestListener): Promise<string> =>
  `https://127.0.0.1:${await listening(createSecure(options, answer) as unknown as Server)}`

export interface Proxy {
  readonly url: string
  /** `CONNECT 127.0.0.1:4711`, `GET http://127.0.0.1:4712/`, with what it was told of the caller. */
  readonly asked: { readonly line: string; readonly authorization: string | undefined }[]
  /** Everything that went through after a CONNECT. */
  readonly seen: Buffer[]
  /** One a CONNECT: its connection is over. */
  readonly closed: Promise<unknown>[]
}

/** An HTTP proxy: tunnels (RFC 9110, 9.3.6) and forwards. With `refuse` it answers so, and waits for the other end to close; `silent`, it never answers. */
export async function proxy(
  options: { refuse?: string; silent?: boolean; user?: string; secure?: ServerOptions } = {},
): Promise<Proxy> {
  const asked: { line: string; authorization: string | undefined }[] = []
  const seen: Buffer[] = []
  const closed: Promise<unknown>[] = []
  const note = ({ method, url, headers }: IncomingMessage) => {
    asked.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] })
    const right = `Basic ${Buffer.from(options.user ?? '').toString('base64')}`
    return options.refuse ?? (options.user && headers['proxy-authorization'] !== right ? '407 Who are you' : undefined)
  }
  const forward: RequestListener = async (request, response) => {
    const refusal = note(request)
    if (refusal) return response.writeHead(Number(refusal.slice(0, 3))).end('<html>Proxy</html>')
    const { host: _, 'proxy-authorization': __, ...headers } = request.headers as Record<string, string>
    const got = await fetch(String(request.url), { method: request.method ?? 'GET', headers })
    response.writeHead(got.status).end(Buffer.from(await got.arrayBuffer()))
  }
  const server = options.secure ? (createSecure(options.secure, forward) as unknown as Server) : createServer(forward)
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    closed.push(new Promise((resolve) => socket.once('close', resolve).once('end', () => socket.end())))
    socket.on('error', () => socket.destroy()).resume()
    const refusal = note(request)
    if (options.silent) return
    if (refusal)
      return socket.write(`HTTP/1.1 ${refusal}\r\nLocation: http://portal.example/\r\nContent-Length: 5\r\n\r\nProxy`)
    const [host, port] = String(request.url).split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      through.write(head)
      socket.on('data', (chunk) => seen.push(chunk))
      socket.pipe(through).pipe(socket)
    })
    for (const one of [through, socket]) one.on('error', () => one.destroy())
    socket.on('close', () => through.destroy())
    through.on('close', () => socket.destroy())
  })
  return { url: `${options.secure ? 'https' : 'http'}://127.0.0.1:${await listening(server)}`, asked, seen, closed }
}
