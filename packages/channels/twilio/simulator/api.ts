import type { Fault } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, type Reporter, spoiled } from '@prm/kit/simulator'
import type { Account, Kept, Status } from './account.ts'
import { start } from './reports.ts'

type Plain = Exclude<Answer, string | { readonly part: string }>
const json = (status: number, body: object): Plain => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

const refused = (status: number, code: number, message: string): Plain =>
  json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
const refusals = {
  busy: refused(429, 20429, 'Too Many Requests'),
  failed: refused(500, 20500, 'An internal server error has occurred'),
  denied: refused(401, 20003, 'Authenticate'),
}

/** The part of the API that messages need. Unknown paths are 404 with code 20404, as at Twilio. */
export function serve(state: Account, reporter: Reporter, { method, url, headers, body }: Asked): Answer {
  named(state, url, headers.authorization ?? '', body)
  const base = `/2010-04-01/Accounts/${state.accountSid}`
  const post = method === 'POST' && url.pathname === `${base}/Messages.json`
  const fault = state.faults.take(post)
  const bad = badDay(fault, refusals, state.now())
  if (bad) return bad
  const credentials = `Basic ${Buffer.from(`${state.accountSid}:${state.authToken}`).toString('base64')}`
  if (headers.authorization !== credentials) return refusals.denied
  const consents = method === 'POST' && url.pathname === '/v1/Consents/Bulk'
  if (consents) return json(201, { items: new URLSearchParams(body).getAll('Items').map(consent(state)) })
  const found = post
    ? create(state, reporter, new URLSearchParams(body), fault)
    : method === 'DELETE'
      ? remove(state, url, base)
      : method === 'GET' && read(state, url, base, fault)
  return found || refused(404, 20404, `The requested resource ${url.pathname} was not found`)
}

/** Takes over what the first call names, where that was asked for. */
function named(state: Account, url: URL, authorization: string, body: string): void {
  const [sid = '', token = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':')
  if (state.open.account && url.pathname.startsWith(`/2010-04-01/Accounts/${sid}`) && sid.startsWith('AC') && token) {
    state.accountSid = sid
    state.authToken = token
    state.open.account = false
  }
  const number = url.searchParams.get('PhoneNumber') ?? new URLSearchParams(body).get('From')
  if (state.open.number && !state.open.account && number) {
    state.from = number
    state.open.number = false
  }
}

function read(state: Account, url: URL, base: string, fault: Fault | undefined): Answer | undefined {
  const ok = (body: object): Answer => json(200, body)
  if (url.pathname === `${base}.json`) return ok({ sid: state.accountSid, status: 'active', type: 'Full' })
  if (url.pathname === `${base}/Messages.json`) return ok(list(state, url, fault))
  if (url.pathname === `${base}/IncomingPhoneNumbers.json`)
    return ok(numbers(state, url.searchParams.get('PhoneNumber')))
  const [, sid = '', file] = /\/Messages\/(\w+)(?:\.json|\/Media\/(\w+))$/.exec(url.pathname) ?? []
  const message = state.bySid.get(sid)
  const medium = state.media.get(file ?? '')
  if (medium) return { status: 200, body: medium.bytes, headers: { 'content-type': medium.type } }
  return message && file === undefined ? ok(state.resource(message)) : undefined
}

/** Deleted for good. One on its way is refused (Twilio error 20009). */
function remove(state: Account, url: URL, base: string): Answer | undefined {
  const [, sid = ''] = new RegExp(`^${base}/Messages/(\\w+)\\.json$`).exec(url.pathname) ?? []
  const message = state.bySid.get(sid)
  if (!message) return undefined
  if (['accepted', 'queued', 'sending'].includes(state.statusOf(message)))
    return refused(409, 20009, 'Cannot delete this resource: message delivery is in progress.')
  state.forget(message)
  return { status: 204 }
}

// ── create ───────────────────────────────────────────────────────────────────────────────────
function create(state: Account, reporter: Reporter, form: URLSearchParams, fault: Fault | undefined): Answer {
  const wrong = refusal(state, form)
  if (wrong) return refused(...wrong)
  const message = state.keep(kept(state, form))
  start(state, reporter, message, fault)
  const first = state.resource(message, message.steps[0])
  return spoiled(fault, json(201, first))
}

type Refusal = readonly [status: number, code: number, message: string]

/** twilio.com/docs/api/errors; the numbers of twilio.com/docs/iam/test-credentials fail as they do there. */
function refusal(state: Account, form: URLSearchParams): Refusal | undefined {
  const to = form.get('To') ?? ''
  const from = form.get('From')
  const service = form.get('MessagingServiceSid')
  const callback = form.get('StatusCallback')
  const media = form.getAll('MediaUrl')
  const text = form.get('Body') ?? ''
  const validity = form.get('ValidityPeriod')
  if (to === '') return [400, 21604, "A 'To' phone number is required."]
  if (!from && !service) return [400, 21603, "A 'From' phone number is required."]
  if (from === '+15005550001') return [400, 21212, "The 'From' number is not a valid phone number."]
  if (from === '+15005550008')
    return [429, 21611, "This 'From' number has exceeded the maximum number of queued messages."]
  if (service ? service !== state.options.messagingServiceSid : from !== state.from && from !== '+15005550006') {
    return service
      ? [404, 21701, 'The Messaging Service does not exist.']
      : [400, 21606, "The 'From' phone number is not a valid, SMS-capable number of your account."]
  }
  if (text === '' && media.length === 0) return [400, 21602, 'Message body is required.']
  if ([...text].length > 1600) return [400, 21617, 'The concatenated message body exceeds the 1600 character limit.']
  if (media.length > 10) return [400, 21623, 'Number of media files exceeds allowed limit.']
  if (callback !== null && !validCallback(callback)) return [400, 21609, "The 'StatusCallback' URL is not a valid URL."]
  if (validity !== null && !(/^\d+$/.test(validity) && Number(validity) >= 1 && Number(validity) <= 36_000))
    return [400, 21621, 'Validity period out of range.']
  const code = state.refusals.get(to) ?? magic.get(to) ?? (state.blocked.has(to) ? 21610 : undefined)
  if (code === undefined)
    return /^\+[1-9]\d{6,14}$/.test(to) ? undefined : [400, 21211, "The 'To' number is not a valid phone number."]
  if (later(code)) return undefined
  return [code === 20429 || code === 21611 ? 429 : code === 20003 ? 401 : 400, code, messages.get(code) ?? 'Refused.']
}

const magic: ReadonlyMap<string, number> = new Map([
  ['+15005550001', 21211],
  ['+15005550002', 21612],
  ['+15005550003', 21408],
  ['+15005550004', 21610],
  ['+15005550009', 21614],
])
const messages: ReadonlyMap<number, string> = new Map([
  [20429, 'Too Many Requests'],
  [21211, "The 'To' number is not a valid phone number."],
  [21610, 'Attempt to send to unsubscribed recipient'],
  [21614, "'To' number is not a valid mobile number"],
])

/** What Twilio takes first and fails afterwards. */
const later = (code: number): boolean => (code >= 30_001 && code < 31_000) || code >= 63_000

/** "URL must contain a valid hostname and underscores are not allowed" (twilio_api_v2010.json); 21609: at most 4,000. */
function validCallback(text: string): boolean {
  if (!URL.canParse(text) || text.length > 4000) return false
  const { protocol, hostname } = new URL(text)
  return /^https?:$/.test(protocol) && !hostname.includes('_')
}

function kept(state: Account, form: URLSearchParams): Kept {
  const to = form.get('To') ?? ''
  const callback = form.get('StatusCallback') ?? undefined
  const wanted = state.refusals.get(to)
  const code = wanted !== undefined && later(wanted) ? wanted : undefined
  const key = callback === undefined ? undefined : (new URL(callback).searchParams.get('key') ?? undefined)
  const media = form.getAll('MediaUrl').map((url) => ({ url, type: 'image/jpeg' }))
  return {
    sid: state.sid(media.length > 0 ? 'MM' : 'SM'),
    direction: 'outbound-api',
    to,
    from: form.get('From') || null,
    body: form.get('Body') ?? '',
    media,
    created: state.now(),
    since: performance.now(),
    steps: stepsOf(state, form.has('MessagingServiceSid'), code),
    ...(code !== undefined && { code }),
    ...(callback !== undefined && { callback }),
    ...(key !== undefined && { key }),
  }
}

function stepsOf(state: Account, service: boolean, code: number | undefined): readonly Status[] {
  const last =
    code === 30001 || code === 30002
      ? 'failed'
      : code !== undefined
        ? 'undelivered'
        : (state.options.status ?? 'delivered')
  const sent: readonly Status[] = last === 'failed' ? [] : ['sending', 'sent']
  return [...(service ? (['accepted'] as const) : []), 'queued', ...sent, ...(last === 'sent' ? [] : [last])]
}

// ── consents ─────────────────────────────────────────────────────────────────────────────────
/** As the example of CreateBulkConsents (twilio_accounts_v1.json) answers; its list is that of STOP (UNVERIFIED). */
const consent = (state: Account) => (text: string) => {
  const { contact_id: number, correlation_id, sender_id, status, source } = JSON.parse(text) as Record<string, string>
  const wrong = [
    ...(/^\+[1-9]\d{6,14}$/.test(number ?? '') ? [] : ['INVALID_CONTACT_ID']),
    ...(/^\w{32}$/.test(correlation_id ?? '') ? [] : ['INVALID_CORRELATION_ID']),
    ...([state.from, state.options.messagingServiceSid].includes(sender_id) ? [] : ['INVALID_SENDER_ID']),
    ...(['opt-in', 'opt-out'].includes(status ?? '') ? [] : ['INVALID_STATUS']),
    ...(sources.has(source ?? '') ? [] : ['INVALID_SOURCE']),
  ]
  if (wrong.length === 0 && status === 'opt-out') state.blocked.add(number as string)
  if (wrong.length === 0 && status === 'opt-in') state.blocked.delete(number as string)
  return { correlation_id, error_code: wrong.length > 0 ? 30646 : 0, error_messages: wrong }
}
const sources: ReadonlySet<string> = new Set(['website', 'offline', 'opt-in-message', 'opt-out-message', 'others'])

// ── list ─────────────────────────────────────────────────────────────────────────────────────
function list(state: Account, url: URL, fault: Fault | undefined): object {
  const { searchParams } = url
  const [to, from] = [searchParams.get('To'), searchParams.get('From')]
  const size = Math.min(Math.max(Number(searchParams.get('PageSize') ?? 50), 1), 1000)
  const page = Number(searchParams.get('Page') ?? 0)
  const all = to === null ? [...state.bySid.values()] : (state.byRecipient.get(to) ?? [])
  const found = all.filter((one) => (from === null || (one.from ?? state.from) === from) && onDay(one, searchParams))
  found.reverse() // most recent first
  const link = (number: number) => {
    const params = new URLSearchParams(searchParams)
    params.set('PageSize', String(size))
    params.set('Page', String(number))
    if (number > 0) params.set('PageToken', `PA${found[number * size - 1]?.sid}`)
    return `${url.pathname}?${params}`
  }
  const more = found.length > (page + 1) * size
  const messages = found.slice(page * size, (page + 1) * size)
  return {
    messages: messages.map((one) => state.resource(one)),
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(0, messages.length - 1),
    uri: `${url.pathname}${url.search}`,
    first_page_uri: link(0),
    next_page_uri: fault === 'page-moved' ? 'https://elsewhere.example/next' : more ? link(page + 1) : null,
    previous_page_uri: page > 0 ? link(page - 1) : null,
  }
}

/** GMT days. What is not sent yet has no date_sent: it is listed by when it was made (UNVERIFIED). */
function onDay({ created }: Kept, params: URLSearchParams): boolean {
  const day = created.toISOString().slice(0, 10)
  const [on, since, until] = ['DateSent', 'DateSent>', 'DateSent<'].map((name) => params.get(name)?.slice(0, 10))
  return (!on || day === on) && (!since || day >= since) && (!until || day <= until)
}

function numbers(state: Account, wanted: string | null): object {
  const ours = wanted === null || wanted === state.from
  const one = {
    phone_number: state.from,
    sms_url: state.webhookUrl ?? '',
    capabilities: { voice: false, sms: true, mms: true, fax: false },
  }
  return { incoming_phone_numbers: ours ? [one] : [], page: 0, page_size: 50, next_page_uri: null }
}
