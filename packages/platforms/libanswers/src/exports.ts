import { type Interaction, PrmError } from '@prm/core/adapter'
import { clockIn, type Dating, dated, type Header, type Order, readCsv } from '@prm/kit-pages'
import { leftOut, names, type Role } from './columns.ts'
import type { ExportReport, Exports } from './config.ts'
import { questionOf } from './questions.ts'

export interface ReadOptions extends Pick<Exports, 'of' | 'columns'> {
  /** The name of the file, for messages. */
  readonly file: string
  readonly timeZone: string
  /** Of dates such as `04/05/2026`, where the file does not tell. */
  readonly dates?: Order | undefined
  /** Of transactions: it is part of their keys. */
  readonly dataset?: string | undefined
}

/** Some facts of an export, and with the last of them what was made of it. */
export interface Questions {
  readonly interactions: readonly Interaction[]
  readonly bad: readonly { readonly source: string; readonly line: number; readonly reason: string }[]
  readonly report?: ExportReport
}

/**
 * The chats, tickets or transactions of a CSV export, as `question.asked`, some at a time whatever its size. Throws `invalid`
 * where it is no export of this kind, and `config` where a column that was set is not there.
 */
export async function* readQuestions(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  source: string,
): AsyncGenerator<Questions> {
  const { of, file, columns, dates, dataset } = options
  const clock = clockIn(options.timeZone)
  const count = { rows: 0, facts: 0, bad: 0, withoutId: 0, guessed: 0 }
  let last: { readonly header: Header<Role>; readonly dating: Dating } | undefined
  for await (const batch of dated(readCsv(bytes, { names, columns, file }), ['at'], dates)) {
    const { header, dating, rows } = batch
    last = batch
    if (header.columns.at === undefined) {
      const there = header.other.slice(0, 12).join(', ')
      throw new PrmError(
        'invalid',
        `${file}: no column is known to be its date: set \`columns.at\` to one of ${there}.`,
      )
    }
    const bad = [...batch.bad]
    const interactions: Interaction[] = []
    for (const { line, cells, other } of rows) {
      const told = questionOf(cells, other, { of, source, dating, clock, dataset })
      if ('why' in told) bad.push({ source: file, line, reason: told.why })
      else {
        interactions.push(told.fact)
        if (told.withoutId) count.withoutId++
        if (told.guessed) count.guessed++
      }
    }
    count.rows += rows.length + batch.bad.length
    count.facts += interactions.length
    count.bad += bad.length
    yield { interactions, bad }
  }
  if (last) yield { interactions: [], bad: [], report: reportOf(last.header, last.dating, count) }
}

function reportOf(
  { file, delimiter, columns, guessed, other }: Header<Role>,
  dating: Dating,
  {
    guessed: dates,
    ...count
  }: {
    readonly rows: number
    readonly facts: number
    readonly bad: number
    readonly withoutId: number
    readonly guessed: number
  },
): ExportReport {
  const left = Object.entries(columns).flatMap(([role, name]) => (leftOut.has(role as Role) ? [name] : []))
  return { file, delimiter, columns, guessed, other, leftOut: left, ...count, dates: { ...dating, guessed: dates } }
}
