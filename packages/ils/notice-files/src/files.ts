import { constants, copyFile, type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { FileNews } from './config.ts'

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

export interface Look {
  readonly found: readonly Found[]
  readonly news: readonly News[]
  /** The files that are being written to now. */
  readonly writing: readonly string[]
}

export type News = Pick<FileNews, 'file' | 'state' | 'why'>

const settleMs = 2000
const taken = 'another process took it'
const unfinished = /\.(part|tmp|filepart)$/i

/**
 * The files of these paths in a steady order, each once; a folder gives its own files and those of its folders. What is
 * not read is news with a reason.
 */
export async function find(paths: readonly string[], archive?: string): Promise<Look> {
  const found = new Map<string, Found>()
  const news: News[] = []
  const writing: string[] = []
  const away = archive === undefined ? undefined : await realpath(archive).catch(() => undefined)

  async function look(file: string, depth: number): Promise<void> {
    const path = resolve(file)
    try {
      const real = await realpath(path)
      const stamp = await stat(real)
      if (stamp.isDirectory()) {
        if (real === away && depth > 0) return
        if (depth > 1) return void news.push({ file, state: 'deeper', why: 'it is a folder too deep: give its path to read it' })
        const names = (await readdir(real)).filter((name) => !name.startsWith('.'))
        for (const name of names.sort()) await look(join(file, name), depth + 1)
      } else if (!stamp.isFile()) news.push({ file, state: 'refused', why: 'it is neither a file nor a folder' })
      else if (fresh(stamp)) {
        writing.push(file)
        news.push({ file, state: 'left', why: 'it changed in the last 2 seconds' })
      } else if (unfinished.test(path)) news.push({ file, state: 'left', why: 'its name says that it is still being written' })
      else if (!found.has(real)) found.set(real, { path: real, file, stamp: stampOf(stamp) })
    } catch (error) {
      const gone = depth > 0 && codeOf(error) === 'ENOENT' && !(await lstat(path).catch(() => undefined))
      news.push(gone ? { file, state: 'gone', why: taken } : { file, state: 'refused', why: reason(error) })
    }
  }

  for (const path of paths) await look(path, 0)
  return { found: [...found.values()], news, writing }
}

/**
 * Times of files go by the machine's clock, so this is the one place that asks it and not the host's `now`, which a test
 * or a demo may have set. A time in the future comes from another machine's clock and says nothing.
 */
function fresh(stamp: { readonly mtimeMs: number }): boolean {
  return Math.abs(Date.now() - stamp.mtimeMs) < settleMs
}

function stampOf({ size, mtimeMs, ino }: Stamp): Stamp {
  return { size, mtimeMs, ino }
}

function same(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino
}

/** Opens what was found. Another process may have archived it since, or a new upload may stand in its place. */
export async function openFound({ path, file, stamp }: Found): Promise<FileHandle | News> {
  let handle: FileHandle
  try {
    handle = await open(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { file, state: 'gone', why: taken }
    return { file, state: 'refused', why: reason(error) }
  }
  if (same(await handle.stat(), stamp)) return handle
  await handle.close()
  return { file, state: 'left', why: 'it changed since it was found' }
}

export async function unchanged({ path, stamp }: Found): Promise<boolean> {
  const now = await stat(path).catch(() => undefined)
  return now !== undefined && same(now, stamp)
}

/**
 * Moves a file that is read and committed. An empty file of the final name, made exclusively, reserves the name, so that
 * nothing is overwritten whoever else archives; then a rename replaces it at once.
 */
export async function putAway(found: Found, archive: string): Promise<News> {
  const { path, file } = found
  if (!(await unchanged(found))) return { file, state: 'left', why: 'it changed while it was read, and is read again' }
  await mkdir(archive, { recursive: true })
  const target = await reserve(archive, basename(path))
  try {
    await rename(path, target).catch((error) => (codeOf(error) === 'EXDEV' ? carry(path, target) : Promise.reject(error)))
    return { file, state: 'archived', why: target }
  } catch (error) {
    await rm(target, { force: true })
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
      await (await open(target, 'wx')).close()
      return target
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

/** To another device: a whole and durable copy first, then the name, then the original goes. */
async function carry(path: string, target: string): Promise<void> {
  const part = `${target}.part`
  await copyFile(path, part, constants.COPYFILE_EXCL)
  const copy = await open(part, 'r+')
  await copy.sync().finally(() => copy.close())
  await rename(part, target)
  await rm(path)
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** The error's code in words: a message of the operating system would repeat the path. */
export function reason(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it'
  return `it cannot be read (${code ?? 'unknown error'})`
}
