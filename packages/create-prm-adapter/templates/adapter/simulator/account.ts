import type { Fault } from '@prm/core/adapter'
import type {
  Answer,
  Asked,
  Faults,
  Reporter, // @channel+webhook
} from '@prm/kit/simulator'
import type { KnownAccess } from './access.ts'
import type { KnownSigning } from './signing.ts' // @webhook

/** All that one simulator knows. */
export interface Account {
  readonly access: KnownAccess
  // @webhook {
  readonly signing: KnownSigning
  /** How many came in. */
  texts: number
  // @}
  readonly faults: Faults
  now(): Date
  // @channel {
  /** The account's number. */
  readonly from: string
  readonly messages: Message[]
  /** Numbers that this word refuses: `opted_out`. */
  readonly refusals: Map<string, string>
  // @}
  // @channel+webhook {
  readonly reporter: Reporter
  // @}
  // @writeBack {
  /** What was told of each notice, by its id. */
  readonly told: Map<string, { readonly state: string }>
  // @}
  // @circulation {
  readonly loans: Map<string, Loan>
  // @}
}

// @channel {
/** A message that it took. */
export interface Message {
  readonly id: string
  readonly at: string
  readonly to: string
  readonly text: string
  readonly ref?: string
  status: string
}
// @}

// @circulation {
export interface Loan {
  readonly card: string
  readonly item: string
  readonly title: string
  readonly due: string
  /** How often it may be renewed yet. */
  readonly left: number
}
// @}

/** Answers what is its own; `undefined` leaves a request to the next. */
export type Route = (account: Account, asked: Asked, fault: Fault | undefined) => Answer | undefined

export const ok = (body: object, status = 200): Exclude<Answer, string | { readonly part: string }> => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
export const refused = (status: number, error: string): ReturnType<typeof ok> => ok({ error }, status)
