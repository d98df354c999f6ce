import pg from 'pg'
import type { Db } from 'pg-boss'
import { describe, inject, type TestOptions } from 'vitest'
import type { OpenOptions } from '../../../conformance/src/store/place.ts'
import { type Postgres, type PostgresOptions, postgres } from '../src/index.ts'

const without = inject('without')

/** Tests that need the server of the run; their name says why where there is none. */
export function onServer(name: string, options: TestOptions, tests: () => void): void {
  describe.skipIf(without !== '')(without === '' ? name : `${name} (${without})`, options, tests)
}

let count = 0
let template: Promise<string> | undefined

/** A database with all tables, made once by each process that tests. */
async function migrated(): Promise<string> {
  const name = `template_${process.pid}`
  await admin(`create database ${name}`)
  const store = postgres({ url: databaseUrl(name) })
  await store.scope('main').types()
  await store.close()
  return name
}

function databaseUrl(name: string): string {
  return inject('postgres').replace(/postgres$/, name)
}

export type Opening = OpenOptions & Partial<PostgresOptions>

export interface Here {
  open(options?: Opening): Postgres
  /** Closes what is open and removes the database. */
  remove(): Promise<void>
  readonly url: string
  readonly made: Promise<unknown>
  ask(sql: string): Promise<Record<string, unknown>[]>
  /** Runs this in a transaction of its own, which stays open until then. */
  hold(
    sql: string,
    until: Promise<void>,
    end?: 'commit' | 'rollback',
  ): { readonly held: Promise<void>; readonly ended: Promise<void> }
  /** A connection of its own, also as pg-boss wants it. */
  session(): Promise<{ ask(sql: string): Promise<unknown>; readonly db: Db; end(): Promise<void> }>
  /** Another database, with nothing in it. */
  empty(): Here
}

/** A database of its own on the server of the run, copied from one that was migrated before. */
export function place(): Here {
  template ??= migrated()
  return database((name) =>
    template?.then((from) => admin(`create database ${name} template ${from} strategy file_copy`)),
  )
}

function database(make: (name: string) => Promise<unknown> | undefined): Here {
  const name = `t${process.pid}_${count++}`
  const url = databaseUrl(name)
  const opened: Postgres[] = []
  const others: Here[] = []
  const made = Promise.resolve(make(name))
  return {
    url,
    made,
    open(options = {}) {
      const store = postgres({ url: () => made.then(() => url), ...options })
      opened.push(store)
      return store
    },
    ask: (sql) => admin(sql, url),
    hold(sql, until, end = 'commit') {
      const held = Promise.withResolvers<void>()
      const ended = (async () => {
        const client = new pg.Client({ connectionString: url })
        await client.connect()
        await client.query(`begin; ${sql}`)
        held.resolve()
        await until
        await client.query(end)
        await client.end()
      })()
      ended.catch(held.reject)
      return { held: held.promise, ended }
    },
    async session() {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return {
        ask: (sql) => client.query(sql),
        db: { executeSql: (text, values) => client.query(text, values) },
        end: () => client.end(),
      }
    },
    empty() {
      const other = database((its) => admin(`create database ${its}`))
      others.push(other)
      return other
    },
    async remove() {
      await made
      await Promise.all([...opened.map((store) => store.close()), ...others.map((other) => other.remove())])
      await admin(`drop database ${name} with (force)`)
    },
  }
}

export async function admin(sql: string, url: string = inject('postgres')): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
