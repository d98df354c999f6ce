import assert from 'node:assert/strict'
import { createServer, connect as dial } from 'node:net'
import { PrmError } from '@prm/core'
import { afterEach, beforeEach, test } from 'vitest'
import { collect, cursor, done, drain, fact, job, puts, sleep } from '../../../conformance/src/store/place.ts'
import { type Here, onServer, place } from './place.ts'

let here: Here
beforeEach(async () => {
  here = place()
  await here.made
})
afterEach(() => here.remove())

async function set(...settings: readonly string[]): Promise<void> {
  const name = new URL(here.url).pathname.slice(1)
  for (const setting of settings) await here.ask(`alter database ${name} set ${setting}`)
}

onServer('settings of a database', { timeout: 30_000 }, () => {
  test('and options of the url change nothing about which tables are whose', async () => {
    await set(`search_path = 'public'`)
    const url = `${here.url}?options=-c%20work_mem%3D5MB&application_name=mine`
    const [one, two] = [here.open({ url, schema: 'one' }), here.open({ url, schema: 'two' })]
    await one.scope('main').commit([puts(cursor('c', 1))])
    assert.equal(await two.scope('main').get('cursor', 'c'), undefined)
    assert.deepEqual(await here.ask(`select 1 from pg_tables where schemaname = 'public'`), [])
    assert.ok((await here.ask(`select 1 from pg_stat_activity where application_name = 'mine'`)).length > 0)
  })

  test('that a pooler does not pass on are missed before anything is stored', async () => {
    const wire = createServer((near) => {
      near.on('error', () => undefined)
      const far = dial(Number(new URL(here.url).port), '127.0.0.1').on('error', () => undefined)
      near.once('data', (first) => {
        far.write(withoutOptions(first))
        near.pipe(far).pipe(near)
      })
    })
    await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
    const address = wire.address()
    assert.ok(typeof address === 'object' && address)
    const store = here.open({ url: here.url.replace(/:\d+\//, `:${address.port}/`), schema: 'other' })
    const error = await store
      .scope('main')
      .commit([puts(cursor('c', 1))])
      .catch((error) => error)
    assert.ok(PrmError.is(error) && error.code === 'config', String(error))
    assert.match(error.message, /schema prm, and other was asked for.*options/)
    await store.close()
    wire.close()
  })

  test('have jobs listed once each, whatever an hour is called there', async () => {
    await set(`datestyle = 'SQL, DMY'`, `timezone = 'Asia/Kolkata'`)
    const main = here.open().scope('main')
    const runAt = (second: number) => new Date(Date.UTC(2026, 10, 25, 10, 0, second)).toISOString()
    await main.commit([{ jobs: Array.from({ length: 500 }, (_, i) => job(`${i}`, { runAt: runAt(i) })) }])
    const keys = new Set<string>()
    for await (const { key } of main.jobs({ state: 'waiting' })) {
      assert.ok(!keys.has(key), `${key} is listed again`)
      keys.add(key)
    }
    assert.equal(keys.size, 500)
  })

  test('that read a backslash as an escape, and isolate more than is asked for, let a store be made and searched', async () => {
    await set('standard_conforming_strings = off', `default_transaction_isolation = 'serializable'`)
    const store = here.open({ schema: 'fresh' })
    const main = store.scope('main')
    const text = String.raw`Café\ [x-y] o'clock`
    await main.commit([{ put: [{ kind: 'interaction', value: fact('f'), text }], jobs: [job('a')] }])
    for (const word of ['cafe', 'x', 'clock']) assert.equal((await collect(main.search(word))).length, 1, word)
    await drain(store, async () => done)
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  test('that give up what takes long end no export', async () => {
    await set(`statement_timeout = '200ms'`, `idle_in_transaction_session_timeout = '200ms'`)
    const [server] = await here.ask('show server_version_num')
    if (Number(server?.server_version_num) >= 170_000) await set(`transaction_timeout = '400ms'`)
    const main = here.open().scope('main')
    await main.commit([{ put: Array.from({ length: 1_200 }, (_, i) => cursor(`c${i}`, 1)) }])
    const rows = main.export()[Symbol.asyncIterator]()
    await rows.next()
    await sleep(600)
    assert.equal((await collect({ [Symbol.asyncIterator]: () => rows })).length, 1_201)
  })
})

/** A startup message: length, version, names and values, each with its NUL, and one more. */
function withoutOptions(startup: Buffer): Buffer {
  const words = startup.subarray(8, -2).toString('latin1').split('\0')
  const at = words.findIndex((word, i) => i % 2 === 0 && word === 'options')
  assert.ok(at >= 0)
  const rest = Buffer.from(`${words.toSpliced(at, 2).join('\0')}\0\0`, 'latin1')
  const message = Buffer.concat([startup.subarray(0, 8), rest])
  message.writeInt32BE(message.length)
  return message
}
