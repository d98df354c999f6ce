import { randomBytes } from 'node:crypto'
import { type Answer, type Asked, badDay, spoiled } from '@prm/kit/simulator'
import type { Faq, Tenant } from './state.ts'

type Plain = Exclude<Answer, string | { readonly part: string }>
const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
const said = (status: number, body: unknown): Plain => ({ status, headers, body: JSON.stringify(body) })
const ok = (body: unknown): Plain => said(200, body)
const missing = said(404, { error: 'Not found' })
const refusals = {
  busy: said(429, { error: 'Too many requests' }),
  failed: said(500, { error: 'Error saving ticket.' }),
  denied: said(401, { error: 'invalid_token' }),
}

/** API 1.1 at /api/1.1 and /1.1, and 1.0, which needs no token. */
export function serve(tenant: Tenant, asked: Asked): Answer {
  const { method, url } = asked
  const path = url.pathname.replace(/^\/api(?=\/)/, '')
  if (path === '/1.1/oauth/token') return method === 'POST' ? token(tenant, asked) : missing
  const write = method === 'POST'
  const fault = tenant.faults.take(write)
  const bad = badDay(fault, refusals, tenant.now())
  if (bad) return bad
  if (path.startsWith('/1.1/') && !authorized(tenant, asked)) return refusals.denied
  if (tenant.inside > 0) {
    tenant.inside--
    return ok({ error: 'Something is not right.' })
  }
  const answer = path.startsWith('/1.1/')
    ? protectedApi(tenant, path.slice(4), asked)
    : openApi(tenant, path.slice(4), asked)
  return write && answer.status === 200 ? spoiled(fault, answer) : answer
}

// ── who asks ─────────────────────────────────────────────────────────────────────────────────
function token(tenant: Tenant, { body }: Asked): Plain {
  const form = new URLSearchParams(body)
  if (form.get('grant_type') !== 'client_credentials')
    return said(400, { error: 'The grant type was not specified in the request' })
  if (form.get('client_id') !== tenant.clientId || form.get('client_secret') !== tenant.clientSecret)
    return said(400, { error: 'The client credentials are invalid' })
  const access_token = randomBytes(20).toString('hex')
  const { expiresIn, scopes } = tenant.options
  tenant.tokens.set(access_token, tenant.now().getTime() + expiresIn * 1000)
  tenant.given = (tenant.given ?? 0) + 1
  return ok({ access_token, expires_in: expiresIn, token_type: 'Bearer', scope: scopes })
}

function authorized(tenant: Tenant, { headers }: Asked): boolean {
  const end = tenant.tokens.get(String(headers.authorization).replace(/^Bearer /, ''))
  return end !== undefined && end > tenant.now().getTime()
}

// ── 1.1 ──────────────────────────────────────────────────────────────────────────────────────
function protectedApi(tenant: Tenant, path: string, { method, url, body }: Asked): Plain {
  const [, kind, id] = /^\/(queue|ra\/dataset)\/(\d+)\//.exec(path) ?? []
  if (method === 'POST' && path === '/ticket/create') return ticket(tenant, new URLSearchParams(body))
  if (kind === 'ra/dataset' && id !== tenant.dataset) return missing
  if (method === 'POST') return path.endsWith('/transaction') ? record(tenant, new URLSearchParams(body)) : missing
  if (path === '/faqs') return ok({ faqs: pageOf(tenant, url, 20).map(([id, faq]) => faqOf(id, faq, url)) })
  if (kind === 'queue' && path.endsWith('/formfields')) return id === tenant.queue ? ok(ticketForm) : missing
  if (path.endsWith('/formfields')) return ok(deskForm)
  if (path.endsWith('/transactions')) return transactions(tenant, url.searchParams.getAll('date_range[]'))
  if (path === '/chat/widgets')
    return ok({
      widgets: [{ widget_id: 5512, name: 'Guides', type: 'slideout', user: { name: 'Sam', account_id: 3 } }],
    })
  return missing
}

const ticketForm = [
  {
    id: null,
    name: 'pquestion',
    label: 'Question',
    html_type: 'text',
    data_type: 'text',
    required: true,
    options: null,
  },
  {
    id: 88,
    name: 'custom1',
    label: 'Branch',
    html_type: 'select',
    data_type: 'option',
    required: null,
    options: [{ value: 1, label: 'Elm' }],
  },
]
const deskForm = [
  {
    id: 301,
    name: 'field_301',
    label: 'READ',
    html_type: 'select',
    data_type: 'option',
    required: true,
    options: [1, 2, 3, 4, 5, 6].map((level) => ({ value: 4400 + level, label: String(level) })),
  },
]

function ticket(tenant: Tenant, form: URLSearchParams): Plain {
  const [quid, pquestion] = [form.get('quid') ?? '', form.get('pquestion') ?? '']
  if (quid !== tenant.queue || pquestion === '' || pquestion.length > 150)
    return said(400, { error: 'Invalid or missing parameter.' })
  const qid = String(13_224_664 + tenant.tickets.length)
  const [pdetails, pemail] = [form.get('pdetails') ?? '', form.get('pemail') ?? '']
  tenant.tickets.push({ qid, quid, pquestion, pdetails, pemail, created: tenant.now().toISOString() })
  return ok({ isShared: false, ticketUrl: `/admin/ticket?qid=${qid}`, claimed: 0 })
}

function record(tenant: Tenant, form: URLSearchParams): Plain {
  const at = form.get('date_time') ?? ''
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(at)) return said(400, { error: 'Invalid or missing parameter.' })
  const transaction_id = 90_001 + tenant.transactions.length
  const fields = [...form].flatMap(([name, value]) => {
    const [, id] = /^field\[(\d+)\]$/.exec(name) ?? []
    const field = deskForm.find((one) => one.id === Number(id))
    const option = field?.options.find((one) => one.value === Number(value))
    return field && option ? [{ field_id: field.id, field_label: field.label, field_answer: option.label }] : []
  })
  tenant.transactions.push({
    transaction_id,
    dataset_id: Number(tenant.dataset),
    created: at,
    question: form.get('question') ?? '',
    details: form.get('q_details') ?? '',
    answer: form.get('answer') ?? '',
    owner: form.get('owner_email') ?? '',
    custom_fields: fields,
  })
  return ok({ transaction_id })
}

/** Both days counted, a month at the most. */
function transactions(tenant: Tenant, [from = '', to = '']: readonly string[]): Plain {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000
  if (!(days >= 0 && days <= 31)) return said(400, { error: 'The date range may span one month.' })
  const found = tenant.transactions.filter(({ created }) => created.slice(0, 10) >= from && created.slice(0, 10) <= to)
  return ok({ transactions: found })
}

// ── 1.0 ──────────────────────────────────────────────────────────────────────────────────────
function openApi(tenant: Tenant, path: string, { url }: Asked): Plain {
  if (path === '/chat/widgets/status/5512') return ok({ online: true, name: 'Guides' })
  if (url.searchParams.get('iid') !== tenant.iid) return said(400, { error: 'iid is missing' })
  const [, term] = /^\/search\/(.+)$/.exec(path) ?? []
  if (term === undefined)
    return path === '/faqs' ? ok({ faqs: pageOf(tenant, url, 50).map(([id, faq]) => faqOf(id, faq, url)) }) : missing
  const words = decodeURIComponent(term).toLowerCase()
  const found = [...tenant.faqs].filter(
    ([, one]) => one.public && `${one.question} ${one.answer}`.toLowerCase().includes(words),
  )
  // Here it is `id`, `url` is a text, and topics are texts.
  const results = found
    .slice(0, 50)
    .map(([id, { question }]) => ({ id, question, url: `${url.origin}/faq/${id}`, topics: ['Using the library'] }))
  return ok({ search: { query: words, numFound: found.length, results } })
}

/** The last page comes again where another is asked for. */
function pageOf(tenant: Tenant, url: URL, most: number): readonly (readonly [number, Faq])[] {
  const size = Math.min(most, Number(url.searchParams.get('limit') ?? most))
  const all = [...tenant.faqs]
  const last = Math.max(1, Math.ceil(all.length / size))
  const page = Math.min(last, Math.max(1, Number(url.searchParams.get('page') ?? 1)))
  return all.slice((page - 1) * size, page * size)
}

function faqOf(id: number, { question, answer, details, public: shown, updated }: Faq, url: URL): object {
  return {
    // A number on some days, a text on others.
    faqid: id % 2 ? id : String(id),
    question,
    answer,
    details,
    url: { public: shown ? `${url.origin}/faq/${id}` : '', admin: `${url.origin}/admin/faq/${id}` },
    topics: [{ id: 7, name: 'Using the library' }],
    keywords: [],
    votes: { yes: '3', no: '1' },
    totalhits: String(id),
    created: '2024-01-02 10:00:00',
    updated,
  }
}
