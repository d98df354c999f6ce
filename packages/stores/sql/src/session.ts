import { CompiledQuery, type Kysely } from 'kysely'

/** Where two databases differ: how a writing transaction begins, and words of the schema. */
export interface Dialect {
  /** SQLite: `begin immediate`, since a transaction that reads first and then wants to write fails beside another. */
  begin(): string
  /** The type of `seq`, the insertion order, which the database fills in. */
  readonly sequence: string
  /** What stands after a table without a `seq`. */
  readonly clustered: string
  /** A row's `value`, as what `->` and `->>` read. */
  readonly json: string
  /** Another connection is in the way, for a moment. */
  busy(error: unknown): boolean
  /** A statement written with `?`, as the driver wants it. */
  text?(sql: string): string
  /** Where others write at the same time. Without it, one transaction writes at a time. */
  readonly shared?: Shared
  /** The transaction was rolled back, through no fault of its own, and is to be tried again. */
  retryable?(error: unknown): boolean
  /**
   * Where the answer to a commit may be lost on its way: whether a transaction was committed that this error came instead of
   * the answer to; `begun` is what `begin` said. Throws when that cannot be known.
   */
  committed?(db: Db, error: unknown, begun: unknown): Promise<boolean>
  /** What stands after a table's name to have this index used; empty where the planner is to be trusted. */
  using(index: string): string
  /** Knows `lateral`, by which a planner is made to look rows up one by one also in a table that it knows nothing of yet. */
  readonly lateral?: true
  readonly search: Search
  /** How a transaction begins that reads everything as it is now, whoever writes meanwhile. */
  readonly snapshot: string
  /** Makes what was deleted and overwritten unreadable in the files. Throws `unavailable` where others are in the way. */
  purge(session: Session): Promise<void>
}

/** Full text over `interaction.text`, which the database keeps by itself once `schema` was run. */
export interface Search {
  readonly schema: readonly string[]
  /** True of an interaction that what `expression` made of the words finds. */
  readonly matches: string
  /** Words are letters and digits only; each is the beginning of a word that must be there. */
  expression(words: readonly string[]): string
}

/** Rows that a transaction speaks of are kept for it, in one order, or two wait for each other. */
export interface Shared {
  /** Reads rows of a kind and keeps them for this transaction; `columns` are named with their table, as `r`. */
  locked<Row>(
    session: Session,
    kind: string,
    columns: string,
    ids: readonly (readonly [string, string])[],
  ): Promise<Row[]>
  /** Draws so many numbers of a table's `seq`: its rows are inserted in another order than that in which they were put. */
  numbers(session: Session, table: string, count: number): Promise<readonly number[]>
}

/** The database without a schema of types: every statement here is fixed SQL. */
export type Db = Kysely<unknown>

export type Value = string | number | null

export interface Session extends Pick<Dialect, 'using' | 'lateral' | 'shared'> {
  /** Of a table without a row, `from`, nothing is found: who asks much at once may ask that first. */
  all<Row>(sql: string, values: readonly Value[], from?: string): Promise<Row[]>
  /** Answers how many rows were written. */
  run(sql: string, values: readonly Value[]): Promise<number>
}

export function session(db: Db, dialect: Dialect): Session {
  const { using, lateral, shared, text = (sql) => sql } = dialect
  return {
    using,
    ...(lateral && { lateral }),
    ...(shared ? { shared } : {}),
    async all<Row>(sql: string, values: readonly Value[]) {
      return (await db.executeQuery<Row>(CompiledQuery.raw(text(sql), values as Value[]))).rows
    },
    async run(sql, values) {
      const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw(text(sql), values as Value[]))
      return Number(numAffectedRows ?? 0)
    },
  }
}

/**
 * Runs `work` in one transaction; anything it throws rolls all of it back. Waits up to 5 s for its turn. May run `work` again
 * where the database says that it should.
 */
export function transaction<T>(db: Db, dialect: Dialect, work: (tx: Session) => Promise<T>): Promise<T> {
  return patiently({ busy: dialect.retryable ?? never }, () => once(db, dialect, work))
}

const never = (): boolean => false

/** Somebody else was quicker: what this transaction has read is no longer so. */
export class Overtaken extends Error {}

async function once<T>(db: Db, dialect: Dialect, work: (tx: Session) => Promise<T>): Promise<T> {
  let begun: unknown
  let result: { readonly value: T } | undefined
  try {
    return await db.connection().execute(async (connection) => {
      const tx = session(connection, dialect)
      // Who is to begin anew takes another connection: this one may be the one that was lost.
      const busy = (error: unknown): boolean => dialect.busy(error) && !dialect.retryable?.(error)
      begun = await patiently({ busy }, () => tx.all(dialect.begin(), []))
      try {
        result = { value: await work(tx) }
        await tx.run('commit', [])
        return result.value
      } catch (error) {
        // A full disk rolls back by itself, and then this fails: the first error is the one to tell.
        await tx.run('rollback', []).catch(() => undefined)
        throw error
      }
    })
  } catch (error) {
    if (result && (await dialect.committed?.(db, error, begun))) return result.value
    throw error
  }
}

/**
 * Waits its turn without SQLite's own busy wait, which stops the event loop: and so, where the other connection is one of the
 * same process, stops the very transaction that it waits for.
 */
export async function patiently<T>(dialect: Pick<Dialect, 'busy'>, ask: () => Promise<T>): Promise<T> {
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

/**
 * A limit to be written into a statement's text. Bound, SQLite (3.53, of Node 24) compiles the statement anew whenever the
 * value is bound (its planner looks at it), which costs more than the rows. The next power of two: few texts.
 */
export function fewLimits(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast))
}

const known = new Map<string, string>()
function tuples(width: number, count: number): string {
  const key = `${width} ${count}`
  let text = known.get(key)
  if (text === undefined) {
    const one = `(${Array.from({ length: width }, () => '?').join(', ')})`
    text = Array.from({ length: count }, () => one).join(', ')
    known.set(key, text)
  }
  return text
}
