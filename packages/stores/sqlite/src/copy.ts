import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copied, inFolder, open, type Sqlite, type SqliteSettings, storeOn } from './sqlite.ts'

/**
 * A throw-away copy of a store file, or an empty store where there is no such file: for a dry run, which may write what it
 * likes. The original is only read. The copy is on disk, so memory does not grow with it, and goes at `close`.
 */
export async function copyOf(file: string, options: SqliteSettings = {}): Promise<Sqlite> {
  inFolder(file)
  const folder = mkdtempSync(join(diskFolder(), 'prm-copy-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const closed = (): void => {
    process.off('exit', remove)
    remove()
  }
  try {
    const copy = join(folder, 'store.db')
    if (existsSync(file)) await copied(file, copy)
    const database = open(copy)
    database.exec('pragma synchronous = off') // nothing here outlives the process
    return storeOn(database, { ...options, closed })
  } catch (error) {
    closed()
    throw error
  }
}

/** `/tmp` is memory on many systems; `/var/tmp` is not. `SQLITE_TMPDIR` is SQLite's own word for it. */
function diskFolder(): string {
  for (const folder of [process.env.SQLITE_TMPDIR, process.env.TMPDIR, '/var/tmp']) {
    if (folder && writable(folder)) return folder
  }
  return tmpdir()
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
