import type { KeyObject } from 'node:crypto'
import type { Address, Context, Of, Webhook } from '@prm/core/adapter'
import { messageDelivery, messageReceived, PrmError } from '@prm/core/adapter'
import { bytesOf, ed25519Key, isEd25519, type Wire } from '@prm/kit'
import { type OptOutWord, optOutOf } from '@prm/kit/optout'
import { type Event, figuresOf, keyOf, stateOf, type TelnyxMessage, wireEvent, wireMessageEvent } from './api.ts'
import type { Options } from './config.ts'
import { meansOf } from './errors.ts'

const mostBytes = 1024 * 1024
const toleranceMs = 5 * 60_000 // as Telnyx's own libraries

export function inlet(options: Options): Webhook {
  const keys = [options.publicKey, options.previousPublicKey].flatMap((text) => (text && ed25519Key(text)) || [])
  return {
    requires: [{ header: 'telnyx-signature-ed25519' }],
    async receive(request, ctx) {
      const said = parsed(await verified(request, keys, ctx))
      const { event_type: type } = checked(wireEvent, said).data
      if (!/^message\.(received|sent|finalized)$/.test(type)) {
        ctx.log('debug', 'An event of a kind that is not used here.', { type: type.slice(0, 60) })
        return { interactions: [] }
      }
      const event = checked(wireMessageEvent, said).data
      own(event.payload, options, ctx)
      return { interactions: [type === 'message.received' ? received(event, ctx) : delivery(event, ctx)] }
    },
  }
}

// ── what was signed ──────────────────────────────────────────────────────────────────────────
/** Ed25519 over `timestamp|body` by the account's key, and not older than five minutes. */
async function verified(request: Request, keys: readonly KeyObject[], ctx: Context): Promise<Uint8Array> {
  const signature = request.headers.get('telnyx-signature-ed25519')
  const timestamp = request.headers.get('telnyx-timestamp')
  if (!signature || !timestamp)
    throw new PrmError('signature', 'The telnyx-signature-ed25519 or -timestamp header is missing.')
  const age = Math.abs(ctx.now().getTime() - Number(timestamp) * 1000)
  if (!/^\d+$/.test(timestamp) || !(age <= toleranceMs))
    throw new PrmError('signature', 'The request was signed more than 5 minutes ago, or the clocks differ.')
  const body = await bytesOf(request, mostBytes)
  if (!body) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
  if (!keys.some((key) => isEd25519(key, signature, timestamp, '|', body)))
    throw new PrmError('signature', 'The signature is not Telnyx’s for this account.')
  return body
}

/**
 * One key signs for the whole account, and neither the URL that was called nor its query is signed. So the body itself must
 * be of this instance: its profile, the URL its events go to, or our number.
 */
function own(payload: TelnyxMessage, { messagingProfileId: profile, from }: Options, ctx: Context): void {
  const { messaging_profile_id: its, webhook_url: url, webhook_failover_url: second } = payload
  const byProfile = profile && its ? profile.toLowerCase() === its.toLowerCase() : undefined
  const byUrl =
    ctx.publicUrl && url ? [url, second].some((one) => bare(one ?? '') === bare(ctx.publicUrl ?? '')) : undefined
  const byNumber = (): boolean =>
    [payload.from, ...(payload.to ?? [])].some((one) => from && one?.phone_number === from)
  if (byUrl === false || !(byProfile ?? byUrl ?? byNumber()))
    throw new PrmError('signature', 'The event is of another messaging profile, URL or number than this instance has.')
}

const bare = (url: string): string => url.replace(/[?#].*/, '').replace(/\/$/, '')

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new PrmError('invalid', 'The request is signed, and is no JSON.')
  }
}

function checked<T>(wire: Wire<T>, value: unknown): T {
  const result = wire['~standard'].validate(value)
  if (!(result instanceof Promise) && !result.issues) return result.value
  const path = 'issues' in result ? (result.issues?.[0]?.path ?? []).map(String).join('.') : ''
  throw new PrmError('invalid', `The event has another shape than expected, in: ${path || 'the whole'}.`)
}

// ── what was said ────────────────────────────────────────────────────────────────────────────
/** One text to us. The message's id is the key, so that a webhook repeated is the same fact. */
function received({ payload, occurred_at }: Event, ctx: Context): Of<typeof messageReceived> {
  const text = payload.text ?? ''
  const media = (payload.media ?? []).flatMap(({ url, content_type: type }) =>
    url ? [{ ref: url, type: type ?? '' }] : [],
  )
  const answered = answeredBy(payload)
  const [from, to] = [payload.from?.phone_number, payload.to?.[0]?.phone_number]
  return {
    key: payload.id,
    type: messageReceived.name,
    source: ctx.id,
    ...dated(payload.received_at ?? occurred_at),
    ...(from && { who: tel(from) }),
    ...(to && { to: tel(to) }),
    data: {
      content: { text, ...(media.length > 0 && { media }) },
      ...(answered ? { optOut: answered, confirmed: true } : optOutOf(text)),
    },
  }
}

/** What Telnyx answers itself ("Advanced Opt-In/Out"): its own words, or the profile's, which it names in the event. */
function answeredBy({ text, autoresponse_type: type }: TelnyxMessage): OptOutWord | undefined {
  const named = { OPT_OUT: 'stop', OPT_IN: 'start', HELP: 'help' } as const
  return named[type as keyof typeof named] ?? words.get((text ?? '').trim().toLowerCase())
}
const words: ReadonlyMap<string, OptOutWord> = new Map([
  ...['stop', 'stopall', 'stop all', 'unsubscribe', 'cancel', 'end', 'quit'].map((word) => [word, 'stop'] as const),
  ...['start', 'unstop'].map((word) => [word, 'start'] as const),
])

/** One status of one message: the pair is the key, so that it counts once, whatever the order and however often it comes. */
function delivery({ payload, event_type, occurred_at }: Event, ctx: Context): Of<typeof messageDelivery> {
  const raw = payload.to?.[0]?.status ?? event_type
  const state = stateOf(raw)
  const key = keyOf(payload) // of the signed body; the query of the request is not signed
  const figures = figuresOf(payload)
  return {
    key: `${payload.id} ${raw}`,
    type: messageDelivery.name,
    source: ctx.id,
    ...dated(occurred_at),
    ...(key && { about: { source: 'prm', key } }),
    data: { raw, providerId: payload.id, ...(state && { state }), ...figures, ...meansOf(figures.code) },
  }
}

const tel = (value: string): Address => ({ scheme: 'tel', value })

function dated(text: string | null | undefined): { at?: string } {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? {} : { at: new Date(at).toISOString() }
}
