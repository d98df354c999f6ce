import {
  type Address,
  type Attachment,
  type Context,
  type Inlet,
  type Interaction,
  type MessageDelivery,
  type MessageReceived,
  messageDelivery,
  messageReceived,
  PrmError,
} from '@prm/core'
import { bytesOf, type Client, hmacSha1, optOutKeyword, optOutWord, resolve, sameText, sha256 } from '@prm/kit'
import type { Options } from './config.ts'
import { stateOf } from './wire.ts'

const mostBytes = 1024 * 1024

export function inlet(api: Client, options: Options): Required<Inlet> {
  return {
    async receive(request, ctx) {
      const url = publicUrl(request, ctx)
      const said = await verified(request, url, options)
      const status = said.get('MessageStatus')
      if (status !== null)
        return { interactions: [delivery(said, status, url, ctx)], reply: new Response(null, { status: 204 }) }
      if (said.get('SmsStatus') === 'received' || said.has('Body'))
        return { interactions: [received(said, ctx)], reply: silence() }
      ctx.log('debug', 'A webhook that is neither a message nor a status.')
      return { interactions: [], reply: new Response(null, { status: 204 }) }
    },
    media: (attachment, ctx) => media(api, attachment, ctx),
  }
}

/** TwiML that sends no reply: answers go out by `send`. A wrong Content-Type is Twilio error 12300. */
const silence = (): Response => new Response('<Response/>', { headers: { 'content-type': 'text/xml' } })

// ── what was signed ──────────────────────────────────────────────────────────────────────────
/** The URL as Twilio called it, from our config: Host and X-Forwarded-* are whatever a stranger writes. */
function publicUrl(request: Request, ctx: Context): URL {
  if (ctx.url === undefined)
    throw new PrmError('config', 'No public URL is set, so no signature can be checked.', { field: 'url' })
  const url = new URL(ctx.url)
  url.search = new URL(request.url).search
  return url
}

/**
 * The parameters of a request that Twilio signed. Throws `signature` for all others, before anything is parsed further, and
 * `invalid` for what is no form (twilio.com/docs/usage/security; twilio-node src/webhooks/webhooks.ts).
 */
async function verified(request: Request, url: URL, options: Options): Promise<URLSearchParams> {
  const signature = request.headers.get('x-twilio-signature')
  if (!signature) throw new PrmError('signature', 'The X-Twilio-Signature header is missing.')
  const bytes = await bytesOf(request, mostBytes)
  if (!bytes) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
  const hash = url.searchParams.get('bodySHA256')
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (request.method !== 'GET' && hash === null && type !== 'application/x-www-form-urlencoded')
    throw new PrmError('invalid', 'The request is not a form.')

  // With a body hash the URL alone is signed, and it holds the hash of the body; a GET has nothing but its URL.
  const form = new URLSearchParams(request.method === 'GET' || hash !== null ? '' : new TextDecoder().decode(bytes))
  const [current, previous] = await Promise.all(
    [options.authToken, options.previousAuthToken].map((token) => token && resolve(token)),
  )
  const right = variantsOf(url).some((one) =>
    [current, previous].some((token) => token && sameText(signatureOf(one, form, token), signature)),
  )
  if (!right) throw new PrmError('signature', 'The signature is not Twilio’s.')
  if (hash === null) return request.method === 'GET' ? url.searchParams : form
  if (!sameText(sha256(bytes).hex, hash.toLowerCase()))
    throw new PrmError('signature', 'The body is not the one that was signed.')
  return type === 'application/json' ? fieldsOf(bytes) : new URLSearchParams(new TextDecoder().decode(bytes))
}

/** Names by code unit; of a repeated name each value once, in order; nothing between them. */
function signatureOf(url: string, form: URLSearchParams, token: string): string {
  const names = [...new Set(form.keys())].sort()
  const data = names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value))
  return hmacSha1(token, url, ...data).base64
}

/** Twilio's back end signs with or without the default port, and with its query as sent or written anew. */
function variantsOf(url: URL): string[] {
  const search = new Set([url.search, legacy(url.searchParams)])
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return [url.host, url.hostname, `${url.hostname}:${port}`].flatMap((host) =>
    [...search].map((one) => `${url.protocol}//${host}${url.pathname}${one}`),
  )
}

/** As node:querystring writes it: quotes and their like stay as they are, a blank is %20. */
function legacy(params: URLSearchParams): string {
  const text = [...params].map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  return text && `?${text}`
}

function fieldsOf(bytes: Uint8Array): URLSearchParams {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const fields = typeof body === 'object' && body !== null ? Object.entries(body) : []
    return new URLSearchParams(fields.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
  } catch {
    throw new PrmError('invalid', 'The request is not JSON.')
  }
}

// ── what was said ────────────────────────────────────────────────────────────────────────────
/** One text to us. Its sid is the key, so that a webhook repeated is the same fact. Twilio gives no time of its own. */
function received(said: URLSearchParams, ctx: Context): Interaction<'message.received', MessageReceived> {
  const text = said.get('Body') ?? ''
  const asked = said.get('OptOutType')?.toLowerCase() // Advanced Opt-Out: the service's own keywords, answered by it
  const optOut = isWord(asked) ? asked : optOutWord(text)
  const confirmed = optOut !== undefined && (isWord(asked) || optOutKeyword(text) !== undefined)
  const media = mediaOf(said)
  return {
    key: sidOf(said),
    type: messageReceived.name,
    source: ctx.id,
    ...who('who', said.get('From')),
    ...who('to', said.get('To')),
    data: {
      content: { text, ...(media.length > 0 && { media }) },
      ...(optOut && { optOut }),
      ...(confirmed && { confirmed }),
    },
  }
}

/** One status of one message: the pair is the key, so that it counts once, whatever the order and however often it comes. */
function delivery(
  said: URLSearchParams,
  status: string,
  url: URL,
  ctx: Context,
): Interaction<'message.delivery', MessageDelivery> {
  const sid = sidOf(said)
  const state = stateOf(status)
  const code = said.get('ErrorCode')
  const key = url.searchParams.get('key') // ours, from StatusCallback; a service's own callback URL has none
  return {
    key: `${sid} ${status}`,
    type: messageDelivery.name,
    source: ctx.id,
    ...(key && { about: { source: 'prm', key } }),
    data: { raw: status, providerId: sid, ...(state && { state }), ...(code && code !== '0' && { code }) },
  }
}

function sidOf(said: URLSearchParams): string {
  const sid = said.get('MessageSid') || said.get('SmsSid')
  if (!sid) throw new PrmError('invalid', 'The request names no message.')
  return sid
}

const isWord = (word: string | undefined): word is 'stop' | 'start' | 'help' =>
  word === 'stop' || word === 'start' || word === 'help'

/** `+1…` is a phone, `whatsapp:+1…` an address of another channel of the account. */
function who<Role extends 'who' | 'to'>(role: Role, written: string | null): { [role in Role]?: Address } {
  if (!written) return {}
  const [, scheme = 'tel', value = written] = /^([a-z]+):(.+)$/.exec(written) ?? []
  return { [role]: { scheme, value } } as { [role in Role]?: Address }
}

function mediaOf(said: URLSearchParams): Attachment[] {
  const found: Attachment[] = []
  for (let n = 0; n < Math.min(Number(said.get('NumMedia')) || 0, 10); n++) {
    const ref = said.get(`MediaUrl${n}`)
    if (ref) found.push({ ref, type: said.get(`MediaContentType${n}`) ?? 'application/octet-stream' })
  }
  return found
}

/** With our credentials, so only from Twilio's API; it forwards to where the file lies, and there they are not sent. */
function media(api: Client, { ref }: Attachment, ctx: Context): Promise<Response> {
  return api.open({ method: 'GET', path: ref, follow: true }, ctx)
}
