import { DatabaseSync } from 'node:sqlite'

/** Makes so many of the messages that were sent once: the same people were told again and again, earlier each time. */
export function grow(file: string, times: number): void {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -262144')
  for (const [table, columns] of [
    ['decision', 'patron, value'],
    ['message', 'state, address, realm, provider, patron, value'],
  ] as const) {
    const { last } = database.prepare(`select max(seq) as last from ${table}`).get() as { last: number }
    const copy = database.prepare(`insert into ${table} (library, id, version, stored_at, ${columns})
      select library, id || ?, version, stored_at - ?, ${columns} from ${table} where seq <= ? order by seq`)
    for (let time = 1; time < times; time++) copy.run(` ${time}`, time * 86_400_000, last)
  }
  database.close()
}
