import type { Delivery } from '@prm/core/adapter'
import type { Wire } from '@prm/kit'
import * as z from 'zod/mini'

// What Twilio says, loosely: its spec (twilio_api_v2010.json, twilio-oai d50069b4) lets every field be null, and counts and
// prices come as strings.
const text = z.optional(z.nullable(z.string()))
const count = z.optional(z.nullable(z.union([z.string(), z.number()])))
type Text = string | null | undefined

/** The Message resource, as far as it is read here. */
export type TwilioMessage = { readonly sid: string; readonly status: string } & {
  readonly [field in 'from' | 'body' | 'direction' | 'date_created' | 'price' | 'price_unit']?:
    | string
    | null
    | undefined
} & { readonly [field in 'num_segments' | 'num_media' | 'error_code']?: string | number | null | undefined }

const message = z.object({
  sid: z.string(),
  status: z.string(),
  from: text,
  body: text,
  direction: text,
  date_created: text,
  num_segments: count,
  num_media: count,
  price: text,
  price_unit: text,
  error_code: count,
})
export const wireMessage: Wire<TwilioMessage> = message

export const wirePage: Wire<{ messages: TwilioMessage[]; next_page_uri?: Text }> = z.object({
  messages: z.array(message),
  next_page_uri: text,
})

export const wireAccount: Wire<{ status: string; type?: Text }> = z.object({ status: z.string(), type: text })

type Owned = { sms_url?: Text; capabilities?: { sms?: boolean | undefined } | null | undefined }
const capabilities = z.optional(z.nullable(z.object({ sms: z.optional(z.boolean()) })))
export const wireNumbers: Wire<{ incoming_phone_numbers: Owned[] }> = z.object({
  incoming_phone_numbers: z.array(z.object({ sms_url: text, capabilities })),
})

export const wireConsents: Wire<{ items?: { error_code: number }[] | null | undefined }> = z.object({
  items: z.optional(z.nullable(z.array(z.object({ error_code: z.number() })))),
})

/**
 * Twilio's statuses in ours (docs/messaging/guides/outbound-message-status-in-status-callbacks). A word that is not here
 * leaves the state alone and stays raw: `partially_delivered` is in the spec's list and described nowhere.
 */
const states = new Map<string, Delivery>([
  ['accepted', 'accepted'],
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'read'],
  ['undelivered', 'undelivered'],
  ['failed', 'rejected'],
  ['canceled', 'rejected'],
])
export const stateOf = (status: string): Delivery | undefined => states.get(status)
