import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { type Duration, PrmError, type Store } from '@prm/core'
import { migrations, type SqlStoreOptions, sqlStore, tooNew } from '@prm/store-sql'
import { Kysely } from 'kysely'
import { dialectOf } from './driver.ts'

export interface SqliteOptions {
  /** The database file, made if it is not there; its folder must be. Absent: in memory, gone at `close`. */
  readonly file?: string
  /** How long a job stays with a worker that does not renew it: `30s`. */
  readonly lease?: Duration
  /** How often to look for what another process promised, and for what has become due: `250ms`. */
  readonly poll?: Duration
  /** The machine's clock, for tests. */
  readonly clock?: () => Date
  /** What went wrong and is tried again. No patron data. */
  readonly log?: (message: string) => void
}

export interface Sqlite extends Store {
  /** How many transactions were committed: callers of one tick share one. */
  readonly transactions: number
  /** Writes a consistent copy to this file while the store stays in use. */
  backup(file: string): Promise<void>
}

/** The embedded store. Throws `config` when the file cannot be one: no folder, another format, a newer schema. */
export function sqlite(options: SqliteOptions = {}): Sqlite {
  const { file, ...rest } = options
  return storeOn(open(file ?? ':memory:'), rest)
}

export function storeOn(database: DatabaseSync, options: Omit<SqlStoreOptions, 'db' | 'dialect'>): Sqlite {
  const db = new Kysely<unknown>({ dialect: dialectOf(database) })
  const store = sqlStore({ ...options, db, dialect })
  return Object.defineProperties(store, {
    backup: { value: async (file: string) => void (await backup(database, file)) },
  }) as Sqlite
}

const dialect = { begin: 'begin immediate', sequence: 'integer primary key', clustered: 'without rowid' }

/** Read-only, the file is left as it is: not even its journal mode changes. */
export function open(file: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): DatabaseSync {
  if (file !== ':memory:' && !existsSync(dirname(resolve(file)))) {
    throw new PrmError('config', `The folder of the store file ${file} does not exist: make it first.`, {
      field: 'file',
    })
  }
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 5_000, readOnly })
    refuseNewer(database)
    if (!readOnly) tune(database)
    return database
  } catch (error) {
    database?.close()
    throw PrmError.is(error) ? error : unusable(file, error as Error & { errcode?: number })
  }
}

function refuseNewer(database: DatabaseSync): void {
  const known = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'prm_migration'").get()
  if (!known) return
  const { version } = database.prepare('select max(version) as version from prm_migration').get() as { version: number }
  if (version > migrations.length) throw tooNew(version)
}

function tune(database: DatabaseSync): void {
  toWal(database)
  database.exec(`
    pragma synchronous = full;
    pragma cache_size = -65536;
    pragma mmap_size = 268435456;
    pragma wal_autocheckpoint = 8000;
    pragma temp_store = memory;
  `)
}

/** Two processes that open a new file at once are told that it is locked, without the wait of the busy timeout. */
function toWal(database: DatabaseSync): void {
  const deadline = Date.now() + 5_000
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== busy || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

const busy = 5

function unusable(file: string, error: Error & { errcode?: number }): PrmError {
  const what = reasons[(error.errcode ?? 0) & 0xff] ?? error.message
  return new PrmError('config', `The store file ${file} cannot be used: ${what}.`, { field: 'file', cause: error })
}

// https://www.sqlite.org/rescode.html
const reasons: { readonly [code: number]: string } = {
  5: 'another process keeps it locked, end that one first',
  8: 'it may not be written, give this user the right to',
  11: 'it is damaged, restore a backup',
  14: 'it cannot be opened, look at its rights and whether it is a folder',
  26: 'it is not a SQLite database, name another file',
}
