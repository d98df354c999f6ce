import type { FileHandle } from 'node:fs/promises'
import type { Bad, Context, Feed, Interaction, Person, Pulled } from '@prm/core'
import { cellsOf } from './columns.ts'
import type { FileNews, NoticeFilesConfig, Row } from './config.ts'
import { dayOf } from './dates.ts'
import { type Place, type Teller, type Told, teller } from './facts.ts'
import { type Found, find, openFound, putAway, reason } from './files.ts'
import type { ContactReading, Layout } from './layouts.ts'
import { type Recognised, recognise } from './recognise.ts'
import { linesOf, longest } from './text.ts'

const batchRows = 500

/** The files of a library as a feed that tells its whole state each time. */
export function feed(config: NoticeFilesConfig): Feed {
  /** The latest word on each file, so that a folder looked at every 30 s does not log the same each time. */
  const logged = new Map<string, string>()
  return {
    every: '30s',
    repeats: true,
    async *pull(_, ctx) {
      try {
        yield* look(config, ctx, (news) => say(news, config, ctx, logged))
      } catch (error) {
        if (!ctx.signal.aborted) throw error
      }
    },
  }
}

type Say = (news: FileNews) => void

const levels = { refused: 'error', conflict: 'warn', 'missing-list': 'warn', deeper: 'warn', left: 'info', gone: 'info', read: 'debug', archived: 'debug' } as const

function say(news: FileNews, { onFile }: NoticeFilesConfig, ctx: Context, logged: Map<string, string>): void {
  onFile?.(news)
  const { file, state, ...rest } = news
  const word = JSON.stringify(rest)
  if (logged.get(`${state} ${file}`) === word) return
  if (logged.size > 10_000) logged.clear()
  logged.set(`${state} ${file}`, word)
  ctx.log(levels[state], `A notice file: ${state}.`, { file, ...rest })
}

/** One look at the paths: patron lists first, whatever their names, then the rest in order. */
async function* look(config: NoticeFilesConfig, ctx: Context, say: Say): AsyncGenerator<Pulled> {
  const bad: Bad[] = []
  const tell: Say = (news) => {
    if (news.state === 'refused') bad.push({ where: news.file, why: news.why ?? 'it cannot be read' })
    say(news)
  }
  const { found, news, writing } = await find([config.path].flat(), config.archive)
  news.forEach(tell)
  const files: Recognised[] = []
  for (const file of found) {
    const known = await withFile(file, tell, (handle) => recognise(handle, file, config.layout, ctx.signal))
    if (known && 'why' in known) tell({ file: file.file, state: 'refused', why: known.why })
    else if (known) files.push(known)
  }
  if (bad.length > 0) yield { interactions: [], bad, cursor: null }

  const lists = files.filter(({ layout }) => layout?.list).sort((a, b) => (a.role < b.role ? -1 : a.role > b.role ? 1 : 0))
  const told = teller(config, ctx)
  await noteShared(lists, told, ctx, say)
  for (const file of lists) yield* read(file, told, config, ctx, say)

  const late = writing.find((file) => /text|voice/i.test(file) && /patron/i.test(file))
  const missing = missingLists(lists)
  for (const file of files.filter(({ layout }) => !layout?.list)) {
    if (file.layout?.byList && late) {
      say({ file: file.file, state: 'left', why: `it waits for the patron list ${late}, which is being written` })
      continue
    }
    if (file.layout?.byList && missing) say({ file: file.file, state: 'missing-list', why: missing })
    yield* read(file, told, config, ctx, say)
  }
}

async function withFile<T>(file: Found, say: Say, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  const opened = await openFound(file)
  if ('state' in opened) {
    say(opened)
    return undefined
  }
  try {
    return await use(opened)
  } finally {
    await opened.close()
  }
}

/** One phone in both lists contradicts itself: found before the first row of either is told. */
async function noteShared(lists: readonly Recognised[], told: Teller, ctx: Context, say: Say): Promise<void> {
  if (new Set(lists.map(({ role }) => role)).size < 2) return
  const text = new Set<string>()
  for (const list of lists) {
    const before = told.both.size
    await withFile(list, () => {}, async (handle) => {
      for await (const { lines } of linesOf(handle, list.text, ctx.signal)) {
        for (const line of lines) {
          const read = line === null || !list.layout ? undefined : cellsOf(line, list.layout, list.date)
          if (!read || !('cells' in read)) continue
          const number = told.numberOf(list.layout?.read(read.cells, () => undefined, list.role) as ContactReading)
          if (list.role === 'text') text.add(number)
          else if (number !== '' && text.has(number)) told.both.add(number)
        }
      }
    })
    const found = told.both.size - before
    if (found > 0) say({ file: list.file, state: 'conflict', why: `${found} of its numbers stand in the text list too: text goes first` })
  }
}

function missingLists(lists: readonly Recognised[]): string | undefined {
  const roles = lists.map(({ role }) => role)
  if (roles.includes('text')) return undefined
  const names = roles.includes('voice') ? 'text_patrons is' : 'text_patrons and voice_patrons are'
  return `${names} not here: its phones are known only if an earlier look read the list`
}

/** The rows of one file in batches. What stands after the last `yield` runs once that batch is committed. */
async function* read(file: Recognised, told: Teller, config: NoticeFilesConfig, ctx: Context, say: Say): AsyncGenerator<Pulled> {
  const { layout } = file
  const opened = await openFound(file)
  if ('state' in opened) return say(opened)
  let rows = 0
  try {
    let batch = emptyBatch()
    if (layout) {
      for await (const { from, lines } of linesOf(opened, file.text, ctx.signal)) {
        for (let i = 0; i < lines.length; i++) {
          const line = lines[i] as string | null
          if (from + i <= file.header || (line !== null && line.trim() === '')) continue
          take(batch, line, from + i, file, layout, told, config)
          rows++
          if (++batch.rows < batchRows) continue
          yield pulled(batch)
          if (ctx.signal.aborted) return
          batch = emptyBatch()
        }
      }
      if (batch.rows > 0) yield pulled(batch)
    }
  } finally {
    await opened.close()
  }
  if (ctx.signal.aborted) return
  say({ file: file.file, state: 'read', rows, ...(layout && { layout: layout.id }) })
  if (config.archive === undefined) return
  try {
    say(await putAway(file, config.archive))
  } catch (error) {
    say({ file: file.file, state: 'left', why: `it is read, but cannot be moved to the archive: ${reason(error)}` })
  }
}

interface Batch {
  rows: number
  readonly interactions: Interaction[]
  readonly people: Map<string, Person>
  readonly bad: Bad[]
}

function emptyBatch(): Batch {
  return { rows: 0, interactions: [], people: new Map(), bad: [] }
}

function pulled({ interactions, people, bad }: Batch): Pulled {
  return { interactions, people: [...people.values()], bad, cursor: null }
}

/** One line is exactly one row: a notice, a contact, a result, or bad. */
function take(batch: Batch, line: string | null, number: number, file: Recognised, layout: Layout, told: Teller, { onRow }: NoticeFilesConfig): void {
  const cells = line === null ? { why: `the line is longer than ${longest} characters` } : cellsOf(line, layout, file.date)
  if ('why' in cells) {
    onRow?.({ is: 'bad', file: file.file, line: number, layout: layout.id, why: cells.why })
    batch.bad.push({ where: file.file, line: number, why: cells.why })
    return
  }
  const place: Place = { file: file.file, line: number, layout: layout.id, ...(cells.repaired && { repaired: true }) }
  const reading = layout.read(cells.cells, (cell) => dayOf(cell, file.date), file.role)
  const { row, fact, person } = tellOf(told, reading, place, file)
  onRow?.(row)
  if (fact) batch.interactions.push(fact)
  if (person) batch.people.set(person.at.value, person)
}

function tellOf(told: Teller, reading: ReturnType<Layout['read']>, place: Place, { layout, role }: Recognised): Told {
  if (reading.is === 'notice') return told.notice(reading, place, layout?.byList === true)
  if (reading.is === 'contact') return told.contact(reading, place, role === 'text' ? 'text' : 'voice')
  return told.result(reading, place)
}
