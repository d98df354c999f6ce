import type { Delivery } from '@prm/core/adapter' // @channel
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

// What Carrier Pigeon says, loosely: only what cannot be done without is required, and an id may come as a number.
// @channel|webhook|feed|directory|circulation|catalogue {
type Text = string | null | undefined
const text = z.optional(z.nullable(z.string()))
const id = z.pipe(z.union([z.string().check(z.minLength(1)), z.number()]), z.transform(String))
// @}

export const wireAccount: Wire<{ enabled?: boolean | null | undefined }> = z.object({
  enabled: z.optional(z.nullable(z.boolean())),
})

// @channel {
/** A message that Carrier Pigeon took. */
export interface CarrierPigeonMessage {
  readonly id: string
  readonly status?: Text
  /** Our own key, which we gave along. */
  readonly ref?: Text
}
const message = z.object({ id, status: text, ref: text })
export const wireMessage: Wire<CarrierPigeonMessage> = message
export const wireMessages: Wire<{ messages: readonly CarrierPigeonMessage[]; more?: boolean | undefined }> = z.object({
  messages: z.array(message),
  more: z.optional(z.boolean()),
})

/** Carrier Pigeon's states in ours. A word that is not here leaves the state alone and stays raw. */
const states: ReadonlyMap<string, Delivery> = new Map([
  ['queued', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['failed', 'undelivered'],
  ['refused', 'rejected'],
])
export const stateOf = (status: Text): Delivery | undefined => states.get(status ?? '')
// @}

// @webhook {
/** A webhook. Kinds that are not used here may have any shape. */
export interface CarrierPigeonEvent {
  readonly id: string
  readonly kind: string
  readonly at?: Text
  readonly message?:
    | {
        readonly id: string
        readonly from?: Text
        readonly to?: Text
        readonly text?: Text
        readonly ref?: Text // @channel
        readonly status?: Text // @channel
      }
    | null
    | undefined
}
export const wireEvent: Wire<CarrierPigeonEvent> = z.object({
  id,
  kind: z.string(),
  at: text,
  message: z.optional(
    z.nullable(
      z.object({
        id,
        from: text,
        to: text,
        text,
        ref: text, // @channel
        status: text, // @channel
      }),
    ),
  ),
})
// @}

// @feed {
export interface CarrierPigeonNotice {
  readonly id: string
  /** Grows by each notice: where to go on. */
  readonly seq: number
  readonly kind: string
  readonly hold: string
  readonly card: string
  readonly name?: Text
  readonly phone?: Text
  readonly language?: Text
  readonly title?: Text
  readonly collect_by?: Text
  readonly pickup?: Text
}
export const wireNotices: Wire<{ notices: readonly CarrierPigeonNotice[]; more: boolean }> = z.object({
  notices: z.array(
    z.object({
      id,
      seq: z.number(),
      kind: z.string(),
      hold: id,
      card: id,
      name: text,
      phone: text,
      language: text,
      title: text,
      collect_by: text,
      pickup: text,
    }),
  ),
  more: z.boolean(),
})
// @}

// @writeBack {
/** The answer says nothing that is needed. */
export const wireTold: Wire<unknown> = z.unknown()
// @}

// @directory {
export interface CarrierPigeonPatron {
  readonly id: string
  readonly card: string
  readonly name?: Text
  readonly phones?: readonly string[] | null | undefined
  readonly emails?: readonly string[] | null | undefined
  readonly language?: Text
  readonly branch?: Text
  readonly expires?: Text
}
const strings = z.optional(z.nullable(z.array(z.string())))
export const wirePatrons: Wire<{ patrons: readonly CarrierPigeonPatron[]; more?: boolean | undefined }> = z.object({
  patrons: z.array(
    z.object({
      id,
      card: id,
      name: text,
      phones: strings,
      emails: strings,
      language: text,
      branch: text,
      expires: text,
    }),
  ),
  more: z.optional(z.boolean()),
})
// @}

// @circulation {
export interface CarrierPigeonLoan {
  readonly id: string
  readonly item: string
  readonly due: string
  readonly title?: Text
}
export interface CarrierPigeonHold {
  readonly id: string
  readonly state: string
  readonly title?: Text
  readonly pickup?: Text
  readonly collect_by?: Text
}
export const wireLoans: Wire<{ loans: readonly CarrierPigeonLoan[] }> = z.object({
  loans: z.array(z.object({ id, item: id, due: z.string(), title: text })),
})
export const wireHolds: Wire<{ holds: readonly CarrierPigeonHold[] }> = z.object({
  holds: z.array(z.object({ id, state: z.string(), title: text, pickup: text, collect_by: text })),
})
export const wireRenewal: Wire<{ due: string }> = z.object({ due: z.string() })
// @}

// @catalogue {
export interface CarrierPigeonRecord {
  readonly id: string
  readonly title: string
  readonly author?: Text
  readonly isbns?: readonly string[] | null | undefined
}
export const wireRecords: Wire<{ records: readonly CarrierPigeonRecord[] }> = z.object({
  records: z.array(
    z.object({ id, title: z.string(), author: text, isbns: z.optional(z.nullable(z.array(z.string()))) }),
  ),
})
export interface CarrierPigeonItem {
  readonly branch: string
  readonly state: string
  readonly call_number?: Text
  readonly due?: Text
}
export const wireItems: Wire<{ items: readonly CarrierPigeonItem[] }> = z.object({
  items: z.array(z.object({ branch: z.string(), state: z.string(), call_number: text, due: text })),
})
// @}
