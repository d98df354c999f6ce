import {
  type Batch,
  type Duration,
  type Kind,
  PrmError,
  type Scope,
  type Store,
  type WorkOptions,
} from '@prm/core/adapter'
import { exported } from './export.ts'
import { find, get, search, types } from './find.ts'
import { Gate } from './gate.ts'
import { imported } from './import.ts'
import { type Jobs, jobTable, type Listing } from './jobs.ts'
import { notTooLong } from './kinds.ts'
import { failed, Queue } from './queue.ts'
import { migrate } from './schema.ts'
import { type Db, type Dialect, patiently, type Session, session, type Value } from './session.ts'
import { together } from './together.ts'
import { work } from './work.ts'
import { prepare } from './write.ts'

export interface SqlStoreOptions {
  readonly db: Db
  readonly dialect: Dialect
  /** Brings the database to the newest version. */
  readonly migrate?: () => Promise<void>
  /** Where promised work is kept, if not in the `job` table. */
  readonly jobs?: Jobs
  /** How long a job stays with a worker that does not renew it: `30s`. */
  readonly lease?: Duration
  /** How often to look for what other processes promised, and for what has become due: `250ms`. */
  readonly poll?: Duration
  /** The machine's clock, for leases and for rows without a time of their own. */
  readonly clock?: () => Date
  /** What went wrong and is tried again. No patron data. */
  readonly log?: (message: string) => void
  /** Runs when all work has ended, before the database is closed. */
  readonly closing?: () => Promise<void>
  /** Opens the database once more, to read it as it is at one moment. Without it, an export sees what is written meanwhile. */
  readonly reader?: () => Db
  /** Runs after the database was closed. */
  readonly closed?: () => void
}

/** A store, and how many transactions it has committed. */
export interface SqlStore extends Store {
  readonly transactions: number
}

/** The store on a database that Kysely speaks to. It migrates first; everything waits for that. */
export function sqlStore(options: SqlStoreOptions): SqlStore {
  const { db, dialect, jobs = jobTable, clock = () => new Date(), log = () => {} } = options
  const lease = milliseconds(options.lease ?? '30s', 'lease')
  const poll = milliseconds(options.poll ?? '250ms', 'poll')
  const rings = new Set<() => void>()
  const queue = new Queue(db, dialect, jobs, clock, () => {
    for (const ring of rings) ring()
  })
  let ready: Promise<void> | undefined
  let opened = false
  prepared().catch(() => undefined) // told to everyone who asks
  const reader = together(patient(session(db, dialect), dialect))
  const gate = new Gate(reader)
  const readers = new Set<Db>()
  const closing = new AbortController()
  const works = new Set<Promise<void>>()
  let closed: Promise<void> | undefined

  function prepared(): Promise<void> {
    ready ??= begun().catch((error) => {
      // A database that is away now may be there for the next who asks.
      if (!PrmError.is(error)) ready = undefined
      throw failed(error, 'could not be opened')
    })
    return ready
  }

  async function begun(): Promise<void> {
    await (options.migrate?.() ?? migrate(db, dialect))
    await patiently(dialect, async () => jobs.shorten?.(session(db, dialect), clock().getTime(), lease))
  }

  async function open(): Promise<void> {
    if (closed) throw new PrmError('unavailable', 'The store is closed.')
    await prepared()
    opened = true
  }

  /** Who stays up waits for a database that is away. */
  async function begin({ libraries, signal, once }: WorkOptions): Promise<void> {
    for (;;) {
      try {
        await open()
        return await gate.pass(libraries)
      } catch (error) {
        if (once || closed || !PrmError.is(error) || error.code !== 'unavailable') throw error
        if (signal.aborted) return
        log(`Work cannot begin and is tried again: ${error.message}`)
        await new Promise((resolve) => setTimeout(resolve, poll))
      }
    }
  }

  function scope(library: string): Scope {
    if (typeof library !== 'string' || library === '')
      throw new PrmError('config', 'A library needs a name that is not empty.')
    notTooLong(library, 'The name of a library', 200)
    let entering: Promise<void> | undefined
    const enter = (): Promise<void> | undefined => {
      if (closed) return open()
      if (opened && gate.passed([library])) return undefined
      // All who ask meanwhile wait for one answer.
      entering ??= open()
        .then(() => gate.pass([library]))
        .finally(() => {
          entering = undefined
        })
      return entering
    }
    return {
      async commit(batches: readonly Batch[]) {
        const prepared = batches.map((batch) => prepare(library, batch))
        await open() // the gate is asked in the transaction
        return queue.commit(prepared)
      },
      async get<K extends Kind>(kind: K, id: string) {
        await enter()
        const row = await get(reader, library, kind, id)
        if (row) gate.filled(library)
        return row
      },
      find: (kind, query) => find(enter, reader, library, kind, query),
      async *jobs(query: Listing) {
        await enter()
        yield* jobs.list(reader, library, query, clock)
      },
      async backlog(names) {
        await enter()
        return jobs.backlog(reader, library, names, clock().getTime())
      },
      async redrive(keys) {
        await enter()
        return queue.redrive(library, keys)
      },
      search: (text, query = {}) => search(enter, reader, dialect.search, library, text, query),
      async types() {
        await enter()
        return types(reader, library)
      },
      async purge() {
        await enter()
        await dialect.purge(session(db, dialect)).catch((error) => {
          throw failed(error)
        })
      },
      async *export() {
        await enter()
        if (!options.reader) return yield* exported(reader, jobs, library)
        const own = options.reader()
        readers.add(own)
        try {
          const moment = patient(session(own, dialect), dialect)
          await patiently(dialect, () => moment.run(dialect.snapshot, []))
          yield* exported(moment, jobs, library)
        } finally {
          readers.delete(own)
          await own.destroy()
        }
      },
      async import(rows) {
        await open()
        return imported({ queue, jobs, clock, lease }, library, rows)
      },
    }
  }

  return {
    get transactions() {
      return queue.transactions
    },
    scope,
    async work(names, run, wishes) {
      await begin(wishes)
      const place = {
        queue,
        session: reader,
        jobs,
        clock,
        lease,
        poll,
        log,
        onPromise(ring: () => void) {
          rings.add(ring)
          return () => void rings.delete(ring)
        },
      }
      const signal = AbortSignal.any([wishes.signal, closing.signal])
      const worker = work(place, names, run, { ...wishes, signal })
      works.add(worker)
      try {
        await worker
      } finally {
        works.delete(worker)
      }
    },
    close() {
      closed ??= (async () => {
        closing.abort(new PrmError('unavailable', 'The store is closing.'))
        await Promise.allSettled([ready, ...works])
        await queue.idle()
        await options.closing?.()
        await Promise.all([...readers].map((own) => own.destroy()))
        await db.destroy()
        options.closed?.()
      })()
      return closed
    },
  }
}

function patient(reader: Session, dialect: Dialect): Session {
  return {
    ...reader,
    all: <Row>(sql: string, values: readonly Value[]) =>
      patiently(dialect, () => reader.all<Row>(sql, values)).catch((error) => {
        throw failed(error, 'could not be read')
      }),
  }
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function milliseconds(duration: Duration, field: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? []
  if (count === undefined) throw new PrmError('config', `${field} is not a duration such as 30s or 5m.`, { field })
  return Number(count) * units[unit as keyof typeof units]
}
