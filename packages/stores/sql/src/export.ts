import type { Exported, Json } from '@prm/core/adapter'
import type { Jobs } from './jobs.ts'
import { allKinds, instant } from './kinds.ts'
import { inOrder, type StoredJob } from './moved.ts'
import type { Session } from './session.ts'

export const format = 1

/** All there is of a library, each kind in the order of insertion, page by page. */
export async function* exported(session: Session, jobs: Jobs, library: string): AsyncGenerator<Exported> {
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
  for await (const job of jobs.every(session, library)) {
    rows++
    yield { kind: 'job', value: jobValue(job) }
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
function jobValue({ key, name, group, runAt, attempt, dead, error, payload }: StoredJob): Json {
  return {
    key,
    name,
    ...(group === null ? {} : { group }),
    runAt: instant(runAt),
    payload: JSON.parse(payload),
    attempt,
    dead,
    ...(error === null ? {} : { error: JSON.parse(error) }),
  }
}
