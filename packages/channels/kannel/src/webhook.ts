import type { Address, Context, Of, Webhook } from '@prm/core/adapter'
import { type Delivery, messageDelivery, messageReceived, PrmError } from '@prm/core/adapter'
import { bytesOf, phone, resolve, sameText } from '@prm/kit'
import { optOutOf } from '@prm/kit/optout'
import type { Options } from './config.ts'

const mostBytes = 1024 * 1024

export function inlet(options: Options): Webhook {
  return {
    proof: 'secret',
    requires: [{ query: 'secret' }],
    async receive(request, ctx) {
      const query = fieldsOf(new URL(request.url).search)
      await verify(query, options)
      const body = await bytesOf(request, mostBytes)
      if (!body) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
      if (query.has('dlr')) return { interactions: [delivery(query, ctx)] }
      return { interactions: [received(query, request, body, options, ctx)], reply: silence() }
    },
  }
}

/** An empty text: Kannel would send what is in it to the patron. Answers go out by `send`. */
const silence = (): Response => new Response('', { headers: { 'content-type': 'text/plain' } })

/** There is no signature: a secret in the query, and whatever network stands between. */
async function verify(query: Fields, options: Options): Promise<void> {
  const given = textOf(query, 'secret')
  if (given === '') throw new PrmError('signature', 'The request carries no secret.')
  for (const secret of [options.callbackSecret, options.previousCallbackSecret])
    if (secret && sameText(await resolve(secret), given)) return
  throw new PrmError('signature', 'The secret is another.')
}

// ── what was said ────────────────────────────────────────────────────────────────────────────
/** Names and raw bytes: `%b` is in the charset of `%C`, which need not be UTF-8. */
type Fields = ReadonlyMap<string, Uint8Array>

function fieldsOf(search: string): Fields {
  const pairs = search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('=', 2) as [string, string?])
  // The first counts: what a text brings along stands behind what the URL says.
  return new Map(pairs.reverse().map(([name, value = '']) => [utf8.decode(unescaped(name)), unescaped(value)]))
}

const utf8 = new TextDecoder()
function unescaped(text: string): Uint8Array {
  const plain = text.replaceAll('+', ' ')
  return Buffer.from(
    plain.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}
const textOf = (fields: Fields, name: string): string => utf8.decode(fields.get(name) ?? new Uint8Array())

/** One text to us: by `get-url`, or by `post-url`, whose body is the text. `id` is `%I`, the same when it is posted again. */
function received(
  query: Fields,
  request: Request,
  body: Uint8Array,
  { region }: Options,
  ctx: Context,
): Of<typeof messageReceived> {
  const posted = request.method === 'POST'
  const header = (name: string): string => request.headers.get(`x-kannel-${name}`) ?? ''
  const charset = posted
    ? /charset=([\w-]+)/i.exec(request.headers.get('content-type') ?? '')?.[1]
    : textOf(query, 'charset')
  const text = decoded(posted ? body : query.get('text'), charset || 'UTF-8')
  const [id, from, to] = [
    textOf(query, 'id'),
    textOf(query, 'from') || header('from'),
    textOf(query, 'to') || header('to'),
  ]
  if (!id || !from)
    throw new PrmError('invalid', 'The request has no id or no sender: is it the get-url of the README?')
  const at = new Date(Number(textOf(query, 'time') || Number.NaN) * 1000)
  return {
    key: id,
    type: messageReceived.name,
    source: ctx.id,
    ...(Number.isNaN(at.getTime()) ? {} : { at: at.toISOString() }),
    who: sender(from, region, ctx),
    ...(to && { to: tel(to) }),
    data: { content: { text }, ...optOutOf(text) },
  }
}

function decoded(bytes: Uint8Array | undefined, charset: string): string {
  if (!bytes) throw new PrmError('invalid', 'The request has no text: is it the get-url of the README?')
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    throw new PrmError(
      'invalid',
      'The text is not in the charset that Kannel names: set mo-recode in the smsbox group.',
    )
  }
}

/** User's guide, chapter 10. A number that is not here leaves the state alone. */
const states = new Map<string, Delivery>([
  ['1', 'delivered'],
  ['2', 'undelivered'],
  ['4', 'sent'], // the SMSC keeps it for a phone that is off
  ['8', 'sent'],
  ['16', 'rejected'],
])

/** One report of one message of ours: the pair is the key, so that it counts once, whatever the order. */
function delivery(query: Fields, ctx: Context): Of<typeof messageDelivery> {
  const [key, raw] = [textOf(query, 'key'), textOf(query, 'dlr')]
  if (!key || !/^\d{1,3}$/.test(raw)) throw new PrmError('invalid', 'The report has no key of ours or no number.')
  const state = states.get(raw)
  return {
    key: `${key} ${raw}`,
    type: messageDelivery.name,
    source: ctx.id,
    about: { source: 'prm', key },
    data: { raw, ...(state && { state }) },
  }
}

/**
 * In E.164, so that a STOP holds for the number that is written to: as it is written in `region`, else with its country,
 * which most operators give without `+`. What has fewer than seven digits is a short code.
 */
function sender(written: string, region: string | undefined, ctx: Context): Address {
  const given = tel(written)
  if (given.value.replace(/\D/g, '').length < 7) return given
  const own = region === undefined ? undefined : phone(given.value, region).e164
  const value = own ?? phone(given.value.replace(/^\+?/, '+'), region ?? 'US').e164
  if (value !== undefined) return tel(value)
  ctx.log('warn', 'A text came from what is no number with its country: is region set?')
  return given
}

/** As the operator gives it; `00` before it is `+` (`%q` makes it so too). */
function tel(written: string): Address {
  return { scheme: 'tel', value: written.trim().replace(/^00/, '+') }
}
