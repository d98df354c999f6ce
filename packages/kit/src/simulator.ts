import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Fault } from '@prm/core/adapter'

// For simulators of vendors that speak HTTP: a server on loopback, its bad days, and what it posts by itself.

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What goes back, or how nothing does: a `part` never comes to its end, and a `stream` is written to by whoever has it. */
export type Answer =
  | {
      readonly status: number
      readonly body?: string | Uint8Array
      readonly headers?: Readonly<Record<string, string>>
    }
  | { readonly part: string; readonly status: number }
  | Stream
  | 'nothing'
  | 'reset'

export interface Stream {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  stream(to: ServerResponse): void
}

export interface Loopback {
  readonly url: string
  close(): Promise<void>
}

export interface LoopbackOptions {
  readonly port?: number | undefined
  readonly latencyMs?: number | undefined
  /** Who asks for another protocol, a WebSocket, gets what is written there. */
  readonly upgrade?: (asked: Omit<Asked, 'body'>, socket: Duplex) => void
}

/** Answers each request once its body is there, after `latencyMs`. */
export async function loopback(
  answer: (asked: Asked) => Answer,
  { port = 0, latencyMs = 0, upgrade }: LoopbackOptions = {},
): Promise<Loopback> {
  let base = ''
  const open = new Set<Duplex>()
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined) // a client that was killed
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = 'GET', headers, url = '/' } = request
      const asked = { method, headers, url: new URL(url, base), body: Buffer.concat(chunks).toString() }
      const go = () => write(answer(asked), request, response)
      if (latencyMs) setTimeout(go, latencyMs)
      else go()
    })
  })
  if (upgrade)
    server.on('upgrade', ({ method = 'GET', headers, url = '/' }: IncomingMessage, socket: Duplex) => {
      open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)))
      upgrade({ method, headers, url: new URL(url, base) }, socket)
    })
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(port, '127.0.0.1', done)
  })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: base,
    async close() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

function write(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (answer === 'nothing') return
  if (answer === 'reset') request.socket.resetAndDestroy()
  else if ('stream' in answer) {
    response.writeHead(answer.status, answer.headers).flushHeaders()
    answer.stream(response)
  } else if ('part' in answer) response.writeHead(answer.status).write(answer.part)
  else {
    const { status, body = '', headers } = answer
    const length = { 'content-length': Buffer.byteLength(body) }
    response.writeHead(status, { ...headers, ...(status !== 204 && length) }).end(body)
  }
}

/** A simulator never leaves the machine: what it has for other hosts is there to be fetched with `webhook`. */
export function isLocal(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}

// ── bad days ─────────────────────────────────────────────────────────────────────────────────
/** Those that meet any call; `page-moved` waits for the next look-up, the others for the next write. */
export const anywhere: ReadonlySet<Fault> = new Set([
  'rate-limited-seconds',
  'rate-limited-date',
  'reset',
  'server-error',
  'html',
  'expired-token',
])

export interface Faults {
  add(fault: Fault, times?: number): void
  take(write: boolean): Fault | undefined
}

export function faults(): Faults {
  const waiting: Fault[] = []
  return {
    add: (fault, times = 1) => void waiting.push(...Array<Fault>(times).fill(fault)),
    take(write) {
      const at = waiting.findIndex((fault) => anywhere.has(fault) || (fault !== 'page-moved') === write)
      return at < 0 ? undefined : waiting.splice(at, 1)[0]
    },
  }
}

/** How the vendor says that it is busy, that it failed, and that it does not know you. */
export interface Refusals {
  readonly busy: Exclude<Answer, string>
  readonly failed: Answer
  readonly denied: Answer
}

/** What a fault makes of a call before it is looked at; `undefined` for one that it does not meet. */
export function badDay(fault: Fault | undefined, { busy, failed, denied }: Refusals, now: Date): Answer | undefined {
  if (fault === 'reset') return 'reset'
  if (fault === 'html') {
    const body = '<html><body>Please sign in to this network.</body></html>'
    return { status: 200, body, headers: { 'content-type': 'text/html' } }
  }
  if (fault === 'server-error') return failed
  if (fault === 'expired-token') return denied
  const wait = { 'rate-limited-seconds': '2', 'rate-limited-date': new Date(now.getTime() + 4000).toUTCString() }
  const after = wait[fault as keyof typeof wait]
  return after === undefined
    ? undefined
    : { ...busy, headers: { ...('headers' in busy && busy.headers), 'retry-after': after } }
}

/** What it makes of the answer to a write that was taken. */
export function spoiled(
  fault: Fault | undefined,
  answer: Exclude<Answer, string | Stream | { readonly part: string }>,
): Answer {
  if (fault === 'hang-after-accept') return 'nothing'
  if (fault === 'reset-after-accept') return 'reset'
  const body = String(answer.body)
  if (fault === 'slow-body') return { status: answer.status, part: body.slice(0, Math.min(40, body.length - 1)) }
  return fault === 'oversize-body' ? { ...answer, body: body + ' '.repeat(2 * 1024 * 1024) } : answer
}

// ── what it posts by itself ──────────────────────────────────────────────────────────────────
export interface Reporter {
  /** One after another, each after the delay; a fault turns them round, or makes each twice. */
  start(reports: readonly ((signal: AbortSignal) => Promise<void>)[], fault?: Fault): void
  /** Resolves once none is under way any more. */
  idle(): Promise<void>
  close(): void
}

export function reporter(delayMs = 0): Reporter {
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()
  const { signal } = closing

  async function run(reports: Parameters<Reporter['start']>[0], fault: Fault | undefined): Promise<void> {
    for (const report of fault === 'reordered-reports' ? reports.toReversed() : reports) {
      await pause(delayMs, signal)
      for (let n = fault === 'duplicate-report' ? 2 : 1; n > 0 && !signal.aborted; n--) await report(signal)
    }
  }

  return {
    start(reports, fault) {
      const one = run(reports, fault).finally(() => underWay.delete(one))
      underWay.add(one)
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    close: () => closing.abort(),
  }
}

/** The status of the answer. Whoever was to hear it may be gone: 0, and no failure of the simulator. */
export async function post(request: Request, signal?: AbortSignal): Promise<number> {
  try {
    const response = await fetch(request, signal ? { signal } : {})
    await response.body?.cancel()
    return response.status
  } catch {
    return 0
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done()
    // Even 0 lets the API answer first.
    const timer = setTimeout(end, ms)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    signal.addEventListener('abort', end)
  })
}
