import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  type Adapter,
  type Bib,
  type Catalogue,
  type Channel,
  type Circulation,
  type Code,
  type Directory,
  type DirectoryEntry,
  defineEvent,
  type Fault,
  type Feed,
  type FeedPage,
  type Interaction,
  type Json,
  type Knowledge,
  type KnowledgePage,
  type Metric,
  type Metrics,
  messageDelivery,
  messageReceived,
  PrmError,
  type Receipt,
  type Simulator,
  type Webhook,
  type WriteBack,
} from '@prm/core'
import * as z from 'zod/mini'

// An imaginary vendor, all in memory: its API takes and lists messages, and its webhooks are signed.

export interface PigeonSimulator extends Simulator<Credentials> {
  webhook(event: Json): Request
  readonly api: Api
  /** What became of its holds, by their numbers. */
  readonly told: { [hold: string]: string }
}
export interface Credentials {
  readonly token: string
  readonly secret: string
}
interface Patron {
  readonly card: string
  readonly phone: string
}
interface Loaned {
  readonly id: string
  readonly card: string
  readonly due: string
  readonly left: number
}
interface Guide {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly updated: string
}
interface Viewed {
  readonly day: string
  readonly page: string
  readonly views: number
  readonly visits: number
}
export interface Sent {
  readonly id: string
  readonly to: string
  readonly text: string
  readonly at: string
}
export interface Api {
  post(path: string, token: string, body: { to: string; text: string }, signal: AbortSignal): Promise<Answer>
  list(path: string, token: string): Promise<Answer>
  tell(hold: string, state: string): void
  renew(loan: string): Answer
}
export interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter?: string
}

const offered: readonly Fault[] = [
  'rate-limited-seconds',
  'rate-limited-date',
  'hang-after-accept',
  'reset',
  'reset-after-accept',
  'server-error',
  'html',
  'slow-body',
  'oversize-body',
  'expired-token',
]
const afterwards: ReadonlySet<Fault> = new Set([
  'hang-after-accept',
  'slow-body',
  'reset-after-accept',
  'oversize-body',
])

export async function simulate(credentials: Credentials): Promise<PigeonSimulator> {
  const sent: Sent[] = []
  const faults: Fault[] = []
  let events = 0
  const told: { [hold: string]: string } = {}
  const patrons: Patron[] = [
    { card: '2001', phone: '+12125550134' },
    { card: '2002', phone: '+12125550135' },
    { card: '2003', phone: '+12125550135' },
  ]
  const loans: Loaned[] = [
    { id: '41', card: '2001', due: '2026-12-01', left: 1 },
    { id: '42', card: '2001', due: '2026-12-01', left: 0 },
    { id: '43', card: '2002', due: '2026-12-01', left: 1 },
  ]
  const tables: { readonly [path: string]: () => readonly object[] } = {
    holds: () => holds,
    patrons: () => patrons,
    loans: () => loans,
    books: () => [{ id: '7', title: 'The Tall Ship', isbns: ['9780306406157'] }],
    messages: () => sent.map((one) => ({ ...one })),
    guides: () => guides,
    views: () => views,
  }
  const guides = ['Rooms', 'Cards', 'Loans', 'Holds', 'Fines'].map((title, index) => {
    const text = title === 'Loans' ? 'How to renew.' : 'Ask at the desk.'
    return { id: `${index + 1}`, title, text, updated: `2026-11-${18 + index}T09:00:00.000Z` }
  })
  const views: readonly Viewed[] = [
    { day: '2026-11-23', page: '3', views: 0, visits: 0 },
    { day: '2026-11-23', page: '4', views: 2, visits: 2 },
    { day: '2026-11-24', page: '3', views: 17, visits: 12 },
    { day: '2026-10-12', page: '3', views: 900, visits: 700 },
  ]
  const holds = Array.from({ length: 5 }, (_, index) => ({ hold: `${17 + index}`, until: '2026-11-24' }))

  /** What goes wrong before anything is read. */
  function spoiled(fault: Fault | undefined): Answer | undefined {
    if (fault === 'reset') throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
    if (fault === 'server-error') return { status: 500, body: '{}' }
    if (fault === 'html') return { status: 200, body: '<html>Please sign in.</html>' }
    if (fault === 'expired-token') return { status: 401, body: '{}' }
    if (fault === 'rate-limited-seconds') return { status: 429, body: '{}', retryAfter: '2' }
    const inTwo = new Date(Date.now() + 2000).toUTCString()
    return fault === 'rate-limited-date' ? { status: 429, body: '{}', retryAfter: inTwo } : undefined
  }
  const ok = (body: Json): Answer => ({ status: 200, body: JSON.stringify(body) })

  return {
    url: 'memory:',
    credentials,
    received: () =>
      sent.map(({ id, to, text }) => ({
        at: new Date(0).toISOString(),
        to: { scheme: 'tel', value: to },
        text,
        raw: { id },
      })),
    fault(fault, times = 1) {
      if (!offered.includes(fault)) throw new Error(`Pigeon has no ${fault}.`)
      faults.push(...Array<Fault>(times).fill(fault))
    },
    webhook(event) {
      const body = JSON.stringify({ id: `E${++events}`, ...(event as object) })
      const signature = createHmac('sha256', credentials.secret).update(body).digest('hex')
      const headers = { 'content-type': 'application/json', 'pigeon-signature': `v1=${signature}` }
      return new Request((event as { url: string }).url, { method: 'POST', headers, body })
    },
    close: async () => undefined,
    told,
    api: {
      tell(hold, state) {
        told[hold] = state
      },
      async post(_, token, { to, text }, signal) {
        if (signal.aborted) throw new TypeError('aborted')
        const fault = faults.shift()
        const bad = spoiled(fault)
        if (bad) return bad
        if (token !== credentials.token) return { status: 401, body: '{}' }
        if (!/^\+1212555/.test(to)) return { status: 422, body: '{}' }
        const message = { id: `M${sent.length + 1}`, to, text, at: new Date().toISOString() }
        sent.push(message)
        if (fault === 'reset-after-accept') throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
        if (fault === 'oversize-body') return ok({ ...message, padding: 'x'.repeat(2 * 1024 * 1024) })
        if (!fault || !afterwards.has(fault)) return ok({ ...message })
        return new Promise((_, fail) => signal.addEventListener('abort', () => fail(new TypeError('aborted'))))
      },
      renew(id) {
        const fault = faults.shift()
        const bad = spoiled(fault)
        if (bad) return bad
        const loan = loans.find((one) => one.id === id)
        if (!loan?.left) return { status: 409, body: '{}' }
        Object.assign(loan, { due: '2026-12-22', left: loan.left - 1 })
        if (fault) throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } })
        return ok({ due: loan.due })
      },
      async list(path) {
        return (
          spoiled(faults[0] && afterwards.has(faults[0]) ? undefined : faults.shift()) ?? ok(tables[path]?.() as Json)
        )
      },
    },
  }
}

// ── the adapter ──────────────────────────────────────────────────────────────────────────────
const holdReady = defineEvent('hold.ready', z.object({ hold: z.string(), until: z.string() }))

export interface Pigeon extends Adapter {
  readonly channel: Required<Channel>
  readonly webhook: Webhook
  readonly feed: Feed
  readonly writeBack: WriteBack
  readonly directory: Directory
  readonly circulation: Circulation & Required<Pick<Circulation, 'renew'>>
  readonly catalogue: Required<Omit<Catalogue, 'added'>>
  readonly knowledge: Required<Knowledge>
  readonly metrics: Metrics
  readonly check: NonNullable<Adapter['check']>
  readonly close: NonNullable<Adapter['close']>
}

/** How a vendor's adapter should be; the mutants are what it should not. */
export function pigeon({ token, secret }: Credentials, api: Api): Pigeon {
  async function write(to: string, text: string, signal: AbortSignal): Promise<Sent> {
    if (signal.aborted) throw new PrmError('unavailable', 'It was called off before it was sent.')
    const answer = await api.post('messages', token, { to, text }, signal).catch(() => {
      throw new PrmError('unknown', 'The answer is lost.')
    })
    return read<Sent>(answer, true)
  }
  async function list<T>(path: string): Promise<T[]> {
    const answer = await api.list(path, token).catch(() => {
      throw new PrmError('unavailable', 'No connection.')
    })
    return read<T[]>(answer, false)
  }
  async function ownLoans(card: string): Promise<readonly Loaned[]> {
    if (!(await list<Patron>('patrons')).some((one) => one.card === card))
      throw new PrmError('not_found', 'No patron has this card.')
    return (await list<Loaned>('loans')).filter((loan) => loan.card === card)
  }
  return {
    spec: 1,
    kind: 'pigeon',
    version: '1.0.0',
    emits: [messageReceived, messageDelivery, holdReady],
    channel: {
      medium: 'sms',
      schemes: ['tel'],
      exposure: 'glanceable',
      senders: [{ address: { scheme: 'tel', value: '+12125550100' } }],
      limits: { idempotent: false },
      measure: ({ text }) => ({ units: Math.max(1, Math.ceil(text.length / 160)), unit: 'part', warnings: [] }),
      async send({ to, content }, ctx): Promise<Receipt> {
        const raw = await write(to.value, content.text, ctx.signal)
        ctx.log('info', 'A text was taken.', { id: raw.id })
        return { id: raw.id, state: 'accepted', raw }
      },
      async lookup({ id, to, content, excludeProviderIds, from, until }) {
        const all = await list<Sent>('messages')
        const then = all.filter(({ at }) => at >= from && at <= until)
        const ours = (one: Sent) =>
          one.to === to.value && one.text === content.text && !excludeProviderIds.includes(one.id)
        const raw = id ? all.find((one) => one.id === id) : then.find(ours)
        return raw ? { id: raw.id, state: 'accepted', raw } : 'absent'
      },
      async remove() {},
      async setOptOut() {},
    },
    webhook: {
      async receive(request, ctx) {
        const body = Buffer.from(await request.arrayBuffer())
        if (body.byteLength > 1024 * 1024) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
        const expected = Buffer.from(`v1=${createHmac('sha256', secret).update(body).digest('hex')}`)
        const given = Buffer.from(request.headers.get('pigeon-signature') ?? '')
        if (given.length !== expected.length || !timingSafeEqual(given, expected))
          throw new PrmError('signature', 'The signature is missing or wrong.')
        return { interactions: [factOf(body.toString(), ctx.id)] }
      },
    },
    feed: {
      every: '5m',
      async *pull(cursor, ctx): AsyncGenerator<FeedPage> {
        const rows = await list<{ hold: string; until: string }>('holds')
        for (let from = Number(cursor ?? 0); from < rows.length && !ctx.signal.aborted; from += 2) {
          const interactions = rows.slice(from, from + 2).map((data) => {
            return { key: `hold-ready ${data.hold} ${data.until}`, type: holdReady.name, source: ctx.id, data }
          })
          yield { interactions, cursor: from + 2 }
        }
      },
    },
    writeBack: {
      async report(results, { signal }) {
        if (signal.aborted) throw new PrmError('unavailable', 'It was called off before it was told.')
        for (const { origin = '', state } of results) if (/^hold \d+$/.test(origin)) api.tell(origin, state)
        return []
      },
    },
    directory: {
      async find({ scheme, value }) {
        const field = scheme === 'tel' ? 'phone' : 'card'
        return (await list<Patron>('patrons')).filter((one) => one[field] === value).map(entryOf)
      },
    },
    circulation: {
      async *loans(patron) {
        for (const loan of await ownLoans(patron.value)) {
          yield { id: loan.id, item: `item ${loan.id}`, title: notTold, due: loan.due, renewable: notTold }
        }
      },
      async *holds(patron) {
        await ownLoans(patron.value)
        for (const { hold } of await list<{ hold: string }>('holds'))
          yield { id: hold, title: notTold, state: 'ready', pickup: notTold, collectBy: notTold }
      },
      async renew(patron, id) {
        const own = async () => (await ownLoans(patron.value)).find((loan) => loan.id === id)
        const before = await own()
        if (!before) throw new PrmError('not_found', 'The patron has no such loan.')
        try {
          const answer = api.renew(id)
          if (answer.status === 409) return { ok: false, reason: 'too-many', text: 'no renewals left' }
          return { ok: true, due: read<Loaned>(answer, true).due }
        } catch {
          const after = await own()
          if (after && after.due !== before.due) return { ok: true, due: after.due }
          throw new PrmError('unknown', 'It may have been taken.')
        }
      },
    },
    catalogue: {
      async byIsbn(isbn) {
        return (await list<Bib>('books')).filter(({ isbns }) => isbns.includes(isbn))
      },
      async availability() {
        await list('books')
        return [{ branch: 'ELM', state: 'on-loan', due: '2026-12-09' }]
      },
    },
    knowledge: {
      async *pages(since = '') {
        for (const guide of await list<Guide>('guides')) if (guide.updated >= since) yield pageOf(guide)
      },
      async search(text) {
        return (await list<Guide>('guides')).filter((one) => one.text.includes(text)).map(pageOf)
      },
    },
    metrics: {
      async *pull({ from, to }) {
        for (const row of await list<Viewed>('views')) if (row.day >= from && row.day <= to) yield figuresOf(row)
      },
    },
    check: async () => [{ what: 'channel.send', ok: true, detail: 'The token is taken.' }],
    close: async () => undefined,
  }
}

const notTold = { is: 'unavailable', reason: 'Pigeon does not tell.' } as const

function pageOf({ id, title, text, updated }: Guide): KnowledgePage {
  return { ref: { system: 'pigeon', id, version: String(text.length) }, title, text, updated }
}

/** Before November it counted a part of them. */
function figuresOf({ day, page, views, visits }: Viewed): Metric {
  const figures = {
    views: { is: 'value', value: views },
    visits: { is: 'value', value: visits },
    exits: notTold,
  } as const
  return { day, page: { system: 'pigeon', id: page }, ...figures, sampled: day < '2026-11-01' }
}

function entryOf({ card, phone }: Patron): DirectoryEntry {
  const identities = [
    { scheme: 'ils', realm: 'pigeon/card', value: card, verified: true },
    { scheme: 'tel', value: phone, verified: false },
  ]
  const [name, locale, branch, category, birthDate, expires] = Array(6).fill(notTold)
  const [blocks, guardian, preferences] = Array(3).fill(notTold)
  return { identities, name, locale, branch, category, birthDate, expires, blocks, guardian, preferences }
}

export function factOf(body: string, source: string): Interaction {
  const { id, from, text, status } = parsed(body) as { [name: string]: string }
  if (status) return { key: `${id} ${status}`, type: messageDelivery.name, source, data: { raw: status } }
  if (!id || !from) throw new PrmError('invalid', 'The request names nobody.')
  const who = { scheme: 'tel', value: from }
  return { key: id, type: messageReceived.name, source, who, data: { content: { text: text ?? '' } } }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PrmError('invalid', 'The request is no JSON.')
  }
}

const codes: { readonly [status: number]: Code } = { 401: 'auth', 422: 'undeliverable', 429: 'rate_limited' }

function read<T>({ status, body, retryAfter }: Answer, write: boolean): T {
  if (status === 200 && body.length < 1024 * 1024 && body.startsWith(body[0] === '[' ? '[' : '{'))
    return JSON.parse(body)
  const lost = status >= 500 || status === 200
  const seconds = Number(retryAfter)
  const wait = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1000
  const code = lost ? (write ? 'unknown' : status === 200 ? 'contract' : 'unavailable') : (codes[status] ?? 'invalid')
  throw new PrmError(code, `It was answered ${status}.`, retryAfter === undefined ? {} : { retryAfterMs: wait })
}
