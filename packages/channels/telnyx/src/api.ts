import type { Delivery, Price } from '@prm/core/adapter'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

// What Telnyx says, loosely (OutboundMessagePayload and InboundMessagePayload of its OpenAPI description): nothing but the id
// is promised, and amounts come as text in one page and as a number in the next.
const text = z.optional(z.nullable(z.string()))
const count = z.optional(z.nullable(z.union([z.string(), z.number()])))
type Text = string | null | undefined

/** A message, as far as it is read here: the resource, and the `payload` of an event. */
export type TelnyxMessage = { readonly id: string } & {
  readonly [field in
    | 'text'
    | 'messaging_profile_id'
    | 'webhook_url'
    | 'webhook_failover_url'
    | 'received_at'
    | 'autoresponse_type']?: string | null | undefined
} & {
  readonly from?: { readonly phone_number?: string | null | undefined } | null | undefined
  readonly to?:
    | readonly { readonly [field in 'phone_number' | 'status']?: string | null | undefined }[]
    | null
    | undefined
  readonly media?:
    | readonly { readonly [field in 'url' | 'content_type']?: string | null | undefined }[]
    | null
    | undefined
  readonly parts?: string | number | null | undefined
  readonly cost?:
    | { readonly amount?: string | number | null | undefined; readonly currency?: string | null | undefined }
    | null
    | undefined
  readonly errors?: readonly { readonly code?: string | number | null | undefined }[] | null | undefined
}
const id = z.pipe(z.union([z.string().check(z.minLength(1)), z.number()]), z.transform(String))
const list = <T extends z.core.$ZodType>(one: T) => z.optional(z.nullable(z.array(one)))
const message = z.object({
  id,
  from: z.optional(z.nullable(z.object({ phone_number: text }))),
  to: list(z.object({ phone_number: text, status: text })),
  text,
  media: list(z.object({ url: text, content_type: text })),
  messaging_profile_id: text,
  webhook_url: text,
  webhook_failover_url: text,
  received_at: text,
  parts: count,
  cost: z.optional(z.nullable(z.object({ amount: count, currency: text }))),
  errors: list(z.object({ code: count })),
  autoresponse_type: text,
})
export const wireMessage: Wire<{ data: TelnyxMessage }> = z.object({ data: message })

/** A detail record: which messages there were, without what they said. */
export type Listed = { readonly uuid: string; readonly cld?: Text; readonly created_at?: Text }
export const wireRecords: Wire<{ data: readonly Listed[]; meta: { total_results: number } }> = z.object({
  data: z.array(z.object({ uuid: id, cld: text, created_at: text })),
  meta: z.object({ total_results: z.pipe(z.union([z.number(), z.string()]), z.transform(Number)) }),
})

export type Event = { readonly event_type: string; readonly occurred_at?: Text; readonly payload: TelnyxMessage }
/** Other products post events whose payload is no message: they are looked at no further. */
export const wireEvent: Wire<{ data: { event_type: string } }> = z.object({
  data: z.object({ event_type: z.string() }),
})
export const wireMessageEvent: Wire<{ data: Event }> = z.object({
  data: z.object({ event_type: z.string(), occurred_at: text, payload: message }),
})

export const wireNumber: Wire<{ data: { messaging_profile_id?: Text } }> = z.object({
  data: z.object({ messaging_profile_id: text }),
})
export const wireProfile: Wire<{ data: { enabled?: boolean | null | undefined; webhook_url?: Text } }> = z.object({
  data: z.object({ enabled: z.optional(z.nullable(z.boolean())), webhook_url: text }),
})

/**
 * Telnyx's statuses in ours. A word that is not here leaves the state alone and stays raw. `delivery_unconfirmed` is an end
 * too: the carrier took it and says no more.
 */
const states = new Map<string, Delivery>([
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivery_unconfirmed', 'sent'],
  ['delivered', 'delivered'],
  ['delivery_failed', 'undelivered'],
  ['expired', 'undelivered'],
  ['sending_failed', 'rejected'],
  ['cancelled', 'rejected'],
])
export const stateOf = (status: Text): Delivery | undefined => states.get(status ?? '')

/** Our own key in the URL that a message's events go to. */
export function keyOf({ webhook_url: url }: TelnyxMessage): string | undefined {
  return url && URL.canParse(url) ? (new URL(url).searchParams.get('key') ?? undefined) : undefined
}

/** What it cost, parts and the error of a message, where they are known. */
export function figuresOf({ cost, parts, errors }: TelnyxMessage): { units?: number; cost?: Price; code?: string } {
  const micros = Math.round(Number(cost?.amount ?? Number.NaN) * 1_000_000)
  const units = Number(parts ?? Number.NaN)
  const code = errors?.[0]?.code
  return {
    ...(Number.isInteger(units) && units > 0 && { units }),
    ...(Number.isFinite(micros) && cost?.currency && { cost: { micros, currency: cost.currency } }),
    ...(code && { code: String(code) }),
  }
}
