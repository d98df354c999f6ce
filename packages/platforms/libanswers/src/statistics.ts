import type { Context, Interaction, LocalDate } from '@prm/core/adapter'
import { dayOf, folded } from '@prm/kit-pages'
import * as z from 'zod/mini'
import { type Api, id, list, text } from './api.ts'
import { leftOut, names, type Role } from './columns.ts'
import { type Cells, questionOf } from './questions.ts'

const wireTransaction = z.object({
  transaction_id: id,
  id,
  created: text,
  question: text,
  details: text,
  answer: text,
  owner: text,
  custom_fields: list(z.object({ field_id: id, field_label: text, field_answer: text })),
})
const wireTransactions = z.object({ transactions: list(wireTransaction) })

const dayMs = 86_400_000
/** It refuses more than a month at once. */
const spanMs = 27 * dayMs
/** So far back is read again each time: what was asked on the desk is entered at the end of a shift, or of a week. */
const againMs = 27 * dayMs

export interface Tallied {
  readonly facts: readonly Interaction[]
  readonly bad: readonly { readonly source: string; readonly reason: string }[]
  /** Until when it is read. */
  readonly day: LocalDate
}

/** Transactions of a dataset from a day on, a month at a time. */
export async function* transactions(
  api: Api,
  dataset: string,
  since: LocalDate,
  cursor: LocalDate | undefined,
  ctx: Context,
): AsyncGenerator<Tallied> {
  const end = api.clock.wall(ctx.now())
  const again = cursor === undefined ? 0 : Date.parse(cursor) - againMs
  for (let from = Math.max(Date.parse(since), again); from <= end && !ctx.signal.aborted; from += spanMs + dayMs) {
    const day = dayOf(Math.min(from + spanMs, end))
    yield { ...(await month(api, dataset, dayOf(from), day, ctx)), day }
  }
}

async function month(api: Api, dataset: string, from: LocalDate, to: LocalDate, ctx: Context) {
  const path = `/ra/dataset/${dataset}/transactions`
  const query = { 'date_range[]': [from, to] }
  const said = await api.ask({ method: 'GET', path, query }, wireTransactions, ctx)
  const facts: Interaction[] = []
  const bad: { source: string; reason: string }[] = []
  const place = { of: 'transactions', source: ctx.id, dating: { by: 'unknown' }, clock: api.clock, dataset } as const
  for (const one of said.transactions) {
    const { cells, other } = fieldsOf(one)
    const told = questionOf(cells, other, place)
    const where = `transaction ${one.transaction_id ?? one.id ?? 'without id'}`
    if ('why' in told) bad.push({ source: where, reason: told.why })
    else facts.push(told.fact)
  }
  return { facts, bad }
}

/** A library's own fields by their labels, as columns of an export are. */
function fieldsOf(one: z.infer<typeof wireTransaction>): {
  readonly cells: Cells
  readonly other: { [name: string]: string }
} {
  const cells: { [role in Role]?: string } = {}
  const own = {
    id: one.transaction_id ?? one.id,
    at: one.created,
    question: one.question,
    details: one.details,
    answer: one.answer,
    answerer: one.owner,
  }
  for (const [role, value] of Object.entries(own)) if (value !== undefined) cells[role as Role] = value
  const other: { [name: string]: string } = {}
  for (const { field_label: label = '', field_answer: answer } of one.custom_fields) {
    if (answer === undefined) continue
    const role = roleOf(label)
    if (role === undefined || (cells[role] !== undefined && !leftOut.has(role))) other[label || 'field'] = answer
    else if (!leftOut.has(role)) cells[role] = answer
  }
  return { cells, other }
}

function roleOf(label: string): Role | undefined {
  const name = folded(label)
  return (Object.keys(names) as Role[]).find((role) => names[role].includes(name))
}
