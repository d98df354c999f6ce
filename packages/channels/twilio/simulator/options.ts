import type { Price } from '@prm/core/adapter'

/** How the simulated Twilio account is set up; each option has a default. */
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
