import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Contend } from '../place.ts'

/** Answers no call; says when the first of each worker came, in milliseconds since 1970, to whoever asks. */
export const contend: Contend<object, object> = async (_, life) => {
  let first: () => void = () => {}
  const came = new Promise<void>((resolve) => {
    first = resolve
  })
  const server = createServer((request, response) => {
    request.resume()
    if (request.method === 'POST') first()
    else void came.then(() => response.end())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await life.ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.closeAllConnections()
  return {}
}
