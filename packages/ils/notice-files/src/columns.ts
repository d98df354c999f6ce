import type { DateForm } from './dates.ts'

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
  readonly delimiter: ',' | '|'
  readonly columns: readonly Column[]
  /** Trailing columns may be missing down to this count. */
  readonly atLeast?: number
}

export type Cells =
  | { readonly cells: readonly string[]; readonly repaired?: true }
  | { readonly why: string }

/**
 * Reads one physical line. Nothing in these exports is escaped, so a title that holds the delimiter shifts what follows:
 * where counting from both ends leaves one place for each column that matters, the row is read and `repaired`.
 */
export function cellsOf(line: string, form: Form, date: DateForm): Cells {
  return form.delimiter === '|' ? piped(line, form, date) : quoted(line, form, date)
}

function piped(line: string, form: Form, date: DateForm): Cells {
  const cells = line.split('|')
  return exact(cells, form, date) ?? settle(cells, '|', form, date)
}

function quoted(line: string, form: Form, date: DateForm): Cells {
  const wrapped = line.length > 1 && line.startsWith('"') && line.endsWith('"')
  const raw = wrapped ? line.slice(1, -1).split('","') : undefined
  const clean = raw?.every((cell) => !cell.includes('"')) ? exact(raw, form, date) : undefined
  if (clean) return clean
  const strict = escaped(line)
  const byTheBook = strict && exact(strict, form, date)
  if (byTheBook) return byTheBook
  if (!raw) return { why: strict ? mismatch(strict, form, date) : 'a quote is not closed, or the line is cut off' }
  const loose = exact(raw, form, date)
  return loose ? { ...loose, repaired: true } : settle(raw, '","', form, date)
}

/** RFC 4180, one line: quotes doubled inside quotes, or no quotes at all. */
function escaped(line: string): string[] | undefined {
  const cells: string[] = []
  for (let at = 0; at <= line.length; at++) {
    if (line[at] === '"') {
      let end = at + 1
      for (; ; end += 2) {
        end = line.indexOf('"', end)
        if (end < 0) return undefined
        if (line[end + 1] !== '"') break
      }
      if (end + 1 < line.length && line[end + 1] !== ',') return undefined
      cells.push(line.slice(at + 1, end).replaceAll('""', '"'))
      at = end + 1
    } else {
      const comma = line.indexOf(',', at)
      const cell = line.slice(at, comma < 0 ? undefined : comma)
      if (cell.includes('"')) return undefined
      cells.push(cell)
      at = comma < 0 ? line.length : comma
    }
    if (at === line.length) break
  }
  return cells
}

/** As many cells as columns, each what it must be. */
function exact(raw: readonly string[], form: Form, date: DateForm): { readonly cells: readonly string[] } | undefined {
  const { columns, atLeast = columns.length } = form
  if (raw.length < atLeast || raw.length > columns.length) return undefined
  for (let i = 0; i < columns.length; i++) if (columns[i]?.must?.(valueOf(raw[i]), date) === false) return undefined
  return { cells: raw.map(valueOf) }
}

/** sqlcmd writes NULL; Polaris writes one blank. */
function valueOf(raw: string | undefined): string {
  const cell = raw === undefined ? '' : raw.trim()
  return cell === 'NULL' ? '' : cell
}

/** Finds where each column can stand when there are more cells than columns, by what each must be and looks like. */
function settle(raw: readonly string[], separator: string, form: Form, date: DateForm): Cells {
  const { columns, atLeast = columns.length } = form
  const none: Cells = { why: mismatch(raw, form, date) }
  if (raw.length <= atLeast) return none
  const parts = raw.map(valueOf)
  const suits = (column: Column, at: number) => {
    const cell = parts[at] ?? ''
    return column.must?.(cell, date) !== false && column.like?.(cell, date) !== false
  }
  // reach[c][p]: the first c columns can take exactly the first p parts. `back` says the same from the end.
  const table = () => Array.from({ length: columns.length + 1 }, () => new Uint8Array(parts.length + 1))
  const [reach, back] = [table(), table()]
  const can = (grid: Uint8Array[], c: number, p: number) => grid[c]?.[p] === 1
  const mark = (grid: Uint8Array[], c: number, p: number) => grid[c]?.fill(1, p, p + 1)
  const takes = (c: number, from: number, to: number) => {
    const column = columns[c] as Column
    return to - from === 1 ? suits(column, from) : to > from && column.free === true
  }
  mark(reach, 0, 0)
  columns.forEach((column, c) => {
    for (let p = 0; p < parts.length; p++) {
      if (!can(reach, c, p)) continue
      for (let to = p + 1; to <= (column.free ? parts.length : p + 1); to++) if (takes(c, p, to)) mark(reach, c + 1, to)
    }
  })
  for (let c = columns.length; c >= 0; c--) {
    if (c >= atLeast) mark(back, c, parts.length)
    if (c === columns.length) continue
    for (let p = 0; p < parts.length; p++) {
      for (let to = p + 1; to <= (columns[c]?.free ? parts.length : p + 1); to++) {
        if (takes(c, p, to) && can(back, c + 1, to)) mark(back, c, p)
      }
    }
  }
  if (!can(back, 0, 0)) return none
  const cells: string[] = []
  for (const [c, column] of columns.entries()) {
    const spans: (readonly [number, number])[] = []
    for (let p = 0; p <= parts.length && spans.length < 2; p++) {
      if (!can(reach, c, p)) continue
      if (c >= atLeast && p === parts.length) spans.push([p, p])
      for (let to = p + 1; to <= parts.length; to++) if (takes(c, p, to) && can(back, c + 1, to)) spans.push([p, to])
    }
    const [span, other] = spans
    if (other && !column.free) {
      return { why: `${counted(parts.length, form)}, and more than one way to read column ${c + 1} (${column.name})` }
    }
    cells.push(span && !other ? raw.slice(...span).join(separator).trim() : '')
  }
  return { cells, repaired: true }
}

/** Why this line is not of this layout, without quoting it. */
function mismatch(raw: readonly string[], form: Form, date: DateForm): string {
  const { columns, atLeast = columns.length } = form
  if (raw.length < atLeast || raw.length > columns.length) return counted(raw.length, form)
  const wrong = columns.findIndex((column, i) => column.must?.(valueOf(raw[i]), date) === false)
  const column = columns[wrong]
  if (!column) return 'its columns do not fit the layout'
  const size = valueOf(raw[wrong]).length
  const found = size === 0 ? 'it is empty' : `found ${size} character${size === 1 ? '' : 's'} of another form`
  return `column ${wrong + 1} (${column.name}) should be ${column.date ? `a day as ${date}` : column.expects}: ${found}`
}

function counted(found: number, { columns, atLeast = columns.length }: Form): string {
  const range = atLeast === columns.length ? `${columns.length}` : `${atLeast} to ${columns.length}`
  return `expected ${range} columns, found ${found}`
}

/** How well a line suits a layout: 2 reads, 1 nearly (a right count, most cells right), 0 not. */
export function suits(line: string, form: Form, dates: readonly DateForm[]): 0 | 1 | 2 {
  if (dates.some((date) => typical(line, form, date))) return 2
  const raw = form.delimiter === '|' ? line.split('|') : (escaped(line) ?? line.split('","'))
  const { columns, atLeast = columns.length } = form
  if (raw.length < atLeast || raw.length > columns.length) return 0
  const bound = columns.flatMap((column, i) => {
    const cell = valueOf(raw[i])
    return column.must ? [dates.some((date) => column.must?.(cell, date) !== false)] : []
  })
  return bound.filter(Boolean).length * 3 >= bound.length * 2 && bound.length > 2 ? 1 : 0
}

function typical(line: string, form: Form, date: DateForm): boolean {
  const read = cellsOf(line, form, date)
  return 'cells' in read && form.columns.every((column, i) => column.like?.(read.cells[i] ?? '', date) !== false)
}
