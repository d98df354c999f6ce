import type { Instant, LocalDate, Question } from '@prm/core'
import type { Rows } from './quotes.ts'

/** One question to the library: a `Question` of a core conversation with its row, or a row of a desk's export. */
export interface Transaction extends Omit<Question, 'asked' | 'transactionClass'> {
  readonly id: string
  readonly asked: Instant | LocalDate
  /** Who asked; absent: a person of its own. */
  readonly person?: string
  /** By which way, at which desk. */
  readonly kind?: string
  readonly desk?: string
  /** Nobody took it: in no answer time, and in `missed` of the hours. */
  readonly missed?: boolean
  /** Nobody knows when, or whether, it was answered: in no answer time. */
  readonly untimed?: boolean
  readonly transactionClass?: Class
  /** As the library itself codes it. */
  readonly local?: string
}
export type Class = 'reference' | 'directional' | 'technical' | 'policy'

/** What all reference statistics are made of. */
export interface Questions {
  readonly questions: Rows<Transaction>
  readonly timeZone: string
  /** No figure tells of fewer people; 5 by default. */
  readonly k?: number
}

/** Each question once, in the order of its id. */
export async function once(questions: Rows<Transaction>): Promise<readonly Transaction[]> {
  const byId = new Map<string, Transaction>()
  for await (const one of questions) byId.set(one.id, one)
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

export const people = (some: readonly Transaction[]): number =>
  new Set(some.map(({ id, person }) => person ?? `row ${id}`)).size
