import type { FileHandle } from 'node:fs/promises'
import * as fs from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { FileNews, NoticeFilesConfig } from './config.ts'

/** A file that is whole, as far as one look can tell. */
export interface Found {
  readonly path: string
  /** As the user would recognise it: the path they gave, and what is below it. */
  readonly file: string
  readonly stamp: Stamp
}

/** What changes when a file is written to or replaced. */
export interface Stamp {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
}

type Folders = Pick<NoticeFilesConfig, 'path' | 'archive' | 'results'>

export interface News extends FileNews {
  readonly why: string
}

const settleMs = 2000
export const changing: string = 'it changed in the last 2 seconds'
const taken = 'another process took it'
const within = 'a folder within a folder: give its path to read it'
const unfinished = /\.(part|tmp|filepart)$/i

/**
 * The files of these paths in a steady order, each once; a folder gives its own files, and its folders are news. What is
 * not read is news with a reason.
 */
export async function find(config: Folders): Promise<{ found: Found[]; news: News[] }> {
  const { archive, results } = config
  const paths = [config.path].flat()
  const found = new Map<string, Found>()
  const given = new Set(paths.map((path) => resolve(path)))
  const news: News[] = []
  /** Ours: what is put there is not to be read. */
  const ours = new Set<string | undefined>()
  if (archive !== undefined) ours.add(await folderAt(archive).catch(() => undefined))
  if (results !== undefined) ours.add(await fs.realpath(results).catch(() => undefined))

  async function look(file: string, depth: number): Promise<void> {
    const path = resolve(file)
    try {
      const real = await fs.realpath(path)
      const stamp = await fs.stat(real)
      if (stamp.isDirectory()) {
        if (depth > 0 && !ours.has(real) && !given.has(path)) news.push({ file, state: 'deeper', why: within })
        if (depth > 0) return
        const names = (await fs.readdir(real)).filter((name) => !name.startsWith('.'))
        for (const name of names.sort()) await look(join(file, name), depth + 1)
      } else if (!stamp.isFile()) news.push({ file, state: 'refused', why: 'it is neither a file nor a folder' })
      else if (fresh(stamp)) news.push({ file, state: 'left', why: changing })
      else if (unfinished.test(path)) news.push({ file, state: 'left', why: 'by its name it is still being written' })
      else if (!found.has(real)) found.set(real, { path: real, file, stamp })
    } catch (error) {
      const gone = depth > 0 && codeOf(error) === 'ENOENT' && !(await fs.lstat(path).catch(() => undefined))
      news.push(gone ? { file, state: 'gone', why: taken } : { file, state: 'refused', why: reason(error) })
    }
  }

  for (const path of paths) await look(path, 0)
  return { found: [...found.values()], news }
}

/** The archive, made now: one that another process makes while this one looks would be taken for a folder of notices. */
export async function folderAt(path: string): Promise<string> {
  await fs.mkdir(path, { recursive: true })
  return fs.realpath(path)
}

/**
 * Times of files go by the machine's clock, so this is the one place that asks it and not the host's `now`, which a test
 * or a demo may have set. A time in the future comes from another machine's clock and says nothing.
 */
function fresh(stamp: { readonly mtimeMs: number }): boolean {
  return Math.abs(Date.now() - stamp.mtimeMs) < settleMs
}

function same(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino
}

/** Uses what was found, open. Another process may have archived it since, or a new upload may stand in its place. */
export async function use<T>(found: Found, work: (handle: FileHandle) => Promise<T>): Promise<T | News> {
  const handle = await openFound(found)
  if ('state' in handle) return handle
  try {
    return await work(handle)
  } catch (error) {
    if (!isSystem(error)) throw error
    return { file: found.file, state: 'refused', why: reason(error) }
  } finally {
    await handle.close()
  }
}

export async function openFound({ path, file, stamp }: Found): Promise<FileHandle | News> {
  try {
    const handle = await fs.open(path)
    if (same(await handle.stat(), stamp)) return handle
    await handle.close()
    return { file, state: 'left', why: 'it changed since it was found' }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { file, state: 'gone', why: taken }
    return { file, state: 'refused', why: reason(error) }
  }
}

/**
 * Moves a file that is read and committed. An empty file of the final name, made exclusively, reserves the name, so that
 * nothing is overwritten whoever else archives; then a rename replaces it at once.
 */
export async function putAway(found: Found, archive: string): Promise<News> {
  const { path, file, stamp } = found
  const now = await fs.stat(path).catch(() => undefined)
  if (!now) return { file, state: 'gone', why: taken }
  if (!same(now, stamp)) return { file, state: 'left', why: 'it changed while it was read, and is read again' }
  const target = await reserve(await folderAt(archive), basename(path))
  try {
    if (!(await moved(path, target))) await carry(path, target)
    return { file, state: 'archived', why: target }
  } catch (error) {
    await fs.rm(target, { force: true })
    if (codeOf(error) === 'ENOENT') return { file, state: 'gone', why: taken }
    throw error
  }
}

async function reserve(folder: string, name: string): Promise<string> {
  const end = extname(name)
  const stem = name.slice(0, name.length - end.length)
  for (let count = 1; ; count++) {
    const target = join(folder, count === 1 ? name : `${stem}-${count}${end}`)
    try {
      await (await fs.open(target, 'wx')).close()
      return target
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

/** Whether a rename did it: it cannot go to another device. */
async function moved(path: string, target: string): Promise<boolean> {
  const failed = await fs.rename(path, target).catch((error: unknown) => error)
  if (failed && codeOf(failed) !== 'EXDEV') throw failed
  return !failed
}

/** To another device: a whole and durable copy first, then the name, then the original goes. */
async function carry(path: string, target: string): Promise<void> {
  const part = `${target}.part`
  await fs.copyFile(path, part) // A part of that name is left from a copy that failed: the name is ours.
  const copy = await fs.open(part, 'r+')
  await copy.sync().finally(() => copy.close())
  await fs.rename(part, target)
  await fs.rm(path)
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** An error of the operating system, such as a disk that fails: it stops this file, and no other. */
export function isSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** The error's code in words: a message of the operating system would repeat the path. */
export function reason(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  return `it cannot be read (${code ?? 'unknown error'})`
}
