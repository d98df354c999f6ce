import { basename } from 'node:path'
import { finished } from 'node:stream/promises'
import { type Adapters, type DirectoryEntry, type Json, type Prm, PrmError, patronUpdateOf } from '@prm/core'
import { CsvError, type Options as CsvOptions, type Info, Parser } from 'csv-parse'
import { linesOf } from './file.ts'
import { columnOf, columns, reader } from './row.ts'
import { type Bytes, textOf } from './text.ts'
import type { Audience, Read } from './types.ts'

export interface SourceOptions {
  /** What stands for the source in a plan; the file's name by default. */
  readonly from?: string
  /**
   * The realm of `id`: `<adapter>/card` where the list has the cards that this adapter knows. Without it who is known at the
   * row's phone or address is meant.
   */
  readonly realm?: string
}

export interface CsvSourceOptions extends SourceOptions {
  /** The likeliest of `,` `;` tab and `|` unless said. */
  readonly delimiter?: string
  /** Reads the column `id` alone, as of a list of who acted. */
  readonly only?: 'id'
}

/**
 * CSV with a header of `id`, `name`, `phone`, `email`, `language`, `timezone`, `branch`, `category`, `birthdate`, `expires`,
 * `consent`; what else there is are variables. Throws `invalid` naming line and column where it cannot be read at all.
 */
export function csv(source: Bytes, options: CsvSourceOptions = {}): Audience {
  return {
    from: options.from ?? named(source, 'csv'),
    sameColumns: true,
    async *read({ library, signal }) {
      const { read } = reader(library, options.realm)
      let header: readonly string[] = []
      let consent = false
      const rowOf = ({ record, line }: Found): Read => {
        if (
          record.length !== header.length &&
          !(record.length > header.length && record.slice(header.length).every((cell) => cell === ''))
        ) {
          const why = `It has ${record.length} columns, the header ${header.length}: is a delimiter or a quote in it?`
          const [id = ''] = header[0] === 'id' ? record : []
          return { bad: { line, ...(id && { id }), why } }
        }
        const fields: Record<string, string> = {}
        for (let index = 0; index < header.length; index++) {
          const name = header[index] as string
          if (options.only === undefined || name === options.only) fields[name] = (record[index] as string).trim()
        }
        return read(line, fields, consent)
      }
      for await (const some of records(textOf(source, signal), options.delimiter))
        for (const one of some)
          if (header.length > 0) yield rowOf(one)
          else {
            header = headerOf(one.record, options.only)
            consent = options.only === undefined && header.includes('consent')
          }
      if (header.length === 0) throw invalid('There is no line in it, not even a header', 1)
    },
  }
}

function headerOf(cells: readonly string[], only: 'id' | undefined): readonly string[] {
  const header = cells.map(columnOf)
  while (header.at(-1) === '') header.pop()
  const missing = (name: string, but: string) =>
    invalid(
      `The header has no column "${name}"${but}. It has ${header.slice(0, 12).join(', ')}; known are ${columns.join(', ')}`,
      1,
      name,
    )
  for (const [index, name] of header.entries()) {
    if (name === '') throw invalid(`Column ${index + 1} has no name`, 1)
    if (header.indexOf(name) !== index) throw invalid(`Column "${name}" is there twice`, 1, name)
  }
  if (!header.includes('id'))
    throw missing('id', ': rename the one that names a patron for ever, such as a card number')
  if (only === undefined && !header.includes('phone') && !header.includes('email')) {
    const like = header.find((name) => /mobile|cell|phone|tel|number/.test(name))
    const rename = like === undefined ? 'rename the one of the numbers' : `rename "${like}", if that is the one`
    throw missing('phone', `: ${rename}, or add "email"`)
  }
  return header
}

/** The records of a text, some at once, and the line that each begins on. A quote that is never closed is refused: it would eat rows. */
async function* records(text: AsyncGenerator<string>, given: string | undefined): AsyncGenerator<readonly Found[]> {
  let head = ''
  for (let next = await text.next(); !next.done; next = await text.next()) {
    head += next.value
    if (/[\r\n]/.test(head)) break
  }
  // Excel's own first line. Its end stays, so that lines are counted as they are.
  const [told = '', excel] = /^"?sep=([^\r\n])"?(?=[\r\n])/i.exec(head) ?? []
  head = head.slice(told.length)
  const delimiter = given ?? excel ?? delimiterOf(head.split(/[\r\n]/, 1)[0] as string)
  let [last, width] = [0, 0]
  let found: Found[] = []
  let eater: PrmError | undefined
  // They do not go on through the stream: to read one from there costs more than to parse it.
  const on_record = (record: readonly string[], { lines }: Info): null => {
    last = lines
    width ||= record.length
    const line = lines - record.reduce((sum, cell) => sum + breaksIn(cell), 0)
    if (line < lines && record.some((cell, at) => eats(cell, at, width - record.length + at, width, delimiter)))
      eater ??= invalid(`A quote is opened here, and closed in line ${lines} only: other rows are between`, line)
    found.push({ record, line })
    return null
  }
  const parser = new Parser({ ...how, delimiter, on_record: on_record as never })
  const ended = finished(parser.resume())
  ended.catch(() => undefined) // it is thrown below
  try {
    for await (const piece of plainEnds(head, text)) {
      parser.write(piece)
      if (parser.errored || eater) break
      yield found
      found = []
    }
    if (!parser.errored) parser.end()
    await ended
    if (eater) throw eater
    yield found
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const opened = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE'
    throw invalid(opened ? 'A quote is opened here and never closed' : 'It is no CSV', last + 1, undefined, error)
  } finally {
    parser.destroy()
  }
}
/** All records of a piece are kept until they are read: of a small one they are gone before they are moved to be old. */
const bite = 4 * 1024

function* bites(text: string): Generator<string> {
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = from + bite
    if (/[\uD800-\uDBFF]/.test(text[to - 1] ?? '')) to++ // with the other half of the character
    yield text.slice(from, to)
  }
}

/** With one kind of line end: a list pasted together has two. */
async function* plainEnds(head: string, text: AsyncGenerator<string>): AsyncGenerator<string> {
  let held = ''
  const plain = (piece: string): string => {
    const whole = held + piece
    held = whole.endsWith('\r') ? '\r' : ''
    return whole.slice(0, whole.length - held.length).replaceAll('\r\n', '\n')
  }
  yield* bites(plain(head))
  for await (const piece of text) yield* bites(plain(piece))
  yield held
}

interface Found {
  readonly record: readonly string[]
  readonly line: number
}

function breaksIn(cell: string): number {
  return cell.includes('\n') ? cell.split('\n').length - 1 : 0
}

/**
 * Whether a cell with line breaks has rows in it: the end of the one where its quote was opened, whole ones, and the begin of the
 * one where it was closed. In prose a blank follows a comma.
 */
function eats(cell: string, opened: number, closed: number, width: number, delimiter: string): boolean {
  const parts = cell.split('\n').map((part) => part.split(delimiter).filter((one) => !one.startsWith(' ')).length - 1)
  const least = (at: number): number => (at === 0 ? width - 1 - opened : at === parts.length - 1 ? closed : width - 1)
  return parts.length > 1 && parts.every((count, at) => count >= least(at))
}

const how: CsvOptions = {
  columns: false,
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  max_record_size: 1_000_000,
}

/** The delimiter under which the header has the most columns that we know. */
function delimiterOf(header: string): string {
  const known = new Set<string>(columns)
  const score = (delimiter: string) =>
    header.split(delimiter).filter((cell) => known.has(columnOf(cell.replaceAll('"', '')))).length
  return [',', ';', '\t', '|'].reduce((a, b) => (score(b) > score(a) ? b : a))
}

/** JSON objects, one a line, with the columns of `csv`. */
export function ndjson(source: Bytes, options: SourceOptions = {}): Audience {
  return {
    from: options.from ?? named(source, 'ndjson'),
    async *read({ library, signal }) {
      const { read } = reader(library, options.realm)
      let line = 0
      for await (const text of linesOf(textOf(source, signal))) {
        line++
        if (text.trim() === '') continue
        let value: unknown
        try {
          value = JSON.parse(text)
        } catch {
          yield { bad: { line, why: 'It is no JSON.' } }
          continue
        }
        yield fromObject(read, line, value)
      }
    },
  }
}

/** Objects with the columns of `csv`. */
export function rows(
  source: Iterable<Readonly<Record<string, unknown>>> | AsyncIterable<Readonly<Record<string, unknown>>>,
  options: SourceOptions = {},
): Audience {
  return {
    from: options.from ?? 'rows',
    async *read({ library, signal }) {
      const { read } = reader(library, options.realm)
      let line = 0
      for await (const value of source) {
        signal?.throwIfAborted()
        yield fromObject(read, ++line, value)
      }
    },
  }
}

function fromObject(read: ReturnType<typeof reader>['read'], line: number, value: unknown): Read {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { bad: { line, why: 'It is no object.' } }
  const fields: Record<string, string> = {}
  for (const [name, one] of Object.entries(value)) {
    const text = plain(one)
    if (text === undefined)
      return { bad: { line, field: name, why: 'It is neither a text, a number nor a list of them.' } }
    fields[columnOf(name)] = text
  }
  return read(line, fields, 'consent' in fields)
}

function plain(value: unknown): string | undefined {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(value)
  if (!Array.isArray(value)) return undefined
  const all = value.map(plain)
  return all.includes(undefined) ? undefined : all.join(';')
}

/** Whom an adapter's `directory.list` names; of consent it says nothing. Throws `unsupported` where it cannot list. */
export function patrons<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  adapter: keyof A & string,
  query: { readonly [key: string]: Json } = {},
): Audience {
  return {
    from: adapter,
    sameColumns: true,
    async *read({ signal }) {
      const { directory } = prm.adapters[adapter] ?? {}
      if (!directory?.list)
        throw new PrmError('unsupported', `The adapter "${adapter}" cannot list its patrons.`, { field: 'audience' })
      let line = 0
      for await (const entry of directory.list(query, prm.context(adapter, signal))) yield fromEntry(entry, ++line)
    },
  }
}

function fromEntry(entry: DirectoryEntry, line: number): Read {
  if (entry.identities.length === 0) return { bad: { line, field: 'id', why: 'The directory names no id of theirs.' } }
  const person = patronUpdateOf(entry)
  const address = (scheme: string) => entry.identities.find((one) => one.scheme === scheme)?.value ?? ''
  const value = (known: DirectoryEntry['name']) => (known.is === 'value' ? known.value : '')
  const fields = {
    id: person.at.value,
    name: value(entry.name),
    phone: address('tel'),
    email: address('mailto'),
    language: value(entry.locale),
    branch: value(entry.branch),
    category: value(entry.category),
    birthdate: value(entry.birthDate),
    expires: value(entry.expires),
  }
  return { row: { line, id: person.at.value, person, fields } }
}

function named(source: Bytes, kind: string): string {
  return typeof source === 'string' ? basename(source) : kind
}

function invalid(what: string, line: number, field?: string, cause?: unknown): PrmError {
  return new PrmError('invalid', `The list cannot be read: line ${line}: ${what}.`, {
    field: field ?? 'audience',
    ...(cause !== undefined && { cause }),
  })
}
