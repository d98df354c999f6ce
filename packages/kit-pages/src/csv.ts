import { PrmError } from '@prm/core/adapter'
import { type Parser, parse } from 'csv-parse'
import { type Dating, datingOf, type Order } from './dates.ts'

/** Columns by their names, whatever their order, and what each is called in exports of several languages. */
export type Names<R extends string> = { readonly [role in R]: readonly string[] }

export interface CsvOptions<R extends string> {
  readonly names: Names<R>
  /** What a column is called in these files, where none of its names is. */
  readonly columns?: { readonly [role in R]?: string | undefined } | undefined
  /** For messages. */
  readonly file: string
}

/** Which column is what. */
export interface Header<R extends string> {
  readonly file: string
  readonly delimiter: ',' | ';' | '\t' | '|'
  readonly columns: { readonly [role in R]?: string }
  /** Found by its name, not by configuration. */
  readonly guessed: readonly R[]
  readonly other: readonly string[]
}

export interface Row<R extends string> {
  readonly line: number
  /** Without those that are empty. */
  readonly cells: { readonly [role in R]?: string }
  readonly other: { readonly [name: string]: string }
}

/** Some rows, or what is no row. */
export interface Rows<R extends string> {
  readonly header: Header<R>
  readonly rows: readonly Row<R>[]
  readonly bad: readonly { readonly source: string; readonly line: number; readonly reason: string }[]
}

/** A row longer than this is a quote that was never closed. */
const mostRow = 4 * 1024 * 1024
const perBatch = 200

/**
 * Reads an export as it comes, a batch of rows at a time, whatever its size. A row that cannot be read is `bad` with its line,
 * and the next one goes on. Throws `invalid` for what is no table, and `config` where a column that was configured is not there.
 */
export async function* readCsv<R extends string>(
  bytes: AsyncIterable<Uint8Array>,
  options: CsvOptions<R>,
): AsyncGenerator<Rows<R>> {
  const { file } = options
  const texts = decoded(bytes, file)[Symbol.asyncIterator]()
  const head = await firstLine(texts)
  const delimiter = delimiterOf(head.line)
  let skipped: { line: number; reason: string }[] = []
  const parser = parse({
    delimiter,
    info: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: mostRow,
    on_skip: (error) => {
      const long = error?.code === 'CSV_MAX_RECORD_SIZE'
      const reason = long
        ? 'the row is longer than 4 MiB: a quote is not closed'
        : 'a quote is not closed, or not where it may be'
      skipped.push({ line: Number(error?.lines ?? 0), reason })
    },
  })
  const fed = feed(parser, head.read, texts)
  let header: (Header<R> & { readonly places: readonly Place<R>[] }) | undefined
  let rows: Row<R>[] = []
  let bad: { source: string; line: number; reason: string }[] = []
  const batch = (header: Header<R>): Rows<R> => {
    const told = { header, rows, bad: [...bad, ...skipped.map((one) => ({ source: file, ...one }))] }
    ;[rows, bad, skipped] = [[], [], []]
    return told
  }
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!header) {
        header = headerOf(record, delimiter, options)
        continue
      }
      const { places } = header
      const more = record.slice(places.length).some((cell) => cell.trim() !== '')
      if (more) {
        const reason = `it has ${record.length} columns, and the header ${places.length}`
        bad.push({ source: file, line: info.lines, reason })
      } else rows.push(rowOf(record, info.lines, places))
      if (rows.length + bad.length >= perBatch) yield batch(header)
    }
    await fed
  } finally {
    parser.destroy()
    await texts.return?.(undefined)
  }
  if (!header) throw new PrmError('invalid', `${file}: it is empty: expected a line of column names.`)
  yield batch(header)
}

/** Rows with what their file says of its dates, as far as the first thousand rows tell. */
export type Dated<R extends string> = Rows<R> & { readonly dating: Dating }
const mostLooked = 1000

/** `dates` are the columns that hold some. */
export async function* dated<R extends string>(
  batches: AsyncIterable<Rows<R>>,
  dates: readonly R[],
  set: Order | undefined,
): AsyncGenerator<Dated<R>> {
  let [held, count]: [Rows<R>[], number] = [[], 0]
  let dating: Dating | undefined
  const settled = (): Dating => datingOf(textsIn(held, dates), set)
  for await (const batch of batches) {
    if (dating) {
      yield { ...batch, dating }
      continue
    }
    held.push(batch)
    count += batch.rows.length
    if (!set && count < mostLooked) continue
    dating = settled()
    for (const one of held) yield { ...one, dating }
    held = []
  }
  const last = dating ?? settled()
  for (const one of held) yield { ...one, dating: last }
}

function* textsIn<R extends string>(batches: readonly Rows<R>[], dates: readonly R[]): Generator<string> {
  for (const { rows } of batches)
    for (const { cells } of rows) for (const role of dates) if (cells[role]) yield cells[role]
}

/** The parser is full now and then; one that is not read any more ends it. */
async function feed(parser: Parser, first: string, texts: AsyncIterator<string>): Promise<void> {
  try {
    for (let text: string | undefined = first; text !== undefined && !parser.destroyed; ) {
      if (!parser.write(text)) await drained(parser)
      const next = await texts.next()
      text = next.done ? undefined : next.value
    }
    if (!parser.destroyed) parser.end()
  } catch (error) {
    parser.destroy(error as Error)
  }
}

function drained(parser: Parser): Promise<void> {
  return new Promise((go) => {
    const done = () => {
      parser.off('drain', done).off('close', done)
      go()
    }
    parser.on('drain', done).on('close', done)
  })
}

// ── bytes to text ────────────────────────────────────────────────────────────────────────────
/** UTF-8 until a byte says otherwise, then windows-1252; UTF-16 by its mark. Without NUL, which no database stores. */
async function* decoded(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let strict = true
  for await (const chunk of bytes) {
    if (!decoder) {
      const [a, b] = chunk
      const wide = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : undefined
      strict = wide === undefined
      decoder = new TextDecoder(wide ?? 'utf-8', { fatal: strict })
      if (strict && chunk.includes(0)) throw new PrmError('invalid', `${file}: it is not text: expected a CSV export.`)
    }
    try {
      yield decoder.decode(chunk, { stream: true }).replaceAll('\0', '')
    } catch (error) {
      if (!strict) throw error
      decoder = new TextDecoder('windows-1252')
      strict = false
      yield decoder.decode(chunk, { stream: true }).replaceAll('\0', '')
    }
  }
  const rest = decoder && strict ? new TextDecoder().decode() : decoder?.decode()
  if (rest) yield rest
}

const mostHeader = 1024 * 1024

async function firstLine(texts: AsyncIterator<string>): Promise<{ readonly read: string; readonly line: string }> {
  let read = ''
  for (;;) {
    const end = endOfLine(read)
    if (end >= 0 || read.length > mostHeader) return { read, line: read.slice(0, end < 0 ? undefined : end) }
    const next = await texts.next()
    if (next.done) return { read, line: read }
    read += read === '' ? next.value.replace(/^\ufeff/, '') : next.value
  }
}

/** The end of a line that is outside of quotes. */
function endOfLine(text: string): number {
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"') quoted = !quoted
    else if ((letter === '\n' || letter === '\r') && !quoted && text.slice(0, at).trim() !== '') return at
  }
  return -1
}

const delimiters = [',', ';', '\t', '|'] as const
function delimiterOf(line: string): (typeof delimiters)[number] {
  const bare = line.replace(/"(?:[^"]|"")*"/g, '')
  const count = (one: string) => bare.split(one).length
  return delimiters.reduce((best, one) => (count(one) > count(best) ? one : best))
}

// ── which column is what ─────────────────────────────────────────────────────────────────────
type Place<R extends string> = { readonly role?: R; readonly name: string }

function headerOf<R extends string>(
  cells: readonly string[],
  delimiter: Header<R>['delimiter'],
  { names, columns = {}, file }: CsvOptions<R>,
): Header<R> & { readonly places: readonly Place<R>[] } {
  const used = new Map<string, number>()
  const titles = cells.map((cell, at) => {
    const name = cell.trim() || `column ${at + 1}`
    const times = (used.get(name) ?? 0) + 1
    used.set(name, times)
    return times === 1 ? name : `${name} (${times})`
  })
  const taken = new Map<number, R>()
  const roles = Object.keys(names) as R[]
  for (const role of roles) {
    const wanted = (columns as { readonly [role: string]: string | undefined })[role]
    if (wanted === undefined) continue
    const at = titles.findIndex((title) => folded(title) === folded(wanted))
    if (at < 0)
      throw new PrmError(
        'config',
        `${file}: it has no column "${wanted}", which was set for ${role}. It has: ${some(titles)}.`,
        {
          field: `columns.${role}`,
        },
      )
    taken.set(at, role)
  }
  const guessed: R[] = []
  for (const role of roles) {
    if ((columns as { readonly [role: string]: unknown })[role] !== undefined) continue
    const free = (fold: (title: string) => string) => (name: string) =>
      titles.findIndex((title, at) => !taken.has(at) && fold(title) === name)
    // As it is called, and then without what stands in brackets: `Duration (seconds)`.
    const [at = -1] = [folded, (title: string) => folded(title.replace(/\([^)]*\)/g, ' '))]
      .flatMap((fold) => names[role].map(free(fold)))
      .filter((at) => at >= 0)
    if (at < 0) continue
    taken.set(at, role)
    guessed.push(role)
  }
  const places = titles.map((name, at): Place<R> => {
    const role = taken.get(at)
    return role === undefined ? { name } : { name, role }
  })
  const found = places.flatMap(({ role, name }) => (role === undefined ? [] : [[role, name] as const]))
  return {
    file,
    delimiter,
    columns: Object.fromEntries(found) as Header<R>['columns'],
    guessed,
    other: places.flatMap(({ role, name }) => (role === undefined ? [name] : [])),
    places,
  }
}

const some = (titles: readonly string[]): string =>
  titles
    .slice(0, 12)
    .map((title) => title.slice(0, 40))
    .join(', ') + (titles.length > 12 ? ` and ${titles.length - 12} more` : '')

/** Without case, accents and punctuation. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#]+/gu, ' ')
    .trim()
}

function rowOf<R extends string>(record: readonly string[], line: number, places: readonly Place<R>[]): Row<R> {
  const cells: { [role: string]: string } = {}
  const other: { [name: string]: string } = {}
  for (const [at, { role, name }] of places.entries()) {
    const cell = (record[at] ?? '').trim()
    if (cell === '') continue
    if (role === undefined) other[name] = cell
    else cells[role] = cell
  }
  return { line, cells: cells as Row<R>['cells'], other }
}
