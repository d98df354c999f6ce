import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Contend } from '../place.ts'

export interface Latency {
  readonly ms: number
  /** Of each hundred calls, how many take `slowMs` instead. */
  readonly slow?: number
  readonly slowMs?: number
}

/**
 * The one call of Twilio's API that sends, as lean as it can be, so that it is never what is measured: it answers after the
 * latency, with a message resource, and counts.
 */
export const contend: Contend<Latency, { readonly taken: number }> = async ({ ms, slow = 0, slowMs = ms }, life) => {
  let taken = 0
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume()
    request.on('end', () => {
      const number = ++taken
      const answer = JSON.stringify({
        sid: `SM${String(number).padStart(32, '0')}`,
        status: 'queued',
        to: '+12122000000',
        from: '+12125550100',
        body: null,
        direction: 'outbound-api',
        date_created: null,
        error_code: null,
        num_media: '0',
        num_segments: '1',
      })
      const headers = { 'content-type': 'application/json', 'content-length': answer.length }
      // Spread evenly, and the same calls in each run.
      const delay = number % 100 < slow ? slowMs : ms
      setTimeout(() => response.writeHead(201, headers).end(answer), delay)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await life.ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { taken }
}
