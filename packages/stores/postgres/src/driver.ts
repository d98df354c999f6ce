import { Overtaken } from '@prm/store-sql'
import { type Dialect as KyselyDialect, PostgresDialect, type PostgresPoolClient } from 'kysely'
import pg from 'pg'

export interface Server {
  readonly url: string | (() => string | Promise<string>)
  readonly schema: string
  readonly connections: number
  /** One connection, for what is lost with it: a moment that is being read. */
  readonly one?: boolean
  /** Milliseconds. */
  readonly patience: number
  /** Milliseconds after which a statement is given up; 0 is never. */
  readonly timeout: number
  /** Milliseconds after which the wait for a lock is given up, if not `timeout`. */
  readonly locks?: number
  readonly log: (message: string) => void
}

// int8: counts, times in milliseconds and insertion order, all below 2^53.
const types = {
  getTypeParser: ((oid: number, format: 'text') =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export function kyselyDialect(server: Server): KyselyDialect {
  const { url, connections, one = false, patience, timeout, log } = server
  const config: pg.PoolConfig = {
    max: connections,
    ...(one ? { idleTimeoutMillis: 0 } : {}),
    types,
    application_name: 'prm',
    connectionTimeoutMillis: patience,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Where the network has swallowed the answer, the server's own time-out is never heard of.
    ...(timeout === 0 ? { onConnect: endless } : { query_timeout: timeout + patience }),
  }
  let made: Promise<pg.Pool> | undefined
  let first: Client | undefined
  async function make(): Promise<pg.Pool> {
    const pool = new pg.Pool({ ...config, ...toldTo(typeof url === 'string' ? url : await url(), server) })
    // An idle connection that breaks, or one that breaks between two statements, must not end the process.
    pool.on('error', (error) => log(`A connection to the database was lost: ${told(error).message}`))
    pool.on('connect', (client) => client.on('error', () => undefined))
    return pool
  }
  const known = new WeakMap<pg.PoolClient, Client>()
  return new PostgresDialect({
    pool: {
      options: {},
      async connect() {
        made ??= make()
        const pool = await made
        const client = await pool.connect().catch((error) => {
          throw told(error)
        })
        const ours = known.get(client) ?? new Client(client)
        if (one && first && first !== ours) {
          client.release()
          throw new DatabaseError('08006')
        }
        first = ours
        known.set(client, ours)
        return ours as unknown as PostgresPoolClient // but for cursors, which nobody here opens
      },
      end: async () => (await made)?.end(),
    },
  })
}

/** From 17 on there is another time-out, which no server before that lets a connection be opened with. */
async function endless(client: pg.ClientBase): Promise<void> {
  const version = "current_setting('server_version_num')::int"
  await client.query(`select set_config('transaction_timeout', '0', false) where ${version} >= 170000`)
}

/** What the database or the role has set does not hold here: also no time-out, where ours is none. */
function toldTo(url: string, { schema, timeout, locks = timeout }: Server): pg.PoolConfig {
  const settings = {
    search_path: schema,
    datestyle: 'ISO',
    timezone: 'UTC',
    standard_conforming_strings: 'on',
    statement_timeout: timeout,
    lock_timeout: locks,
    idle_in_transaction_session_timeout: timeout,
    // Seconds. Without a time-out, what a machine keeps locked that is no more would stay so for hours.
    tcp_keepalives_idle: 10,
    tcp_keepalives_interval: 10,
    tcp_keepalives_count: 3,
  }
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  // pg takes the options of the url in place of ours.
  const [place, query] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  const theirs = parameters.get('options')
  if (theirs === null) return { connectionString: url, options: ours.join(' ') }
  parameters.delete('options')
  return { connectionString: `${place}?${parameters}`, options: [theirs, ...ours].join(' ') }
}

class Client {
  readonly #client: pg.PoolClient
  #broken = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async query(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    try {
      const name = values.length > 0 ? nameOf(text) : undefined
      const known = values.map(storable)
      const answer: pg.QueryResult | pg.QueryResult[] = await this.#client.query({
        text,
        values: known,
        ...(name === undefined ? {} : { name }),
      })
      const result = Array.isArray(answer) ? ofAll(answer) : answer
      // So the server answers where an earlier statement of the transaction has failed.
      if (text === 'commit' && result.command === 'ROLLBACK') throw new DatabaseError('25P02')
      return result
    } catch (error) {
      const ours = told(error as Error)
      this.#broken ||= ours.lost
      throw ours
    }
  }

  release(): void {
    this.#client.release(this.#broken)
  }
}

/** Of several statements the rows of all, as pg-boss wants it, whichever was the last: Kysely knows no rows of a commit. */
function ofAll(answers: readonly pg.QueryResult[]): pg.QueryResult {
  return { ...(answers.at(-1) as pg.QueryResult), command: 'SELECT', rows: answers.flatMap(({ rows }) => rows) }
}

/** PostgreSQL's text has no NUL, and one such value would fail the transaction of all who share it. */
function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value
}

/** The server keeps a named statement prepared, for each connection. */
const names = new Map<string, string>()
const mostNames = 400

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= mostNames) return known
  const name = `prm ${names.size}`
  names.set(text, name)
  return name
}

/**
 * What a database's error says, without its words: they quote rows, and so patrons. The code is SQLSTATE
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html), or Node's where there is no connection.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: string
  /** There is no connection, or none any more. */
  readonly lost: boolean

  constructor(code: string, lost = false, words: string | undefined = meaning[code] ?? meaning[code.slice(0, 2)]) {
    super(`${words ?? (lost ? 'the connection was lost' : 'the database refused a statement')} (${code})`)
    this.code = code
    this.lost = lost
  }
}

function told(error: Error & { code?: unknown; severity?: unknown }): DatabaseError {
  if (error instanceof DatabaseError) return error
  const code = typeof error.code === 'string' ? error.code : 'no answer'
  const isState = /^[0-9A-Z]{5}$/.test(code) && error.severity !== undefined
  // What is wrong with a statement names its tables and columns: values are not written into them.
  if (isState && code.startsWith('42')) return new DatabaseError(code, false, error.message)
  // A session that came up on a standby stays read-only: another may not. One that has prepared a statement on a table whose
  // columns are of another type now (0A000) never runs it again.
  return new DatabaseError(code, !isState || /^(08|57P|28|3D|53300|25006|0A000)/.test(code))
}

const meaning: { readonly [code: string]: string } = {
  '0A000': 'a table has changed, or the database cannot do what was asked',
  '08': 'the connection to the database was lost',
  '08007': 'the connection broke while it was being stored, and it is not known whether it was',
  '22': 'the database refused a value',
  '23': 'a row of this key is there already',
  '25006': 'the database may only be read, as a standby may',
  '25P02': 'the transaction had failed before',
  '28': 'the database refuses this user or password',
  '3D': 'there is no such database',
  '40': "transactions were in each other's way",
  '53': 'the database lacks disk, memory or connections',
  '53100': 'the disk of the database is full',
  '53300': 'the database has no connection left',
  '55P03': 'another transaction kept a row locked',
  '57014': 'a statement took too long',
  '57P': 'the database is shutting down or starting',
  '57P01': 'the database is shutting down',
  '57P03': 'the database is starting',
  '58': 'the disk of the database fails',
  ECONNREFUSED: 'no database listens there',
  ECONNRESET: 'the connection to the database was lost',
  ENOTFOUND: 'the host of the database is not known',
}

/** Nobody can be reached now, but may be in a moment. */
export function away(error: unknown): boolean {
  return error instanceof DatabaseError && error.lost && !/^(28|3D)/.test(error.code)
}

/** Rolled back since others were quicker, or held a lock in another order. */
export function again(error: unknown): boolean {
  if (error instanceof Overtaken || away(error)) return true
  return error instanceof DatabaseError && ['40001', '40P01', '55P03'].includes(error.code)
}

/** An array as PostgreSQL reads it from text. */
export function list(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join(',')}}`
}
