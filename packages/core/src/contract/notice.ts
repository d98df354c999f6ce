// The event type of what a library system wants its patron to know.
import * as z from 'zod/mini'
import { defineEvent, type EventType } from './event-type.ts'
import type { Interaction } from './interaction.ts'
import type { Instant, LocalDate, Medium, Money } from './primitives.ts'

export function isNotice(fact: Interaction): fact is Interaction<'notice', Notice> {
  return fact.type === 'notice'
}

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
  readonly subjectKey: string
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

export const notice: EventType<'notice', Notice> = defineEvent(
  'notice',
  z.object({
    kind: z.enum(kinds),
    level: z.exactOptional(z.number()),
    subjectKey: text,
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
  { retention: '30d' },
)
