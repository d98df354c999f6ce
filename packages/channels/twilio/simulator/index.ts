import type { Json, Simulator } from '@prm/core/adapter'
import { loopback, reporter } from '@prm/kit/simulator'
import { account, type Message } from './account.ts'
import { serve } from './api.ts'
import type { SimulateOptions } from './options.ts'
import { type InboundText, type StatusReport, texts } from './texts.ts'

export type { Message, Status } from './account.ts'
export type { SimulateOptions } from './options.ts'
export type { InboundText, StatusReport } from './texts.ts'

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
