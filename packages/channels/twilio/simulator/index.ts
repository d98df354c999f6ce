import type { Json, Price, Simulator } from '@prm/core/adapter'
import { loopback, reporter } from '@prm/kit/simulator'
import { account, type Message } from './account.ts'
import { serve } from './api.ts'
import { type InboundText, type StatusReport, texts } from './texts.ts'

export type { Message, Status } from './account.ts'
export type { InboundText, StatusReport } from './texts.ts'

export interface SimulateOptions {
  readonly accountSid?: string
  readonly authToken?: string
  /** The account's number; +12125550100 unless given. */
  readonly from?: string
  /** With a Messaging Service messages begin as `accepted`, and it may be named instead of `From`. */
  readonly messagingServiceSid?: string
  /** Account, token and number are what the first call names, whatever they are: for a try with credentials of one's own. */
  readonly firstComer?: boolean
  /** What becomes of messages that nothing else was said about; `delivered`. */
  readonly status?: 'delivered' | 'sent' | 'undelivered' | 'failed'
  /** Per part: what a message that was sent is charged, once it has left its first status. None unless given. */
  readonly price?: Price
  /** Between one status and the next, in milliseconds; 0. */
  readonly delayMs?: number
  /** Before every answer, in milliseconds; 0. */
  readonly latencyMs?: number
  /** Where texts to the account's number are posted: on this machine, or by you with `webhook`. */
  readonly webhookUrl?: string
  /** With Advanced Opt-Out, webhooks carry OptOutType. */
  readonly advancedOptOut?: boolean
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  /** The clock of its dates; it takes no part in delays. */
  readonly now?: () => Date
}

export interface TwilioCredentials {
  readonly accountSid: string
  readonly authToken: string
  readonly from: string
}

export interface TwilioSimulator extends Simulator<TwilioCredentials> {
  /** Sends to this number fail with this Twilio error: at once where Twilio refuses, later by report for 30xxx and 63xxx. */
  refuse(number: string, code: number): void
  /** A patron texts the library: its block list is kept, and the signed webhook is posted if it has a URL on this machine. */
  text(text: InboundText): Promise<Response | undefined>
  /** The same as a signed request, posted nowhere: `{ from, body }`, or `{ sid, status }` for a delivery report. */
  webhook(event: InboundText | StatusReport | Json): Request
  setWebhookUrl(url: string): void
  /** Every message it took, oldest first, as Twilio would list it. */
  messages(): readonly Message[]
  /** What it answered to keywords by itself; Twilio lists these nowhere. */
  autoReplies(): readonly { readonly to: string; readonly word: 'stop' | 'start' | 'help' }[]
  blocked(number: string): boolean
  /** The answers to its status reports and texts, in the order they came; status 0 is no answer. */
  posted(): readonly { readonly sid: string; readonly status: string; readonly answer: number }[]
  /** Resolves once no report is under way any more. */
  idle(): Promise<void>
}

/**
 * Twilio's Messages API on loopback, written from twilio_api_v2010.json and Twilio's pages; what it assumes is listed in
 * the package's README. It keeps what it took for as long as it lives, whatever becomes of its clients.
 */
export async function simulate(options: SimulateOptions = {}): Promise<TwilioSimulator> {
  const state = account(options)
  const reports = reporter(options.delayMs)
  const inbound = texts(state)
  const { url, close } = await loopback((asked) => serve(state, reports, asked), options)
  state.url = url
  return {
    url,
    credentials: { accountSid: state.accountSid, authToken: state.authToken, from: state.from },
    received: () =>
      state.messages.map((message) => ({
        at: message.created.toISOString(),
        to: { scheme: 'tel', value: message.to },
        text: message.body,
        ...(message.key !== undefined && { key: message.key }),
        raw: state.resource(message) as unknown as Json,
      })),
    fault: state.faults.add,
    refuse: (number, code) => state.refusals.set(number, code),
    text: (text) => inbound.post(text),
    webhook: (event) => inbound.request(event as InboundText | StatusReport),
    setWebhookUrl(webhookUrl) {
      state.webhookUrl = webhookUrl
    },
    messages: () => state.messages.map((message) => state.resource(message)),
    autoReplies: () => state.autoReplies,
    blocked: (number) => state.blocked.has(number),
    posted: () => state.posted,
    idle: () => reports.idle(),
    async close() {
      reports.close()
      await close()
    },
  }
}
