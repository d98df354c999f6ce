import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import type { Life } from '../place.ts'

/** Where the provider believes that it calls: what it signs. */
export const publicUrl = 'https://library.example/prm/sms'

export interface Task {
  readonly file: string
}
export interface Served {
  readonly stored: number
  readonly commits: number
}

/** Serves on loopback until it is told to stop. */
export async function serve(listener: RequestListener, life: Life): Promise<void> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await life.ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prm/sms`)
  server.closeAllConnections()
}

export interface Text {
  readonly sid: string
  readonly from: string
  readonly to: string
  readonly body: string
}

/** A text and the work that it promises, durable when this returns: one commit for each. */
export function straightStore(file: string): { store(text: Text): void; close(): Served } {
  const database = new DatabaseSync(file)
  database.exec(`
    pragma journal_mode = wal; pragma synchronous = full;
    create table fact (id text primary key, at integer not null, sender text not null, value text not null);
    create index fact_sender on fact (sender, at);
    create table job (seq integer primary key, key text not null unique, run_at integer not null, payload text not null);
  `)
  const fact = database.prepare('insert into fact (id, at, sender, value) values (?, ?, ?, ?) on conflict do nothing')
  const job = database.prepare('insert into job (key, run_at, payload) values (?, ?, ?) on conflict do nothing')
  let commits = 0
  return {
    store({ sid, from, to, body }) {
      const at = Date.now()
      const value = JSON.stringify({ key: sid, type: 'message.received', source: 'sms', seen: at, who: from, to, body })
      database.exec('begin immediate')
      fact.run(sid, at, from, value)
      job.run(`flow:replies sms ${sid}`, at, JSON.stringify({ source: 'sms', key: sid }))
      database.exec('commit')
      commits++
    },
    close() {
      const { stored } = database.prepare('select count(*) as stored from fact').get() as { stored: number }
      database.close()
      return { stored, commits }
    },
  }
}
