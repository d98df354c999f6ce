import assert from 'node:assert/strict'
import { PgBoss } from 'pg-boss'
import { afterEach, beforeEach, test } from 'vitest'
import { collect, done, drain, job, later, until } from '../../../conformance/src/store/place.ts'
import { type Here, onServer, place } from './place.ts'

let here: Here
let boss: PgBoss
beforeEach(async () => {
  here = place()
  await here.made
  boss = new PgBoss({ connectionString: here.url, schema: 'prm_boss', supervise: false, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
})
afterEach(async () => {
  await boss.stop({ graceful: false })
  await here.remove()
})

// Why claims are chosen in our own SQL. Where one of these fails with a newer pg-boss, read src/jobs.ts again.
onServer('pg-boss 12.38 by itself', { timeout: 30_000 }, () => {
  test('lets two fetchers into one group, though groupConcurrency is 1', async () => {
    await boss.createQueue('q')
    await boss.insert('q', [
      { data: { n: 1 }, group: { id: 'g' } },
      { data: { n: 2 }, group: { id: 'g' } },
    ])
    const [one, two] = [await here.session(), await here.session()]
    await Promise.all([one.ask('begin'), two.ask('begin')])
    const fetched = [
      ...(await boss.fetch('q', { groupConcurrency: 1, db: one.db })),
      ...(await boss.fetch('q', { groupConcurrency: 1, db: two.db })),
    ]
    await Promise.all([one.ask('commit'), two.ask('commit')])
    assert.equal(fetched.length, 2, 'both of one group are being worked on')
    await Promise.all([one.end(), two.end()])
  })

  test('fetches by the time of creation, not by the time at which a job is due', async () => {
    await boss.createQueue('q')
    await boss.insert('q', [{ data: { n: 'second' }, startAfter: '2020-01-02T00:00:00.000Z' }])
    await boss.insert('q', [{ data: { n: 'first' }, startAfter: '2020-01-01T00:00:00.000Z' }])
    const [job] = await boss.fetch<{ n: string }>('q')
    assert.equal(job?.data.n, 'second')
  })

  test('knows what we promised, what is leased and what is dead, under its own names', async () => {
    const store = here.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('a'), job('b', { runAt: later(1) }), job('c', { group: 'g', runAt: later(2) })] }])
    const states = async (): Promise<unknown[]> =>
      (await boss.findJobs('prm', { queued: false, limit: 10 }))
        .map(({ data, state }) => [(data as { k: string }).k, state])
        .sort()
    await drain(
      store,
      async ({ job: { key } }) => {
        if (key === 'a') return { outcome: { dead: true, error: 'x' } }
        if (key === 'b') return { outcome: { retryAt: later(9), error: 'x' } }
        await until(async () => (await collect(main.jobs({ state: 'active' }))).length === 1, 'the others settle')
        assert.deepEqual(await states(), [
          ['a', 'failed'],
          ['b', 'retry'],
          ['c', 'active'],
        ])
        return done
      },
      { now: () => new Date(later(5)) },
    )
    assert.deepEqual(await states(), [
      ['a', 'failed'],
      ['b', 'retry'],
    ])
  })

  test('does what it has put off until a process runs, and finds nothing to complain of', async () => {
    await here.ask(`insert into prm_boss.bam (name, version, status, table_name, command)
      values ('late', 46, 'pending', 'job', 'create table prm_boss.late ()'); update prm_boss.version set bam_on = null`)
    const log: string[] = []
    await here
      .open({ log: (text) => log.push(text) })
      .scope('main')
      .types()
    const ran = async () =>
      (await here.ask(`select 1 from prm_boss.bam where name = 'late' and status = 'completed'`)).length > 0
    await until(async () => log.length > 0 || (await ran()), 'it is done')
    assert.deepEqual(log, [])
  })

  test('with its maintenance switched on by another, takes nothing away and ends no lease', async () => {
    const store = here.open()
    const main = store.scope('main')
    await main.commit([
      {
        jobs: [
          job('dead', { runAt: '2001-01-01T00:00:00.000Z' }),
          job('leased'),
          job('old', { runAt: '2000-01-01T00:00:00.000Z', name: 'flow' }),
        ],
      },
    ])
    await drain(
      store,
      async ({ job: { key }, renew }) => {
        if (key === 'dead') return { outcome: { dead: true, error: 'x' } }
        await boss.supervise('prm')
        assert.equal(await renew(), true)
        return { outcome: { retryAt: later(1), error: 'x' } }
      },
      { now: () => new Date(later(0)) },
    )
    await boss.supervise('prm')
    assert.equal((await collect(main.jobs({ state: 'dead' }))).length, 1)
    assert.equal((await main.backlog(['deliver', 'flow'])).waiting, 2)
  })
})
