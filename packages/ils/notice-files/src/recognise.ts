import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { cellsOf, suits } from './columns.ts'
import { type Named, named } from './config.ts'
import { type DateForm, dateEvidence } from './dates.ts'
import type { Found } from './files.ts'
import { type Layout, layouts } from './layouts.ts'
import { type Encoded, encodingOf, linesOf } from './text.ts'

/** What one file turned out to be. Without a layout it has no rows. */
export interface Recognised extends Found {
  readonly text: Encoded
  readonly layout?: Layout
  readonly role: string
  readonly date: DateForm
  /** Lines above the first row. */
  readonly header: number
}

const sampled = 200

/** Reads the whole file once for its encoding and, where a layout knows several forms, its dates; its first rows for the layout. */
export async function recognise(handle: FileHandle, found: Found, layout: string | undefined, signal: AbortSignal): Promise<Recognised | { readonly why: string }> {
  const text = await encodingOf(handle, signal)
  if ('why' in text) return text
  const sample = await head(handle, text, signal)
  if (sample.length === 0) return { ...found, text, role: '', date: 'YYYY-MM-DD', header: 0 }
  const chosen = layoutOf(sample, layout === undefined ? undefined : named(layout))
  if ('why' in chosen) return chosen
  const role = roleOf(chosen.layout, found.path, layout === undefined ? undefined : named(layout))
  if (role === undefined) return { why: unnamed(chosen.layout) }
  const date = await dateForm(handle, text, chosen.layout, signal)
  return { ...found, text, layout: chosen.layout, role, date, header: headerOf(sample, chosen.layout) }
}

interface Line {
  readonly number: number
  readonly text: string
}

async function head(handle: FileHandle, text: Encoded, signal: AbortSignal): Promise<readonly Line[]> {
  const sample: Line[] = []
  for await (const { from, lines } of linesOf(handle, text, signal)) {
    for (const [i, line] of lines.entries()) {
      if (line !== null && line.trim() !== '') sample.push({ number: from + i, text: line })
      if (sample.length === sampled) return sample
    }
  }
  return sample
}

/** By the shape of many rows: the layout most of them read as, if it is one row in four or more. */
function layoutOf(sample: readonly Line[], wanted: Named | undefined): { readonly layout: Layout } | { readonly why: string } {
  const scores = layouts.map((layout) => ({ layout, score: scoreOf(sample, layout) })).sort((a, b) => b.score - a.score)
  const [best, next] = scores.filter(({ score }) => score >= sample.length / 4)
  const asked = layouts.find((layout) => layout.id === wanted?.id)
  if (asked) {
    const fits = scores.some(({ layout, score }) => layout === asked && score > 0)
    if (fits || !best) return { layout: asked }
    // The other files of its family come in the same folder: a patron list beside the renewals.
    if (best.layout.family === asked.family) return { layout: best.layout }
    return { why: `no row is ${asked.id}: it looks like ${best.layout.id}` }
  }
  if (!best) return { why: `no known layout fits its rows (${layouts.map(({ id }) => id).join(', ')})` }
  if (next && next.score === best.score) return { why: `it may be ${best.layout.id} or ${next.layout.id}: name one as layout` }
  return { layout: best.layout }
}

function scoreOf(sample: readonly Line[], layout: Layout): number {
  const header = headerOf(sample, layout)
  const rows = sample.filter(({ number }) => number > header)
  if (rows.length === 0) return header > 0 ? sample.length : 0
  return rows.reduce((sum, { text }) => sum + suits(text, layout, layout.dates), 0) / 2 + (header > 0 ? rows.length : 0)
}

/** The number of the last header line, 0 without one: known names, then perhaps a line of dashes (sqlcmd). */
function headerOf([first, second]: readonly Line[], layout: Layout): number {
  const cells = first?.text.split(layout.delimiter).map(letters) ?? []
  const names = new Set(layout.columns.map(({ name }) => letters(name)))
  const hits = cells.filter((cell) => cell !== '' && names.has(cell)).length
  if (!first || hits < Math.max(2, layout.columns.length * 0.6)) return 0
  return second && /^[-\s|,]+$/.test(second.text) ? second.number : first.number
}

function letters(cell: string): string {
  return cell.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** What the option says; else the file's name; else its folder's. A name that says both says nothing. */
function roleOf(layout: Layout, path: string, wanted: Named | undefined): string | undefined {
  const roles = Object.entries(layout.roles ?? {})
  if (roles.length === 0) return ''
  if (wanted?.id === layout.id && wanted.role !== undefined) return wanted.role
  for (const name of [basename(path).replace(/\.[^.]*$/, ''), basename(dirname(path))]) {
    const said = roles.filter(([, pattern]) => pattern.test(name))
    if (said.length === 1) return said[0]?.[0]
    if (said.length > 1) return undefined
  }
  return undefined
}

function unnamed({ id, roles = {} }: Layout): string {
  const words = Object.keys(roles)
  return `${id} serves for ${words.join(' and ')}, and neither its name nor its folder's says which: pass layout ${words.map((word) => `${id}:${word}`).join(' or ')}`
}

/** One form for the whole file, from all of its rows: never from one value. */
async function dateForm(handle: FileHandle, text: Encoded, layout: Layout, signal: AbortSignal): Promise<DateForm> {
  const [documented] = layout.dates
  const column = layout.columns.findIndex(({ date }) => date)
  if (layout.dates.length === 1 || column < 0) return documented
  const evidence = dateEvidence(layout.dates)
  for await (const { lines } of linesOf(handle, text, signal)) {
    for (const line of lines) {
      for (const form of line === null ? [] : layout.dates) {
        const read = cellsOf(line ?? '', layout, form)
        if (!('cells' in read)) continue
        evidence.see(read.cells[column] ?? '')
        break
      }
    }
  }
  return evidence.form()
}
