import { type Duration, PrmError, type Store } from '@prm/core/adapter'
import { type Db, type Dialect, migrate, milliseconds, patiently, sqlStore } from '@prm/store-sql'
import { CompiledQuery, Kysely } from 'kysely'
import { PgBoss } from 'pg-boss'
import { SharedClock } from './clock.ts'
import { dialectOf, transactions } from './dialect.ts'
import { away, DatabaseError, kyselyDialect, type Server } from './driver.ts'
import { bossJobs, bossSchema, queue, retention, retries } from './jobs.ts'

export interface PostgresOptions {
  /** `postgresql://user:password@host:5432/database`, or what fetches it, once, when the store first connects. */
  readonly url: string | (() => string | Promise<string>)
  /** Where the tables are, beside one of the same name and `_boss` for pg-boss: `prm`. Made if it is not there. */
  readonly schema?: string
  /** How many connections this process opens at most, 2 at least: 10. Beside them two while it opens, one for each export or scrub. */
  readonly connections?: number
  /** After how long a statement, or the wait for a lock, is given up: `30s`. */
  readonly timeout?: Duration
  /** How long a job stays with a worker that does not renew it: `30s`. */
  readonly lease?: Duration
  /** How often to look for what another process promised, and for what has become due: `250ms`. */
  readonly poll?: Duration
  /** The machine's clock, for tests. */
  readonly clock?: () => Date
  /** What went wrong and is tried again. No patron data. */
  readonly log?: (message: string) => void
}

export interface Postgres extends Store {
  /** How many transactions were committed: callers of one tick share one. */
  readonly transactions: number
}

/** The store for any number of machines. Connects at once; throws `config` when the options cannot be right. */
export function postgres(options: PostgresOptions): Postgres {
  const { url, schema = 'prm', connections = 10, timeout = '30s', clock, log = () => {}, ...rest } = options
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) {
    throw new PrmError('config', 'The schema must be of small letters, digits and _, at most 41 of them.', {
      field: 'schema',
    })
  }
  if (!Number.isInteger(connections) || connections < 2) {
    throw new PrmError(
      'config',
      'connections must be a whole number, 2 at least: one migrates while another keeps the lock.',
      {
        field: 'connections',
      },
    )
  }
  const shared = new SharedClock(log)
  const server = { url, schema, connections, patience: 5_000, timeout: milliseconds(timeout, 'timeout'), log }
  const db: Db = new Kysely<unknown>({ dialect: kyselyDialect(server) })
  /** One connection beside the others, for what may take its time. */
  const slow = (): Db =>
    new Kysely<unknown>({ dialect: kyselyDialect({ ...server, connections: 1, one: true, timeout: 0 }) })
  /** An index of a large table takes its time, but a lock that one waits for keeps all others waiting behind. */
  const patient = (): Db =>
    new Kysely<unknown>({ dialect: kyselyDialect({ ...server, connections: 2, timeout: 0, locks: lockWait }) })
  let preparing = db
  const boss = new PgBoss({
    db: {
      executeSql: async (text, values) => ({
        rows: [...(await preparing.executeQuery(CompiledQuery.raw(text, values ?? []))).rows],
      }),
    },
    schema: `${schema}_boss`,
    // Leases, retries and what is deleted are core's to say.
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  boss.on('error', (error) => log(`pg-boss: ${error.message}`))
  let table = ''
  const dialect = dialectOf(crypto.randomUUID(), () => vacuumed(slow(), table))
  const store = sqlStore({
    ...rest,
    db,
    dialect,
    reader: slow,
    log,
    migrate: async () => {
      const own = patient()
      preparing = own
      try {
        table = await patiently({ busy: away }, () => prepare(own, dialect, boss, server)).catch(refused)
      } finally {
        preparing = db
        await own.destroy()
      }
    },
    clock: clock ?? shared.now,
    jobs: bossJobs({ boss, table: () => table, ...(clock ? {} : { clock: shared }) }),
    closing: () => boss.stop({ close: false, graceful: false }),
  })
  return store
}

/** Milliseconds: longer than an autovacuum takes to give way. */
const lockWait = 2_000

/** What no waiting mends. */
function refused(error: unknown): never {
  if (error instanceof DatabaseError && /^(28|3D|42501)/.test(error.code)) {
    throw new PrmError('config', `The database cannot be used: ${error.message}.`, { field: 'url', cause: error })
  }
  throw error
}

/** One process migrates, the others wait for it and find nothing to do. Answers the table of the queue. */
async function prepare(db: Db, dialect: Dialect, boss: PgBoss, { schema, timeout }: Server): Promise<string> {
  return db.connection().execute(async (keeper) => {
    await keeper.executeQuery(CompiledQuery.raw(`begin; set local lock_timeout = ${timeout}`))
    try {
      await keeper.executeQuery(
        CompiledQuery.raw('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`prm migrate ${schema}`]),
      )
      await onlyUtf8(keeper)
      await db.executeQuery(CompiledQuery.raw(`create schema if not exists ${schema}`))
      await inSchema(db, schema)
      await db.executeQuery(CompiledQuery.raw(transactions))
      // Of stores that are no more.
      await db.executeQuery(CompiledQuery.raw("delete from prm_transaction where at < now() - interval '1 day'"))
      await migrate(db, dialect)
      await boss.start()
      const version = (await boss.schemaVersion()) ?? 0
      if (version > bossSchema) {
        throw new PrmError(
          'config',
          `The queue has pg-boss's schema version ${version}, and this @prm/store-postgres knows versions up to ${bossSchema}: update @prm, or open the store with the version that wrote it.`,
        )
      }
      if (!(await boss.getQueue(queue))) {
        await boss.createQueue(queue, {
          partition: true,
          retryLimit: retries,
          retentionSeconds: retention,
          deleteAfterSeconds: 0,
        })
      }
      const found = await boss.getQueue(queue)
      if (!found) throw new PrmError('contract', 'pg-boss made no queue.')
      const table = `${schema}_boss.${found.table}`
      await indexed(db, table, `${schema}_boss`)
      return table
    } finally {
      await keeper.executeQuery(CompiledQuery.raw('commit')).catch(() => undefined)
    }
  })
}

/** A pooler that leaves out what a connection is opened with has all stores write to one schema. */
async function inSchema(db: Db, schema: string): Promise<void> {
  const ask: CompiledQuery<{ found: string | null }> = CompiledQuery.raw('select current_schema() as found')
  const found = (await db.executeQuery(ask)).rows[0]?.found
  if (found === schema) return
  throw new PrmError(
    'config',
    `The connection leads to the schema ${found}, and ${schema} was asked for: what stands between must pass on the \`options\` of a connection, or connect without it.`,
    { field: 'url' },
  )
}

/** Another encoding opens, and later fails at the first text of which it lacks a letter. */
async function onlyUtf8(db: Db): Promise<void> {
  const ask: CompiledQuery<{ server_encoding: string }> = CompiledQuery.raw('show server_encoding')
  const found = (await db.executeQuery(ask)).rows[0]?.server_encoding
  if (found === 'UTF8') return
  throw new PrmError(
    'config',
    `The database has the encoding ${found}, and UTF8 is needed: create database … encoding 'UTF8' template template0.`,
    { field: 'url' },
  )
}

/**
 * Takes away what is dead in tables and indexes, so that no statement can read it; the room it took is written over as it is
 * needed again. `vacuum full` would do that at once, but locks everybody out; neither reaches the write-ahead log, a replica or
 * a backup.
 */
async function vacuumed(db: Db, queueTable: string): Promise<void> {
  try {
    // Of a table that is another's, vacuum only warns (from 17 on, who was granted to maintain it may).
    const { rows } = await db.executeQuery<{ name: string; mine: boolean }>(
      CompiledQuery.raw(
        `select format('%I.%I', relnamespace::regnamespace, relname) as name, pg_has_role(datdba, 'USAGE')
            or case when current_setting('server_version_num')::int < 170000 then pg_has_role(relowner, 'USAGE')
              else has_table_privilege(t.oid, 'MAINTAIN') end as mine
          from pg_class t, pg_database where datname = current_database() and relkind = 'r'
            and (relnamespace = current_schema()::regnamespace or t.oid = $1::regclass)`,
        [queueTable],
      ),
    )
    const other = rows.find(({ mine }) => !mine)
    if (other) {
      throw new PrmError(
        'config',
        `What was deleted stays readable in the files of ${other.name}: the user may not vacuum it. Let it own the tables.`,
        { field: 'url' },
      )
    }
    for (const { name } of rows) await db.executeQuery(CompiledQuery.raw(`vacuum (index_cleanup on) ${name}`))
  } finally {
    await db.destroy()
  }
}

/**
 * What we ask of pg-boss's table that it does not ask itself. Also where the index is there, `create index if not exists` waits
 * for whoever writes or vacuums, and everyone who would write waits behind it.
 */
async function indexed(db: Db, table: string, schema: string): Promise<void> {
  const state = (name: string): string => `'${name}'::${schema}.job_state`
  const name = "(data->>'l'), (data->>'n')"
  const indexes = {
    prm_key: `(singleton_key)`,
    prm_open: `(${name}, priority, start_after, id) where state < ${state('active')}`,
    prm_group: `(group_id, (data->>'n'), start_after, id)
      where group_id is not null and state < ${state('completed')}`,
    prm_dead: `(${name}, start_after, id) where state = ${state('failed')}`,
    prm_dead_group: `(group_id) where group_id is not null and state = ${state('failed')}`,
  }
  const ask: CompiledQuery<{ name: string }> = CompiledQuery.raw(
    'select indexrelid::regclass::text as name from pg_index where indrelid = $1::regclass',
    [table],
  )
  const { rows } = await db.executeQuery(ask)
  for (const [index, on] of Object.entries(indexes)) {
    if (rows.some(({ name }) => name === `${schema}.${index}`)) continue
    const unique = index === 'prm_key' ? 'unique' : ''
    await db.executeQuery(CompiledQuery.raw(`create ${unique} index ${index} on ${table} ${on}`))
  }
}
