import { gunzipSync } from 'node:zlib'
import { type Context, type Interaction, type NoticeKind, PrmError, type Webhook } from '@prm/core/adapter'
import { bytesOf, hmacSha256, resolve, sameText } from '@prm/kit'
import type { Api } from './api.ts'
import type { Options, WebhookConfig } from './config.ts'
import { noticeOf, type Told } from './feed.ts'
import { dueOf, type Row, rowOf, rowsOf, textOf } from './values.ts'

// koha-plugin-webhook-notifications: it fetches a token, posts one notice a request, and takes `sent` and `failed` back.

/** Above 3 MB the plugin zips what it posts. */
const mostBytes = 4 * 1024 * 1024
const tokenMs = 3_600_000

/** Its `auth_url` is `<our url>/token`, its `notice_url` is our url. */
export function inlet(api: Api, webhook: WebhookConfig): Webhook {
  return {
    maxBytes: mostBytes,
    async receive(request, ctx) {
      if (/\/token\/?$/.test(new URL(request.url).pathname))
        return { interactions: [], reply: await token(request, webhook, ctx) }
      const [scheme, given = ''] = (request.headers.get('authorization') ?? '').split(' ')
      const [until = ''] = given.split('.')
      const right = sameText(given, await tokenUntil(until, webhook)) && Number(until) > ctx.now().getTime()
      if (scheme !== 'Bearer' || !right) throw new PrmError('signature', 'The token is missing, over or not ours.')
      return { interactions: [factOf(await bodyOf(request), api, webhook.letters, ctx)] }
    },
  }
}

/** RFC 6749, 4.4. The token is its own end and a signature of it, so that any process of the host knows it. */
async function token(request: Request, webhook: WebhookConfig, ctx: Context): Promise<Response> {
  const form = new URLSearchParams(new TextDecoder().decode(await bytesOf(request, mostBytes)))
  const { clientId, clientSecret } = webhook
  const known = sameText(form.get('client_id') ?? '', clientId)
  if (!sameText(form.get('client_secret') ?? '', await resolve(clientSecret)) || !known)
    throw new PrmError('signature', 'The client is not the one of the config.')
  const access_token = await tokenUntil(String(ctx.now().getTime() + tokenMs), webhook)
  return Response.json({ access_token, token_type: 'Bearer', expires_in: tokenMs / 1000 })
}

const tokenUntil = async (until: string, { clientSecret }: WebhookConfig): Promise<string> =>
  `${until}.${hmacSha256(await resolve(clientSecret), 'koha-webhook ', until).hex}`

async function bodyOf(request: Request): Promise<Row> {
  const bytes = await bytesOf(request, mostBytes)
  if (!bytes) throw new PrmError('invalid', 'The request is larger than 4 MiB.')
  try {
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b
    const text = new TextDecoder().decode(zipped ? gunzipSync(bytes, { maxOutputLength: 4 * mostBytes }) : bytes)
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body as Row
  } catch {
    // The error's own message quotes the body.
  }
  throw new PrmError('invalid', 'The request is no JSON object.')
}

// ── one notice ───────────────────────────────────────────────────────────────────────────────
/** Letter codes that Koha comes with; a code of the site's own is in `webhook.letters`. AUTO_RENEWALS may also say that it failed. */
const letters: { readonly [kind in NoticeKind]?: string } = {
  'hold-ready': 'HOLD HOLDDGST',
  'hold-expiring': 'HOLD_REMINDER',
  'hold-cancelled': 'HOLD_CANCELLATION CANCEL_HOLD_ON_LOST',
  'due-soon': 'PREDUE PREDUEDGST',
  'due-today': 'DUE DUEDGST',
  overdue: 'ODUE ODUE2 ODUE3',
  renewed: 'RENEWAL',
  'check-out': 'CHECKOUT',
  'check-in': 'CHECKIN',
  'card-expiring': 'MEMBERSHIP_EXPIRY',
  welcome: 'WELCOME',
}
const kindOf = (letter: string): NoticeKind | undefined =>
  (Object.keys(letters) as NoticeKind[]).find((kind) => letters[kind]?.split(' ').includes(letter))

/** The full payload, in the names of Koha's database; or the minimal one, with ids alone. */
export function factOf(body: Row, api: Api, own: WebhookConfig['letters'], ctx: Context): Interaction {
  const message = rowOf(body, 'message')
  const of = (full: string, minimal: string) => textOf(message, full) ?? textOf(body, minimal)
  const letter = of('letter_code', 'notice_type') ?? ''
  const origin = of('message_id', 'message_id')
  const patron = of('borrowernumber', 'patron_id') ?? textOf(rowOf(body, 'patron'), 'borrowernumber')
  const kind = own?.[letter] ?? kindOf(letter)
  // Koha is told, and keeps it as failed: a notice that nobody would hear of must not count as sent.
  if (!kind) throw new PrmError('invalid', 'The letter code is none that is known here.', { field: 'notice_type' })
  if (!origin || !patron) throw new PrmError('invalid', 'The notice names no message or no patron.')
  const [ids, items, at] = kind.startsWith('hold-') ? holdsIn(body, kind) : loansIn(body, api.options)
  const medium = of('message_transport_type', 'transport_type')
  const language = textOf(rowOf(body, 'patron'), 'lang')
  return noticeOf(api, ctx, {
    key: `${kind} message ${origin}`,
    ...{ kind, ids, patron, items, origin },
    branch: at ?? textOf(rowOf(body, 'library'), 'branchcode') ?? textOf(body, 'library_id'),
    medium: medium === 'phone' ? 'voice' : medium,
    language: language === 'default' ? undefined : language,
    ...(kind === 'overdue' && { level: Number(/\d$/.exec(letter)?.[0] ?? 1) }),
  })
}

type Found = readonly [readonly string[], Told['items'], string | undefined]

/** Of a hold that is over the plugin writes `{ holds: [ … ] }` where there is `{ hold: … }` else. */
function holdsIn(body: Row, kind: NoticeKind): Found {
  const holds = rowsOf(body, 'holds').map((one) => [one, rowOf(one, 'hold') ?? rowsOf(one, 'holds')[0]] as const)
  const items = holds.map(([one, hold]) => {
    const until = kind === 'hold-cancelled' ? undefined : textOf(hold, 'expirationdate')
    return { ...itemIn(one), collectBy: until?.slice(0, 10) }
  })
  const ids = holds.flatMap(([, hold]) => textOf(hold, 'reserve_id') ?? [])
  return [ids.length > 0 ? ids : idsIn(body, 'hold'), items, textOf(holds[0]?.[1], 'branchcode')]
}

function loansIn(body: Row, { timeZone }: Options): Found {
  const loans = rowsOf(body, 'checkouts').map((one) => [one, rowOf(one, 'checkout')] as const)
  const items = loans.map(([one, loan]) => {
    const due = textOf(loan, 'date_due')
    return { ...itemIn(one), due: due && dueOf(due, timeZone) }
  })
  const ids = loans.flatMap(([, loan]) => textOf(loan, 'issue_id') ?? [])
  return [ids.length > 0 ? ids : idsIn(body, 'checkout'), items, undefined]
}

const itemIn = (one: Row) => ({
  id: textOf(rowOf(one, 'item'), 'itemnumber'),
  barcode: textOf(rowOf(one, 'item'), 'barcode'),
  title: textOf(rowOf(one, 'biblio'), 'title'),
})

const idsIn = (body: Row, what: string): readonly string[] =>
  [body[`${what}_id`] ?? body[`${what}_ids`] ?? []].flat().map(String)
