import { createHash } from 'node:crypto'
import { type DateForm, dayOf } from './dates.ts'

/** Whether a cell can be what its column says; `date` is the form of this file. */
export type Fit = (cell: string, date: DateForm) => boolean

export interface Column {
  readonly name: string
  /** A cell that breaks this cannot be read. */
  readonly must?: Fit
  /** For a person to read, after "should be". */
  readonly expects?: string
  /** What a cell usually looks like: it settles where shifted columns belong, and makes no row bad. */
  readonly like?: Fit
  /** Text as people type it: it may hold the delimiter, and may be left out where it cannot be settled. */
  readonly free?: true
  readonly date?: true
}

/** How a layout writes a record. */
export interface Form {
  /** `::` has blanks around it, and a third colon now and then. */
  readonly delimiter: ',' | '|' | '::'
  readonly columns: readonly Column[]
  /** Trailing columns may be missing down to this count. */
  readonly atLeast?: number
  /** Its writer quotes a cell where it must: quotes doubled, and `|` as `\|` (Perl's Text::CSV, as Evergreen sites use it). */
  readonly quotes?: true
}

export type Read = { readonly cells: readonly string[]; readonly repaired?: true }
export type Cells = Read | { readonly why: string }

/**
 * Reads one physical line. Nothing in these exports is escaped, so a title that holds the delimiter shifts what follows:
 * where counting from both ends leaves one place for each column that matters, the row is read and `repaired`.
 */
export function cellsOf(line: string, form: Form, date: DateForm): Cells {
  return form.delimiter === ',' ? quoted(line, form, date) : split(line, form, date)
}

function cut(line: string, delimiter: Form['delimiter']): string[] {
  return line.split(delimiter === '::' ? /\s*:{2,3}\s*/ : delimiter)
}

function split(line: string, form: Form, date: DateForm): Cells {
  const cells = cut(line, form.delimiter)
  const plain = form.quotes && escaped(line, '|')?.map((cell) => cell.replaceAll('\\|', '|'))
  const read = plain && exact(plain, form, date)
  if (read) return read
  return exact(cells, form, date) ?? settle(cells, form.delimiter, form, date) ?? { why: mismatch(cells, form, date) }
}

const border = '","'
const most = 50 // More cells than this are in no title, and the ways to place them grow with their square.

function quoted(line: string, form: Form, date: DateForm): Cells {
  const wrapped = line.length > 1 && line.startsWith('"') && line.endsWith('"')
  const raw = wrapped ? line.slice(1, -1).split(border) : undefined
  const reads = counted(line, raw, form, date)
  const sure = reads.find(({ cells }) => !doubtful(cells, form, date))
  const read = sure ?? (raw && settle(raw, border, form, date)) ?? reads[0]
  if (read) return read
  const cells = escaped(line) ?? raw
  return { why: cells ? mismatch(cells, form, date) : 'a quote is not closed, or the line is cut off' }
}

/** The line as it stands: as a CSV by the book, and with the quotes that nobody escaped. */
function counted(line: string, raw: readonly string[] | undefined, form: Form, date: DateForm): readonly Read[] {
  const tidy = raw?.every((cell) => !cell.includes('"'))
  const strict = tidy ? raw : escaped(line)
  const byTheBook = strict && exact(strict, form, date)
  // A quote that ends up in an id or a number was a border of cells.
  const bordered = tidy || raw?.some((cell, i) => cell.includes('"') && !form.columns[i]?.free)
  const loose = raw && !bordered ? exact(raw, form, date) : undefined
  return [...(byTheBook ? [byTheBook] : []), ...(loose ? [{ ...loose, repaired: true } as const] : [])]
}

/** Where trailing columns may be missing, a title with a border in it can make the count right and the columns wrong. */
function doubtful(cells: readonly string[], { columns, atLeast }: Form, date: DateForm): boolean {
  return atLeast !== undefined && columns.some((column, i) => column.like?.(cells[i] ?? '', date) === false)
}

/** RFC 4180, one line: quotes doubled inside quotes, or no quotes at all. */
function escaped(line: string, delimiter: ',' | '|' = ','): string[] | undefined {
  const cell =
    delimiter === ',' ? /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y : /(?:"([^"]*(?:""[^"]*)*)"|([^"|]*))(\||$)/y
  const cells: string[] = []
  for (;;) {
    const found = cell.exec(line)
    if (!found) return undefined
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === '') return cells
  }
}

/** As many cells as columns, each what it must be. */
function exact(raw: readonly string[], form: Form, date: DateForm): Read | undefined {
  const { columns, atLeast = columns.length } = form
  if (raw.length < atLeast || raw.length > columns.length) return undefined
  for (let i = 0; i < columns.length; i++) if (columns[i]?.must?.(tidied(raw[i]), date) === false) return undefined
  return { cells: raw.map(tidied) }
}

/** sqlcmd writes NULL; Polaris writes one blank. */
function tidied(raw: string | undefined): string {
  const cell = raw === undefined ? '' : raw.trim()
  return cell === 'NULL' ? '' : cell
}

/** More cells than columns: with all the columns if that can be, else without the trailing ones that may be missing. */
function settle(raw: readonly string[], separator: string, form: Form, date: DateForm): Cells | undefined {
  const { columns, atLeast = columns.length } = form
  if (raw.length > columns.length + most) return undefined
  for (let count = columns.length; count >= atLeast && raw.length > atLeast; count--) {
    const spans = spansOf(raw.map(tidied), columns.slice(0, count), date)
    if (!spans) continue
    const torn = columns.findIndex((column, c) => !column.free && spans[c]?.length === 2)
    const ways = `and more than one way to read column ${torn + 1} (${columns[torn]?.name})`
    if (torn >= 0) return { why: `${sizes(raw.length, form)}, ${ways}` }
    const cells = columns.map((_, c) => {
      const [span, other] = spans[c] ?? []
      return span && !other ? tidied(raw.slice(...span).join(separator)) : ''
    })
    return { cells, repaired: true }
  }
  return undefined
}

type Span = readonly [from: number, to: number]
type Spans = readonly (readonly Span[])[]

/**
 * Where each column can stand so that all cells are used, by what each must be and looks like: one span, or two as a sign
 * that there are several. Undefined when it cannot be.
 */
function spansOf(cells: readonly string[], columns: readonly Column[], date: DateForm): Spans | undefined {
  const suits = ({ must, like }: Column, cell: string) =>
    !cell.includes('"') && must?.(cell, date) !== false && like?.(cell, date) !== false
  // fits[c]: the spans from which the columns after c can take all the rest.
  const fits: Span[][] = []
  let starts = new Set([cells.length])
  for (let c = columns.length - 1; c >= 0; c--) {
    const column = columns[c] as Column
    fits[c] = [...starts].flatMap((to) => {
      const from = column.free ? Array.from({ length: to }, (_, i) => i) : to > 0 ? [to - 1] : []
      return from.filter((at) => column.free || suits(column, cells[at] ?? '')).map((at): Span => [at, to])
    })
    starts = new Set(fits[c]?.map(([from]) => from))
    if (starts.size === 0) return undefined
  }
  if (!starts.has(0)) return undefined
  let reached = new Set([0])
  return fits.map((spans) => {
    const possible = spans.filter(([from]) => reached.has(from))
    reached = new Set(possible.map(([, to]) => to))
    return possible.slice(0, 2)
  })
}

/** Why this line is not of this layout, without quoting it. */
function mismatch(raw: readonly string[], form: Form, date: DateForm): string {
  const { columns, atLeast = columns.length } = form
  if (raw.length < atLeast || raw.length > columns.length) return sizes(raw.length, form)
  const wrong = columns.findIndex((column, i) => column.must?.(tidied(raw[i]), date) === false)
  const column = columns[wrong]
  if (!column) return 'its columns do not fit the layout'
  const size = tidied(raw[wrong]).length
  const found = size === 0 ? 'it is empty' : `found ${size} character${size === 1 ? '' : 's'} of another form`
  return `column ${wrong + 1} (${column.name}) should be ${column.date ? `a day as ${date}` : column.expects}: ${found}`
}

function sizes(found: number, { columns, atLeast = columns.length }: Form): string {
  const range = atLeast === columns.length ? `${columns.length}` : `${atLeast} to ${columns.length}`
  return `expected ${range} columns, found ${found}`
}

/** How well a line suits a layout: 2 reads as usual, 1 nearly (a right count, most cells right), 0 not. */
export function suits(line: string, form: Form, dates: readonly DateForm[]): 0 | 1 | 2 {
  const { columns, atLeast = columns.length } = form
  const all = (cells: readonly string[], fit: 'must' | 'like') =>
    columns.map((column, i) => dates.some((date) => column[fit]?.(cells[i] ?? '', date) !== false))
  const read = dates.map((date) => cellsOf(line, form, date)).find((each) => 'cells' in each)
  if (read && 'cells' in read && all(read.cells, 'like').every(Boolean)) return 2
  const raw = (form.delimiter === ',' ? (escaped(line) ?? line.split(border)) : cut(line, form.delimiter)).map(tidied)
  const bound = columns.filter(({ must }) => must).length
  const wrong = all(raw, 'must').filter((fits) => !fits).length
  return raw.length >= atLeast && raw.length <= columns.length && bound > 2 && wrong * 3 <= bound ? 1 : 0
}

// ── words for columns ────────────────────────────────────────────────────────────────────────

function fits(pattern: RegExp): Fit {
  return (cell) => pattern.test(cell)
}
const day: Fit = (cell, form) => dayOf(cell, form) !== undefined
const dayOrBlank: Fit = (cell, form) => cell === '' || dayOf(cell, form) !== undefined

export const text = (name: string): Column => ({ name, free: true })
export const plain = (name: string, like: RegExp): Column => ({ name, like: fits(like) })
export const bound = (name: string, must: RegExp, expects: string, like: RegExp = /^/): Column => ({
  name,
  must: fits(must),
  expects,
  like: fits(like),
})
export const word = (name: string, ...words: readonly string[]): Column =>
  bound(name, new RegExp(`^(${words.join('|')})$`), words.join(' or '))
export const id = (name: string): Column => bound(name, /^-?\d+$/, 'a number')
export const idOrBlank = (name: string, like: RegExp = /^/): Column =>
  bound(name, /^(-?\d+)?$/, 'a number or blank', like)
export const card = (name: string): Column => bound(name, /./, 'a card number', /^.{1,32}$/)
export const date = (name: string): Column => ({ name, must: day, like: day, date: true })
export const dateOrBlank = (name: string): Column => ({ name, must: dayOrBlank, like: day, date: true })
export const blank = (name: string): Column => bound(name, /^$/, 'blank')
export const phone = (name: string): Column => plain(name, /^(?=(.*\d){5}|$)[\d\s()+./x*#-]*$/i)
export const email = (name: string): Column => plain(name, /^$|^[^\s@]+@[^\s@]+$/)
export const barcode = (name: string): Column => plain(name, /^\S*$/)

// ── what a cell says ─────────────────────────────────────────────────────────────────────────

export type Maybe<T = string> = T | undefined

/** 0 and blank are no id (Koha writes message_id 0 when nothing is queued, Polaris hold 0 when there is no hold). */
export const known = (cell: Maybe): Maybe => (cell && !/^0+$/.test(cell) ? cell : undefined)
export const some = (...ids: readonly Maybe[]): string[] => ids.filter((each) => each !== undefined)
export const number = (cell: string): Maybe<number> => (cell === '' || cell === '0' ? undefined : Number(cell))
/** An item without id or barcode is told from the patron's others by its title, of which only a hash gets into the key. */
export const byTitle = (title: Maybe): Maybe => (title ? `t${hashOf(title)}` : undefined)
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
export const said = (cell: Maybe): Maybe => cell || undefined
export const nameOf = (...parts: readonly Maybe[]): string => parts.filter(Boolean).join(' ')
