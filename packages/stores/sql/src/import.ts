import { type Exported, type Job, type Json, type Kind, type Kinds, PrmError } from '@prm/core/adapter'
import { format } from './export.ts'
import { halfThere } from './gate.ts'
import type { Jobs } from './jobs.ts'
import { allKinds, millis, rowId, tableOf } from './kinds.ts'
import { chunk, type StoredJob } from './moved.ts'
import { prepareJob } from './promise.ts'
import type { Queue } from './queue.ts'
import { inChunks, type Session, type Value } from './session.ts'
import { type Text, textOf } from './write.ts'

interface Place {
  readonly queue: Queue
  readonly jobs: Jobs
  readonly clock: () => Date
  /** Milliseconds for which an import that shows no sign of life still keeps others out. */
  readonly lease: number
}

/**
 * Chunk by chunk, each in a transaction that also says that the library is not whole yet. Jobs get their turn (`head`) at the
 * very end, so that no worker finds one before.
 */
export async function imported(
  { queue, jobs, clock, lease }: Place,
  library: string,
  source: AsyncIterable<Exported> | Iterable<Exported>,
): Promise<{ readonly rows: number }> {
  const token = crypto.randomUUID()
  const until = (): number => clock().getTime() + lease
  const write = <T>(work: (tx: Session) => Promise<T>): Promise<T> =>
    queue.write(async (tx) => {
      const kept = await tx.run('update prm_import set until = ? where library = ? and token = ?', [
        until(),
        library,
        token,
      ])
      if (kept === 0) throw halfThere(library)
      return work(tx)
    })
  const rows = new Rows(library, jobs)
  let begun = false
  try {
    for await (const row of source) {
      rows.take(row)
      if (!begun) {
        await queue.write((tx) => begin(tx, jobs, library, token, clock().getTime(), until()))
        begun = true
        while (!(await write((tx) => emptied(tx, jobs, library))));
      }
      if (rows.waiting.length < chunk) continue
      const some = rows.waited()
      await write((tx) => rows.store(tx, some))
    }
    rows.finish()
    const last = rows.waited()
    await write(async (tx) => {
      await rows.store(tx, last)
      await jobs.open(tx, library)
      await tx.run('delete from prm_import where library = ? and token = ?', [library, token])
    })
    return { rows: rows.count }
  } catch (error) {
    // Whoever imports anew need not wait until it is clear that nobody works on this one.
    const release = 'update prm_import set until = 0 where library = ? and token = ?'
    if (begun) await queue.write((tx) => tx.run(release, [library, token])).catch(() => undefined)
    throw error
  }
}

async function begin(
  tx: Session,
  jobs: Jobs,
  library: string,
  token: string,
  now: number,
  until: number,
): Promise<void> {
  // Whoever writes to the library now has ended before, and is seen by what follows.
  if (tx.shared) await tx.run('lock table prm_import in exclusive mode', [])
  const [cutOff] = await tx.all<{ until: number }>('select until from prm_import where library = ?', [library])
  if (cutOff && cutOff.until > now) throw halfThere(library)
  if (!cutOff && (await holds(tx, jobs, library))) {
    throw new PrmError('conflict', `The library ${library} is not empty: import into one that is.`)
  }
  await tx.run(
    `insert into prm_import (library, token, until) values (?, ?, ?)
      on conflict (library) do update set token = excluded.token, until = excluded.until`,
    [library, token, until],
  )
}

async function holds(tx: Session, jobs: Jobs, library: string): Promise<boolean> {
  for (const kind of allKinds) {
    const [row] = await tx.all(`select 1 from ${kind} where library = ? limit 1`, [library])
    if (row) return true
  }
  return jobs.holds(tx, library)
}

/** Takes away some of what an import that was cut off has left; true when nothing is left. */
async function emptied(tx: Session, jobs: Jobs, library: string): Promise<boolean> {
  for (const kind of allKinds) {
    const some = `select seq from ${kind} where library = ? limit 5000`
    if ((await tx.run(`delete from ${kind} where seq in (${some})`, [library])) > 0) return false
  }
  if ((await jobs.remove(tx, library, 5_000)) > 0) return false
  for (const kind of allKinds) {
    const { many } = tableOf(kind)
    if (many) await tx.run(`delete from ${many.table} where library = ?`, [library])
  }
  return true
}

interface Taken {
  readonly number: number
  readonly kind: string
  readonly id: string
  store: { readonly version: number; readonly at: number; readonly text: Text } | StoredJob
}

/** Checks rows one by one, and holds those that wait to be stored. Rows are counted from 1, the first line included. */
class Rows {
  readonly #library: string
  readonly #jobs: Jobs
  #number = 0
  #end: number | undefined
  waiting: Taken[] = []
  /** Those between the first and the last. */
  count = 0

  constructor(library: string, jobs: Jobs) {
    this.#library = library
    this.#jobs = jobs
  }

  take(row: Exported): void {
    this.#number++
    if (this.#end !== undefined) throw this.#invalid('comes after the end')
    if (typeof row !== 'object' || row === null || typeof row.kind !== 'string' || !isObject(row.value))
      throw this.#invalid('is not { kind, value }')
    if ((this.#number === 1) !== (row.kind === 'prm')) {
      throw this.#invalid(this.#number === 1 ? 'must be of kind prm, naming the format' : 'begins another export')
    }
    if (row.kind === 'prm') {
      if (row.value.format !== format) throw this.#invalid(`is of another format than ${format}: update @prm`)
    } else if (row.kind === 'end') {
      this.#end = this.#number
      if (row.value.rows !== this.count)
        throw this.#invalid(`says that there are other than ${this.count} rows before it`)
    } else {
      this.waiting.push(this.#taken(row.kind, row.value))
      this.count++
    }
  }

  /** After the last. */
  finish(): void {
    if (this.#end === undefined) {
      this.#number++
      throw this.#invalid('is missing: an export ends with a row of kind end')
    }
  }

  waited(): readonly Taken[] {
    const waiting = this.waiting
    this.waiting = []
    return waiting
  }

  async store(tx: Session, some: readonly Taken[]): Promise<void> {
    const rows = Map.groupBy(some, ({ kind }) => kind)
    for (const [kind, ofKind] of rows) {
      const inserted = await (kind === 'job' ? this.#promised(tx, ofKind) : this.#rows(tx, kind as Kind, ofKind))
      for (const { id, number } of ofKind) {
        if (!inserted.delete(id)) throw this.#invalid(`is a ${kind} that was there already`, number)
      }
    }
  }

  #taken(kind: string, value: { readonly [key: string]: Json }): Taken {
    try {
      const number = this.#number
      if (kind === 'job') {
        const job = prepareJob(this.#library, value as unknown as Job)
        const error = 'error' in value ? JSON.stringify(value.error) : null
        if (typeof value.dead !== 'boolean') throw new TypeError()
        return {
          number,
          kind,
          id: job.key,
          store: { ...job, attempt: count(value.attempt, 0), dead: value.dead, error },
        }
      }
      tableOf(kind as Kind)
      const row = value.value as unknown as Kinds[Kind]
      const text = textOf(kind as Kind, row, value.text as string | undefined)
      const at = millis(value.at as string, 'at')
      return { number, kind, id: rowId(kind as Kind, row), store: { version: count(value.version, 1), at, text } }
    } catch (error) {
      throw this.#invalid(PrmError.is(error) ? `cannot be stored: ${error.message}` : `is not a ${kind}`)
    }
  }

  async #rows(tx: Session, kind: Kind, rows: readonly Taken[]): Promise<Set<string>> {
    const { columns, many } = tableOf(kind)
    const names = ['library', 'id', 'version', 'stored_at', ...columns, 'value']
    const inserted = await this.#insert(tx, kind, 'id', names, rows, ({ id, store }, into) => {
      if ('text' in store) into.push(this.#library, id, store.version, store.at, ...store.text.columns, store.text.json)
    })
    if (!many) return inserted
    const side = rows.flatMap(({ id, store }) => ('text' in store ? store.text.many.map((keys) => [...keys, id]) : []))
    await inChunks(
      side,
      many.columns.length + 1,
      (t) => `insert into ${many.table} (library, ${many.columns.join(', ')}) values ${t} on conflict do nothing`,
      (entry, into) => into.push(this.#library, ...entry),
      async (sql, values) => void (await tx.run(sql, values)),
    )
    return inserted
  }

  #promised(tx: Session, rows: readonly Taken[]): Promise<Set<string>> {
    return this.#jobs.restore(
      tx,
      rows.flatMap(({ store }) => ('text' in store ? [] : [store])),
    )
  }

  async #insert(
    tx: Session,
    table: string,
    id: string,
    names: readonly string[],
    rows: readonly Taken[],
    values: (row: Taken, into: Value[]) => void,
  ): Promise<Set<string>> {
    const inserted = new Set<string>()
    await inChunks(
      rows,
      names.length,
      (t) =>
        `insert into ${table} (${names.join(', ')}) values ${t} on conflict (library, ${id}) do nothing returning ${id} as id`,
      values,
      async (sql, all) => {
        for (const row of await tx.all<{ id: string }>(sql, all)) inserted.add(row.id)
      },
    )
    return inserted
  }

  #invalid(what: string, number = this.#number): PrmError {
    return new PrmError('invalid', `Row ${number} of the import ${what}.`)
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function count(value: Json | undefined, atLeast: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < atLeast) throw new TypeError()
  return value
}
