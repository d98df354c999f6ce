// A conversation and the questions in it, as its interactions make it.
import type { Address } from './address.ts'
import type { Interaction } from './interaction.ts'
import type { Instant, Json } from './primitives.ts'
import type { Ref } from './ref.ts'

/** One exchange with one person, or a staff task (source `prm`). What its facts make of it: its row is their index. */
export interface Conversation {
  readonly id: string
  /** The adapter that it came by, and answers go by; `prm` for a staff task. */
  readonly source: string
  /** The source's own name for it. Absent: what one address wrote to one of ours. */
  readonly thread?: string
  /** `open`: somebody at the library is to act; `waiting`: the patron is. */
  readonly state: 'open' | 'waiting' | 'snoozed' | 'closed'
  /** Since when it stands so. */
  readonly since: Instant
  /** How many facts and replies have changed it: it names what somebody had before their eyes. */
  readonly turn: number
  /** The turn of the last answer. */
  readonly replied?: number
  /** The turn of the patron's last text. */
  readonly heard?: number
  readonly who?: Address
  /** Our own number or mailbox. */
  readonly to?: Address
  /** By what the patron wrote last, and to where: answers go that way. */
  readonly last?: Pick<Interaction, 'source' | 'who' | 'to'>
  readonly patronId?: string
  readonly subject?: string
  readonly assignee?: string
  readonly queue?: string
  readonly tags: readonly string[]
  /** What the patron wrote and nobody has answered, oldest first, the last 50. */
  readonly pending: readonly Ref[]
  /** Each time that it was opened, oldest first, the last 50. */
  readonly questions: readonly Question[]
  /** The key of an answer that did not arrive. */
  readonly failed?: string
  /** What this one was merged into: what is said here goes on there. */
  readonly into?: string
  /** `notice`, `kind`, `branch` and `items` of the notice it answers, or several under `matters` where that is not known. */
  readonly context: { readonly [key: string]: Json }
}

/** From the patron's word to its end. A machine's answer leaves no `answered`. */
export interface Question {
  readonly asked: Instant
  /** First answered by a person. */
  readonly answered?: Instant
  readonly closed?: Instant
  /** Effort, knowledge and skill, 1 to 6 (the READ Scale). */
  readonly readLevel?: 1 | 2 | 3 | 4 | 5 | 6
  readonly transactionClass?: 'reference' | 'directional' | 'technical' | 'policy'
}
