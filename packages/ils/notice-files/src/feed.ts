import { basename } from 'node:path'
import type { Context, Feed, FeedPage, Interaction, PatronUpdate, RejectedRecord } from '@prm/core/adapter'
import { cellsOf } from './columns.ts'
import type { FileNews, NoticeFilesConfig, Place } from './config.ts'
import { dayOf } from './dates.ts'
import { changing, find, isSystem, type News, openFound, putAway, reason, use } from './files.ts'
import { type Teller, teller } from './interactions.ts'
import type { Mail, Reading } from './layout.ts'
import { type Recognised, recognise } from './recognize.ts'
import { type Line, linesOf, longest } from './text.ts'

const batchRows = 500

/** One look at the files. */
interface Look {
  readonly config: NoticeFilesConfig
  readonly ctx: Context
  readonly told: Teller
  say(news: FileNews): void
}

/** The files of a library as a feed that tells its whole state each time. */
export function feed(config: NoticeFilesConfig): Feed {
  /** The latest word on each file, so that a folder looked at every 30 s does not log the same each time. */
  const logged = new Map<string, string>()
  /** What the last whole look found: while nothing changed, there is nothing to tell again. */
  let last = ''
  return {
    every: '30s',
    repeats: true,
    async *pull(_, ctx) {
      const say = (news: FileNews) => {
        config.onFile?.(news)
        log(news, ctx, logged)
      }
      try {
        const listing = await find(config)
        const files = listing.found.map(({ path, stamp }) => [path, stamp.size, stamp.mtimeMs, stamp.ino])
        const now = JSON.stringify([files, listing.news])
        if (now === last) return
        yield* pull({ config, ctx, told: teller(config, ctx), say }, listing)
        // Called off, it was not read to its end.
        if (!ctx.signal.aborted) last = now
      } catch (error) {
        if (!ctx.signal.aborted) throw error
      }
    },
  }
}

function log({ file, state, ...rest }: FileNews, ctx: Context, logged: Map<string, string>): void {
  const word = JSON.stringify(rest)
  if (logged.get(`${state} ${file}`) === word) return
  if (logged.size > 10_000) logged.clear()
  logged.set(`${state} ${file}`, word)
  const level = state === 'refused' ? 'error' : /conflict|missing|deeper/.test(state) ? 'warn' : 'info'
  ctx.log(level, `A notice file: ${state}.`, { file, ...rest })
}

/** Patron lists first, whatever their names, then the rest in order. */
async function* pull(look: Look, { found, news }: Awaited<ReturnType<typeof find>>): AsyncGenerator<FeedPage> {
  const { config, say } = look
  const bad: RejectedRecord[] = []
  const tell = (word: News) => {
    if (word.state === 'refused') bad.push({ source: word.file, reason: word.why })
    say(word)
  }
  news.forEach(tell)
  const files: Recognised[] = []
  for (const file of found) {
    const known = await use(file, (handle) => recognise(handle, file, look.ctx.signal, config.layout))
    if ('state' in known) tell(known)
    else if ('why' in known) tell({ file: file.file, state: 'refused', why: known.why })
    else files.push(known)
  }
  if (bad.length > 0) yield { interactions: [], rejected: bad, cursor: null }

  const lists = ['text', 'voice'].flatMap((role) => files.filter((file) => file.layout?.list && file.role === role))
  await noteShared(lists, look)
  for (const file of lists) yield* read(file, look)

  const late = news.find(({ file, why }) => why === changing && /(text|voice).*patron|prefs/i.test(basename(file)))
  const missing = missingLists(lists)
  for (const file of files.filter(({ layout }) => !layout?.list)) {
    const waits = file.layout?.byList && late
    if (waits)
      say({ file: file.file, state: 'left', why: `it waits for ${late?.file}, a patron list that is being written` })
    else {
      if (file.layout?.byList && missing) say({ file: file.file, state: 'missing-list', why: missing })
      yield* read(file, look)
    }
  }
}

/** One phone in both lists contradicts itself: found before the first row of either is told. */
async function noteShared(lists: readonly Recognised[], { told, ctx, say }: Look): Promise<void> {
  if (new Set(lists.map(({ role }) => role)).size < 2) return
  const text = new Set<string>()
  for (const file of lists) {
    const before = told.both.size
    await use(file, async (handle) => {
      for await (const lines of linesOf(handle, file.text, ctx.signal)) {
        for (const line of lines) {
          const { reading } = readingOf(line, file)
          const number = reading?.is === 'contact' ? told.numberOf(reading) : ''
          if (file.role === 'text') text.add(number)
          else if (number !== '' && text.has(number)) told.both.add(number)
        }
      }
    })
    const shared = told.both.size - before
    const why = `${shared} of its numbers stand in the text list too: text goes first`
    if (shared > 0) say({ file: file.file, state: 'conflict', why })
  }
}

function missingLists(lists: readonly Recognised[]): string | undefined {
  if (lists.some(({ role }) => role === 'text')) return undefined
  const names = lists.length > 0 ? 'text_patrons is' : 'text_patrons and voice_patrons are'
  return `${names} not here or empty: its phones are known only if an earlier look read the list`
}

/** The rows of one file in batches. What stands after the last `yield` runs once that batch is committed. */
async function* read(file: Recognised, look: Look): AsyncGenerator<FeedPage> {
  const { ctx, config, say } = look
  const handle = await openFound(file)
  if ('state' in handle) return say(handle)
  let rows = 0
  try {
    let batch = emptyBatch()
    let part = ''
    for await (const lines of file.layout ? linesOf(handle, file.text, ctx.signal) : []) {
      for (const line of lines) {
        if (line.number <= file.header) continue
        const mail = file.layout?.mail
        if (mail) {
          part = partAt(line, mail) ?? part
          if (!isRow(line, mail)) continue
        }
        take(line, batch, mail ? { ...file, role: part } : file, look)
        rows++
        if (++batch.rows < batchRows) continue
        yield pulled(batch)
        if (ctx.signal.aborted) return
        batch = emptyBatch()
      }
    }
    if (batch.rows > 0) yield pulled(batch)
  } catch (error) {
    if (!isSystem(error)) throw error
    return say({ file: file.file, state: 'refused', why: `after ${rows} rows ${reason(error)}` })
  } finally {
    await handle.close()
  }
  if (ctx.signal.aborted) return
  say({ file: file.file, state: 'read', rows, ...(file.layout && { layout: file.layout.id }) })
  if (config.archive === undefined) return
  try {
    say(await putAway(file, config.archive))
  } catch (error) {
    say({ file: file.file, state: 'left', why: `it is read, but cannot be moved to the archive: ${reason(error)}` })
  }
}

/** A line of words may begin another part of a mail. */
function partAt({ text }: Line, { rows, parts = {} }: Mail): string | undefined {
  if (text === null || rows.test(text)) return undefined
  return Object.keys(parts).findLast((part) => parts[part]?.test(text))
}

function isRow({ text }: Line, { rows, counts }: Mail): boolean {
  return text === null || rows.test(text) || counts?.test(text) === true
}

type Batch = ReturnType<typeof emptyBatch>

function emptyBatch() {
  return {
    rows: 0,
    interactions: [] as Interaction[],
    people: new Map<string, PatronUpdate>(),
    bad: [] as RejectedRecord[],
  }
}

function pulled({ interactions, people, bad }: Batch): FeedPage {
  return { interactions, people: [...people.values()], rejected: bad, cursor: null }
}

/** One line is exactly one row: a notice, a contact, a result, or bad. */
function take(line: Line, batch: Batch, file: Recognised, { config, told }: Look): void {
  const { reading, repaired, why } = readingOf(line, file)
  const { layout } = file
  const place: Place = { file: file.file, line: line.number, layout: layout?.id ?? '', ...(repaired && { repaired }) }
  if (!reading) {
    config.onRow?.({ is: 'bad', ...place, why })
    batch.bad.push({ source: place.file, line: place.line, reason: why })
  } else if (reading.is === 'result') config.onRow?.({ ...place, ...reading })
  else {
    const { row, fact, person } =
      reading.is === 'notice'
        ? told.notice(reading, place, layout?.byList === true)
        : reading.is === 'report'
          ? told.report({ day: file.day, ...reading }, place, layout?.mail?.told === true)
          : told.contact(reading, place, file.role === 'text' ? 'text' : 'voice')
    config.onRow?.(row)
    if (fact) batch.interactions.push(fact)
    if (person) batch.people.set(person.at.value, person)
  }
}

type Read = { readonly reading?: Reading; readonly repaired?: true; readonly why: string }

function readingOf({ text }: Line, { layout, date, role }: Recognised): Read {
  if (text === null || !layout) return { why: `the line is longer than ${longest} characters` }
  const { rows, counts, parts } = layout.mail ?? {}
  const count = rows?.test(text) === false && counts?.exec(text)
  if (count) return { why: '', reading: counted(text, count) }
  if (parts && role === '') return { why: 'nothing above it says what these numbers are' }
  const read = cellsOf(text, layout, date)
  if ('why' in read) return read
  return { ...read, why: '', reading: layout.read(read.cells, (cell) => dayOf(cell, date), role) }
}

/** `HELP was used 3 times.` counts "HELP was used … times". */
function counted(text: string, { 0: number, index }: RegExpExecArray): Reading {
  const after = text.slice(index + number.length)
  const what = `${text.slice(0, index).replace(/[\s:=]+$/, '')} … ${after.replace(/\.?\s*$/, '')}`
  const count = Number(number.replaceAll(',', ''))
  return { is: 'report', about: 'count', what: what.replace(/\s+/g, ' ').trim(), count }
}
