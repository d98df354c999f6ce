import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Browser, chromium } from 'playwright-core'

/** A Chromium that is installed here, if any: `apt-get install chromium`, or name yours in PRM_CHROMIUM. */
export const executable: string | undefined = [
  process.env.PRM_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path))

export function launch(): Promise<Browser> {
  // Its sandbox needs what containers, and root, do not have; what it opens is our own page.
  return chromium.launch({ executablePath: executable as string, args: ['--no-sandbox'] })
}

/** A loopback server in front of web requests, as a host mounts them. */
export async function serve(): Promise<{
  readonly url: string
  handle: (request: Request) => Promise<Response>
  close(): Promise<void>
}> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', headers, url = '/' } = incoming
    const body = method === 'POST' ? await text(incoming) : undefined
    const sent = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as const],
    )
    const request = new Request(`${served.url}${url}`, {
      method,
      headers: [...sent] as [string, string][],
      ...(body !== undefined && { body }),
    })
    const response = await served.handle(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const served = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handle: async (_: Request): Promise<Response> => new Response('Not yet.', { status: 503 }),
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
  return served
}
