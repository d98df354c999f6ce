import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { phone } from '@prm/kit'
import { recipients } from '../audience.ts'
import { host, sendOf, words } from '../ours.ts'
import type { Contend } from '../place.ts'

export interface Stored {
  /** Bytes a decision, of decision, message, job and the notice it is about, without what the message says. */
  readonly bytes: number
  /** Bytes a decision of the whole file, bodies and indexes included. */
  readonly file: number
}

/** What the store holds of one notice that becomes one message. */
export const contend: Contend<{ readonly folder: string; readonly count: number }, Stored> = async ({
  folder,
  count,
}) => {
  const file = join(folder, 'store.db')
  const { prm } = host(file)
  let said = 0
  const sends = Array.from(recipients(count), (one) => {
    said += Buffer.byteLength(words(one))
    const about = { source: 'ils', key: `hold ${one.card}` }
    return { recipient: one, about, send: sendOf(one, phone(one.phone, 'US').e164 ?? '') }
  })
  await prm.record(
    sends.map(({ recipient: { title, collectBy, branch, card }, about, send }) => ({
      ...about,
      type: 'notice',
      who: send.to as Exclude<typeof send.to, string>,
      branch,
      data: {
        kind: 'hold-ready',
        subjectKey: `hold:${card}`,
        items: [{ title, collectBy, barcode: card }],
        pickup: branch,
      },
    })),
  )
  for await (const _ of prm.sendAll(sends.map(({ about, send }) => ({ ...send, about: [about] }))));
  await prm.close()
  const database = new DatabaseSync(file)
  const sum = (sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0])
  const rows = ['decision', 'message', 'interaction'].map(
    (table) => `select sum(length(cast(value as blob))) from ${table}`,
  )
  const bytes = [...rows, 'select sum(length(cast(payload as blob)) + length(key) + length(grp)) from job']
    .map(sum)
    .reduce((a, b) => a + b, -said)
  database.exec('pragma wal_checkpoint(truncate)')
  const pages = sum('pragma page_count') * sum('pragma page_size')
  database.close()
  return { bytes: bytes / count, file: pages / count }
}
