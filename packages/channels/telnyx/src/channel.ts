import type {
  Address,
  Channel,
  Content,
  Context,
  Json,
  LookupQuery,
  Measurement,
  Outbound,
  Receipt,
} from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Client, measureSms, plainText } from '@prm/kit'
import { lineType, priceTo } from '@prm/kit/line-type'
import { figuresOf, keyOf, type Listed, stateOf, type TelnyxMessage, wireMessage, wireRecords } from './api.ts'
import type { Options } from './config.ts'
import { meansOf } from './errors.ts'

const maxParts = 10 // "Message Encoding"
const maxMedia = 10 // "MMS Media & Transcoding"
/** "Telnyx uses a non-standard GSM 7-bit encoding" ("Message Encoding"): these of GSM-7 make a text UTF-16. */
const without = 'ÇΔΦΓΛΩΠΨΣΘΞ¤§€\f'

export interface TelnyxChannel extends Channel<TelnyxMessage> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<TelnyxMessage> | 'absent' | 'unsure'>
}

export function channel(api: Client, options: Options): TelnyxChannel {
  const { from, rate } = options
  return {
    medium: 'sms',
    schemes: ['tel'],
    exposure: 'glanceable',
    senders: from === undefined ? [] : [{ address: tel(from), ...rate }],
    // A sender's queue holds 4 hours of traffic, and what is in it is in no detail record yet (support.telnyx.com 96934).
    limits: { maxQueueTime: '4h', idempotent: false, visibleAfter: '4h' },
    measure: (content, to) => measure(options, content, to),
    send: (message, ctx) => send(api, options, message, ctx),
    lookup: (sought, ctx) => (sought.id === undefined ? search(api, sought, ctx) : byId(api, sought.id, ctx)),
  }
}

const tel = (value: string): Address => ({ scheme: 'tel', value })

// ── measure ──────────────────────────────────────────────────────────────────────────────────
function measure(options: Options, content: Content, to?: Address): Measurement {
  const price = priceTo(options.price, to)
  const sms = measureSms(content, { without, ...(price && { price }) })
  const unfit = to && lineType(to.value) === 'landline' && { unreachable: 'a landline' } // Telnyx error 40001
  if (!content.media?.length) return { ...sms, ...(sms.units > maxParts && { tooLong: true }), ...unfit }
  // An MMS is one message whatever it says, at a price of its own that we were not told.
  const many = content.media.length > maxMedia && [`${content.media.length} pictures; Telnyx takes ${maxMedia}`]
  return { units: 1, unit: 'message', ...(many && { tooLong: true }), ...unfit, warnings: many || [] }
}

// ── send ─────────────────────────────────────────────────────────────────────────────────────
async function send(api: Client, options: Options, message: Outbound, ctx: Context): Promise<Receipt<TelnyxMessage>> {
  if (message.to.scheme !== 'tel') throw new PrmError('invalid', 'Telnyx reaches tel addresses only.')
  // There is no field for how long Telnyx may keep it.
  if (message.expireAt !== undefined && !(Date.parse(message.expireAt) > ctx.now().getTime()))
    throw new PrmError('invalid', 'The message expired before it was sent.')
  const { text, media } = message.content
  const from = message.from?.value ?? options.from
  const json: Json = {
    to: message.to.value,
    ...(from && { from }),
    ...(options.messagingProfileId && { messaging_profile_id: options.messagingProfileId }),
    ...(text !== '' && { text }),
    ...(media?.length && { media_urls: media.map(({ ref }) => ref) }),
    ...(ctx.publicUrl && { webhook_url: `${ctx.publicUrl}?key=${encodeURIComponent(message.key)}` }),
  }
  const { data } = await api.call({ method: 'POST', path: '/messages', json }, wireMessage, ctx)
  return receipt(data)
}

function receipt(raw: TelnyxMessage): Receipt<TelnyxMessage> {
  const { code } = figuresOf(raw)
  const from = raw.from?.phone_number
  return {
    id: raw.id,
    ...(from && { from: tel(from) }),
    state: stateOf(raw.to?.[0]?.status) ?? 'accepted',
    ...(code && { code, ...meansOf(code) }),
    raw,
  }
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────
async function byId(api: Client, id: string, ctx: Context): Promise<Receipt<TelnyxMessage> | 'unsure'> {
  try {
    const path = `/messages/${encodeURIComponent(id)}`
    return receipt((await api.call({ method: 'GET', path }, wireMessage, ctx)).data)
  } catch (error) {
    if (PrmError.is(error) && error.code === 'not_found') return 'unsure' // older than 10 days
    throw error
  }
}

const mostPages = 5
const mostCandidates = 20

/**
 * Detail records tell which messages went to this number when; each is then asked for itself, which tells what was said and
 * where its events go. Our key stands there. Where it had none, since we had no URL, the text decides.
 */
async function search(
  api: Client,
  sought: LookupQuery,
  ctx: Context,
): Promise<Receipt<TelnyxMessage> | 'absent' | 'unsure'> {
  const { listed, complete } = await list(api, sought, ctx)
  const near = listed.filter((one) => inTime(one, sought) && !sought.excludeProviderIds.includes(one.uuid))
  for (const { uuid } of near.slice(0, mostCandidates)) {
    const found = await byId(api, uuid, ctx)
    if (found === 'unsure') return 'unsure'
    const key = keyOf(found.raw)
    if (key === undefined ? says(found.raw, sought.content) : key === sought.key) return found
    if (key === undefined && !found.raw.text && sought.content.text !== '') return 'unsure' // redacted
  }
  return complete && near.length <= mostCandidates ? 'absent' : 'unsure'
}

async function list(
  api: Client,
  { to, from }: LookupQuery,
  ctx: Context,
): Promise<{ readonly listed: readonly Listed[]; readonly complete: boolean }> {
  const listed: Listed[] = []
  for (let page = 1; page <= mostPages; page++) {
    const query = {
      'filter[record_type]': 'messaging',
      'filter[direction]': 'outbound',
      'filter[cld][starts_with]': to.value,
      'filter[created_at][gte]': from.slice(0, 10),
      sort: 'created_at',
      'page[number]': page,
      'page[size]': 50,
    }
    const { data, meta } = await api.call({ method: 'GET', path: '/detail_records', query }, wireRecords, ctx)
    listed.push(...data)
    if (listed.length >= meta.total_results) return { listed, complete: true }
    if (data.length === 0) break // The pages have moved.
  }
  return { listed, complete: false }
}

function inTime({ cld, created_at }: Listed, { to, from, until }: LookupQuery): boolean {
  const at = Date.parse(created_at ?? '')
  // An unreadable date is no reason to call it absent.
  const near = Number.isNaN(at) || (at >= Date.parse(from) && at <= Date.parse(until))
  return near && (cld ?? '').replace(/\D/g, '') === to.value.replace(/\D/g, '')
}

/** A profile's smart encoding changes what is kept (how exactly: UNVERIFIED), so that both are made plain first. */
function says({ text, media }: TelnyxMessage, content: Content): boolean {
  if (content.text === '') return !text && (media?.length ?? 0) === content.media?.length
  return !!text && plainText(text).trim() === plainText(content.text).trim()
}
