import { randomBytes } from 'node:crypto'
import { measureSms } from '@prm/kit'
import { type Faults, faults } from '@prm/kit/simulator'
import type { SimulateOptions } from './options.ts'

export type Status = 'accepted' | 'queued' | 'sending' | 'sent' | 'delivered' | 'undelivered' | 'failed' | 'received'

/** The Message resource, with the fields of twilio_api_v2010.json. */
export type Message = Readonly<Record<string, string | number | null>> & {
  readonly sid: string
  readonly status: Status
}

/** A message as the simulator keeps it: what has become of it follows from its steps and the time. */
export interface Kept {
  readonly sid: string
  readonly direction: 'outbound-api' | 'inbound'
  readonly to: string
  readonly from: string | null
  readonly body: string
  readonly media: readonly { readonly url: string; readonly type: string }[]
  readonly created: Date
  /** In ms of performance.now(). */
  readonly since: number
  /** The first is what the API answers; each later one stands `delayMs` after the one before. */
  readonly steps: readonly Status[]
  readonly code?: number
  readonly callback?: string
  /** Of our own callback URL, `?key=`. */
  readonly key?: string
}

/** All that one simulator knows. */
export interface Account {
  accountSid: string
  authToken: string
  from: string
  /** Whether they are still to be named, by the first call. */
  readonly open: { account: boolean; number: boolean }
  readonly options: SimulateOptions
  /** What it took to send. */
  readonly messages: Kept[]
  readonly inbound: Kept[]
  readonly bySid: Map<string, Kept>
  readonly byRecipient: Map<string, Kept[]>
  readonly media: Map<string, { readonly type: string; readonly bytes: Uint8Array }>
  readonly refusals: Map<string, number>
  readonly blocked: Set<string>
  readonly faults: Faults
  readonly autoReplies: { to: string; word: 'stop' | 'start' | 'help' }[]
  readonly posted: { sid: string; status: string; answer: number }[]
  url: string
  webhookUrl: string | undefined
  now(): Date
  sid(prefix: 'SM' | 'MM' | 'ME'): string
  keep(message: Kept): Kept
  forget(message: Kept): void
  statusOf(message: Kept): Status
  /** As it is now, or as it was in an earlier status. */
  resource(message: Kept, status?: Status): Message
}

export function account(options: SimulateOptions): Account {
  const accountSid = options.accountSid ?? `AC${randomBytes(16).toString('hex')}`
  // One draw, then counting: a sid is unguessable enough for a simulator, and 16 random bytes a message are not free.
  const seed = randomBytes(10).toString('hex')
  let last = 0
  const state: Account = {
    accountSid,
    authToken: options.authToken ?? randomBytes(16).toString('hex'),
    from: options.from ?? '+12125550100',
    open: { account: options.firstComer === true, number: options.firstComer === true },
    options,
    messages: [],
    inbound: [],
    bySid: new Map(),
    byRecipient: new Map(),
    media: new Map(),
    refusals: new Map(),
    blocked: new Set(),
    faults: faults(),
    autoReplies: [],
    posted: [],
    url: '',
    webhookUrl: options.webhookUrl,
    now: () => options.now?.() ?? new Date(),
    sid: (prefix) => `${prefix}${seed}${(++last).toString(16).padStart(12, '0')}`,
    keep(message) {
      const kept = message.direction === 'inbound' ? state.inbound : state.messages
      kept.push(message)
      state.bySid.set(message.sid, message)
      const others = state.byRecipient.get(message.to)
      if (others) others.push(message)
      else state.byRecipient.set(message.to, [message])
      return message
    },
    forget(message) {
      const without = (list: Kept[] = []): void =>
        void list.splice(list.indexOf(message), list.includes(message) ? 1 : 0)
      for (const list of [state.messages, state.inbound, state.byRecipient.get(message.to)]) without(list)
      state.bySid.delete(message.sid)
    },
    statusOf({ steps, since }) {
      const delay = options.delayMs ?? 0
      const passed = delay === 0 ? steps.length : Math.floor((performance.now() - since) / delay)
      return steps[Math.min(passed, steps.length - 1)] ?? 'queued'
    },
    resource: (message, status) => resource(state, message, status ?? state.statusOf(message)),
  }
  return state
}

function resource(state: Account, message: Kept, status: Status): Message {
  const { sid, direction, to, body, media, created, code, steps } = message
  const first = status === steps[0]
  const failed = code !== undefined && (status === 'undelivered' || status === 'failed')
  const { price } = direction === 'inbound' ? {} : state.options
  const parts = measureSms({ text: body }).units
  const date = `${created.toUTCString().slice(0, -3)}+0000`
  return {
    account_sid: state.accountSid,
    api_version: '2010-04-01',
    body,
    date_created: date,
    date_sent: first && direction === 'outbound-api' ? null : date,
    date_updated: date,
    direction,
    error_code: failed ? code : null,
    error_message: null,
    from: first && steps[0] === 'accepted' ? null : (message.from ?? state.from),
    messaging_service_sid: steps[0] === 'accepted' ? (state.options.messagingServiceSid ?? null) : null,
    num_media: String(media.length),
    num_segments: steps[0] === 'accepted' && first ? '0' : String(parts),
    price: price && !first && status !== 'failed' ? `-${((price.micros * parts) / 1_000_000).toFixed(6)}` : null,
    price_unit: price?.currency ?? 'USD',
    sid,
    status,
    to,
    uri: `/2010-04-01/Accounts/${state.accountSid}/Messages/${sid}.json`,
  }
}
