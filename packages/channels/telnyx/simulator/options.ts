import type { KeyObject } from 'node:crypto'

/** How the simulated Telnyx account is set up; each option has a default. */
export interface SimulateOptions {
  readonly apiKey?: string
  /** The account's key pair; a new one unless given. Two instances of one account share it. */
  readonly keys?: { readonly publicKey: string; readonly privateKey: KeyObject }
  /** The account's number; +12125550100 unless given. */
  readonly from?: string
  readonly messagingProfileId?: string
  /** Where the profile's texts are posted: on this machine, or by you with `webhook`. */
  readonly webhookUrl?: string
  /** What becomes of messages that nothing else was said about; `delivered`. */
  readonly status?: 'delivered' | 'sent' | 'delivery_failed' | 'sending_failed' | 'delivery_unconfirmed'
  /** Between one status and the next, in milliseconds; 0. What is queued is in no detail record. */
  readonly delayMs?: number
  readonly latencyMs?: number
  /** A port of 127.0.0.1; any free one unless given. */
  readonly port?: number
  /** The clock of its dates and signatures; it takes no part in delays. */
  readonly now?: () => Date
}
