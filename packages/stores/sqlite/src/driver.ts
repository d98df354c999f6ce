import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Dialect } from '@prm/store-sql'
import { type Dialect as KyselyDialect, SqliteDialect } from 'kysely'

type Bound = Parameters<StatementSync['all']>

/** Kysely's own SQLite dialect over node:sqlite, with the statements kept prepared. */
export function kyselyDialect(database: DatabaseSync): KyselyDialect {
  const prepared = new Map<string, Prepared>()
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql: string) {
        const known = prepared.get(sql)
        if (known) return known
        if (prepared.size >= most) prepared.clear()
        const made = prepare(database, sql)
        prepared.set(sql, made)
        return made
      },
    },
  })
}

const most = 500

interface Prepared {
  readonly reader: boolean
  all(values: readonly unknown[]): unknown[]
  run(values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  iterate(values: readonly unknown[]): IterableIterator<unknown>
}

function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...(values as Bound)),
    run: (values) => statement.run(...(values as Bound)),
    // A statement of its own: two open iterators must not share one.
    iterate: (values) => database.prepare(sql).iterate(...(values as Bound)) as IterableIterator<unknown>,
  }
}

export const dialect: Dialect = {
  begin: 'begin immediate',
  sequence: 'integer primary key',
  clustered: 'without rowid',
  busy: (error) => codeOf(error) === busy,
  using: (index) => `indexed by ${index}`,
}

// https://www.sqlite.org/rescode.html
export const busy = 5

/** SQLite's primary result code; the bits above it say more than is needed. */
export function codeOf(error: unknown): number {
  return ((error as { errcode?: number } | null)?.errcode ?? 0) & 0xff
}
