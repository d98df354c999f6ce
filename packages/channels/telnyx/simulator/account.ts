import { type KeyObject, sign } from 'node:crypto'
import type { Faults, Reporter } from '@prm/kit/simulator'
import type { SimulateOptions } from './options.ts'

export type Status =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'delivery_failed'
  | 'sending_failed'
  | 'delivery_unconfirmed'
export type Event = 'message.received' | 'message.sent' | 'message.finalized'

/** With the fields of OutboundMessagePayload. */
export type Message = Readonly<Record<string, unknown>> & { readonly id: string }

/** A message as the simulator keeps it: what has become of it follows from its steps and the time. */
export interface Kept {
  readonly id: string
  readonly to: string
  readonly from: string
  readonly text: string
  readonly media: readonly string[]
  readonly created: Date
  /** In ms of performance.now(). */
  readonly since: number
  /** The first is what the API answers; each later one stands `delayMs` after the one before. */
  readonly steps: readonly Status[]
  readonly code?: number
  readonly webhookUrl?: string
  /** Of our own webhook URL, `?key=`. */
  readonly key?: string
}

/** All that one simulator knows. */
export interface Account {
  readonly apiKey: string
  readonly privateKey: KeyObject
  readonly from: string
  readonly profile: string
  readonly options: SimulateOptions
  readonly kept: Map<string, Kept>
  readonly refusals: Map<string, number>
  readonly blocked: Set<string>
  readonly faults: Faults
  readonly reporter: Reporter
  readonly posted: { id: string; event: Event; answer: number }[]
  webhookUrl: string | undefined
  now(): Date
}

export function statusOf({ options }: Account, { steps, since }: Kept): Status {
  const delay = options.delayMs ?? 0
  const passed = delay === 0 ? steps.length : Math.floor((performance.now() - since) / delay)
  return steps[Math.min(passed, steps.length - 1)] ?? 'queued'
}

/** As it is now, or as it was in an earlier status. */
export function resource(state: Account, kept: Kept, status: Status = statusOf(state, kept)): Message {
  const { id, to, from, text, media, created, code, webhookUrl } = kept
  const final = status === kept.steps.at(-1)
  const date = created.toISOString().replace('Z', '+00:00')
  return {
    record_type: 'message',
    direction: 'outbound',
    id,
    type: media.length > 0 ? 'MMS' : 'SMS',
    messaging_profile_id: state.profile,
    organization_id: '7c1b1ac6-1d2e-4f4c-9a0f-0a6f1d4d3b11',
    from: { phone_number: from, carrier: 'TELNYX LLC', line_type: 'VoIP' },
    to: [{ phone_number: to, status, carrier: 'T-MOBILE USA, INC.', line_type: 'Wireless' }],
    cc: [],
    text,
    media: media.map((url) => ({ url, content_type: null, sha256: null, size: null })),
    webhook_url: webhookUrl ?? state.webhookUrl ?? null,
    webhook_failover_url: null,
    encoding: 'GSM-7',
    parts: Math.max(1, Math.ceil(text.length / 153)),
    tags: [],
    // The pages show it as text and as a number.
    cost: status === 'queued' ? null : { amount: '0.0051', currency: 'USD' },
    received_at: date,
    sent_at: status === 'queued' ? null : date,
    completed_at: final ? date : null,
    valid_until: null,
    errors: final && code !== undefined ? [{ code: String(code), title: titleOf(code) }] : [],
  }
}

const titles: ReadonlyMap<number, string> = new Map([
  [10009, 'Authentication failed'],
  [10005, 'Resource not found'],
  [10011, 'Too many requests'],
  [10015, 'Bad Request'],
  [40001, 'Not routable'],
  [40008, 'Undeliverable'],
  [40300, 'Blocked due to STOP message'],
  [40305, "Invalid 'from' address"],
  [40310, "Invalid 'to' address"],
])
export const titleOf = (code: number): string => titles.get(code) ?? 'Refused'

/** A POST as Telnyx signs it: Ed25519 over `timestamp|body`; the URL is no part of it. */
export function signed(state: Account, url: string, data: object, attempt = 1): Request {
  const body = JSON.stringify({ data: { record_type: 'event', ...data }, meta: { attempt, delivered_to: url } })
  const timestamp = String(Math.floor(state.now().getTime() / 1000))
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${timestamp}|${body}`), state.privateKey).toString('base64'),
    },
    body,
  })
}
