import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { type Exported, PrmError } from '@prm/core'
import { type SqlStore, sqlStore } from '@prm/store-sql'
import { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { at, collect, decision, done, drain, job, puts, sleep, until } from '../../../conformance/src/store/place.ts'
import { dialect, kyselyDialect } from '../src/driver.ts'
import { open } from '../src/sqlite.ts'
import { place } from './place.ts'

let here: ReturnType<typeof place>
let database: DatabaseSync
let store: SqlStore
beforeEach(() => {
  here = place()
  database = open(here.file)
  store = sqlStore({ db: new Kysely({ dialect: kyselyDialect(database) }), dialect })
})
afterEach(async () => {
  await store.close()
  await here.remove()
})

/** A page limit is what SQLite has for a disk that is full: both are SQLITE_FULL. */
const pages = (count: number): void => database.exec(`pragma max_page_count = ${count}`)

const full = (error: unknown): true => {
  assert.ok(PrmError.is(error), String(error))
  assert.equal(error.code, 'unavailable')
  assert.match(error.message, /could not write.*full/)
  return true
}

describe('on a full disk', () => {
  test('a commit writes nothing of itself, says so, and works when there is room', async () => {
    const main = store.scope('main')
    const long = 'x'.repeat(3_000)
    const batch = (from: number) => ({
      put: Array.from({ length: 200 }, (_, i) => ({
        kind: 'cursor' as const,
        value: { id: `c${from + i}`, value: long },
      })),
      jobs: [job(`j${from}`)],
    })
    await main.commit([batch(0)])
    pages(1)
    await assert.rejects(main.commit([batch(200)]), full)
    assert.equal(await main.get('cursor', 'c200'), undefined)
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
    pages(100_000)
    assert.deepEqual(await main.commit([batch(200)]), [true])
    assert.equal((await main.backlog(['deliver'])).waiting, 2)
    assert.equal((await collect(main.jobs({ state: 'waiting' }))).length, 2)
  })

  test('a worker keeps what its calls came to, stores it when there is room, and calls nobody twice', async () => {
    const main = store.scope('main')
    await main.commit([{ jobs: Array.from({ length: 20 }, (_, i) => job(`j${i}`, { group: `g${i % 4}` })) }])
    const stop = new AbortController()
    const ran: string[] = []
    const work = drain(
      store,
      async ({ job: { key } }) => {
        if (ran.push(key) === 6) pages(1)
        return { ...done, batches: [puts({ kind: 'cursor', value: { id: key, value: 'x'.repeat(300_000) } })] }
      },
      { once: false, signal: stop.signal, concurrency: 3 },
    )
    await until(() => ran.length >= 6, 'the disk is full')
    await sleep(1_000)
    const during = ran.length
    pages(1_000_000)
    await until(async () => (await main.backlog(['deliver'])).waiting === 0, 'all are stored')
    stop.abort()
    await work
    assert.ok(during < 20, 'it never was full')
    assert.deepEqual(ran.toSorted(), Array.from({ length: 20 }, (_, i) => `j${i}`).sort())
    for (const key of ran) assert.equal((await main.get('cursor', key))?.version, 1)
    assert.deepEqual({ ...database.prepare('pragma integrity_check').get() }, { integrity_check: 'ok' })
  })

  test('an import is cut off, and works anew when there is room', async () => {
    const main = store.scope('main')
    await store.scope('other').types()
    const rows: Exported[] = Array.from({ length: 2_000 }, (_, i) => ({
      kind: 'decision',
      value: { at, version: 1, value: JSON.parse(JSON.stringify(decision(`${i}`))) },
    }))
    const whole = [{ kind: 'prm', value: { format: 1 } }, ...rows, { kind: 'end', value: { rows: rows.length } }]
    pages(200)
    await assert.rejects(main.import(whole), full)
    await assert.rejects(main.types(), /cut off/)
    pages(100_000)
    assert.deepEqual(await main.import(whole), { rows: 2_000 })
    assert.deepEqual(await collect(main.export()), whole)
  })
})
