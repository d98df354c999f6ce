import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as z from 'zod/mini'
import type { Content, Conversation, Interaction } from './interaction.ts'
import type { Duration, Instant, LocalDate, Medium, Money, Price } from './words.ts'

/** An event type is a value, exported by core or by an adapter. `keep` is how long it is kept, 90 days by default. */
export interface EventType<Name extends string = string, Data = unknown> {
  readonly name: Name
  readonly keep?: Duration
  readonly schema: StandardSchemaV1<unknown, Data>
  /** What such a fact makes of its conversation, none if it begins one. Pure. Throws `conflict` where it may not be. */
  fold?(conversation: Conversation | undefined, fact: Interaction<Name, Data>): Folded
}
/** Core counts the turns, and says since when it stands so, where that is not told. */
export type Folded = Omit<Conversation, 'id' | 'since' | 'turn'> & Partial<Pick<Conversation, 'since'>>

/** The fact that an event type describes: `Of<typeof notice>`. */
export type Of<E extends EventType> = E extends EventType<infer Name, infer Data> ? Interaction<Name, Data> : never

/** Names a kind of fact and its shape, with any Standard Schema (zod, valibot, arktype). */
export function defineEvent<const Name extends string, Data>(
  name: Name,
  schema: StandardSchemaV1<unknown, Data>,
  options: Pick<EventType<Name, Data>, 'keep' | 'fold'> = {},
): EventType<Name, Data> {
  return { name, schema, ...options }
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
  readonly means?: 'undeliverable' | 'blocked' | 'complaint'
  readonly providerId?: string
  readonly units?: number
  readonly cost?: Price
}
export type Delivery = 'accepted' | 'sent' | 'delivered' | 'read' | 'undelivered' | 'rejected'

export type NoticeKind =
  | 'hold-ready'
  | 'hold-expiring'
  | 'hold-cancelled'
  | 'hold-soon'
  | 'due-soon'
  | 'due-today'
  | 'overdue'
  | 'recall'
  | 'renewed'
  | 'fine'
  | 'lost'
  | 'card-expiring'
  | 'welcome'
  | 'check-out'
  | 'check-in'
  | 'suspended'

/** What an ILS wants its patron to know. */
export interface Notice {
  readonly kind: NoticeKind
  /** First, second, third overdue. */
  readonly level?: number
  /** What it is about, the same from every source: `hold:<realm>:<id>`. Two feeds that see one hold make one decision. */
  readonly matter: string
  readonly items: readonly NoticeItem[]
  /** The branch where the item waits, as the source names it. */
  readonly pickup?: string
  readonly owed?: Money
  /** What the source asked for, if it did: a voice row is not a text row. */
  readonly medium?: Medium
  readonly language?: string
}
export interface NoticeItem {
  readonly id?: string
  readonly barcode?: string
  readonly title?: string
  readonly due?: LocalDate | Instant
  readonly collectBy?: LocalDate
}

const text = z.string()
const content = z.object({
  text,
  subject: z.exactOptional(text),
  media: z.exactOptional(z.array(z.object({ ref: text, type: text }))),
})
const delivery = z.enum(['accepted', 'sent', 'delivered', 'read', 'undelivered', 'rejected'])
const price = z.object({ micros: z.number(), currency: text })
const day = z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}/, 'a date such as 2026-11-24'))
const kinds = [
  'hold-ready',
  'hold-expiring',
  'hold-cancelled',
  'hold-soon',
  'due-soon',
  'due-today',
  'overdue',
  'recall',
  'renewed',
  'fine',
  'lost',
  'card-expiring',
  'welcome',
  'check-out',
  'check-in',
  'suspended',
] as const satisfies readonly NoticeKind[]

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
    means: z.exactOptional(z.enum(['undeliverable', 'blocked', 'complaint'])),
    providerId: z.exactOptional(text),
    units: z.exactOptional(z.number()),
    cost: z.exactOptional(price),
  }),
)

export const notice: EventType<'notice', Notice> = defineEvent(
  'notice',
  z.object({
    kind: z.enum(kinds),
    level: z.exactOptional(z.number()),
    matter: text,
    items: z.array(
      z.object({
        id: z.exactOptional(text),
        barcode: z.exactOptional(text),
        title: z.exactOptional(text),
        due: z.exactOptional(day),
        collectBy: z.exactOptional(day),
      }),
    ),
    pickup: z.exactOptional(text),
    owed: z.exactOptional(z.object({ minor: z.number(), currency: text })),
    medium: z.exactOptional(text),
    language: z.exactOptional(text),
  }),
  { keep: '30d' },
)

/**
 * A verified request or row whose content breaks the schema of its type: kept with the reason, so that nothing is lost,
 * and given to no flow but one that asks for it.
 */
export const deadFact: EventType<'fact.dead', { readonly type: string; readonly why: string; readonly data: unknown }> =
  defineEvent('fact.dead', z.object({ type: text, why: text, data: z.unknown() }))
