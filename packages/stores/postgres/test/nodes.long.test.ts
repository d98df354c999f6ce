import assert from 'node:assert/strict'
import { type Batch, type Job, type Message, PrmError, type Store } from '@prm/core'
import { afterEach, beforeEach, test } from 'vitest'
import {
  collect,
  cursor,
  doing,
  done,
  drain,
  fact,
  job,
  later,
  message,
  puts,
  sleep,
  until,
} from '../../../conformance/src/store/place.ts'
import type { Postgres } from '../src/index.ts'
import { onServer, place } from './place.ts'

let here: ReturnType<typeof place>
let nodes: Postgres[] = []
beforeEach(async () => {
  here = place()
  nodes = Array.from({ length: 8 }, () => here.open({ poll: '5ms' }))
  await Promise.all(nodes.map((node) => node.scope('main').types()))
})
afterEach(() => here.remove())

/** How many transactions wait for another's lock. */
async function waiting(): Promise<unknown> {
  const where = "datname = current_database() and wait_event_type = 'Lock'"
  return (await here.ask(`select count(*)::int as count from pg_stat_activity where ${where}`))[0]?.count
}

const each = <T>(run: (node: Store, index: number) => Promise<T>): Promise<T[]> => Promise.all(nodes.map(run))

onServer('eight nodes that write at once', { timeout: 120_000 }, () => {
  test('and put one fact: exactly one does, and its jobs are promised once', async () => {
    const rounds = 60
    for (let round = 0; round < rounds; round++) {
      const written = await each(async (node, n) => {
        const batch = (key: string): Batch => ({
          ifAbsent: [{ kind: 'interaction', id: `koha ${key}` }],
          put: [{ kind: 'interaction', value: fact(key, { data: { n } }) }],
          jobs: [job(`${key} by ${n}`, { group: key })],
        })
        // In different order, beside others of the same tick.
        const keys = [`a${round}`, `b${round}`, `c${round}`]
        if (n % 2) keys.reverse()
        const answers = await Promise.all(keys.map((key) => node.scope('main').commit([batch(key)])))
        return keys.filter((_, i) => answers[i]?.[0])
      })
      assert.deepEqual(written.flat().sort(), [`a${round}`, `b${round}`, `c${round}`])
    }
    const main = here.open().scope('main')
    const jobs = await collect(main.jobs({ state: 'waiting' }))
    assert.equal(jobs.length, 3 * rounds)
    for (const { key, group } of jobs) {
      const row = await main.get('interaction', `koha ${group}`)
      const { n } = (row?.value.data ?? {}) as { n?: number }
      assert.equal(`${group} by ${n}`, key, 'the job is of the one that was written')
      assert.equal(row?.version, 1)
    }
  })

  test('and count with ifVersion: no count is lost', async () => {
    const main = nodes[0]?.scope('main')
    await main?.commit([puts(cursor('count', 0))])
    await each(async (node) => {
      for (let mine = 0; mine < 20; ) {
        const row = await node.scope('main').get('cursor', 'count')
        const [ok] = await node
          .scope('main')
          .commit([puts(cursor('count', Number(row?.value.value) + 1, row?.version))])
        if (ok) mine++
      }
    })
    const row = await main?.get('cursor', 'count')
    assert.deepEqual([row?.value.value, row?.version], [160, 161])
  })

  test('and want each what the other puts not to be there: never both', async () => {
    for (let round = 0; round < 60; round++) {
      const [x, y] = [`x${round}`, `y${round}`]
      const answers = await each((node, n) => {
        const [unless, put] = n % 2 ? [x, y] : [y, x]
        return node.scope('main').commit([{ ifAbsent: [{ kind: 'cursor', id: unless }], put: [cursor(put, n, 0)] }])
      })
      const by = (odd: number) => answers.filter(([ok], n) => ok && n % 2 === odd).length
      assert.deepEqual([by(0), by(1)].sort(), [0, 1], `round ${round}`)
    }
  })

  test('and speak of one message: its state only moves forward, and every word of it counts', async () => {
    const states: Message['state'][] = ['planned', 'accepted', 'sent', 'delivered']
    for (let round = 0; round < 20; round++) {
      await each((node, n) =>
        node.scope('main').commit([
          puts({
            kind: 'message',
            value: message(`m${round}`, {
              state: states[n % 4] as Message['state'],
              attempts: Array.from({ length: n % 3 }, () => ({ at: later(0), outcome: 'accepted' as const })),
              ...(n === 5 ? { providerId: 'SM1' } : {}),
            }),
          }),
        ]),
      )
      const row = await nodes[0]?.scope('main').get('message', `m${round}`)
      assert.deepEqual(
        [row?.version, row?.value.state, row?.value.attempts.length, row?.value.providerId],
        [8, 'delivered', 2, 'SM1'],
      )
    }
  })

  test('and promise one key: it is one job', async () => {
    for (let round = 0; round < 40; round++) {
      await each((node, n) =>
        node
          .scope('main')
          .commit([{ jobs: [job(`j${round}`, { payload: n }), job(`k${round}`, { payload: n, group: 'g' })] }]),
      )
    }
    assert.equal((await collect(here.open().scope('main').jobs({ state: 'waiting' }))).length, 80)
  })

  test('and work: what is promised behind a job that is being settled is worked on too', async () => {
    const stop = new AbortController()
    const ran = new Map<string, number>()
    const working = each((node) =>
      drain(
        node,
        async ({ job: { key, payload } }) => {
          ran.set(key, (ran.get(key) ?? 0) + 1)
          if (Number(payload) % 5 === 0 && ran.get(key) === 1) return { outcome: { retryAt: later(-1), error: 1 } }
          return done
        },
        { once: false, signal: stop.signal, concurrency: 3 },
      ),
    )
    const count = 60
    await each(async (node, n) => {
      for (let i = 0; i < count; i++) {
        // Few groups, and often empty: the next is promised while the last is being settled.
        await node
          .scope('main')
          .commit([{ jobs: [job(`${n} ${i}`, { group: `g${i % 3}`, payload: i, runAt: later(-i) })] }])
        await sleep((n + i * 3) % 5)
      }
    })
    const end = Date.now() + 60_000
    while ((await here.open().scope('main').backlog(['deliver'])).waiting > 0) {
      assert.ok(Date.now() < end, `${ran.size} of ${8 * count} ran: the rest is never looked at`)
      await sleep(50)
    }
    stop.abort()
    await working
    assert.equal(ran.size, 8 * count)
    for (const [key, times] of ran) assert.equal(times, Number(key.split(' ')[1]) % 5 === 0 ? 2 : 1, key)
  })

  test('and work: what is promised while the job before it is settled has its turn', async () => {
    const [one, two] = nodes as [Postgres, Postgres]
    const main = one.scope('main')
    await main.commit([{ jobs: [job('before', { group: 'g' })] }])
    const [queue] = await here.ask("select table_name from prm_boss.queue where name = 'prm'")
    const release = Promise.withResolvers<void>()
    let promised: Promise<unknown> | undefined
    let ended: Promise<void> | undefined
    const ran: string[] = []
    const run = async ({ job: { key } }: { job: Job }) => {
      ran.push(key)
      if (key !== 'before') return done
      // The promise stands still between its look at who is first and its end, and this job is settled meanwhile.
      const values = `('prm', '["main","other"]', '{}')`
      const insert = `insert into prm_boss.${queue?.table_name} (name, singleton_key, data) values ${values}`
      const holding = here.hold(insert, release.promise, 'rollback')
      await holding.held
      ended = holding.ended
      promised = two.scope('main').commit([{ jobs: [job('behind', { group: 'g' }), job('other')] }])
      await until(async () => (await waiting()) === 1, 'the promise waits')
      setTimeout(release.resolve, 300)
      return done
    }
    await drain(one, run)
    await Promise.all([promised, ended])
    await drain(one, run)
    assert.deepEqual(ran.sort(), ['before', 'behind', 'other'])
  })

  test("and work for each other's groups: no two of a group at once, and nobody waits for ever", async () => {
    const running = new Set<string>()
    const broken: string[] = []
    const total = 200
    let ran = 0
    await nodes[0]?.scope('main').commit([
      {
        jobs: Array.from({ length: 8 }, (_, i) =>
          job(`0 ${i}`, { group: `g${i % 4}`, name: i % 2 ? 'flow' : 'deliver' }),
        ),
      },
    ])
    const stop = new AbortController()
    await each((node) =>
      drain(
        node,
        async ({ job: { key, group = '' } }) => {
          if (running.has(group)) broken.push(key)
          running.add(group)
          await sleep(ran % 4)
          running.delete(group)
          if (++ran >= total) stop.abort()
          // The next is for another group, which somebody else is just working for.
          const jobs = [0, 1].map((i) =>
            job(`${key} ${i}`, { group: `g${(ran * 3 + i) % 4}`, name: i ? 'flow' : 'deliver' }),
          )
          return { ...done, batches: [{ jobs: ran % 5 < 3 ? jobs : jobs.slice(1) }] }
        },
        { once: false, signal: stop.signal, concurrency: 4, names: ['deliver', 'flow'] },
      ),
    )
    assert.deepEqual(broken, [])
    assert.ok(ran >= total)
  })

  test('and import into a library into which another is writing: that is not imported over', async () => {
    const [one, two] = nodes as [Postgres, Postgres]
    const release = Promise.withResolvers<void>()
    const insert = `insert into prm.cursor (library, id, version, stored_at, value) values ('main', 'z', 1, 0, '{}')`
    const holding = here.hold(insert, release.promise, 'rollback')
    await holding.held
    const written = two.scope('main').commit([puts(cursor('c', 2, 0), cursor('z', 2, 0))])
    await until(async () => (await waiting()) === 1, 'the commit waits')
    const rows = [
      { kind: 'prm', value: { format: 1 } },
      { kind: 'cursor', value: { at: later(0), version: 1, value: { id: 'c', value: 1 } } },
      { kind: 'end', value: { rows: 1 } },
    ]
    const imported = one.scope('main').import(rows)
    imported.catch(() => undefined)
    await until(async () => (await waiting()) === 2, 'the import waits')
    release.resolve()
    assert.deepEqual(await written, [true])
    await assert.rejects(imported, (error) => PrmError.is(error) && error.code === 'conflict')
    assert.equal((await one.scope('main').get('cursor', 'c'))?.value.value, 2)
    await holding.ended
  })

  test('hand out the oldest first, whoever promised it', async () => {
    const [one, two] = nodes as [Postgres, Postgres]
    const keys = Array.from({ length: 40 }, (_, i) => `${i}`)
    for (const key of keys) {
      const [node] = [one, two].filter((_, n) => n === Number(key) % 2)
      await node?.scope('main').commit([{ jobs: [job(key, { runAt: later(-Math.floor(Number(key) / 4)) })] }])
    }
    const ran: string[] = []
    await drain(
      two,
      doing(({ job: { key } }) => ran.push(key)),
      { concurrency: 1 },
    )
    assert.deepEqual(
      ran,
      keys.toSorted((a, b) => Math.floor(Number(b) / 4) - Math.floor(Number(a) / 4) || Number(a) - Number(b)),
    )
  })
})
