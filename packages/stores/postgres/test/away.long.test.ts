import assert from 'node:assert/strict'
import { createServer, connect as dial, type Socket, type Server as TcpServer } from 'node:net'
import { PrmError } from '@prm/core'
import { afterAll, afterEach, beforeAll, test } from 'vitest'
import { collect, cursor, doing, done, drain, job, puts, sleep, until } from '../../../conformance/src/store/place.ts'
import { type Postgres, type PostgresOptions, postgres } from '../src/index.ts'
import { admin, onServer } from './place.ts'
import { type Server, startServer } from './server.ts'

let server: Server
const stores: Postgres[] = []
let count = 0

function open(options: Partial<PostgresOptions> = {}): Postgres {
  const store = postgres({ url: server.url, schema: `s${count}`, poll: '20ms', ...options })
  stores.push(store)
  return store
}

onServer('a database that goes away', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    const started = await startServer()
    assert.ok(typeof started !== 'string')
    server = started
  }, 60_000)
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    count++
  })
  afterAll(() => server?.remove())

  for (const how of ['fast', 'immediate'] as const) {
    test(`and is restarted under load (${how}): nothing that was answered is lost, nothing is settled twice, workers go on`, async () => {
      const log: string[] = []
      // Shorter than the wait at the end: a claim stays unknown to its worker where the server is away for longer than 5 s.
      const options = { lease: '10s', log: (text: string) => void log.push(text) } as const
      const nodes = [open(options), open(options), open(options)]
      const stop = new AbortController()
      const settled = new Map<string, number>()
      const working = nodes.map((node) =>
        drain(
          node,
          async ({ job: { key } }) => {
            await sleep(Number(key.split(' ')[1]) % 6)
            // Written once, or the job was worked on by one who had lost it.
            return {
              ...done,
              batches: [puts(cursor(`of ${key}`, 1, 0))],
              after: () => settled.set(key, (settled.get(key) ?? 0) + 1),
            }
          },
          { once: false, signal: stop.signal, concurrency: 8, now: () => new Date() },
        ),
      )
      const answered: string[] = []
      const refused: unknown[] = []
      let writing = true
      const writers = nodes.map(async (node, n) => {
        for (let i = 0; writing; i++) {
          const key = `${n} ${i}`
          try {
            const runAt = new Date().toISOString()
            await node
              .scope('main')
              .commit([{ put: [cursor(key, 1, 0)], jobs: [job(key, { runAt, group: `g${i % 9}` })] }])
            answered.push(key)
          } catch (error) {
            refused.push(error)
          }
        }
      })
      for (let restarts = 0; restarts < 3; restarts++) {
        await sleep(400)
        await server.stop(how)
        await sleep(200)
        await server.start()
      }
      const before = answered.length
      await until(() => answered.length > before + 100, 'writers go on')
      writing = false
      await Promise.all(writers)
      const main = open().scope('main')
      await until(async () => (await main.backlog(['deliver'])).waiting === 0, 'workers go on')
      stop.abort()
      await Promise.all(working)
      for (const error of refused) assert.ok(PrmError.is(error) && error.code === 'unavailable', String(error))
      for (const key of answered) {
        assert.equal((await main.get('cursor', key))?.version, 1, `${key} was answered, and is lost`)
        assert.equal((await main.get('cursor', `of ${key}`))?.version, 1, `${key} was not worked on`)
        assert.ok((settled.get(key) ?? 0) <= 1, `${key} was settled ${settled.get(key)} times`)
      }
      // Stored, and the answer lost with a server that was away for longer than 5 s: then the worker cannot know, and says so.
      const unsaid = answered.filter((key) => !settled.has(key)).length
      const told = log.filter((text) => text.includes('its outcome was not stored')).length
      assert.ok(
        unsaid <= told,
        `of ${unsaid} the worker was not told that they were settled, and it said so of ${told}`,
      )
    })
  }

  test('for longer than a caller waits: it is told so, without address, user or password, and the next is served', async () => {
    const log: string[] = []
    const url = server.url.replace('prm@', 'prm:hunter2@')
    const store = open({ url, log: (text) => log.push(text) })
    const main = store.scope('main')
    await main.commit([puts(cursor('a', 1))])
    const stop = new AbortController()
    const ran: string[] = []
    const working = drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { once: false, signal: stop.signal },
    )
    await server.stop()
    const late = open({ url })
    const ends = await Promise.allSettled([
      main.commit([puts(cursor('b', 1))]),
      main.get('cursor', 'a'),
      main.redrive(['x']),
      late.scope('main').get('cursor', 'a'),
    ])
    await server.start()
    for (const end of ends) {
      assert.ok(end.status === 'rejected' && PrmError.is(end.reason), JSON.stringify(end))
      assert.equal(end.reason.code, 'unavailable')
    }
    const told = [
      ...ends.map((end) => (end.status === 'rejected' ? `${end.reason.stack} ${end.reason.cause}` : '')),
      ...log,
    ]
    assert.ok(log.length > 0)
    for (const text of told) assert.doesNotMatch(text, /hunter2|127\.0\.0\.1|prm:/)
    await main.commit([{ jobs: [job('c')] }])
    await until(() => ran.includes('c'), 'the worker goes on')
    for (const each of [main, late.scope('main')]) assert.equal((await each.get('cursor', 'a'))?.version, 1)
    stop.abort()
    await working
  })

  test('while it answers a commit: what was stored counts as stored, and is not stored again', async () => {
    const wire = await tapped(Number(new URL(server.url).port))
    const url = server.url.replace(/:\d+\//, `:${wire.port}/`)
    const store = open({ url })
    const main = store.scope('main')
    await main.commit([{ put: [cursor('a', 0)], jobs: [job('j')] }])
    let after = 0
    for (let i = 0; i < 5; i++) {
      wire.cutAfter('commit')
      assert.deepEqual(await main.commit([puts(cursor('a', i + 1))]), [true])
      assert.equal((await main.get('cursor', 'a'))?.version, i + 2)
    }
    await drain(store, async () => {
      wire.cutAfter('commit')
      return { ...done, batches: [puts(cursor('of j', 1, 0))], after: () => void after++ }
    })
    assert.equal((await main.get('cursor', 'of j'))?.version, 1)
    assert.equal(after, 1)
    assert.equal(wire.cuts, 6)
    await store.close()
    stores.splice(stores.indexOf(store), 1)
    await wire.close()
  })

  test('before it hears a commit: what was not stored is stored then', async () => {
    const wire = await tapped(Number(new URL(server.url).port))
    const url = server.url.replace(/:\d+\//, `:${wire.port}/`)
    const store = open({ url })
    const main = store.scope('main')
    await main.commit([puts(cursor('a', 0))])
    for (let i = 0; i < 5; i++) {
      wire.cutBefore('commit')
      assert.deepEqual(await main.commit([puts(cursor('a', i + 1))]), [true])
      assert.equal((await main.get('cursor', 'a'))?.version, i + 2)
    }
    assert.equal(wire.cuts, 5)
    await store.close()
    stores.splice(stores.indexOf(store), 1)
    await wire.close()
  })

  test('with a commit on its way, and gives its number to another: what was not stored is stored then', async () => {
    const wire = await tapped(Number(new URL(server.url).port))
    const store = open({ url: server.url.replace(/:\d+\//, `:${wire.port}/`) })
    const main = store.scope('main')
    await main.commit([puts(cursor('a', 0))])
    const held = wire.hold('commit')
    const answer = main.commit([puts(cursor('b', 0))])
    await held
    const [begun] = await admin(
      'select backend_xid as number from pg_stat_activity where backend_xid is not null',
      server.url,
    )
    await server.stop('immediate')
    await server.start()
    const given: unknown[] = []
    while (given.length < 50 && !given.includes(begun?.number)) {
      const [row] = await admin('select pg_current_xact_id()::xid as number', server.url)
      given.push(row?.number)
    }
    assert.ok(given.includes(begun?.number), `${begun?.number} is not of ${given.join()}: this shows nothing`)
    wire.open()
    assert.deepEqual(await answer, [true])
    assert.equal((await main.get('cursor', 'b'))?.version, 1)
    await store.close()
    stores.splice(stores.indexOf(store), 1)
    await wire.close()
  })

  test('after a commit, for a standby that has not heard of it yet: it is asked when it is promoted, and not stored again', async () => {
    await open().scope('main').types()
    await server.stop()
    const standby = await startServer({ of: server })
    assert.ok(typeof standby !== 'string')
    try {
      await server.start()
      await until(
        async () => (await admin('select 1 from pg_stat_replication', server.url)).length > 0,
        'the standby follows',
      )
      const wire = await tapped(Number(new URL(server.url).port))
      const store = open({ url: server.url.replace(/:\d+\//, `:${wire.port}/`) })
      const main = store.scope('main')
      await main.commit([puts(cursor('a', 0))])
      await admin('select pg_wal_replay_pause()', standby.url)
      await until(
        async () => (await admin('select pg_get_wal_replay_pause_state() as is', standby.url))[0]?.is === 'paused',
        'the standby replays no more',
      )
      for (let i = 0; i < 5; i++) await main.commit([puts(cursor('b', i))])
      wire.cutAfter('commit', Number(new URL(standby.url).port))
      const answer = main.commit([puts(cursor('a', 1))])
      await until(() => wire.cuts === 1, 'the answer is lost')
      await sleep(1_000)
      await server.stop()
      // What it has received and not replayed, it replays first.
      await admin('select pg_promote()', standby.url)
      assert.deepEqual(await answer, [true])
      assert.equal((await main.get('cursor', 'a'))?.version, 2)
      await store.close()
      stores.splice(stores.indexOf(store), 1)
      await wire.close()
    } finally {
      await standby.remove()
      await server.start()
    }
  })

  test('and need not wait for its disk: what was answered is on the disk all the same', async () => {
    await admin('alter role prm set synchronous_commit = off', server.url)
    const main = open().scope('main')
    assert.deepEqual(await main.commit([{ ...puts(cursor('a', 0)), jobs: [job('j')] }]), [true])
    await server.kill()
    await server.start()
    await admin('alter role prm reset synchronous_commit', server.url)
    assert.equal((await main.get('cursor', 'a'))?.version, 1)
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
  })

  test('in the middle of an export: it fails, and does not go on with another moment', async () => {
    const main = open().scope('main')
    await main.commit([{ put: Array.from({ length: 1_200 }, (_, i) => cursor(`c${i}`, 1)) }])
    const rows = main.export()[Symbol.asyncIterator]()
    await rows.next()
    await server.stop('immediate')
    await server.start()
    const rest = { [Symbol.asyncIterator]: () => rows }
    await assert.rejects(collect(rest), (error) => PrmError.is(error) && error.code === 'unavailable')
    assert.equal((await collect(main.export())).length, 1_202)
  })

  test('and does not come back keeps close() no longer than its time-outs', async () => {
    const store = open()
    await store.scope('main').commit([puts(cursor('a', 1))])
    await server.stop()
    const pending = store.scope('main').commit([puts(cursor('b', 1))])
    await Promise.all([assert.rejects(pending), store.close()])
    stores.splice(stores.indexOf(store), 1)
    await server.start()
  })
})

/** A wire that breaks at a statement: before the server hears it, or after it has answered and before we hear that. */
async function tapped(to: number): Promise<{
  readonly port: number
  readonly cuts: number
  /** `then`: the port of another server, to which it leads from then on. */
  cutAfter(statement: string, then?: number): void
  cutBefore(statement: string): void
  /** Resolves when a statement came, which is kept from the server; nobody gets through any more until `open`. */
  hold(statement: string): Promise<void>
  open(): void
  close(): Promise<void>
}> {
  let port = to
  let wish: { readonly statement: string; readonly heard: boolean; readonly then?: number | undefined } | undefined
  let cuts = 0
  let shut = false
  let held: { readonly statement: string; came(): void } | undefined
  const sockets = new Set<Socket>()
  const wire: TcpServer = createServer((near) => {
    if (shut) return void near.destroy()
    const far = dial(port, '127.0.0.1')
    let deaf = false
    const end = (): void => void [near.destroy(), far.destroy()]
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    near.on('data', (bytes) => {
      if (held && bytes.includes(`${held.statement}\0`)) {
        shut = true
        return held.came()
      }
      if (wish && bytes.includes(`${wish.statement}\0`)) {
        cuts++
        deaf = wish.heard
        if (wish.then !== undefined) {
          port = wish.then
          for (const socket of sockets) if (socket !== near && socket !== far) socket.destroy()
        }
        wish = undefined
        if (!deaf) return end()
      }
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (deaf) end()
      else near.write(bytes)
    })
  })
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve))
  const address = wire.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get cuts() {
      return cuts
    },
    cutAfter(statement, then) {
      wish = { statement, heard: true, then }
    },
    cutBefore(statement) {
      wish = { statement, heard: false }
    },
    hold: (statement) =>
      new Promise((came) => {
        held = { statement, came }
      }),
    open() {
      held = undefined
      shut = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => wire.close(resolve))
    },
  }
}
