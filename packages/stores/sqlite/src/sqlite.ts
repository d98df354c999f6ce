import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { type Duration, PrmError, type Store } from '@prm/core/adapter'
import { migrations, type SqlStoreOptions, sqlStore, tooNew } from '@prm/store-sql'
import { Kysely } from 'kysely'
import { busy, codeOf, dialect, kyselyDialect } from './driver.ts'

/** A database file, or memory that is lost at `close`: one of the two is named. */
export type SqliteOptions = SqliteSettings & (InFile | InMemory)

export interface InFile {
  /** The database file. It is created if it does not exist; its folder must exist. */
  readonly file: string
  readonly memory?: never
}

export interface InMemory {
  /** Keeps everything in memory and loses it at `close`: for tests. */
  readonly memory: true
  readonly file?: never
}

export interface SqliteSettings {
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

/**
 * Opens the embedded store. Throws `config` where neither a file nor memory is named, and where the file cannot be a store:
 * no folder, another format, a newer schema.
 */
export function sqlite(options: SqliteOptions): Sqlite {
  const file = placeOf(options)
  const { file: _file, memory: _memory, ...settings } = options
  if (file === undefined) return storeOn(open(':memory:'), settings)
  const reader = () => new Kysely<unknown>({ dialect: kyselyDialect(open(file, { source: true })) })
  return storeOn(open(file), { ...settings, reader })
}

const optionNames = [
  'file',
  'memory',
  'lease',
  'poll',
  'clock',
  'log',
] as const satisfies readonly (keyof SqliteOptions)[]

/** A store that silently falls back to memory would send every message again after a restart, so nothing is assumed. */
function placeOf(options: Partial<Record<keyof SqliteOptions, unknown>> | undefined): string | undefined {
  const { file, memory } = options ?? {}
  const unknown = Object.keys(options ?? {}).find((name) => !(optionNames as readonly string[]).includes(name))
  if (unknown !== undefined)
    throw new PrmError(
      'config',
      `sqlite: \`${unknown}\` is not an option. The options are ${optionNames.join(', ')}.`,
      {
        field: unknown,
      },
    )
  if (memory === true && file === undefined) return undefined
  if (typeof file === 'string' && file !== '' && file !== ':memory:' && memory === undefined) return file
  throw new PrmError(
    'config',
    'sqlite: set `file` to the path of the database file, or `memory: true` for a store that is lost when it is closed.',
    { field: 'file' },
  )
}

export function storeOn(database: DatabaseSync, options: Omit<SqlStoreOptions, 'db' | 'dialect'>): Sqlite {
  const db = new Kysely<unknown>({ dialect: kyselyDialect(database) })
  const store = sqlStore({ ...options, db, dialect })
  return {
    get transactions() {
      return store.transactions
    },
    scope: store.scope,
    work: store.work,
    close: store.close,
    async backup(file) {
      closed(file)
      const own = database.location()
      await (own === null ? backup(database, file) : copied(own, file))
    },
  }
}

/**
 * By a way in of its own, since a step that meets a transaction of the same one ends the copy; and in one step, since what is
 * written between two by another way in begins it anew.
 */
export async function copied(file: string, to: string): Promise<void> {
  const source = open(file, { source: true })
  try {
    await backup(source, to, { rate: 2 ** 31 - 1 })
  } finally {
    source.close()
  }
}

/** As a `source` to copy from, the file is left as it is: not even its journal mode changes. */
export function open(file: string, { source = false }: { readonly source?: boolean } = {}): DatabaseSync {
  if (file !== ':memory:') inFolder(file)
  let database: DatabaseSync | undefined
  try {
    if (file !== ':memory:' && !source) closed(file)
    // A reader leaves an empty journal behind where there was none; one that may write takes it away again.
    database = new DatabaseSync(file, { timeout: 5_000, readOnly: source && existsSync(`${file}-wal`) })
    refuseNewer(database)
    if (!source) tune(database)
    return database
  } catch (error) {
    database?.close()
    throw PrmError.is(error) ? error : unusable(file, error as Error)
  }
}

/** A new file is its owner's alone: it holds all patrons. SQLite gives its journals the same rights. */
function closed(file: string): void {
  if (file !== '' && !existsSync(file)) closeSync(openSync(file, 'a', 0o600))
}

export function inFolder(file: string): void {
  if (existsSync(dirname(resolve(file)))) return
  throw new PrmError('config', `The folder of the store file ${file} does not exist: make it first.`, { field: 'file' })
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
    pragma secure_delete = on;
    pragma busy_timeout = 0;
    pragma cache_size = -32768;
    pragma wal_autocheckpoint = 8000;
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
      if (codeOf(error) !== busy || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function unusable(file: string, error: Error): PrmError {
  const what = reasons[codeOf(error)] ?? error.message
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
