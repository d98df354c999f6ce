import { randomUUID } from 'node:crypto'
import type { Fault } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, isLocal, post, spoiled } from '@prm/kit/simulator'
import { type Account, type Kept, resource, type Status, statusOf, titleOf } from './account.ts'
import { reportOf } from './texts.ts'

type Plain = Exclude<Answer, string | { readonly part: string }>
const headers = { 'content-type': 'application/json; charset=utf-8' }
const ok = (body: object): Plain => ({ status: 200, headers, body: JSON.stringify(body) })
const refused = (status: number, code: number, detail = ''): Plain => ({
  status,
  headers,
  body: JSON.stringify({ errors: [{ code: String(code), title: titleOf(code), detail, meta: {} }] }),
})
const refusals = { busy: refused(429, 10011), failed: refused(500, 10007), denied: refused(401, 10009) }

/** The part of the API that messages need. Unknown paths are 404 with code 10005, as at Telnyx. */
export function serve(state: Account, asked: Asked): Answer {
  const { method, url, headers } = asked
  const path = url.pathname.replace(/^\/v2(?=\/)/, '')
  const write = method === 'POST' && path === '/messages'
  const fault = state.faults.take(write)
  const bad = badDay(fault, refusals, state.now())
  if (bad) return bad
  if (headers.authorization === undefined) return refused(404, 10005)
  if (headers.authorization !== `Bearer ${state.apiKey}`) return refused(401, 10009)
  if (write) return create(state, asked.body, fault)
  return (method === 'GET' && read(state, url, path, fault)) || refused(404, 10005)
}

function read(state: Account, url: URL, path: string, fault: Fault | undefined): Answer | undefined {
  if (path === '/detail_records') return records(state, url.searchParams, fault)
  const [, kind, id = ''] = /^\/(messages|messaging_phone_numbers|messaging_profiles)\/(.+)$/.exec(path) ?? []
  const kept = kind === 'messages' ? state.kept.get(id) : undefined
  if (kept) return ok({ data: resource(state, kept) })
  if (kind === 'messaging_phone_numbers' && decodeURIComponent(id) === state.from)
    return ok({ data: { phone_number: state.from, messaging_profile_id: state.profile, type: 'long-code' } })
  if (kind === 'messaging_profiles' && id === state.profile)
    return ok({ data: { id, name: 'Library', enabled: true, webhook_url: state.webhookUrl ?? null } })
  return undefined
}

// ── create ───────────────────────────────────────────────────────────────────────────────────
interface Body {
  readonly to?: unknown
  readonly from?: unknown
  readonly messaging_profile_id?: unknown
  readonly text?: unknown
  readonly media_urls?: readonly string[]
  readonly webhook_url?: string
}

function create(state: Account, text: string, fault: Fault | undefined): Answer {
  let body: Body
  try {
    body = JSON.parse(text)
  } catch {
    return refused(400, 10023)
  }
  const wrong = refusal(state, body)
  if (wrong) return refused(wrong >= 10000 && wrong < 20000 ? 422 : wrong === 40318 ? 429 : 400, wrong)
  const kept = keep(state, body)
  report(state, kept, fault)
  return spoiled(fault, ok({ data: resource(state, kept, kept.steps[0]) }))
}

function refusal(
  state: Account,
  { to, from, messaging_profile_id: profile, text, media_urls: media }: Body,
): number | undefined {
  if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to)) return 40310
  if (from === undefined && profile === undefined) return 10004
  if (from !== undefined && from !== state.from) return 40305
  if (profile !== undefined && profile !== state.profile) return 40312
  if (!text && !media?.length) return 40316
  if (typeof text === 'string' && text.length > 1530) return 40302
  if ((media?.length ?? 0) > 10) return 40317
  const code = state.refusals.get(to) ?? (state.blocked.has(to) ? 40300 : undefined)
  return code !== undefined && !later(code) ? code : undefined
}

/** What Telnyx takes first and fails afterwards. */
const later = (code: number): boolean => code >= 40_000 && code < 40_300

function keep(state: Account, { to, from, text, media_urls: media = [], webhook_url: url }: Body): Kept {
  const wanted = state.refusals.get(String(to))
  const code = wanted !== undefined && later(wanted) ? wanted : undefined
  const key = url === undefined ? undefined : (new URL(url).searchParams.get('key') ?? undefined)
  const last: Status = code !== undefined ? 'delivery_failed' : (state.options.status ?? 'delivered')
  const kept: Kept = {
    id: randomUUID(),
    to: String(to),
    from: String(from ?? state.from),
    text: String(text ?? ''),
    media,
    created: state.now(),
    since: performance.now(),
    steps: ['queued', ...(last === 'sending_failed' ? [] : (['sent'] as const)), ...(last === 'sent' ? [] : [last])],
    ...(code !== undefined && { code }),
    ...(url !== undefined && { webhookUrl: url }),
    ...(key !== undefined && { key }),
  }
  state.kept.set(kept.id, kept)
  return kept
}

/** `message.sent`, then `message.finalized`, if there is a URL for it on this machine. */
function report(state: Account, kept: Kept, fault: Fault | undefined): void {
  const url = kept.webhookUrl ?? state.webhookUrl
  if (url === undefined || !isLocal(url)) return
  const reports = kept.steps.slice(1).map((status) => {
    const id = randomUUID()
    let attempt = 0
    return async (signal: AbortSignal) => {
      const request = reportOf(state, kept, status, url, { id, attempt: ++attempt })
      const event = status === 'sent' ? 'message.sent' : 'message.finalized'
      state.posted.push({ id: kept.id, event, answer: await post(request, signal) })
    }
  })
  state.reporter.start(reports, fault)
}

// ── detail records ───────────────────────────────────────────────────────────────────────────
/** What is queued is in none yet (support.telnyx.com 96934). They do not hold the text. */
function records(state: Account, query: URLSearchParams, fault: Fault | undefined): Answer {
  if (query.get('filter[record_type]') !== 'messaging') return refused(400, 10015, 'record_type')
  const [cld, since] = [query.get('filter[cld][starts_with]') ?? '', query.get('filter[created_at][gte]') ?? '']
  const all = [...state.kept.values()].filter(
    (one) => one.to.startsWith(cld) && one.created.toISOString() >= since && statusOf(state, one) !== 'queued',
  )
  const [size, page] = [Number(query.get('page[size]') ?? 20), Number(query.get('page[number]') ?? 1)]
  const data = all.slice((page - 1) * size, page * size).map((one) => ({
    record_type: 'message_detail_record',
    uuid: one.id,
    cld: one.to,
    cli: one.from,
    created_at: one.created.toISOString(),
    direction: 'outbound',
    status: statusOf(state, one),
    cost: '0.0051',
    currency: 'USD',
  }))
  // What was on this page has moved to the one before.
  const moved = fault === 'page-moved'
  const meta = { page_number: page, page_size: size, total_pages: Math.ceil(all.length / size) }
  return ok({ data: moved ? [] : data, meta: { ...meta, total_results: all.length + (moved ? 1 : 0) } })
}
