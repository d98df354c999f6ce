import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { LocalDate } from '@prm/core/adapter'
import { cellsOf, suits } from './columns.ts'
import { type DateForm, dateEvidence, dayInWords } from './dates.ts'
import type { Found } from './files.ts'
import type { Layout } from './layout.ts'
import { layouts } from './layouts/index.ts'
import { type Encoded, encodingOf, type Line, linesOf } from './text.ts'

/** What one file turned out to be. Without a layout it has no rows. */
export interface Recognised extends Found {
  readonly text: Encoded
  readonly layout?: Layout
  readonly role: string
  readonly date: DateForm
  /** Lines above the first row. */
  readonly header: number
  /** The day that the subject of a mail names. */
  readonly day?: LocalDate
}

const sampled = 200

type Known = Recognised | { readonly why: string }

/** Reads all bytes for the encoding, the first rows for the layout, and all rows where a layout knows several dates. */
export async function recognise(
  handle: FileHandle,
  found: Found,
  signal: AbortSignal,
  option?: string,
): Promise<Known> {
  const [wanted, role] = option?.split(':') ?? []
  const text = await encodingOf(handle, signal)
  if ('why' in text) return text
  const sample = await head(handle, text, signal)
  if (sample.length === 0) return { ...found, text, role: '', date: 'YYYY-MM-DD', header: 0 }
  const encoded = encodingOfMail(sample)
  if (encoded) return { why: `it is a mail in ${encoded}: save its text alone, as plain text` }
  const chosen = layoutOf(sample, wanted)
  if ('why' in chosen) return chosen
  const { layout } = chosen
  const named = (layout.id === wanted && role) || roleOf(layout, found.path)
  if (named === undefined) return { why: unnamed(layout) }
  const date = await dateForm(handle, text, layout, signal)
  const subject = sample.find(({ text }) => layout.mail?.says.test(text ?? '') && dayInWords(text ?? ''))
  const day = dayInWords(subject?.text ?? '')
  return { ...found, text, layout, role: named, date, header: headerOf(sample, layout), ...(day && { day }) }
}

async function head(handle: FileHandle, text: Encoded, signal: AbortSignal): Promise<readonly Line[]> {
  const sample: Line[] = []
  for await (const lines of linesOf(handle, text, signal)) {
    sample.push(...lines.slice(0, sampled - sample.length))
    if (sample.length === sampled) break
  }
  return sample
}

type Chosen = { readonly layout: Layout } | { readonly why: string }

/** By the shape of many rows: the layout most of them read as, if it is one row in four or more. */
function layoutOf(sample: readonly Line[], wanted: string | undefined): Chosen {
  const said = layouts.find(({ mail }) => mail && sample.some(({ text }) => mail.says.test(text ?? '')))
  const scores = layouts.map((layout) => ({ layout, score: scoreOf(sample, layout) })).sort((a, b) => b.score - a.score)
  const [top, next] = scores.filter(({ score }) => score >= sample.length / 4)
  const best = said ? { layout: said, score: sample.length * 2 } : top
  const asked = layouts.find((layout) => layout.id === wanted)
  if (asked) {
    // A list without languages is known as Polaris', and may be Sierra's.
    const list = asked.list && best?.layout.list && best.layout.delimiter === asked.delimiter
    const fits = list || scores.some(({ layout, score }) => layout === asked && score > 0)
    if (fits || !best) return { layout: asked }
    // The other files of its family come in the same folder: a patron list beside the renewals.
    if (best.layout.family === asked.family) return { layout: best.layout }
    return { why: `no row is ${asked.id}: it looks like ${best.layout.id}` }
  }
  if (!best) return { why: `no known layout fits its rows (${layouts.map(({ id }) => id).join(', ')})` }
  const twin = next?.score === best.score ? next.layout.id : undefined
  if (twin) return { why: `it may be ${best.layout.id} or ${twin}: name one as layout` }
  return { layout: best.layout }
}

function scoreOf(sample: readonly Line[], layout: Layout): number {
  const header = headerOf(sample, layout)
  const rows = sample.filter(({ number, text }) => number > header && layout.mail?.rows.test(text ?? '') !== false)
  const named = header > 0 && !layout.mail
  if (rows.length === 0) return named ? sample.length : 0
  const score = rows.reduce((sum, { text }) => sum + suits(text ?? '', layout, layout.dates), 0) / 2
  return named ? score + rows.length : score
}

/** The number of the last header line, 0 without one: known names, then perhaps a line of dashes (sqlcmd). */
function headerOf(sample: readonly Line[], layout: Layout): number {
  if (layout.mail) return mailHeader(sample).at(-1)?.number ?? 0
  const [first, second] = sample
  const cells = first?.text?.split(layout.delimiter).map(letters) ?? []
  const names = new Set(layout.columns.map(({ name }) => letters(name)))
  const hits = cells.filter((cell) => cell !== '' && names.has(cell)).length
  if (!first || hits < Math.max(2, layout.columns.length * 0.6)) return 0
  return second && /^[-\s|,]+$/.test(second.text ?? '') ? second.number : first.number
}

/** The lines above the first blank one, where a mail was saved with them. */
function mailHeader(sample: readonly Line[]): readonly Line[] {
  if (!/^(From |[A-Za-z-]+: )/.test(sample[0]?.text ?? '')) return []
  const end = sample.findIndex(({ number }, i) => number !== (sample[0]?.number ?? 0) + i)
  return end < 0 ? [] : sample.slice(0, end)
}

function encodingOfMail(sample: readonly Line[]): string | undefined {
  const header = mailHeader(sample).map(({ text }) => text)
  const field = /^content-(?:transfer-encoding: *(base64|quoted-printable)|type: *(multipart|text\/html))/im
  return field.exec(header.join('\n'))?.slice(1).find(Boolean)
}

function letters(cell: string): string {
  return cell.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** What the file's name says, else its folder's. A name that says both says nothing. */
function roleOf(layout: Layout, path: string): string | undefined {
  const roles = Object.entries(layout.roles ?? {})
  if (roles.length === 0) return ''
  for (const name of [basename(path).replace(/\.[^.]*$/, ''), basename(dirname(path))]) {
    const said = roles.filter(([, pattern]) => pattern.test(name))
    if (said.length === 1) return said[0]?.[0]
    if (said.length > 1) return undefined
  }
  return undefined
}

function unnamed({ id, roles = {} }: Layout): string {
  const words = Object.keys(roles)
  const pass = words.map((word) => `${id}:${word}`).join(' or ')
  return `${id} serves for ${words.join(' and ')}, and neither its name nor its folder says which: pass layout ${pass}`
}

/** One form for the whole file, from all of its rows: never from one value. */
async function dateForm(handle: FileHandle, text: Encoded, layout: Layout, signal: AbortSignal): Promise<DateForm> {
  const [documented] = layout.dates
  const column = layout.columns.findIndex(({ date }) => date)
  if (layout.dates.length === 1 || column < 0) return documented
  const evidence = dateEvidence(layout.dates)
  for await (const lines of linesOf(handle, text, signal)) {
    for (const { text: line } of lines) {
      for (const form of layout.dates) {
        const read = cellsOf(line ?? '', layout, form)
        if (!('cells' in read)) continue
        evidence.see(read.cells[column] ?? '')
        break
      }
    }
  }
  return evidence.form()
}
