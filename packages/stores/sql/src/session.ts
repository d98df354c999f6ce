import { CompiledQuery, type Kysely } from 'kysely'

/** Where two databases differ: how a writing transaction begins, and three words of the schema. */
export interface Dialect {
  /** SQLite: `begin immediate`, since a transaction that reads first and then wants to write fails beside another. */
  readonly begin: string
  /** The type of `seq`, the insertion order, which the database fills in. */
  readonly sequence: string
  /** What stands after a table without a `seq`. */
  readonly clustered: string
}

/** The database without a schema of types: every statement here is fixed SQL. */
export type Db = Kysely<unknown>

export type Value = string | number | null

export interface Session {
  all<Row>(sql: string, values: readonly Value[]): Promise<Row[]>
  /** Answers how many rows were written. */
  run(sql: string, values: readonly Value[]): Promise<number>
}

export function session(db: Db): Session {
  return {
    async all<Row>(sql: string, values: readonly Value[]) {
      return (await db.executeQuery<Row>(CompiledQuery.raw(sql, values as Value[]))).rows
    },
    async run(sql, values) {
      const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(sql, values as Value[]))
      return Number(numAffectedRows ?? 0)
    },
  }
}

/** Runs `work` in one transaction; anything it throws rolls all of it back. */
export function transaction<T>(db: Db, dialect: Dialect, work: (tx: Session) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const tx = session(connection)
    await tx.run(dialect.begin, [])
    try {
      const result = await work(tx)
      await tx.run('commit', [])
      return result
    } catch (error) {
      // A full disk rolls back by itself, and then this fails: the first error is the one to tell.
      await tx.run('rollback', []).catch(() => undefined)
      throw error
    }
  })
}

const largest = 64

/**
 * Any number of rows through few statement texts, which the driver keeps prepared: 64 rows at a time, then the powers of
 * two below. `sql` gets `(?, ?), (?, ?)`.
 */
export async function inChunks<Row>(
  rows: readonly Row[],
  width: number,
  sql: (tuples: string) => string,
  values: (row: Row, into: Value[]) => void,
  send: (sql: string, values: readonly Value[]) => Promise<void>,
): Promise<void> {
  let size = largest
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2
    const into: Value[] = []
    for (let i = at; i < at + size; i++) values(rows[i] as Row, into)
    await send(sql(tuples(width, size)), into)
  }
}

function tuples(width: number, count: number): string {
  const one = `(${Array.from({ length: width }, () => '?').join(', ')})`
  return Array.from({ length: count }, () => one).join(', ')
}
