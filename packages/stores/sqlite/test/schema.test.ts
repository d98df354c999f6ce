import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Address, type Interaction, PrmError } from '@prm/core'
import { type Migration, migrate, migrations } from '@prm/store-sql'
import { Kysely } from 'kysely'
import { afterEach, beforeEach, describe, test, vi } from 'vitest'
import { at, collect } from '../../../conformance/src/store/place.ts'
import { dialect, kyselyDialect } from '../src/driver.ts'
import { copyOf, type SqliteOptions, sqlite } from '../src/index.ts'

let folder = ''
let file = ''
let copies = '' // where copies are made, here alone
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prm-schema-'))
  file = join(folder, 'store.db')
  copies = mkdtempSync(join(tmpdir(), 'prm-copies-'))
  vi.stubEnv('SQLITE_TMPDIR', copies)
})
afterEach(() => {
  vi.unstubAllEnvs()
  for (const made of [folder, copies]) rmSync(made, { recursive: true, force: true })
})

const first: Migration = () => ['create table a (x integer)', 'insert into a values (1)']
const second: Migration = () => ['create table b (x integer)', 'insert into b select x + 1 from a']
const broken: Migration = () => ['create table c (x integer)', 'insert into nowhere values (1)']

function raw(): { db: Kysely<unknown>; sql(text: string): unknown[] } {
  const database = new DatabaseSync(file)
  return { db: new Kysely({ dialect: kyselyDialect(database) }), sql: (text) => database.prepare(text).all() }
}

describe('migrations', () => {
  test('an older store gets only the steps it lacks, and keeps its rows', async () => {
    const { db, sql } = raw()
    await migrate(db, dialect, [first])
    await migrate(db, dialect, [first, second])
    await migrate(db, dialect, [first, second])
    assert.deepEqual(
      { ...(sql('select (select count(*) from a) as a, (select x from b) as b')[0] as object) },
      { a: 1, b: 2 },
    )
    assert.equal(sql('select * from prm_migration').length, 2)
    await db.destroy()
  })

  test('a step that fails leaves the store at the version it had', async () => {
    const { db, sql } = raw()
    await migrate(db, dialect, [first])
    await assert.rejects(migrate(db, dialect, [first, second, broken]), /nowhere/)
    assert.equal(sql('select * from prm_migration').length, 1)
    assert.equal(sql("select * from sqlite_master where name in ('b', 'c')").length, 0)
    await db.destroy()
  })

  test('of two that start at once, one migrates and the other finds it done', async () => {
    const both = [raw(), raw()]
    await Promise.all(both.map(({ db }) => migrate(db, dialect, [first, second])))
    assert.equal(both[0]?.sql('select * from a').length, 1)
    await Promise.all(both.map(({ db }) => db.destroy()))
  })

  test('a store of version 1 opens with its rows, and its facts are found by address', async () => {
    const { db, sql } = raw()
    await migrate(db, dialect, migrations.slice(0, 1))
    const facts = [
      { key: 'a', type: 'notice', source: 'koha', seen: at, data: {}, who: { scheme: 'tel', value: '+1', realm: 'x' } },
      { key: 'b', type: 'notice', source: 'koha', seen: at, data: {}, who: { scheme: 'tel', value: '+1' } },
      { key: 'c', type: 'notice', source: 'koha', seen: at, data: {} },
    ]
    for (const value of facts) {
      sql(`insert into interaction (library, id, version, stored_at, type, value)
        values ('main', 'koha ${value.key}', 3, ${Date.parse(at)}, 'notice', '${JSON.stringify(value)}')`)
    }
    sql(
      `insert into job (library, key, name, grp, run_at, head, payload) values ('main', 'j', 'deliver', 'g', 0, 1, '1')`,
    )
    sql(
      `insert into digest (library, id, version, stored_at, value) values ('main', 'd', 1, 0, '{"id":"d","sends":[]}')`,
    )
    await db.destroy()
    const store = sqlite({ file })
    const main = store.scope('main')
    const found = async (address: Address) =>
      (await collect(main.find('interaction', { address }))).map(({ key }) => key)
    assert.deepEqual(await main.get('interaction', 'koha a'), { value: facts[0], version: 3 })
    assert.deepEqual(await found({ scheme: 'tel', value: '+1' }), ['a', 'b'])
    assert.deepEqual(await found({ scheme: 'tel', value: '+1', realm: 'y' }), ['b'])
    assert.equal((await collect(main.find('digest', {}))).length, 1)
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
    // An old fact has no text; one that it is put with later is found, and dropped again.
    await main.commit([{ put: [{ kind: 'interaction', value: facts[1] as Interaction, text: 'hold' }] }])
    assert.equal((await collect(main.search('hold'))).length, 1)
    await main.commit([{ delete: [{ kind: 'interaction', id: 'koha c' }] }])
    await main.purge()
    assert.equal((await collect(main.export())).length, 6)
    await store.close()
  })

  test('a newer store is refused with what to do, and left as it is', async () => {
    const { db, sql } = raw()
    const newer = migrations.length + 1
    await migrate(db, dialect, [...migrations, first])
    await assert.rejects(
      migrate(db, dialect),
      isConfig(new RegExp(`version ${newer}.*up to ${migrations.length}.*update @prm`)),
    )
    assert.equal(sql('select * from a').length, 1)
    await db.destroy()
    assert.throws(() => sqlite({ file }), isConfig(new RegExp(`version ${newer}`)))
    await assert.rejects(copyOf(file), isConfig(new RegExp(`version ${newer}`)))
  })
})

describe('a file that cannot be a store', () => {
  test('in a folder that does not exist', async () => {
    const missing = join(folder, 'none', 'store.db')
    assert.throws(() => sqlite({ file: missing }), isConfig(/none\/store\.db does not exist: make it first/))
    await assert.rejects(copyOf(missing), isConfig(/make it first/))
  })

  test('of another format, which stays as it was', async () => {
    writeFileSync(file, 'HOLD|123|Anna\n'.repeat(100))
    assert.throws(() => sqlite({ file }), isConfig(/not a SQLite database, name another file/))
    await assert.rejects(copyOf(file), isConfig(/not a SQLite database/))
    assert.equal(readFileSync(file, 'utf8'), 'HOLD|123|Anna\n'.repeat(100))
    assert.deepEqual(readdirSync(folder), ['store.db'])
  })

  test('that is a folder', () => {
    mkdirSync(file)
    assert.throws(() => sqlite({ file }), isConfig(/cannot be opened/))
  })

  test('nor is one made with a lease that is no duration', async () => {
    assert.throws(() => sqlite({ memory: true, lease: '30' as never }), isConfig(/lease is not a duration/))
  })

  test.each<[string, unknown, RegExp]>([
    ['no options', undefined, /set `file` .* or `memory: true`/],
    ['an empty object', {}, /set `file` .* or `memory: true`/],
    ['`path` for `file`', { path: '/var/lib/prm.db' }, /`path` is not an option.*file/],
    ['a file that is undefined', { file: undefined }, /set `file` .* or `memory: true`/],
    ['a file without a name', { file: '' }, /set `file` .* or `memory: true`/],
    ["SQLite's own word for memory", { file: ':memory:' }, /set `file` .* or `memory: true`/],
    ['a file, and memory', { file: 'prm.db', memory: true }, /set `file` .* or `memory: true`/],
    ['memory that is false', { memory: false }, /set `file` .* or `memory: true`/],
  ])('nor is one made in memory because it was given %s', (_, given, message) => {
    assert.throws(() => sqlite(given as SqliteOptions), isConfig(message))
  })
})

describe('a copy', () => {
  test('has what the original has, may be written, and leaves the original and its folder untouched', async () => {
    const store = sqlite({ file })
    await store.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 1 } }] }])
    await store.close()
    const before = [readFileSync(file), statSync(file).mtimeMs, readdirSync(folder)]
    const copy = await copyOf(file)
    const main = copy.scope('main')
    assert.equal((await main.get('cursor', 'c'))?.value.value, 1)
    await main.commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 2 } }] }])
    assert.equal(readdirSync(copies).length, 1)
    await copy.close()
    await copy.close()
    assert.deepEqual([readFileSync(file), statSync(file).mtimeMs, readdirSync(folder)], before)
    assert.deepEqual(readdirSync(copies), [])
  })

  test('has what was committed a moment ago by a process that still has the file open', async () => {
    const store = sqlite({ file })
    await store.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 1 } }] }])
    const copy = await copyOf(file)
    await store.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 2 } }] }])
    assert.equal((await copy.scope('main').get('cursor', 'c'))?.value.value, 1)
    assert.equal((await store.scope('main').get('cursor', 'c'))?.value.value, 2)
    await Promise.all([store.close(), copy.close()])
  })

  test('of a file that is not there is an empty store, and makes no such file', async () => {
    const copy = await copyOf(file)
    assert.deepEqual(await copy.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 1 } }] }]), [
      true,
    ])
    await copy.close()
    assert.deepEqual(readdirSync(folder), [])
  })
})

describe('a store', () => {
  test('in memory is its own', async () => {
    const [one, two] = [sqlite({ memory: true }), sqlite({ memory: true })]
    await one.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'c', value: 1 } }] }])
    assert.equal((await one.scope('main').get('cursor', 'c'))?.version, 1)
    assert.equal(await two.scope('main').get('cursor', 'c'), undefined)
    await one.scope('main').purge()
    await two.scope('main').import(one.scope('main').export())
    assert.deepEqual(await collect(two.scope('main').export()), await collect(one.scope('main').export()))
    await Promise.all([one.close(), two.close()])
  })

  test('writes to a file in WAL mode, each commit flushed to disk', async () => {
    const store = sqlite({ file })
    await store.scope('main').get('cursor', 'c')
    await store.close()
    const database = new DatabaseSync(file)
    assert.equal(database.prepare('pragma journal_mode').get()?.journal_mode, 'wal')
    database.close()
  })

  test('can be backed up while it is written, at any moment', async () => {
    const store = sqlite({ file })
    const main = store.scope('main')
    const write = (id: string) => main.commit([{ put: [{ kind: 'cursor', value: { id, value: 1 } }] }])
    const keys = Array.from({ length: 500 }, (_, i) => `c${i}`)
    await main.commit(keys.map((id) => ({ put: [{ kind: 'cursor', value: { id, value: 1 } }] })))
    let writes = true
    const writing = (async () => {
      for (let n = 0; writes; n++) await write(`late ${n}`)
    })()
    try {
      for (let n = 0; n < 20; n++) {
        await write(`before ${n}`)
        const to = join(folder, `backup-${n}.db`)
        await store.backup(to)
        const restored = sqlite({ file: to })
        for (const id of [...keys, `before ${n}`]) assert.ok(await restored.scope('main').get('cursor', id))
        await restored.close()
      }
    } finally {
      writes = false
      await writing
      await store.close()
    }
  })

  test('a new store, its journal and its backup are their owner’s alone', async () => {
    const before = process.umask(0o022)
    const store = sqlite({ file })
    const to = join(folder, 'backup.db')
    try {
      await store.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: 'one', value: 1 } }] }])
      await store.backup(to)
      for (const one of [file, `${file}-wal`, to]) assert.equal(statSync(one).mode & 0o077, 0, one)
    } finally {
      await store.close()
      process.umask(before)
    }
  })
})

function isConfig(says: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(PrmError.is(error), String(error))
    assert.equal(error.code, 'config')
    assert.match(error.message, says)
    return true
  }
}
