import type { Address, Attachment, Context, Of, Webhook } from '@prm/core/adapter'
import { messageDelivery, messageReceived, PrmError } from '@prm/core/adapter'
import { bytesOf, type Client, hmacSha1, resolve, sameText, sha256 } from '@prm/kit'
import { optOutKeyword, optOutOf } from '@prm/kit/optout'
import { stateOf } from './api.ts'
import type { Options } from './config.ts'
import { meansOf } from './errors.ts'

const mostBytes = 1024 * 1024

export function inlet(api: Client, options: Options): Required<Pick<Webhook, 'receive' | 'media' | 'requires'>> {
  return {
    requires: [{ header: 'x-twilio-signature' }],
    async receive(request, ctx) {
      const url = publicUrl(request, ctx)
      const said = await verified(request, url, options, hostIn(ctx.publicUrl))
      const status = said.get('MessageStatus')
      if (status !== null) return { interactions: [delivery(said, status, url, ctx)], reply: nothing() }
      if (said.has('Body') || said.get('SmsStatus') === 'received')
        return { interactions: [received(said, ctx)], reply: silence() }
      ctx.log('debug', 'A webhook that is neither a message nor a status.')
      return { interactions: [], reply: nothing() }
    },
    // With our credentials, so only from the API's host; it forwards to where the file lies, and they stay behind.
    media: ({ ref }, ctx) => api.open({ method: 'GET', path: ref, follow: true }, ctx),
  }
}

const nothing = (): Response => new Response(null, { status: 204 })
/** TwiML that sends no reply: answers go out by `send`. A wrong Content-Type is Twilio error 12300. */
const silence = (): Response => new Response('<Response/>', { headers: { 'content-type': 'text/xml' } })

// ── what was signed ──────────────────────────────────────────────────────────────────────────
/** The URL as Twilio called it, from our config: Host and X-Forwarded-* are whatever a stranger writes. */
function publicUrl(request: Request, ctx: Context): URL {
  if (!ctx.publicUrl)
    throw new PrmError('config', 'No public URL is set, so no signature can be checked.', { field: 'url' })
  const url = new URL(ctx.publicUrl)
  url.search = new URL(request.url).search
  return url
}

/**
 * The parameters of a request that Twilio signed. Throws `signature` for all others, before anything is parsed further, and
 * `invalid` for what is no form (twilio.com/docs/usage/security; twilio-node src/webhooks/webhooks.ts).
 */
async function verified(request: Request, url: URL, options: Options, host: string): Promise<URLSearchParams> {
  const signature = request.headers.get('x-twilio-signature')
  if (!signature) throw new PrmError('signature', 'The X-Twilio-Signature header is missing.')
  const bytes = await bytesOf(request, mostBytes)
  if (!bytes) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
  const hash = url.searchParams.get('bodySHA256')
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  const inUrl = request.method === 'GET'
  if (!inUrl && hash === null && type !== 'application/x-www-form-urlencoded') {
    throw new PrmError('invalid', 'The request is not a form.')
  }
  // With a body hash the URL alone is signed, and it holds the hash of the body; a GET has nothing but its URL.
  const body = new TextDecoder().decode(bytes)
  const form = new URLSearchParams(inUrl || hash !== null ? '' : body)
  if (!(await isSigned(signature, variantsOf(url, host), form, options)))
    throw new PrmError('signature', 'The signature is not Twilio’s.')
  if (hash === null) return inUrl ? url.searchParams : form
  if (!sameText(sha256(bytes).hex, hash.toLowerCase()))
    throw new PrmError('signature', 'The body is not what was signed.')
  return type === 'application/json' ? fieldsOf(body) : new URLSearchParams(body)
}

/** By either token while they are rotated, over any of the URLs that Twilio may have signed. */
async function isSigned(
  signature: string,
  urls: readonly string[],
  form: URLSearchParams,
  options: Options,
): Promise<boolean> {
  const data = signedOf(form)
  for (const token of [options.authToken, options.previousAuthToken]) {
    const key = token && (await resolve(token))
    if (key && urls.some((one) => sameText(hmacSha1(key, one, data).base64, signature))) return true
  }
  return false
}

/** Names by code unit; of a repeated name each value once, in order; nothing between them. */
function signedOf(form: URLSearchParams): string {
  const before = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const pairs = [...form].sort(([a, x], [b, y]) => before(a, b) || before(x, y))
  return pairs
    .filter(([a, x], at) => a !== pairs[at - 1]?.[0] || x !== pairs[at - 1]?.[1])
    .flat()
    .join('')
}

/** The host as the library wrote it, without its port: Twilio signs capitals as they are, and a URL has none. */
const hostIn = (url = ''): string => /^[a-z]+:\/\/(\[[^\]]*\]|[^/?#:]*)/i.exec(url)?.[1] ?? ''

/** Twilio's back end signs with or without the default port, and with its query as sent or written anew. */
function variantsOf(url: URL, host: string): readonly string[] {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const written = [host, `${host}:${port}`]
  const hosts = new Set([url.host, url.hostname, `${url.hostname}:${port}`, ...written])
  const searches = new Set([url.search, legacy(url.searchParams)])
  return [...hosts].flatMap((host) => [...searches].map((one) => `${url.protocol}//${host}${url.pathname}${one}`))
}

/** As node:querystring writes it: quotes and their like stay as they are, a blank is %20. */
function legacy(params: URLSearchParams): string {
  const text = [...params].map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  return text && `?${text}`
}

function fieldsOf(json: string): URLSearchParams {
  try {
    return new URLSearchParams(JSON.parse(json))
  } catch {
    throw new PrmError('invalid', 'The request is not JSON of names and values.')
  }
}

// ── what was said ────────────────────────────────────────────────────────────────────────────
/** One text to us. Its sid is the key, so that a webhook repeated is the same fact. Twilio gives no time of its own. */
function received(said: URLSearchParams, ctx: Context): Of<typeof messageReceived> {
  const text = said.get('Body') ?? ''
  const [from, to] = [said.get('From'), said.get('To')]
  // OptOutType, of Advanced Opt-Out, is STOP, START or HELP, whatever the service's own keyword was; it answers it.
  const answered = optOutKeyword(said.get('OptOutType') ?? text)
  const media = mediaOf(said)
  return {
    key: sidOf(said),
    type: messageReceived.name,
    source: ctx.id,
    ...(from && { who: addressOf(from) }),
    ...(to && { to: addressOf(to) }),
    data: {
      content: { text, ...(media.length > 0 && { media }) },
      ...(answered ? { optOut: answered, confirmed: true } : optOutOf(text)),
    },
  }
}

/** One status of one message: the pair is the key, so that it counts once, whatever the order and however often it comes. */
function delivery(said: URLSearchParams, status: string, url: URL, ctx: Context): Of<typeof messageDelivery> {
  const sid = sidOf(said)
  const state = stateOf(status)
  const code = said.get('ErrorCode')
  const key = url.searchParams.get('key') // ours, from StatusCallback; a service's own callback URL has none
  return {
    key: `${sid} ${status}`,
    type: messageDelivery.name,
    source: ctx.id,
    ...(key && { about: { source: 'prm', key } }),
    data: {
      raw: status,
      providerId: sid,
      ...(state && { state }),
      ...(code && code !== '0' && { code, ...meansOf(code) }),
    },
  }
}

function sidOf(said: URLSearchParams): string {
  const sid = said.get('MessageSid') || said.get('SmsSid')
  if (!sid) throw new PrmError('invalid', 'The request names no message.')
  return sid
}

/** `+1…` is a phone, `whatsapp:+1…` an address of another channel of the account. */
function addressOf(written: string): Address {
  const [, scheme = 'tel', value = written] = /^([a-z]+):(.+)$/.exec(written) ?? []
  return { scheme, value }
}

function mediaOf(said: URLSearchParams): Attachment[] {
  const length = Math.min(Number(said.get('NumMedia')) || 0, 10)
  const one = (n: number) => ({ ref: said.get(`MediaUrl${n}`) ?? '', type: said.get(`MediaContentType${n}`) ?? '' })
  return Array.from({ length }, (_, n) => one(n)).filter(({ ref }) => ref !== '')
}
