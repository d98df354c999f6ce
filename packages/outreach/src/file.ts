import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PrmError } from '@prm/core'
import type { Plan, PlanLine } from './types.ts'

/*
 * A plan's file, NDJSON: a header, a line for each row, and at the end the sums. The last line holds a hash of all before it
 * and of itself without the hash.
 */

export interface Header extends Pick<Plan, 'by' | 'at' | 'purpose' | 'via' | 'audience' | 'templates'> {
  readonly is: 'plan'
  readonly version: 1
  readonly library: string
  readonly start?: string
  readonly expireAt?: string
}

/** What is only known at the end. */
export type Footer = Pick<Plan, 'filtered' | 'senders' | 'zones' | 'samples' | 'lint' | 'holdout'> & {
  readonly is: 'end'
  readonly summary: Omit<Plan['summary'], 'hash'>
}

export interface PlanWriter {
  line(line: Header | PlanLine): Promise<void> | undefined
  /** Answers the hash; the file is there then, whole. */
  end(footer: Footer): Promise<string>
  /** Nothing stays of it. */
  drop(): Promise<void>
}

const chunk = 256 * 1024

/** What is not whole yet has a name of its own: two may plan into one file at once, and one of them is there then. */
export function draftOf(file: string): string {
  return `${file}.${process.pid}.${randomUUID().slice(0, 8)}.draft`
}

/** What somebody was killed over: it has names and numbers. */
export async function clearDrafts(file: string): Promise<void> {
  for (const name of await readdir(dirname(file)).catch(() => [])) {
    const [, pid] = name.startsWith(`${basename(file)}.`) ? (/\.(\d+)\.\w{8}\.draft$/.exec(name) ?? []) : []
    if (pid !== undefined && !lives(Number(pid))) await rm(join(dirname(file), name), { force: true })
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Writes beside the file and moves it there at the end. */
export async function planWriter(file: string): Promise<PlanWriter> {
  const part = draftOf(file)
  let handle: FileHandle
  try {
    handle = await openClosed(part)
  } catch (error) {
    throw noFile(error, file)
  }
  const hash = createHash('sha256')
  // Bytes at once: lines that are kept as text until they are written would be moved to be old.
  let [bytes, others] = [Buffer.allocUnsafe(2 * chunk), Buffer.allocUnsafe(2 * chunk)]
  let filled = 0
  let writing: Promise<void> | undefined
  // While these are written, the next lines are made.
  const flush = async (): Promise<void> => {
    try {
      await writing
    } catch (error) {
      throw noFile(error, file)
    }
    const some = bytes.subarray(0, filled)
    filled = 0
    ;[bytes, others] = [others, bytes]
    hash.update(some)
    writing = handle.writeFile(some)
    writing.catch(() => undefined) // who waits for it is told
  }
  return {
    line(line) {
      const text = `${JSON.stringify(line)}\n`
      const most = filled + 3 * text.length // of UTF-8
      if (most > bytes.length) bytes = Buffer.concat([bytes.subarray(0, filled)], 2 * most)
      filled += bytes.write(text, filled)
      return filled > chunk ? flush() : undefined
    },
    async end(footer) {
      await flush()
      const digest = hash.update(JSON.stringify(footer)).digest('hex')
      try {
        await writing
        await handle.writeFile(`${JSON.stringify({ ...footer, hash: digest })}\n`)
        await handle.sync()
        await handle.close()
        await rename(part, file)
      } catch (error) {
        throw noFile(error, file)
      }
      return digest
    },
    async drop() {
      await writing?.catch(() => undefined)
      await handle.close().catch(() => undefined)
      await rm(part, { force: true })
    },
  }
}

/** A new file for numbers and names: only its owner may read it, also where one was there that all could read. */
export async function openClosed(file: string): Promise<FileHandle> {
  const handle = await open(file, 'w', 0o600)
  await handle.chmod(0o600)
  return handle
}

/** Whole, or not at all. */
export async function writeClosed(file: string, text: string, what: string): Promise<void> {
  try {
    const handle = await openClosed(file)
    await handle.writeFile(text).finally(() => handle.close())
  } catch (error) {
    await rm(file, { force: true }).catch(() => undefined) // a folder, which is told of below
    throw noFile(error, file, what, what)
  }
}

/** Throws `conflict` where a file of another kind is there: a slip must not cost a list. */
export async function refuseOther(file: string, begins: string): Promise<void> {
  const handle = await open(file, 'r').catch(() => undefined)
  if (!handle) return
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(begins.length), 0, begins.length, 0)
    if (bytesRead > 0 && buffer.toString('utf8', 0, bytesRead) !== begins)
      throw new PrmError('conflict', 'Another file is there already, which is kept: name a new one.', { field: 'out' })
  } catch (error) {
    if (PrmError.is(error)) throw error // what cannot be read, such as a folder, is refused as it is written
  } finally {
    await handle.close()
  }
}

/** Where the approval of a plan stands. */
export function besides(file: string): string {
  return `${file}.approval.json`
}

/** Changes whenever the file does. */
export async function sealOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

export function noFile(error: unknown, file: string, what = 'plan', field = 'out'): PrmError {
  const { code } = error as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
  return full
    ? new PrmError('unavailable', `The disk is full: the ${what} was not written. Make room, and begin again.`, {
        field,
        cause: error,
      })
    : new PrmError('invalid', `The ${what} cannot be written: ${whyNot[code ?? ''] ?? code} (in ${dirname(file)}).`, {
        field,
        cause: error,
      })
}

const whyNot: { readonly [code: string]: string } = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EACCES: 'it may not be written',
  EISDIR: 'a folder is there',
}

const broken = (why: string): PrmError =>
  new PrmError('conflict', `${why}. A plan is not edited: plan again, and have that approved.`, { field: 'file' })

const noPlan = (why: string): PrmError =>
  new PrmError('invalid', `This is no plan: ${why}. prm outreach plan makes one.`, { field: 'file' })

/**
 * The lines of a plan about people, in order; returns what the whole says once its hash is checked, at the end. Throws
 * `conflict` for one that was edited or cut.
 */
export async function* readPlan(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<PlanLine, { readonly header: Header; readonly footer: Footer; readonly hash: string }> {
  const hash = createHash('sha256')
  let header: Header | undefined
  let footer: (Footer & { readonly hash: string }) | undefined
  let seen = 0
  for await (const text of lines(file, signal)) {
    if (footer) throw broken('There is more behind the end of this plan')
    let line: Header | PlanLine | (Footer & { readonly hash: string })
    try {
      line = JSON.parse(text)
    } catch {
      if (seen === 0) throw noPlan('it does not begin with the header of one')
      throw broken(`This plan was edited or cut: line ${seen + 1} is no JSON`)
    }
    seen++
    if (!header) {
      if (line?.is !== 'plan' || line.version !== 1) throw noPlan('it does not begin with the header of one')
      header = line
    } else if (line?.is === 'end') {
      footer = line
      continue
    }
    hash.update(text).update('\n')
    if (line?.is === 'recipient' || line?.is === 'excluded' || line?.is === 'bad') yield line
  }
  if (!header) throw noPlan('it is empty')
  if (!footer) throw broken('This plan was cut: it has no end')
  const { hash: said, ...rest } = footer
  if (hash.update(JSON.stringify(rest)).digest('hex') !== said)
    throw broken('This plan was edited: its hash is another')
  return { header, footer: rest, hash: said }
}

async function* lines(file: string, signal?: AbortSignal): AsyncGenerator<string> {
  const input = createReadStream(file, { highWaterMark: chunk })
  const failed = new Promise<never>((_, reject) => input.once('error', reject))
  failed.catch(() => undefined)
  try {
    await Promise.race([failed, new Promise((resolve) => input.once('open', resolve))])
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'it may not be read' : code
    throw new PrmError('invalid', `The plan cannot be read: ${why}.`, {
      field: 'file',
      cause: error,
    })
  }
  for await (const line of linesOf(input.setEncoding('utf8'))) {
    signal?.throwIfAborted()
    yield line
  }
}

/** Not by readline, for which U+2028 ends a line too: JSON has it as it is. */
export async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of text) {
    rest += piece
    if (!/[\r\n]/.test(piece)) continue // or a line without an end is looked through again and again
    // What ends with CR may go on with LF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest.replace(/\r$/, '')
}

/** The names by which a plan's messages are known: of its hash, so that two plans are never one. */
export function idOf(hash: string): string {
  return hash.slice(0, 16)
}

/** By its line: an id may be a card or a mailbox, and a key is read by many who need not know whose it is. */
export function keyOf(hash: string, line: number, round = 0): string {
  return `${bulkOf(hash)}:${line}${marked(round)}`
}

/** What a stop cancels together. What is sent after a resume is another, with keys of its own. */
export function bulkOf(hash: string, round = 0): string {
  return `outreach:${idOf(hash)}${marked(round)}`
}

function marked(round: number): string {
  return round === 0 ? '' : `~${round}`
}

export function planOf(
  file: string,
  header: Header,
  footer: Footer,
  hash: string,
  bad: Pick<Plan, 'bad' | 'faults'>,
  repeats: Plan['repeats'] = [],
): Plan {
  const { is: _, version: __, library: ___, start: ____, expireAt: _____, ...said } = header
  const { is: ______, summary, ...rest } = footer
  return { id: idOf(hash), file, ...said, summary: { ...summary, hash }, ...rest, ...bad, repeats }
}
