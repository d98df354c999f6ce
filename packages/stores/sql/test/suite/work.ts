import assert from 'node:assert/strict'
import { type Job, PrmError } from '@prm/core'
import fc from 'fast-check'
import { at, type Check, collect, cursor, doing, done, drain, job, later, puts, sleep, until } from './place.ts'

/** One worker: what is handed out, in which order, and what becomes of it. */
export function workChecks(check: Check): void {
  check('jobs are handed out oldest first, and in the order of promising where the time is the same', async (place) => {
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

  check('only what is due by the given clock, of the given names and libraries, is handed out', async (place) => {
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

  check('many libraries and names are served in one loop', async (place) => {
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

  check('never more run at once than asked for, and no more are claimed than run', async (place) => {
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

  check('claims and settlements of one tick share transactions', async (place) => {
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

  check('a slot is free when run returns, before its commit is through', async (place) => {
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

  check('in one group never two at once, oldest first, while other groups go on', async (place) => {
    const store = place.open()
    const jobs = Array.from({ length: 200 }, (_, i) => job(`j${i}`, { group: `g${i % 5}`, runAt: later(-(i % 7)) }))
    await store.scope('main').commit(jobs.map((one) => ({ jobs: [one] })))
    const order = await orderOf(jobs, (ran) =>
      drain(
        store,
        async ({ job: one }) => {
          ran.start(one)
          await sleep(Math.random() * 3)
          ran.end(one)
          return done
        },
        { concurrency: 20 },
      ),
    )
    for (const group of new Set(jobs.map((one) => one.group))) {
      const mine = jobs.filter((one) => one.group === group)
      const expected = mine.toSorted((a, b) => a.runAt.localeCompare(b.runAt)).map(({ key }) => key)
      assert.deepEqual(
        order.filter((key) => mine.some((one) => one.key === key)),
        expected,
      )
    }
  })

  check('two workers on one database never have two jobs of a group at once', async (place) => {
    const jobs = Array.from({ length: 150 }, (_, i) =>
      job(`j${i}`, { group: `g${i % 6}`, name: i % 4 < 2 ? 'deliver' : 'flow' }),
    )
    const stores = [place.open(), place.open()]
    await stores[0]?.scope('main').commit([{ jobs }])
    const order = await orderOf(jobs, async (ran) => {
      const work = async ({ job: one }: { job: Job }) => {
        ran.start(one)
        await sleep(Math.random() * 4)
        ran.end(one)
        return done
      }
      const all = stores.map((store) => drain(store, work, { names: ['deliver', 'flow'], concurrency: 8 }))
      await Promise.all(all)
      await drain(stores[0] as never, work, { names: ['deliver', 'flow'] })
    })
    assert.equal(order.length, jobs.length)
  })

  check('a job that backs off does not hold its group', async (place) => {
    const store = place.open()
    await store.scope('main').commit([{ jobs: [job('a', { group: 'g' }), job('b', { group: 'g' })] }])
    const ran: string[] = []
    await drain(
      store,
      async ({ job: { key }, attempt }) => {
        ran.push(`${key} ${attempt}`)
        return key === 'a' && attempt === 1 ? { outcome: { retryAt: later(1_000), error: 'busy' } } : done
      },
      { now: () => new Date(at) },
    )
    assert.deepEqual(ran, ['a 1', 'b 1'])
    await drain(
      store,
      doing(({ job: { key }, attempt }) => ran.push(`${key} ${attempt}`)),
    )
    assert.deepEqual(ran, ['a 1', 'b 1', 'a 2'])
  })

  check('an older job that comes later goes before the rest of its group', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('b', { group: 'g' }), job('c', { group: 'g' })] }])
    await main.commit([{ jobs: [job('a', { group: 'g', runAt: later(-5) })] }])
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
    )
    assert.deepEqual(ran, ['a', 'b', 'c'])
  })

  check('starts are counted, also across retries, and a job promised anew starts at one', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    const attempts: number[] = []
    const run = async ({ attempt }: { attempt: number }) => {
      attempts.push(attempt)
      return attempt < 3 ? { outcome: { retryAt: at, error: { code: 'unavailable' } } } : done
    }
    await main.commit([{ jobs: [job('a')] }])
    await drain(store, run)
    await main.commit([{ jobs: [job('a')] }])
    await drain(store, run)
    assert.deepEqual(attempts, [1, 2, 3, 1, 2, 3])
  })

  check('a release does not count as a start, and waits until the time it names', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('a')] }])
    const attempts: number[] = []
    await drain(store, async ({ attempt }) => {
      attempts.push(attempt)
      return attempts.length < 3
        ? { outcome: { release: true } }
        : { outcome: { release: true, runAt: '2031-01-01T00:00:00.000Z' } }
    })
    assert.deepEqual(attempts, [1, 1, 1])
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 1, next: '2031-01-01T00:00:00.000Z' })
    const [waiting] = await collect(main.jobs({ state: 'waiting' }))
    assert.equal(waiting?.attempt, 0)
  })

  check('a job that is done may be promised again by its own settlement', async (place) => {
    const store = place.open()
    const ran: Job[] = []
    await store.scope('main').commit([{ jobs: [job('pull', { group: 'feed' })] }])
    await drain(store, async (lease) => {
      ran.push(lease.job)
      return ran.length === 3
        ? done
        : { ...done, batches: [{ jobs: [job('pull', { group: 'feed', payload: ran.length })] }] }
    })
    assert.deepEqual(
      ran.map(({ payload }) => payload),
      [{ key: 'pull' }, 1, 2],
    )
  })

  check('an outcome is stored also where a batch of its settlement misses', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ ...puts(cursor('c', 1)), jobs: [job('a')] }])
    await drain(store, async () => ({ ...done, batches: [puts(cursor('c', 2, 0)), puts(cursor('d', 1, 0))] }))
    assert.equal((await main.get('cursor', 'c'))?.value.value, 1)
    assert.equal((await main.get('cursor', 'd'))?.value.value, 1)
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  check(
    'a dead job stays, is not promised anew, does not hold its group, and waits again when redriven',
    async (place) => {
      const store = place.open()
      const main = store.scope('main')
      await main.commit([{ jobs: [job('a', { group: 'g' }), job('b', { group: 'g' })] }])
      const ran: string[] = []
      await drain(store, async ({ job: { key } }) => {
        ran.push(key)
        return key === 'a' ? { outcome: { dead: true, error: { code: 'invalid' } } } : done
      })
      await main.commit([{ jobs: [job('a', { group: 'g' })] }])
      assert.deepEqual(ran, ['a', 'b'])
      assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
      assert.deepEqual(await collect(main.jobs({ state: 'dead' })), [
        { ...job('a', { group: 'g' }), attempt: 1, error: { code: 'invalid' } },
      ])
      await main.commit([{ jobs: [job('c', { group: 'g' })] }])
      assert.equal(await main.redrive(['a', 'b', 'c', 'a']), 1)
      await drain(
        store,
        doing(({ job: { key }, attempt }) => ran.push(`${key} ${attempt}`)),
      )
      assert.deepEqual(ran, ['a', 'b', 'a 2', 'c 1'])
    },
  )

  check(
    'a run that throws is tried again later, and only the error of our own kind is kept in words',
    async (place) => {
      const store = place.open()
      const main = store.scope('main')
      await main.commit([{ jobs: [job('ours'), job('theirs')] }])
      await drain(
        store,
        ({ job: { key } }) => {
          if (key === 'ours') throw new PrmError('unavailable', 'The provider is away.')
          throw new TypeError('Anna Smith has no phone')
        },
        { now: () => new Date(at) },
      )
      const jobs = await collect(main.jobs({ state: 'waiting' }))
      assert.deepEqual(
        jobs.map(({ error }) => error),
        [{ code: 'unavailable', message: 'The provider is away.' }, { name: 'TypeError' }],
      )
      assert.deepEqual(
        jobs.map(({ runAt, attempt }) => [runAt, attempt]),
        [
          [later(1_000), 1],
          [later(1_000), 1],
        ],
      )
    },
  )

  check('an outcome that cannot be stored counts as a run that threw, and harms no other', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('good'), job('bad')] }])
    await drain(
      store,
      async ({ job: { key } }) => (key === 'bad' ? { outcome: { retryAt: 'soon', error: 1 } } : done),
      {
        now: () => new Date(at),
      },
    )
    const jobs = await collect(main.jobs({ state: 'waiting' }))
    assert.deepEqual(
      jobs.map(({ key, runAt }) => [key, runAt]),
      [['bad', later(1_000)]],
    )
  })

  check('the backlog counts what waits and what is leased, and names the earliest', async (place) => {
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

  check('once also runs what is promised while it works, and ends when nothing is due', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('flow', { name: 'flow' })] }])
    const ran: string[] = []
    await drain(
      store,
      async ({ job: { key } }) => {
        ran.push(key)
        await sleep(5)
        if (key === 'flow')
          await main.commit([{ jobs: [job('send', { runAt: later(-1) }), job('tomorrow', { runAt: later(1) })] }])
        return key === 'send' ? { ...done, batches: [{ jobs: [job('report')] }] } : done
      },
      { names: ['flow', 'deliver'], now: () => new Date(at) },
    )
    assert.deepEqual(ran, ['flow', 'send', 'report'])
  })

  check('a commit with a job wakes the worker of the same store at once', async (place) => {
    const store = place.open({ poll: '1h' })
    const stop = new AbortController()
    const ran: string[] = []
    const work = drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { once: false, signal: stop.signal },
    )
    await sleep(20)
    await store.scope('main').commit([{ jobs: [job('a')] }])
    await until(() => ran.length === 1, 'the job runs')
    stop.abort()
    await work
  })

  check('what another process promises, and what becomes due, is seen without a wake', async (place) => {
    const store = place.open({ poll: '10ms' })
    const other = place.open()
    const stop = new AbortController()
    let now = new Date(at)
    const ran: string[] = []
    const work = drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      {
        once: false,
        signal: stop.signal,
        now: () => now,
      },
    )
    await sleep(20)
    await other.scope('main').commit([{ jobs: [job('a'), job('b', { runAt: later(1_000) })] }])
    await until(() => ran.length === 1, 'the other process is heard')
    await sleep(40)
    assert.deepEqual(ran, ['a'])
    now = new Date(later(1_000))
    await until(() => ran.length === 2, 'the clock is seen')
    stop.abort()
    await work
  })

  check('an idle worker writes nothing', async (place) => {
    const store = place.open({ poll: '2ms' })
    const stop = new AbortController()
    await store.scope('main').commit([{ jobs: [job('future', { runAt: later(1) })] }])
    const work = drain(store, async () => done, { once: false, signal: stop.signal, now: () => new Date(at) })
    await until(() => store.transactions === 2, 'it has looked once')
    await sleep(100)
    assert.equal(store.transactions, 2)
    stop.abort()
    await work
  })

  check('on abort the running work is told, finished and settled, and nothing new is started', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: Array.from({ length: 10 }, (_, i) => job(`j${i}`)) }])
    const stop = new AbortController()
    let ran = 0
    await drain(
      store,
      async (_, signal) => {
        if (++ran === 2) stop.abort()
        await sleep(10)
        assert.ok(signal.aborted)
        return { ...done, batches: [puts(cursor(`c${ran}`, 1))] }
      },
      { once: false, signal: stop.signal, concurrency: 2 },
    )
    assert.equal(ran, 2)
    const waiting = await collect(main.jobs({ state: 'waiting' }))
    assert.deepEqual(
      waiting.map(({ attempt }) => attempt),
      Array.from({ length: 8 }, () => 0),
    )
  })

  check('work that was claimed while the abort came is handed back uncounted', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('a')] }])
    const stop = new AbortController()
    let ran = 0
    const now = (): Date => {
      stop.abort() // while the claim is on its way
      return new Date('2030-01-01')
    }
    const run = doing(() => ran++)
    await drain(store, run, { once: false, signal: stop.signal, now })
    assert.equal(ran, 0)
    assert.deepEqual(await collect(main.jobs({ state: 'active' })), [])
    assert.deepEqual(await collect(main.jobs({ state: 'waiting' })), [{ ...job('a'), attempt: 0 }])
  })

  check('close waits for what is being committed and for the work in hand, and may be called twice', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('a')] }])
    let ended = false
    let started = false
    const work = drain(
      store,
      async () => {
        started = true
        await sleep(20)
        ended = true
        return done
      },
      { once: false },
    )
    await until(() => started, 'work starts')
    const pending = main.commit([puts(cursor('last', 1))])
    await Promise.all([store.close(), store.close()])
    assert.ok(ended)
    await work
    assert.deepEqual(await pending, [true])
    await assert.rejects(main.get('cursor', 'last'), (error) => PrmError.is(error) && error.code === 'unavailable')
    const again = place.open().scope('main')
    assert.equal((await again.get('cursor', 'last'))?.version, 1)
    assert.deepEqual(await again.backlog(['deliver']), { waiting: 0 })
  })

  check('whatever becomes of jobs, the order of work is that of the plain model', async (place) => {
    const store = place.open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(scripts, async ({ jobs, script }) => {
        const library = `library ${run++}`
        for (const some of jobs) await store.scope(library).commit([{ jobs: some }])
        const model = modelOf(jobs.flat())
        let step = 0
        await drain(
          store,
          async ({ job: { key }, attempt }) => {
            const next = script[step++]
            const expected = model.next()
            assert.deepEqual([key, attempt], [expected?.key, expected?.attempt])
            const retryAt = later(next?.ms ?? 0)
            if (next?.what === 'release') {
              model.move(key, retryAt, 0)
              return { outcome: { release: true, runAt: retryAt } }
            }
            if (next?.what === 'retry') {
              model.move(key, retryAt, 1)
              return { outcome: { retryAt, error: 1 } }
            }
            model.done(key)
            if (next?.what === 'dead') return { outcome: { dead: true, error: 1 } }
            if (next?.what !== 'more') return done
            const more = job(`new ${step}`, { runAt: retryAt, ...(next.group === null ? {} : { group: next.group }) })
            model.add(more)
            return { ...done, batches: [{ jobs: [more] }] }
          },
          { libraries: [library], concurrency: 1 },
        )
        assert.equal(model.next(), undefined)
        assert.equal((await store.scope(library).backlog(['deliver'])).waiting, 0)
      }),
      { numRuns: 60 },
    )
  })
}

const group = fc.option(fc.constantFrom('g', 'h'))
const ms = fc.integer({ min: -3, max: 3 })
const scripts = fc.record({
  jobs: fc.array(
    fc.array(
      fc
        .tuple(fc.nat(12), ms, group)
        .map(([n, time, g]) => job(`j${n}`, { runAt: later(time), ...(g === null ? {} : { group: g }) })),
      { maxLength: 5 },
    ),
    { maxLength: 4 },
  ),
  script: fc.array(fc.record({ what: fc.constantFrom('done', 'dead', 'release', 'retry', 'more'), ms, group }), {
    maxLength: 20,
  }),
})

/** One worker with one slot: the oldest of what waits. */
function modelOf(jobs: readonly Job[]) {
  let seq = 0
  const waiting = new Map<string, { key: string; runAt: string; seq: number; attempt: number }>()
  const model = {
    add({ key, runAt }: Job) {
      if (!waiting.has(key)) waiting.set(key, { key, runAt, seq: seq++, attempt: 1 })
    },
    next: () => [...waiting.values()].sort((a, b) => a.runAt.localeCompare(b.runAt) || a.seq - b.seq)[0],
    done: (key: string) => void waiting.delete(key),
    move(key: string, runAt: string, counts: number) {
      const one = waiting.get(key)
      if (one) Object.assign(one, { runAt, attempt: one.attempt + counts })
    },
  }
  for (const one of jobs) model.add(one)
  return model
}

/** The order in which jobs ended, after checking that no two of a group ran at once. */
async function orderOf(
  jobs: readonly Job[],
  work: (ran: { start(job: Job): void; end(job: Job): void }) => Promise<void>,
): Promise<string[]> {
  const running = new Set<string>()
  const order: string[] = []
  const broken: string[] = []
  await work({
    start({ key, group: mine = key }) {
      if (running.has(mine)) broken.push(key)
      running.add(mine)
    },
    end({ key, group: mine = key }) {
      running.delete(mine)
      order.push(key)
    },
  })
  assert.deepEqual(broken, [])
  assert.deepEqual([...order].sort(), jobs.map(({ key }) => key).sort())
  return order
}
