import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Opened, type OpenOptions, storeSuite } from '@prm/conformance/store'
import type { Batch, Exported, Scope, Settled, Store } from '@prm/core'
import { Kysely } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { kyselyDialect } from '../src/driver.ts'
import { open, sqlite, storeOn } from '../src/sqlite.ts'
import { struck } from './faults.ts'

/** A store that breaks one promise: in what it is asked, or in its statements. */
interface Bug {
  /** The check that is named for it first, and the others that it cannot but fail too. */
  readonly caught: readonly string[]
  scope?(scope: Scope): Partial<Scope>
  work?(store: Store): Store['work']
  sql?(text: string): string
  /** Only by being struck is it told. */
  readonly struck?: true
}

const commits = (scope: Scope, change: (batch: Batch) => Batch): Partial<Scope> => ({
  commit: (batches) => scope.commit(batches.map(change)),
})

const askHalf = 'select library from prm_import'

const planted: { readonly [bug: string]: Bug } = {
  'unless is not asked': {
    caught: [
      'store/unless',
      'store/unless-all',
      'store/commit-order',
      'store/drop-guarded',
      'store/invalid-alone',
      'store/unless-race',
      ...['first', 'second', 'both'].map((order) => `store/one-send-${order}`),
    ],
    scope: (scope) => commits(scope, ({ ifAbsent: _, ...batch }) => batch),
  },
  'ifVersion is not asked': {
    caught: [
      'store/if-version',
      'store/commit-order',
      'store/drop-guarded',
      'store/drop-order',
      'store/group-commit',
      'store/if-version-race',
      'store/message-replaced',
      'store/whole',
      ...['first', 'second', 'both'].map((order) => `store/one-matter-${order}`),
    ],
    scope: (scope) =>
      commits(scope, ({ put = [], ...batch }) => ({ ...batch, put: put.map(({ ifVersion: _, ...one }) => one) })),
  },
  'a batch that misses promises its jobs all the same': {
    caught: ['store/whole', 'store/unless', 'store/unless-race'],
    scope: (scope) => ({
      async commit(batches) {
        const written = await scope.commit(batches)
        const jobs = batches.flatMap((batch, i) => (written[i] ? [] : (batch.jobs ?? [])))
        if (jobs.length > 0) await scope.commit([{ jobs }])
        return written
      },
    }),
  },
  'a batch is written in two transactions': {
    caught: ['store/crash-commit', 'store/cancel-promises', 'store/many-rows', 'store/work-slot-free'],
    struck: true,
    scope: (scope) => ({
      async commit(batches) {
        const written = await scope.commit(batches.map(({ jobs: _, ...batch }) => batch))
        const jobs = batches.flatMap((batch, i) => (written[i] ? (batch.jobs ?? []) : []))
        if (jobs.length > 0) await scope.commit([{ jobs }])
        return written
      },
    }),
  },
  'what failed half-way is committed': {
    caught: ['store/crash-work', 'store/crash-commit', 'store/crash-redrive'],
    struck: true,
    sql: (text) => (text === 'rollback' ? 'commit' : text),
  },
  'half a library is worked with': {
    caught: ['store/import-cut-off', 'store/import-running'],
    sql: (text) => (text === askHalf ? `${text} where 0` : text),
  },
  'half a library is worked with, and what failed half-way is committed': {
    caught: [
      'store/crash-import',
      'store/crash-commit',
      'store/crash-redrive',
      'store/crash-work',
      'store/import-cut-off',
      'store/import-running',
    ],
    struck: true,
    sql: (text) => (text === 'rollback' ? 'commit' : text === askHalf ? `${text} where 0` : text),
  },
  'a message goes back to the state it is put with': {
    caught: ['store/message-forward', 'store/message-attempts'],
    scope: (scope) => ({
      async commit(batches) {
        const messages = batches.flatMap(({ put = [] }) => put).filter(({ kind }) => kind === 'message')
        if (messages.length !== 1 || batches.length !== 1 || messages[0]?.ifVersion !== undefined)
          return scope.commit(batches)
        const [found] = await Promise.all(
          messages.map(({ value }) => scope.get('message', 'key' in value ? value.key : '')),
        )
        const ifVersion = found?.version ?? 0
        return scope.commit(
          batches.map(({ put = [], ...batch }) => ({
            ...batch,
            put: put.map((one) => (one.kind === 'message' ? { ...one, ifVersion } : one)),
          })),
        )
      },
    }),
  },
  'a table is taken for empty': {
    caught: ['store/asked-at-once'],
    sql: (text) => text.replace(/^(select 1 from \w+) limit 1$/, '$1 where 0 limit 1'),
  },
  'callers of a tick fail together': {
    caught: ['store/invalid-alone'],
    scope: (scope) => {
      let tick: Promise<readonly boolean[]>[] | undefined
      return {
        commit(batches) {
          tick ??= []
          const all = tick
          const mine = scope.commit(batches)
          all.push(mine)
          queueMicrotask(() => {
            tick = undefined
          })
          return mine.then(() => Promise.all(all)).then(() => mine)
        },
      }
    },
  },
  'two of one group run at once': {
    caught: [
      'store/group-order',
      'store/group-exclusive',
      'store/import-running',
      'store/lease-group',
      'store/once-leased',
    ],
    sql: (text) =>
      text
        .replaceAll('head = 1 and dead = 0 and run_at <= ?', 'dead = 0 and run_at <= ?')
        .replaceAll('grp is null or not exists', '1 or not exists'),
  },
  'who backs off stays the first of its group': {
    caught: ['store/group-backs-off', 'store/group-older', 'store/group-order', 'store/transfer'],
    sql: (text) =>
      text.replace('j.dead = 0\n                order by run_at, seq', 'j.dead = 0\n                order by seq'),
  },
  'a lease that was lost writes its batches': {
    caught: ['store/lease-fenced', 'store/cancel-leased', 'store/lease-taken', 'store/lease-over'],
    work: (store) => async (names, run, options) => {
      const lost = new Set<() => Promise<unknown>>()
      await store.work(
        names,
        async (lease, signal) => {
          const settled = await run(lease, signal)
          const write = () => store.scope(lease.library).commit(settled.batches ?? [])
          lost.add(write)
          return {
            ...settled,
            after() {
              lost.delete(write)
              settled.after?.()
            },
          }
        },
        options,
      )
      for (const write of lost) await write()
    },
  },
  'after is called whoever has the lease': {
    caught: ['store/after', 'store/cancel-leased'],
    work: (store) => (names, run, options) =>
      store.work(
        names,
        async (lease, signal) => {
          const { after, ...settled } = await run(lease, signal)
          after?.()
          return settled
        },
        options,
      ),
  },
  'a lease is taken a little before it ends': {
    caught: ['store/lease-held'],
    sql: (text) =>
      text.replaceAll(
        'leased_until is null or leased_until <= ?)\n    and',
        'leased_until is null or leased_until <= ? + 10)\n    and',
      ),
  },
  'a release counts as a start': {
    caught: ['store/release', 'store/abort-claim'],
    sql: (text) => text.replace('attempt = attempt - v.back', 'attempt = attempt'),
  },
  'a redrive loses a job': {
    caught: ['store/redrive'],
    scope: (scope) => ({
      async redrive(keys) {
        const count = await scope.redrive(keys)
        await scope.commit([{ cancel: keys.slice(0, 1).map((key) => ({ key })) }])
        return count
      },
    }),
  },
  'once ends with what was there': {
    caught: ['store/once', 'store/work-fair'],
    work: (store) => async (names, run, options) => {
      if (!options.once) return store.work(names, run, options)
      const there = new Set<string>()
      for (const library of options.libraries)
        for (const state of ['waiting', 'active'] as const)
          for await (const { key } of store.scope(library).jobs({ state })) there.add(`${library} ${key}`)
      const stop = new AbortController()
      const left = async (lease: Parameters<typeof run>[0], signal: AbortSignal): Promise<Settled> => {
        if (there.has(`${lease.library} ${lease.job.key}`)) return run(lease, signal)
        stop.abort()
        return { outcome: { release: true } }
      }
      return store.work(names, left, { ...options, signal: AbortSignal.any([options.signal, stop.signal]) })
    },
  },
  'libraries are served one after the other': {
    caught: ['store/work-fair', 'store/work-turns'],
    work: (store) => async (names, run, options) => {
      if (!options.once) return store.work(names, run, options)
      for (const library of options.libraries) await store.work(names, run, { ...options, libraries: [library] })
    },
  },
  'names are served one after the other': {
    caught: ['store/work-fair', 'store/transfer'],
    work: (store) => async (names, run, options) => {
      if (!options.once) return store.work(names, run, options)
      for (const name of names) await store.work([name], run, options)
    },
  },
  'a row is read through the wall': {
    caught: ['store/walls'],
    sql: (text) =>
      text.replace(/^(select version, value from \w+) where library = \? and/, '$1 where ? is not null and'),
  },
  'a search goes through the wall': {
    caught: ['store/search-walls', 'store/walls-writes'],
    sql: (text) => text.replace('and library = ?\n      and (stored_at', 'and ? is not null\n      and (stored_at'),
  },
  'a search finds the words of what was dropped': {
    caught: ['store/search-current'],
    sql: (text) => (text.startsWith('create trigger interaction_words_delete') ? 'select 1' : text),
  },
  'a row that goes or changes is found by what it was': {
    caught: ['store/drop', 'store/find-patron', 'store/find-relation', 'store/find-run'],
    sql: (text) => text.replace(/^delete from (identity|run_wait) where/, 'delete from $1 where 0 and'),
  },
  'a cancelled group keeps its dead': {
    caught: ['store/cancel'],
    sql: (text) => text.replace('and grp = ? and dead = 1', 'and grp = ? and dead = 2'),
  },
  'until is included': {
    caught: ['store/find-bounds', 'store/find-about'],
    sql: (text) => text.replace('and stored_at < ?', 'and stored_at <= ?'),
  },
  'what no index answers is answered by nothing': {
    caught: ['store/find-unsupported'],
    scope: (scope) => ({
      async *find(kind, query) {
        try {
          yield* scope.find(kind, query)
        } catch (error) {
          if ((error as { code?: string }).code !== 'unsupported') throw error
        }
      },
    }),
  },
  'an export forgets the jobs': {
    caught: ['store/export-rows', 'store/export-lease', 'store/transfer'],
    scope: (scope) => ({
      async *export() {
        let rows = 0
        for await (const row of scope.export()) {
          if (row.kind === 'end') yield { kind: 'end', value: { rows: rows - 1 } }
          else if (row.kind !== 'job') yield row
          if (row.kind !== 'job') rows++
        }
      },
    }),
  },
  'an import that is cut off leaves an empty library': {
    caught: ['store/import-cut-off'],
    scope: (scope) => ({
      async import(rows) {
        try {
          return await scope.import(rows)
        } catch (error) {
          const none: Exported[] = [
            { kind: 'prm', value: { format: 1 } },
            { kind: 'end', value: { rows: 0 } },
          ]
          if ((error as { code?: string }).code === undefined) await scope.import(none)
          throw error
        }
      },
    }),
  },
}

const folder = mkdtempSync(join(tmpdir(), 'prm-planted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Random scripts, which find whatever is wrong and do not say by name what, and the one that waits for a lease. */
const long = /^store\/(model|work-model|export-import|lease-renewed):/

let count = 0

/** The ids of the checks that fail. */
async function caught({ scope: scopeOf, work, sql = (text) => text, struck: isStruck }: Bug): Promise<string[]> {
  let planted = sql('') === '' && !!(scopeOf || work)
  const on = (database: ReturnType<typeof open>, options: OpenOptions, file: string): Opened => {
    const prepare = database.prepare.bind(database)
    database.prepare = (text) => {
      const broken = sql(text)
      planted ||= broken !== text
      return prepare(broken)
    }
    database.exec('pragma synchronous = off') // what a power cut does is not asked
    const reader = () => new Kysely<unknown>({ dialect: kyselyDialect(open(file, { source: true })) })
    const store = storeOn(database, { ...options, reader })
    return {
      get transactions() {
        return store.transactions
      },
      scope(library) {
        const scope = store.scope(library)
        return { ...scope, ...scopeOf?.(scope) }
      },
      work: work?.(store) ?? store.work,
      close: store.close,
    }
  }
  // To make the tables takes longer than most checks: it is done once for each bug.
  const made = join(folder, `made${count++}`)
  const first = on(open(made), {}, made)
  await first.scope('any').types()
  await first.close()
  const fileOf = (database: string): string => {
    const file = join(folder, database)
    if (!existsSync(file)) copyFileSync(made, file)
    return file
  }
  const tests: [string, () => Promise<void>][] = []
  storeSuite((name, run) => void tests.push([name, run]), {
    open: (database, options) => on(open(fileOf(database)), options, fileOf(database)),
    remove: (database) => rmSync(join(folder, database), { force: true }),
    other: () => sqlite({ memory: true }),
    ...(isStruck && {
      faults: {
        fails: (database, options, strikes) => on(struck(fileOf(database), strikes, false), options, fileOf(database)),
      },
    }),
  })
  const failed = new Set<string>()
  for (const [name, run] of tests) {
    if (long.test(name)) continue
    const late = new Promise<never>((_, fail) => setTimeout(fail, 20_000, new Error('it hangs')).unref())
    await Promise.race([run(), late]).catch(() => failed.add(name.split(':')[0] as string))
  }
  expect(planted, 'it changes no statement any more').toBe(true)
  return [...failed].sort()
}

test('no check fails of the store that they are planted in', { timeout: 60_000 }, async () => {
  expect(await caught({ caught: [], scope: () => ({}), struck: true })).toEqual([])
})

test.concurrent.for(Object.entries(planted))('%s', { timeout: 240_000 }, async ([, bug]) => {
  expect(await caught(bug)).toEqual(bug.caught.toSorted())
})
