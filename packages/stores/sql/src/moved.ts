import type { PromisedJob } from './promise.ts'
import { inChunks, type Session } from './session.ts'

/** A job on its way from store to store. `attempt` counts its starts, one that is under way included. */
export interface StoredJob extends PromisedJob {
  readonly attempt: number
  readonly dead: boolean
  readonly error: string | null
}

/** Rows at a time, out and in. */
export const chunk = 500

export async function* inOrder<Row extends { readonly seq: number }>(
  session: Session,
  library: string,
  table: string,
  columns: string,
): AsyncGenerator<Row> {
  let after = 0
  for (;;) {
    // By `seq` alone: an index on the library would have every page sorted.
    const sql = `select seq, ${columns} from ${table} where library || '' = ? and seq > ? order by seq limit ${chunk}`
    const page = await session.all<Row>(sql, [library, after])
    yield* page
    const last = page.at(-1)
    if (!last || page.length < chunk) return
    after = last.seq
  }
}

/** In the order of promising. */
export async function* every(session: Session, library: string): AsyncGenerator<StoredJob> {
  const columns = 'key, name, grp, run_at, attempt, dead, error, payload'
  for await (const { key, name, grp, run_at, attempt, dead, error, payload } of inOrder<Row>(
    session,
    library,
    'job',
    columns,
  )) {
    yield { library, key, name, group: grp, runAt: run_at, payload, attempt, dead: dead === 1, error }
  }
}

interface Row {
  readonly seq: number
  readonly key: string
  readonly name: string
  readonly grp: string | null
  readonly run_at: number
  readonly attempt: number
  readonly dead: number
  readonly error: string | null
  readonly payload: string
}

/** Stores jobs at which nobody looks for work before `open`; answers the keys of those that were not there. */
export async function restore(tx: Session, jobs: readonly StoredJob[]): Promise<Set<string>> {
  const inserted = new Set<string>()
  await inChunks(
    jobs,
    10,
    (tuples) => `insert into job (library, key, name, grp, run_at, head, dead, attempt, payload, error) values ${tuples}
      on conflict (library, key) do nothing returning key`,
    ({ library, key, name, group, runAt, dead, attempt, payload, error }, into) =>
      into.push(library, key, name, group, runAt, 0, dead ? 1 : 0, attempt, payload, error),
    async (sql, values) => {
      for (const { key } of await tx.all<{ key: string }>(sql, values)) inserted.add(key)
    },
  )
  return inserted
}

export async function open(tx: Session, library: string): Promise<void> {
  await tx.run(
    `update job set head = 1 where library = ? and dead = 0 and (grp is null or seq = (
      select seq from job other where other.library = job.library and other.name = job.name and other.grp = job.grp
        and other.dead = 0 order by run_at, seq limit 1))`,
    [library],
  )
}

export async function holds(tx: Session, library: string): Promise<boolean> {
  return (await tx.all('select 1 from job where library = ? limit 1', [library])).length > 0
}

/** Answers how many went. */
export function remove(tx: Session, library: string, atMost: number): Promise<number> {
  return tx.run('delete from job where seq in (select seq from job where library = ? limit ?)', [library, atMost])
}
