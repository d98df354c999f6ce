import { BlockList, isIP } from 'node:net'
import { type Context, PrmError } from '@prm/core/adapter'
import { client, resolve } from '@prm/kit'
import type { Options, Source } from './config.ts'

/** What a feed said of itself the last time, to ask whether it is another now. */
export interface Asked {
  readonly etag?: string
  readonly modified?: string
}
export interface Got extends Asked {
  /** Nothing where it is as it was. */
  readonly bytes?: Uint8Array
  /** It is longer than that. */
  readonly cut: boolean
  readonly type: string
  /** Where it was in the end. */
  readonly url: string
  /** Where it is from now on. */
  readonly moved?: string
}

const accept =
  'application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1'
const timeoutMs = 20_000
const mostHops = 5

/** One feed, conditionally. Refusals and outages throw as the kit's client says; a redirect that is not followed `contract`. */
export async function get(
  options: Options,
  source: Source,
  { at, home: own }: { readonly at: string; readonly home: string },
  asked: Asked,
  ctx: Context,
): Promise<Got> {
  const secret = source.authorization && (await resolve(source.authorization))
  const home = new URL(own)
  let got: Got | PrmError | undefined
  // The kit's client keeps time, repeats and names errors; which redirects are followed, and how much is read, is decided here.
  const through: typeof fetch = async (input, init) => {
    const { headers, signal } = new Request(input, init)
    let url = new URL(at)
    let moved: string | undefined
    let forGood = true
    for (let hop = 0; hop <= mostHops; hop++) {
      if (secret && url.origin === home.origin) headers.set('authorization', secret)
      else headers.delete('authorization')
      const response = await (options.fetch ?? fetch)(url.href, { headers, signal, redirect: 'manual' })
      const { status } = response
      if (![301, 302, 303, 307, 308].includes(status)) {
        if (!response.ok && status !== 304) return response
        got = await read(response, options.maxBytes, url, moved)
        return new Response(null, { status: 204 })
      }
      await response.body?.cancel()
      const next = nextOf(response.headers.get('location'), url)
      if (!next || (isInside(next.hostname) && next.hostname !== home.hostname)) {
        got = refused(home, next ? 'leads to an address inside a network, which is not asked' : 'leads nowhere')
        return new Response(null, { status: 204 })
      }
      forGood &&= status === 301 || status === 308
      if (forGood) moved = next.href
      url = next
    }
    got = refused(home, `leads from one address to the next, more than ${mostHops} times`)
    return new Response(null, { status: 204 })
  }
  const http = client({ baseUrl: new URL(at).origin, timeoutMs, fetch: through })
  const headers = {
    accept,
    'user-agent': '@prm/feeds',
    ...(asked.etag !== undefined && { 'if-none-match': asked.etag }),
    ...(asked.modified !== undefined && { 'if-modified-since': asked.modified }),
  }
  await http.open({ method: 'GET', path: at, headers }, ctx)
  if (!got) throw refused(home, 'was answered with nothing')
  if (PrmError.is(got)) throw got
  return got
}

const refused = (home: URL, why: string): PrmError => new PrmError('contract', `GET to ${home.host} ${why}.`)

async function read(response: Response, most: number, url: URL, moved: string | undefined): Promise<Got> {
  const { headers, status } = response
  const [etag, modified] = [headers.get('etag'), headers.get('last-modified')]
  const said = {
    type: headers.get('content-type') ?? '',
    url: url.href,
    ...(etag !== null && { etag }),
    ...(modified !== null && { modified }),
    ...(moved !== undefined && { moved }),
  }
  if (status === 304) return { ...said, cut: false }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size > most) break // which cancels what is left
  }
  return { ...said, bytes: Buffer.concat(chunks, size).subarray(0, most), cut: size > most }
}

function nextOf(location: string | null, from: URL): URL | undefined {
  if (!location || !URL.canParse(location, from.href)) return undefined
  const next = new URL(location, from.href)
  return /^https?:$/.test(next.protocol) && next.username === '' && next.password === '' ? next : undefined
}

/** Addresses that are no public ones (RFC 6890), and names that only a network of one's own knows. */
function isInside(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const version = isIP(host)
  if (version === 0) return !host.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(host)
  const inside = new BlockList()
  for (const [net, bits] of [
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
  ] as const)
    inside.addSubnet(net, bits) // and as they are written in IPv6
  for (const [net, bits] of [
    ['::', 127],
    ['fc00::', 7],
    ['fe80::', 10],
  ] as const)
    inside.addSubnet(net, bits, 'ipv6')
  return inside.check(host, version === 4 ? 'ipv4' : 'ipv6')
}
