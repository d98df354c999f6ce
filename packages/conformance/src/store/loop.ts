import assert from 'node:assert/strict'
import { PrmError } from '@prm/core/adapter'
import { at, type Check, collect, cursor, doing, done, drain, job, later, puts, sleep, until } from './place.ts'

/** When a worker looks for work, and when it ends. */
export function loopChecks(check: Check): void {
  check('store/once: once also runs what is promised while it works, and ends when nothing is due', async (place) => {
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

  check('store/wake: a commit with a job wakes the worker of the same store at once', async (place) => {
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

  check('store/poll: what another process promises, and what becomes due, is seen without a wake', async (place) => {
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

  check('store/idle: an idle worker writes nothing', async (place) => {
    const store = place.open({ poll: '2ms' })
    const stop = new AbortController()
    await store.scope('main').commit([{ jobs: [job('future', { runAt: later(1) })] }])
    const work = drain(store, async () => done, { once: false, signal: stop.signal, now: () => new Date(at) })
    // Its first looks may take their time; a hundred quiet milliseconds must come.
    let [before, quiet] = [-1, false]
    for (let looks = 0; looks < 50 && !quiet; looks++) {
      before = store.transactions
      await sleep(100)
      quiet = store.transactions === before
    }
    assert.ok(quiet)
    stop.abort()
    await work
  })

  check('store/abort: running work is told, finished and settled, and nothing new is started', async (place) => {
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

  check('store/abort-claim: work that was claimed while the abort came is handed back uncounted', async (place) => {
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

  check(
    'store/close: waits for what is being committed and for work in hand, and may be called twice',
    async (place) => {
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
    },
  )
}
