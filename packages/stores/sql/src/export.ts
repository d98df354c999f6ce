import type { Exported, Json } from '@prm/core'
import { allKinds, instant } from './kinds.ts'
import type { Session } from './session.ts'

export const format = 1
/** Rows at a time, out and in. */
export const chunk = 500

/** All there is of a library, each kind in the order of insertion, page by page. */
export async function* exported(session: Session, library: string): AsyncGenerator<Exported> {
  yield { kind: 'prm', value: { format } }
  let rows = 0
  for (const kind of allKinds) {
    const text = kind === 'interaction' ? 'text' : 'null'
    for await (const row of inOrder<StoredRow>(
      session,
      library,
      kind,
      `id, version, stored_at, value, ${text} as text`,
    )) {
      rows++
      const value = { at: instant(row.stored_at), version: row.version, value: JSON.parse(row.value) }
      yield { kind, value: row.text === null ? value : { ...value, text: row.text } }
    }
  }
  for await (const row of inOrder<JobRow>(
    session,
    library,
    'job',
    'key, name, grp, run_at, attempt, dead, error, payload',
  )) {
    rows++
    yield { kind: 'job', value: jobValue(row) }
  }
  yield { kind: 'end', value: { rows } }
}

interface StoredRow {
  readonly seq: number
  readonly version: number
  readonly stored_at: number
  readonly value: string
  readonly text: string | null
}
interface JobRow {
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

function jobValue({ key, name, grp, run_at, attempt, dead, error, payload }: JobRow): Json {
  return {
    key,
    name,
    ...(grp === null ? {} : { group: grp }),
    runAt: instant(run_at),
    payload: JSON.parse(payload),
    attempt,
    dead: dead === 1,
    ...(error === null ? {} : { error: JSON.parse(error) }),
  }
}

async function* inOrder<Row extends { readonly seq: number }>(
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
