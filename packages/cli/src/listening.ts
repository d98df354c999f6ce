import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PrmError } from '@prm/core'
import { createRequestListener } from '@remix-run/node-fetch-server'
import type { AnyPrm, Config } from './config.ts'

export interface Listening {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  close(): Promise<void>
}

/** Throws `config` where the port is taken. */
export async function listen(
  { port = 8080, host = '0.0.0.0' }: NonNullable<Config['listen']>,
  answer: (request: Request) => Promise<Response>,
): Promise<Listening> {
  const server: Server = createServer(listenerOf(answer))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new PrmError(
              'config',
              `listen.port: ${port} is ${error.code === 'EACCES' ? 'not allowed' : 'taken'} here.`,
              {
                cause: error,
                field: 'listen.port',
              },
            )
          : error,
      ),
    )
    server.listen(port, host, resolve)
  })
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), 10_000)
      await closed
      clearTimeout(late)
    },
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const authority = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/**
 * Answers 400 to a request whose target or Host could stand for another path than the one that a proxy saw. Of a request that
 * fails one line is written, with a code and nothing of the request: a URL may hold a secret, a number and a text.
 */
function listenerOf(answer: (request: Request) => Promise<Response>) {
  const own = createRequestListener(answer, {
    onError(error) {
      const code = PrmError.is(error) ? error.code : error instanceof Error ? error.name : 'unknown'
      process.stderr.write(`A request could not be answered: ${code}.\n`)
      return new Response(null, { status: 500 })
    },
  })
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (isPlain(request)) return void own(request, response)
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    response.end('This is no request that is answered here: expected a path and a host.')
  }
}

function isPlain({ method = '', url = '', headers }: IncomingMessage): boolean {
  return (
    methods.has(method) &&
    /^\/(?![/\\])/.test(url) &&
    (headers.host === undefined || (authority.test(headers.host) && URL.canParse(`http://${headers.host}`)))
  )
}

/** Whose request it is: the library's whose `url` has the longest path that begins this one; where there is one library, its. */
export function libraryOf(libraries: readonly AnyPrm[], path: string): AnyPrm | undefined {
  if (libraries.length === 1) return libraries[0]
  return libraries
    .flatMap((prm) => (prm.options.publicUrl === undefined ? [] : { prm, base: baseOf(prm.options.publicUrl) }))
    .filter(({ base }) => path === base || path.startsWith(`${base}/`))
    .toSorted((a, b) => b.base.length - a.base.length)[0]?.prm
}

function baseOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, '')
}
