// The event types of messages: received, delivered, rejected.
import * as z from 'zod/mini'
import { defineEvent, type EventType } from './event-type.ts'
import type { Content, Interaction } from './interaction.ts'
import type { Price } from './primitives.ts'

export type Report = Interaction<'message.delivery', MessageDelivery>

export function isReport(fact: Interaction): fact is Report {
  return fact.type === messageDelivery.name
}

// The core vocabulary: the real interface between adapters and flows.

/** A patron wrote to us. */
export interface MessageReceived {
  readonly content: Content
  /** The text asks to stop, to start again, or for help, in a form the channel's rules know. */
  readonly optOut?: 'stop' | 'start' | 'help'
  /** The provider answers this word itself, so that core does not confirm a STOP a second time. */
  readonly confirmed?: boolean
  /** What a STOP or START is of: a purpose, or `promotional`. Absent, or a STOP of what is neither: everything. */
  readonly scope?: string
}

/** Core keeps a message's state moving forward only, and records contradictions; the vendor's own word stays in `raw`. */
export interface MessageDelivery {
  readonly state?: Delivery
  readonly raw: string
  /** The vendor's error number, where there is one. */
  readonly code?: string
  /** What it says of the address: nobody can be reached there, its owner blocked us, or complained of this purpose. */
  readonly addressStatus?: 'undeliverable' | 'blocked' | 'complaint'
  readonly providerId?: string
  readonly units?: number
  readonly cost?: Price
}

export type Delivery = 'accepted' | 'sent' | 'delivered' | 'read' | 'undelivered' | 'rejected'

const text = z.string()

const content = z.object({
  text,
  subject: z.exactOptional(text),
  media: z.exactOptional(z.array(z.object({ ref: text, type: text }))),
})

const delivery = z.enum(['accepted', 'sent', 'delivered', 'read', 'undelivered', 'rejected'])

const price = z.object({ micros: z.number(), currency: text })

export const messageReceived: EventType<'message.received', MessageReceived> = defineEvent(
  'message.received',
  z.object({
    content,
    optOut: z.exactOptional(z.enum(['stop', 'start', 'help'])),
    confirmed: z.exactOptional(z.boolean()),
    scope: z.exactOptional(text),
  }),
)

export const messageDelivery: EventType<'message.delivery', MessageDelivery> = defineEvent(
  'message.delivery',
  z.object({
    state: z.exactOptional(delivery),
    raw: text,
    code: z.exactOptional(text),
    addressStatus: z.exactOptional(z.enum(['undeliverable', 'blocked', 'complaint'])),
    providerId: z.exactOptional(text),
    units: z.exactOptional(z.number()),
    cost: z.exactOptional(price),
  }),
)

/**
 * A verified request or row whose content breaks the schema of its type: kept with the reason, so that nothing is lost,
 * and given to no flow but one that asks for it.
 */
export const rejectedInteraction: EventType<
  'interaction.rejected',
  { readonly type: string; readonly why: string; readonly data: unknown }
> = defineEvent('interaction.rejected', z.object({ type: text, why: text, data: z.unknown() }))
