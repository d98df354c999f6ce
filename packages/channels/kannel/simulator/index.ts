import { randomUUID } from 'node:crypto'
import type { Fault, Json, Simulator } from '@prm/core/adapter'
import { type Answer, type Asked, badDay, faults, isLocal, loopback, post, reporter, spoiled } from '@prm/kit/simulator'

export interface SimulateOptions {
  readonly username?: string
  readonly password?: string
  /** What its `get-url` and our `dlr-url` carry. */
  readonly callbackSecret?: string
  /** `max-messages` of the `sendsms-user` group: what is longer is cut off, and taken. 1, as Kannel's own default. */
  readonly maxParts?: number
  /** `denied-prefix` of the group. */
  readonly denied?: readonly string[]
  /** What becomes of messages; `delivered`. */
  readonly status?: 'delivered' | 'undelivered' | 'rejected' | 'buffered'
  /** While no SMSC is connected, messages are queued, and nothing becomes of them. */
  readonly connected?: boolean
  /** Between one report and the next, in milliseconds; 0. */
  readonly delayMs?: number
  readonly latencyMs?: number
  /** Where its `get-url` leads. */
  readonly webhookUrl?: string
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  readonly now?: () => Date
}

export interface KannelCredentials {
  readonly username: string
  readonly password: string
  readonly callbackSecret: string
}

export interface InboundText {
  readonly from: string
  readonly text: string
  readonly to?: string
  /** Where it is sent, where not to `webhookUrl`. */
  readonly url?: string
  /** What `%C` says and `%b` is in; UTF-8. */
  readonly charset?: 'UTF-8' | 'UTF-16BE'
  /** By `post-url` instead of `get-url`. */
  readonly post?: boolean
}
/** A report of a message that the simulator took, by our key; `dlr` is 1, 2, 4, 8 or 16. */
export interface Report {
  readonly key: string
  readonly dlr: number
}

/** As it went to the SMSC. */
export interface Sent {
  readonly to: string
  readonly from: string
  readonly text: string
  readonly coding: string
  readonly validity?: string
  readonly smsc?: string
}

export interface KannelSimulator extends Simulator<KannelCredentials> {
  /** A patron texts the library: `get-url` is called, if it leads to this machine. */
  text(text: InboundText): Promise<number | undefined>
  /** The same as a request, sent nowhere; or a delivery report. */
  webhook(event: InboundText | Report | Json): Request
  setWebhookUrl(url: string): void
  sent(): readonly Sent[]
  /** The answers to its reports, in order; status 0 is no answer. */
  posted(): readonly { readonly url: string; readonly answer: number }[]
  idle(): Promise<void>
}

interface Kept extends Sent {
  readonly at: Date
  readonly report?: string
  readonly key?: string
}

/** Kannel's smsbox on loopback, written from its user's guide and from what 1.4.5 of Debian 13 answers. */
export async function simulate(options: SimulateOptions = {}): Promise<KannelSimulator> {
  const credentials: KannelCredentials = {
    username: options.username ?? 'prm',
    password: options.password ?? randomUUID(),
    callbackSecret: options.callbackSecret ?? randomUUID(),
  }
  const [taken, posted]: [Kept[], { url: string; answer: number }[]] = [[], []]
  const bad = faults()
  const reports = reporter(options.delayMs)
  const now = () => options.now?.() ?? new Date()
  let webhookUrl = options.webhookUrl

  function serve({ method, url, headers, body }: Asked): Answer {
    const write = url.pathname === '/cgi-bin/sendsms'
    const fault = bad.take(write)
    const spoil = badDay(fault, refusals, now())
    if (spoil) return spoil
    if (!write) return said(404, 'Unknown request.')
    if (method === 'POST' && !/^text\/plain\b/.test(headers['content-type'] ?? ''))
      return said(400, 'Invalid content-type')
    const field = (name: string): string =>
      method === 'POST' ? String(headers[`x-kannel-${name}`] ?? '') : (url.searchParams.get(name) ?? '')
    if (field('username') !== credentials.username || field('password') !== credentials.password)
      return said(403, 'Authorization failed for sendsms')
    const [to, from] = [field('to'), field('from')]
    if (!to) return said(400, 'Missing receiver number, rejected')
    if (!from) return said(400, 'Sender missing and no global set, rejected')
    if (!/^\+?\d+$/.test(to) || options.denied?.some((prefix) => to.startsWith(prefix)))
      return said(400, 'Number(s) has/have been denied by white- and/or black-lists.')
    take(field, method === 'POST' ? body : field('text'), fault)
    return spoiled(
      fault,
      said(202, options.connected === false ? '3: Queued for later delivery' : '0: Accepted for delivery'),
    )
  }

  function take(field: (name: string) => string, text: string, fault: Fault | undefined): void {
    const [to, from, coding, report] = [field('to'), field('from'), field('coding') || '0', field('dlr-url')]
    const most =
      (options.maxParts ?? 1) > 1 ? (options.maxParts ?? 1) * (coding === '2' ? 67 : 153) : coding === '2' ? 70 : 160
    const key = report ? new URL(filled(report, 1)).searchParams.get('key') : undefined
    taken.push({
      to,
      from,
      text: text.slice(0, most),
      coding,
      at: now(),
      ...(field('validity') && { validity: field('validity') }),
      ...(field('smsc') && { smsc: field('smsc') }),
      ...(report && { report }),
      ...(key && { key }),
    })
    const wanted = Number(field('dlr-mask') || 0)
    const types =
      options.connected === false ? [] : steps[options.status ?? 'delivered'].filter((type) => type & wanted)
    if (!report || !isLocal(filled(report, 1))) return
    reports.start(
      types.map((type) => async (signal) => {
        const url = filled(report, type)
        posted.push({ url, answer: await post(new Request(url), signal) })
      }),
      fault,
    )
  }

  function request(event: InboundText | Report): Request {
    if ('dlr' in event) {
      const report = taken.find(({ key }) => key === event.key)?.report
      if (!report) throw new Error('The simulator took no message with this key and a dlr-url.')
      return new Request(filled(report, event.dlr))
    }
    const { from, to = '1234', text, charset = 'UTF-8', url = webhookUrl } = event
    if (url === undefined) throw new Error('Tell the simulator where texts go: webhookUrl, or url in the event.')
    const bytes = charset === 'UTF-8' ? Buffer.from(text) : Buffer.from(text, 'utf16le').swap16()
    const time = Math.floor(now().getTime() / 1000)
    const rest = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}&charset=${charset}&id=${randomUUID()}&time=${time}`
    const called = `${url}?secret=${encodeURIComponent(credentials.callbackSecret)}&${rest}`
    const headers = {
      'user-agent': 'Kannel/1.4.5',
      ...(event.post && { 'content-type': `text/plain; charset=${charset}` }),
    }
    return event.post
      ? new Request(called, { method: 'POST', headers, body: bytes })
      : new Request(`${called}&text=${escaped(bytes)}`, { headers })
  }

  const server = await loopback(serve, options)
  return {
    url: server.url,
    credentials,
    received: () =>
      taken.map(({ at, key, to, text, ...rest }) => ({
        at: at.toISOString(),
        to: { scheme: 'tel', value: to },
        text,
        ...(key !== undefined && { key }),
        raw: rest as unknown as Json,
      })),
    fault: bad.add,
    async text(text) {
      const one = request({
        url: 'http://elsewhere.example/',
        ...(webhookUrl !== undefined && { url: webhookUrl }),
        ...text,
      })
      return isLocal(one.url) ? post(one) : undefined
    },
    webhook: (event) => request(event as InboundText | Report),
    setWebhookUrl(url) {
      webhookUrl = url
    },
    sent: () => taken.map(({ at: _, report: _r, key: _k, ...rest }) => rest),
    posted: () => posted,
    idle: () => reports.idle(),
    async close() {
      reports.close()
      await server.close()
    },
  }
}

const said = (status: number, body: string) => ({ status, body, headers: { 'content-type': 'text/html' } })
const refusals = {
  busy: said(429, 'Too many requests'), // no word of Kannel's: of a proxy before it
  failed: said(500, 'Sending failed.'),
  denied: said(403, 'Authorization failed for sendsms'),
}

/** What the SMSC says of a message, in order (user's guide, chapter 10). */
const steps = { delivered: [8, 1], undelivered: [8, 2], rejected: [16], buffered: [8, 4, 1] } as const

/** The escapes that Kannel fills in everywhere in a URL; a `%` of one's own is `%%`. */
function filled(url: string, dlr: number): string {
  const values: { readonly [code: string]: string } = {
    '%': '%',
    d: String(dlr),
    A: 'ACK%2F',
    C: 'UTF-8',
    c: '0',
    i: 'smsc',
  }
  return url.replace(/%([%a-zA-Z])/g, (_, code) => values[code] ?? '')
}

const escaped = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) =>
      /[\w-]/.test(String.fromCharCode(byte)) && byte < 128
        ? String.fromCharCode(byte)
        : byte === 32
          ? '+'
          : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`,
    )
    .join('')
