import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a worker's call can be killed at: it has left the worker, the provider took it, the worker was told so. */
export type Moment = 'called' | 'accepted' | 'answered'

/** Between one worker and the provider: it sees each text go by, and takes its time. */
export interface Gate extends EventEmitter<{ [M in Moment]: [] }> {
  readonly url: string
  close(): Promise<void>
}

/**
 * `slow` says how many milliseconds a request takes, and as many again its answer. Of what had left a worker when it was
 * killed, every second call arrives all the same.
 */
export async function gate(provider: string, slow: () => number): Promise<Gate> {
  const events = new EventEmitter<{ [M in Moment]: [] }>()
  let killed = 0
  const server = createServer((request, response) => {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    pass(request, response).catch(() => response.destroy())
  })

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const sends = request.method === 'POST'
    if (sends) events.emit('called')
    await sleep(slow())
    if (request.socket.destroyed && killed++ % 2 === 0) return
    const { authorization = '', 'content-type': type } = request.headers
    const answer = await fetch(new URL(request.url ?? '/', provider), {
      method: request.method ?? 'GET',
      headers: { authorization, ...(type && { 'content-type': type }) },
      ...(sends && { body: Buffer.concat(chunks) }),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    const took = sends && answer.ok
    if (took) events.emit('accepted')
    await sleep(slow())
    const headers = { 'content-type': answer.headers.get('content-type') ?? 'application/json' }
    response.writeHead(answer.status, headers).end(body, () => took && events.emit('answered'))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(events, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
