import assert from 'node:assert/strict'
import { at, type Check, collect, cursor, doing, done, drain, job, later, puts, sleep } from './place.ts'

/** One worker: what is handed out, in which order. */
export function workChecks(check: Check): void {
  check('store/work-order: oldest first, and as they were promised where the time is the same', async (place) => {
    const store = place.open()
    await store.scope('main').commit([
      {
        jobs: [
          job('c', { runAt: later(2) }),
          job('a1'),
          job('b', { runAt: later(1) }),
          job('a2'),
          job('a0', { runAt: later(-1) }),
        ],
      },
    ])
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { concurrency: 1 },
    )
    assert.deepEqual(ran, ['a0', 'a1', 'a2', 'b', 'c'])
  })

  check('store/work-due: only what is due by the given clock, of the given names and libraries', async (place) => {
    const store = place.open()
    const jobs = [job('due'), job('not yet', { runAt: later(1) }), job('other', { name: 'flow' })]
    for (const library of ['main', 'branch', 'foreign']) await store.scope(library).commit([{ jobs }])
    const ran: string[] = []
    await drain(
      store,
      doing((lease) => ran.push(`${lease.library} ${lease.job.key}`)),
      {
        libraries: ['main', 'branch'],
        now: () => new Date(at),
      },
    )
    assert.deepEqual(ran.sort(), ['branch due', 'main due'])
    assert.deepEqual(await store.scope('main').backlog(['deliver', 'flow']), { waiting: 2, next: at })
  })

  check('store/work-many: many libraries and names are served in one loop', async (place) => {
    const store = place.open()
    const libraries = Array.from({ length: 30 }, (_, i) => `library ${i}`)
    const names = Array.from({ length: 12 }, (_, i) => `name ${i}`)
    for (const library of libraries)
      await store.scope(library).commit([{ jobs: names.map((name) => job(name, { name })) }])
    let ran = 0
    await drain(
      store,
      doing(() => ran++),
      { libraries, names },
    )
    assert.equal(ran, 360)
  })

  for (const [whose, urgent, library] of [
    ['another library', 'deliver', 'branch'],
    ['another name', 'urgent', 'main'],
  ] as const)
    check(`store/work-fair: one storm keeps no job of ${whose} waiting, whatever it left behind`, async (place) => {
      const store = place.open()
      const storm = Array.from({ length: 5_000 }, (_, i) => job(`s${i}`, { group: `g${i}`, runAt: later(-60_000) }))
      await store.scope('main').commit([{ jobs: storm }])
      for (const concurrency of [1, 10]) {
        const stop = new AbortController()
        let before = 0
        let after = 0
        await drain(
          store,
          async ({ job: { key } }) => {
            if (!key.startsWith('urgent')) before < 3 * concurrency ? before++ : after++
            if (key.startsWith('urgent') || after > 3 * concurrency) stop.abort()
            if (before === 3 * concurrency && after === 0)
              await store.scope(library).commit([{ jobs: [job(`urgent ${concurrency}`, { name: urgent })] }])
            await sleep(1)
            return done
          },
          { concurrency, names: ['deliver', 'urgent'], libraries: ['main', 'branch'], signal: stop.signal },
        )
        // Before it go those that have a slot, and those that take one before it is promised.
        assert.ok(after <= 3 * concurrency, `more of the storm began before it than ${after}, ${concurrency} at once`)
        for (const key of ['main', 'branch'])
          for await (const left of store.scope(key).jobs({ state: 'waiting', limit: 1 }))
            assert.ok(!left.key.startsWith('urgent'))
      }
    })

  check('store/work-turns: of libraries that all have work each gets as much, oldest first', async (place) => {
    const store = place.open()
    const libraries = ['main', 'branch', 'van']
    for (const [at, library] of libraries.entries()) {
      const jobs = Array.from({ length: 100 }, (_, i) => job(`j${i}`, { runAt: later(at * 1_000 + i) }))
      await store.scope(library).commit([{ jobs }])
    }
    for (const concurrency of [1, 8]) {
      const stop = new AbortController()
      const ran: { readonly [library: string]: number[] } = { main: [], branch: [], van: [] }
      let all = 0
      await drain(
        store,
        async ({ library, job: { key } }) => {
          ran[library]?.push(Number(key.slice(1)))
          if (++all === 60) stop.abort()
          await sleep(1)
          return done
        },
        { concurrency, libraries, signal: stop.signal },
      )
      for (const library of libraries) {
        const mine = ran[library] ?? []
        assert.ok(Math.abs(mine.length - all / 3) <= concurrency, `${library} had ${mine.length} of ${all}`)
        assert.deepEqual(
          mine,
          mine.toSorted((a, b) => a - b),
        )
      }
    }
  })

  check('store/work-slots: never more run at once than asked for, and no more are claimed than run', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: Array.from({ length: 20 }, (_, i) => job(`j${i}`)) }])
    let running = 0
    let most = 0
    await drain(
      store,
      async () => {
        most = Math.max(most, ++running)
        await sleep(5)
        assert.ok((await collect(main.jobs({ state: 'active' }))).length <= 3)
        running--
        return done
      },
      { concurrency: 3 },
    )
    assert.equal(most, 3)
  })

  check('store/work-together: claims and settlements of one tick share transactions', async (place) => {
    const store = place.open()
    await store
      .scope('main')
      .commit([{ jobs: Array.from({ length: 500 }, (_, i) => job(`j${i}`, { group: `g${i}` })) }])
    const before = store.transactions
    let told = 0
    await drain(
      store,
      async ({ job: { key } }) => ({ ...done, batches: [puts(cursor(key, 1))], after: () => void told++ }),
      {
        concurrency: 50,
      },
    )
    assert.equal(told, 500)
    assert.ok(store.transactions - before <= 15, `${store.transactions - before} transactions for 500 jobs, 50 at once`)
  })

  check('store/work-slot-free: a slot is free when run returns, before its commit is through', async (place) => {
    const store = place.open()
    await store.scope('main').commit([{ jobs: [job('a'), job('b')] }])
    const events: string[] = []
    await drain(
      store,
      async ({ job: { key } }) => {
        events.push(`run ${key}`)
        return { ...done, after: () => void events.push(`stored ${key}`) }
      },
      { concurrency: 1 },
    )
    // The claim of b shares the transaction that stores a: there is no round in between.
    assert.deepEqual(events, ['run a', 'stored a', 'run b', 'stored b'])
    assert.ok(store.transactions <= 5)
  })

  check('store/backlog: the backlog counts what waits and what is leased, and names the earliest', async (place) => {
    const store = place.open({ clock: () => new Date(at) })
    const main = store.scope('main')
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
    await main.commit([
      {
        jobs: [
          job('now'),
          job('later', { runAt: later(60_000) }),
          job('latest', { runAt: later(90_000) }),
          job('f', { name: 'flow' }),
        ],
      },
    ])
    assert.deepEqual(await main.backlog(['deliver', 'flow', 'deliver']), { waiting: 4, next: at })
    assert.deepEqual(await main.backlog([]), { waiting: 0 })
    await drain(
      store,
      async () => {
        assert.deepEqual(await main.backlog(['deliver']), { waiting: 3, next: later(30_000) })
        const [active] = await collect(main.jobs({ state: 'active', names: ['deliver'] }))
        assert.deepEqual(active, { ...job('now'), attempt: 1, until: later(30_000) })
        assert.equal((await collect(main.jobs({ state: 'waiting', limit: 1 }))).length, 1)
        return done
      },
      { now: () => new Date(at) },
    )
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 2, next: later(60_000) })
  })
}
