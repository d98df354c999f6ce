import { createHash } from 'node:crypto'
import type {
  Address,
  Channel,
  Content,
  Context,
  LookupQuery,
  Measurement,
  OptOutEntry,
  Outbound,
  Receipt,
} from '@prm/core/adapter'
import { PrmError } from '@prm/core/adapter'
import { type Client, type Fields, measureSms, plainText } from '@prm/kit'
import { lineType, priceTo } from '@prm/kit/line-type'
import { stateOf, type TwilioMessage, wireConsents, wireMessage, wirePage } from './api.ts'
import { type Options, pathOf } from './config.ts'
import { meansOf } from './errors.ts'

const maxCharacters = 1600 // Twilio error 21617
const maxMedia = 10 // twilio_api_v2010.json, MediaUrl

export interface TwilioChannel extends Channel<TwilioMessage> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<TwilioMessage> | 'absent' | 'unsure'>
  remove(sid: string, ctx: Context): Promise<void>
}

export function channel(api: Client, accounts: Client, options: Options): TwilioChannel {
  const { from, messagingServiceSid: sender = from?.startsWith('+') ? from : undefined } = options
  return {
    medium: 'sms',
    schemes: ['tel'],
    exposure: 'glanceable',
    senders: options.from === undefined ? [] : [{ address: tel(options.from), ...options.rate }],
    // A sender's queue holds 10 hours of traffic. Nothing on Messages makes a second POST the same message.
    limits: { maxQueueTime: '10h', idempotent: false, visibleAfter: '60s' },
    measure: (content, to) => measure(options, content, to),
    send: (message, ctx) => send(api, options, message, ctx),
    lookup: (sought, ctx) =>
      sought.id === undefined ? search(api, options, sought, ctx) : fetchOne(api, options, sought.id, ctx),
    remove: async (sid, ctx) => void (await api.open({ method: 'DELETE', path: messageAt(options, sid) }, ctx)),
    // A sender name has no list.
    ...(sender && { setOptOut: (said: OptOutEntry, ctx: Context) => block(accounts, sender, said, ctx) }),
  }
}

const tel = (value: string): Address => ({ scheme: 'tel', value })
const messageAt = (options: Options, sid: string) => pathOf(options, `/Messages/${encodeURIComponent(sid)}.json`)

// ── measure ──────────────────────────────────────────────────────────────────────────────────
function measure(options: Options, content: Content, to?: Address): Measurement {
  const price = priceTo(options.price, to)
  const sms = measureSms(content, { maxCharacters, ...(price && { price }) })
  const unfit = to && lineType(to.value) === 'landline' && { unreachable: 'a landline' } // Twilio error 30006
  if (!content.media?.length) return { ...sms, ...unfit }
  // An MMS is one message whatever it says, at a price of its own that we were not told.
  const many = content.media.length > maxMedia && [`${content.media.length} pictures; Twilio takes ${maxMedia}`]
  return { units: 1, unit: 'message', ...((sms.tooLong || many) && { tooLong: true }), ...unfit, warnings: many || [] }
}

// ── send ─────────────────────────────────────────────────────────────────────────────────────
async function send(api: Client, options: Options, message: Outbound, ctx: Context): Promise<Receipt<TwilioMessage>> {
  if (message.to.scheme !== 'tel') throw new PrmError('invalid', 'Twilio reaches tel addresses only.')
  const { text, media } = message.content
  const form: Fields = {
    To: message.to.value,
    From: message.from?.value ?? options.from,
    MessagingServiceSid: options.messagingServiceSid,
    Body: text === '' ? undefined : text,
    MediaUrl: media?.map(({ ref }) => ref),
    StatusCallback: ctx.publicUrl && `${ctx.publicUrl}?key=${encodeURIComponent(message.key)}`,
    ValidityPeriod: validity(message.expireAt, ctx),
  }
  return receipt(await api.call({ method: 'POST', path: pathOf(options, '/Messages.json'), form }, wireMessage, ctx))
}

/** Seconds that Twilio may keep it queued: 1 to 36,000, above 5 advised (twilio_api_v2010.json, ValidityPeriod). */
function validity(expireAt: string | undefined, ctx: Context): number | undefined {
  if (expireAt === undefined) return undefined
  const seconds = Math.floor((Date.parse(expireAt) - ctx.now().getTime()) / 1000)
  if (!(seconds > 0)) throw new PrmError('invalid', 'The message expired before it was sent.')
  return Math.min(Math.max(seconds, 5), 36_000)
}

function receipt(raw: TwilioMessage): Receipt<TwilioMessage> {
  return {
    id: raw.sid,
    ...(raw.from && { from: tel(raw.from) }), // a Messaging Service chooses it later
    state: stateOf(raw.status) ?? 'accepted',
    ...(raw.error_code && { code: String(raw.error_code), ...meansOf(raw.error_code) }),
    ...(Number(raw.num_segments) > 0 && { units: Number(raw.num_segments) }), // a service's are 0 at first
    ...charged(raw),
    raw,
  }
}

/** Filled in later; what is charged stands with a minus (twilio_api_v2010.json, price). */
function charged({ price, price_unit: currency }: TwilioMessage): Pick<Receipt, 'cost'> {
  const amount = price ? Math.abs(Number(price)) : Number.NaN
  return Number.isNaN(amount) || !currency
    ? {}
    : { cost: { micros: Math.round(amount * 1_000_000), currency: currency.toUpperCase() } }
}

// ── find ─────────────────────────────────────────────────────────────────────────────────────
type Listed = { messages: TwilioMessage[]; complete: boolean }
type Found = ReturnType<TwilioChannel['lookup']>

async function fetchOne(api: Client, options: Options, sid: string, ctx: Context): Found {
  try {
    return receipt(await api.call({ method: 'GET', path: messageAt(options, sid) }, wireMessage, ctx))
  } catch (error) {
    if (PrmError.is(error) && error.code === 'not_found') return 'unsure' // taken, or it had no id; deleted since
    throw error
  }
}

const maxPages = 5

/** The oldest message to this number, of this text, of these minutes, that is not bound to another of ours. */
async function search(api: Client, options: Options, sought: LookupQuery, ctx: Context): Found {
  const dayBefore = new Date(Date.parse(sought.from) - 86_400_000).toISOString().slice(0, 10)
  let sure = true
  // Without the date as well: whether its filter lists what is still queued, and has no date_sent, is UNVERIFIED.
  for (const since of [{ 'DateSent>': dayBefore }, {}]) {
    const listed = await list(api, options, { To: sought.to.value, ...since, PageSize: 1000 }, ctx)
    const near = listed.messages.filter((one) => inTime(one, sought) && !sought.excludeProviderIds.includes(one.sid))
    // Listed newest first, in whole seconds.
    const [oldest] = near
      .reverse()
      .filter((one) => says(one, sought.content))
      .sort((a, b) => createdAt(a) - createdAt(b))
    if (oldest) return receipt(oldest)
    // A redacted body may be ours.
    sure = listed.complete && !near.some(({ body }) => !body && sought.content.text !== '')
  }
  return sure ? 'absent' : 'unsure'
}

async function list(api: Client, options: Options, query: Fields, ctx: Context): Promise<Listed> {
  const messages: TwilioMessage[] = []
  let page = await api.call({ method: 'GET', path: pathOf(options, '/Messages.json'), query }, wirePage, ctx)
  for (let pages = 1; ; pages++) {
    messages.push(...page.messages)
    if (!page.next_page_uri) return { messages, complete: true }
    if (pages === maxPages) return { messages, complete: false }
    // Relative to the API's host; the client asks no other.
    page = await api.call({ method: 'GET', path: page.next_page_uri }, wirePage, ctx)
  }
}

const createdAt = (message: TwilioMessage): number => Date.parse(message.date_created ?? '')

function inTime(message: TwilioMessage, { from, until }: LookupQuery): boolean {
  const at = createdAt(message)
  // An unreadable date is no reason to call it absent; replies by TwiML are not ours.
  const near = Number.isNaN(at) || (at >= Date.parse(from) && at <= Date.parse(until))
  return near && message.direction === 'outbound-api'
}

/** Smart encoding and trial accounts change what is listed (how exactly: UNVERIFIED), so that both are made plain first. */
function says({ body, num_media }: TwilioMessage, { text, media }: Content): boolean {
  if (text === '') return !body && Number(num_media) === media?.length
  const said = plainText(body ?? '').replace(/^Sent from your Twilio trial account - /, '')
  return !!body && said.trim() === plainText(text).trim()
}

// ── block list ───────────────────────────────────────────────────────────────────────────────
/** twilio_accounts_v1.json, CreateBulkConsents; that it ends in 21610 as a texted STOP does is UNVERIFIED. */
async function block(api: Client, sender: string, said: OptOutEntry, ctx: Context): Promise<void> {
  const item = {
    contact_id: said.address.value,
    correlation_id: createHash('sha256').update(said.id).digest('hex').slice(0, 32),
    sender_id: sender,
    status: said.optedOut ? 'opt-out' : 'opt-in',
    source: 'others',
    date_of_consent: said.at.replace(/\.\d+/, ''),
  }
  const form = { Items: [JSON.stringify(item)] }
  // Twice is as good as once.
  const { items } = await api.call({ method: 'POST', path: 'v1/Consents/Bulk', form, write: false }, wireConsents, ctx)
  const code = items?.[0]?.error_code
  if (code !== 0) throw new PrmError('invalid', `Twilio took no consent: error ${code}.`)
}
