import { CompiledQuery, type Kysely } from 'kysely'

/** Where two databases differ: how a writing transaction begins, and words of the schema. */
export interface Dialect {
  /** SQLite: `begin immediate`, since a transaction that reads first and then wants to write fails beside another. */
  readonly begin: string
  /** The type of `seq`, the insertion order, which the database fills in. */
  readonly sequence: string
  /** What stands after a table without a `seq`. */
  readonly clustered: string
  /** A row's `value`, as what `->` and `->>` read. */
  readonly json: string
  /** Another connection is in the way, for a moment. */
  busy(error: unknown): boolean
  /** What stands after a table's name to have this index used; empty where the planner is to be trusted. */
  using(index: string): string
  readonly search: Search
  /** How a transaction begins that reads everything as it is now, whoever writes meanwhile. */
  readonly snapshot: string
  /** Makes what was deleted and overwritten unreadable in the files. Throws `unavailable` where others are in the way. */
  scrub(session: Session): Promise<void>
}

/** Full text over `interaction.text`, which the database keeps by itself once `schema` was run. */
export interface Search {
  readonly schema: readonly string[]
  /** True of an interaction that what `expression` made of the words finds. */
  readonly matches: string
  /** Words are letters and digits only; each is the beginning of a word that must be there. */
  expression(words: readonly string[]): string
}

/** The database without a schema of types: every statement here is fixed SQL. */
export type Db = Kysely<unknown>

export type Value = string | number | null

export interface Session extends Pick<Dialect, 'using'> {
  all<Row>(sql: string, values: readonly Value[]): Promise<Row[]>
  /** Answers how many rows were written. */
  run(sql: string, values: readonly Value[]): Promise<number>
}

export function session(db: Db, dialect: Dialect): Session {
  return {
    using: dialect.using,
    async all<Row>(sql: string, values: readonly Value[]) {
      return (await db.executeQuery<Row>(CompiledQuery.raw(sql, values as Value[]))).rows
    },
    async run(sql, values) {
      const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(sql, values as Value[]))
      return Number(numAffectedRows ?? 0)
    },
  }
}

/** Runs `work` in one transaction; anything it throws rolls all of it back. Waits up to 5 s for its turn. */
export function transaction<T>(db: Db, dialect: Dialect, work: (tx: Session) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    const tx = session(connection, dialect)
    await patiently(dialect, () => tx.run(dialect.begin, []))
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

/**
 * Waits its turn without SQLite's own busy wait, which stops the event loop: and so, where the other connection is one of the
 * same process, stops the very transaction that it waits for.
 */
export async function patiently<T>(dialect: Dialect, ask: () => Promise<T>): Promise<T> {
  const end = performance.now() + patience
  for (let wait = 1; ; wait = Math.min(wait * 2, 16)) {
    try {
      return await ask()
    } catch (error) {
      if (!dialect.busy(error) || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())))
    }
  }
}

/** Milliseconds. */
const patience = 5_000

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
