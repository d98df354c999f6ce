import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { PrmError } from '@prm/core'
import { parse } from 'csv-parse'

/** One row of a file, by what its columns mean. */
export interface Row {
  readonly file: string
  readonly line: number
  readonly cells: { readonly [meaning: string]: string }
}

/** What a column may be called; compared without case, accents and punctuation. */
export type Columns = { readonly [meaning: string]: readonly string[] }

export interface Found {
  readonly file: string
  /** Which column was taken for what, and which were not asked for. */
  readonly taken: { readonly [meaning: string]: string }
  readonly ignored: number
}

/**
 * Reads a CSV file row by row, whatever its size: with commas, semicolons or tabs, with or without a byte order mark, comments
 * (GA4) before its head, in the languages of `columns`. Throws `invalid` where a column that `needs` names is missing.
 */
export async function* rowsOf(
  path: string,
  columns: Columns,
  needs: readonly string[],
  tell: (found: Found) => void,
): AsyncGenerator<Row> {
  const file = basename(path)
  const delimiter = await delimiterOf(path)
  const records = createReadStream(path).pipe(
    parse({
      bom: true,
      delimiter,
      comment: '#',
      comment_no_infix: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      info: true,
      max_record_size: 16 * 1_024 * 1_024,
    }),
  )
  let places: ReadonlyMap<string, number> | undefined
  let [seen, head] = [0, [] as readonly string[]]
  try {
    for await (const { record, info } of records as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!places) {
        places = placesOf(record, columns)
        if (needs.every((need) => places?.has(need))) {
          const taken = Object.fromEntries([...places].map(([meaning, at]) => [meaning, record[at] ?? '']))
          tell({ file, taken, ignored: record.length - places.size })
        } else {
          if (seen === 0 || places.size > placesOf(head, columns).size) head = record
          if (++seen >= 20) throw missing(file, needs, columns, head)
          places = undefined // a title above the head
        }
        continue
      }
      const cells = Object.fromEntries([...places].map(([meaning, at]) => [meaning, (record[at] ?? '').trim()]))
      yield { file, line: info.lines, cells }
    }
  } catch (error) {
    if (PrmError.is(error)) throw error
    const { message } = error as Error
    throw new PrmError('invalid', `${file} cannot be read as CSV: ${message.replace(/: .*$/s, '')}.`, { cause: error })
  }
  if (!places) throw missing(file, needs, columns, head)
}

/** The sign that stands most often in the first lines. */
async function delimiterOf(path: string): Promise<string> {
  let head = ''
  for await (const chunk of createReadStream(path, { end: 65_535, encoding: 'utf8' })) head += chunk
  const lines = head.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'))
  const count = (sign: string) => Math.max(0, ...lines.slice(0, 20).map((line) => line.split(sign).length))
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0] ?? ','
}

function placesOf(head: readonly string[], columns: Columns): ReadonlyMap<string, number> {
  const names = head.map(plain)
  const places = new Map<string, number>()
  for (const [meaning, called] of Object.entries(columns)) {
    const at = called
      .map((name) => names.indexOf(plain(name)))
      .find((place) => place >= 0 && ![...places.values()].includes(place))
    if (at !== undefined) places.set(meaning, at)
  }
  return places
}

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

function missing(file: string, needs: readonly string[], columns: Columns, head: readonly string[]): PrmError {
  const places = placesOf(head, columns)
  const lacking = needs.filter((need) => !places.has(need)).map((need) => `${need} (${columns[need]?.join(', ')})`)
  return new PrmError('invalid', `${file} has no column for: ${lacking.join('; ')}. Rename one of its columns so.`)
}
