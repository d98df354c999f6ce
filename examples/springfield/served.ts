import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Actor } from '@prm/core'
import type { PageOptions } from '@prm/inbox'
import { createRequestListener } from '@remix-run/node-fetch-server'

/** A server on this machine alone; what stands in front of it, for a provider to reach, is the host's matter. */
export interface Served {
  /** `http://127.0.0.1:PORT/prm` */
  readonly url: string
  answer(handle: (request: Request) => Promise<Response>): void
  close(): Promise<void>
}

export async function serve(port = 0): Promise<Served> {
  let handle = async (_: Request): Promise<Response> => new Response('Not yet.', { status: 503 })
  const server = createServer(createRequestListener((request) => handle(request)))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prm`,
    answer(given) {
      handle = given
    },
    async close() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

export interface SignOn {
  readonly page: Required<Pick<PageOptions, 'authorize' | 'secret'>>
  /** Made anew at each start. */
  readonly password: string
  /** What a browser sends once this name and the password were typed. */
  header(name: string): string
}

/** The sign-on of an example: any name, and one password. A library puts its own in its place. */
export function signOn(): SignOn {
  const [password, secret] = [randomBytes(9).toString('base64url'), randomBytes(24).toString('base64url')]
  const ask = { 'www-authenticate': 'Basic realm="Springfield Library, staff", charset="UTF-8"' }
  return {
    password,
    header: (name) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    page: {
      secret,
      authorize(request): Actor | Response {
        const [, given = ''] = /^Basic (\S+)$/.exec(request.headers.get('authorization') ?? '') ?? []
        const [, id = '', typed = ''] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(given, 'base64').toString()) ?? []
        const [a, b] = [Buffer.from(typed), Buffer.from(password)]
        const right = a.length === b.length && timingSafeEqual(a, b) && id.trim() !== ''
        return right
          ? { kind: 'staff', id: id.trim() }
          : new Response('Sign in as staff.', { status: 401, headers: ask })
      },
    },
  }
}

/** A member of staff at the page, by its forms alone. */
export interface Browser {
  /** The list: the links of those that wait, longest first. */
  list(): Promise<readonly string[]>
  /** The text of a page, without its markup. */
  read(path: string): Promise<string>
  /** Fills in a form of the conversation's page, and presses its button; answers what the page says then. */
  press(path: string, what: string, fields?: Readonly<Record<string, string>>): Promise<string>
}

export function browser(url: string, authorization: string): Browser {
  const { origin, pathname } = new URL(url)
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`${origin}${path}`, { headers: { authorization } })
    if (!response.ok) throw new Error(`The page ${path} answers ${response.status}.`)
    return response.text()
  }
  const hidden = (page: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
  return {
    async list() {
      const page = await get(`${pathname}/inbox/`)
      return [...page.matchAll(/href="([^"]*\/c\/[^"]+)"/g)].map(([, path = '']) => path)
    },
    read: async (path) => wordsOf(await get(path)),
    async press(path, what, fields = {}) {
      const page = await get(path)
      const form = { token: hidden(page, 'token'), seen: hidden(page, 'seen'), do: what, ...fields }
      const response = await fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { authorization, origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      })
      return (
        /<p class="(?:done|problem)"[^>]*>([\s\S]*?)<\/p>/
          .exec(await response.text())?.[1]
          ?.replaceAll(/<[^>]*>.*/g, '')
          .trim() ?? ''
      )
    },
  }
}

function wordsOf(html: string): string {
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html
  const text = main
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
  return text.replaceAll(/\s+/g, ' ').trim()
}
