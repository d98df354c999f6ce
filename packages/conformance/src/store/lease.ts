import assert from 'node:assert/strict'
import type { Lease, Settled, Store } from '@prm/core/adapter'
import { at, type Check, cursor, doing, done, drain, job, later, puts, sleep, until } from './place.ts'

/** Two workers, one of which stalls: whose is the job? The stalled one is a store whose clock stands still. */
export function leaseChecks(check: Check): void {
  check(
    'store/lease-fenced: a lease that ran out is handed to another, and the first writes neither outcome nor batches',
    async (place) => {
      const log: string[] = []
      const stalled = place.open({ clock: () => new Date(at), log: (text) => log.push(text) })
      const other = place.open({ clock: () => new Date(later(30_000)) })
      await stalled.scope('main').commit([{ jobs: [job('a')] }])
      const attempts: number[] = []
      const now = (): Date => new Date(at)
      const second = async ({ attempt }: Lease): Promise<Settled> => {
        attempts.push(attempt)
        return { outcome: { retryAt: later(1), error: 'second' } }
      }
      const first = async (lease: Lease): Promise<Settled> => {
        attempts.push(lease.attempt)
        assert.equal(lease.remainingMs(), 30_000)
        await drain(other, second, { now })
        assert.equal(await lease.renew(), false)
        return { ...done, batches: [puts(cursor('mine', 1))] }
      }
      await drain(stalled, first, { now })
      assert.deepEqual(attempts, [1, 2])
      assert.equal(await other.scope('main').get('cursor', 'mine'), undefined)
      assert.deepEqual(await other.scope('main').backlog(['deliver']), { waiting: 1, next: later(1) })
      assert.match(log.join(), /lease of deliver had run out/)
    },
  )

  check('store/after: is called once its outcome is written, and not where the lease was lost', async (place) => {
    const stalled = place.open({ clock: () => new Date(at) })
    const other = place.open({ clock: () => new Date(later(31_000)) })
    const main = stalled.scope('main')
    const after: string[] = []
    const written = Promise.withResolvers<unknown>()
    await main.commit([{ jobs: [job('kept')] }])
    await drain(stalled, async () => ({
      ...done,
      batches: [puts(cursor('kept', 1))],
      after: () => written.resolve(main.get('cursor', 'kept')),
    }))
    assert.ok(await written.promise)
    await main.commit([{ jobs: [job('lost')] }])
    await drain(stalled, async () => {
      await drain(other, async () => ({ ...done, after: () => void after.push('other') }))
      return { ...done, after: () => void after.push('stalled') }
    })
    assert.deepEqual(after, ['other'])
  })

  check('store/lease-taken: who lost a lease settles nothing while another works on the job', async (place) => {
    const stalled = place.open({ clock: () => new Date(at) })
    const other = place.open({ clock: () => new Date(later(31_000)) })
    await stalled.scope('main').commit([{ jobs: [job('a')] }])
    const [started, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let second: Promise<void> | undefined
    await drain(stalled, async () => {
      second = drain(other, async () => {
        started.resolve()
        await finish.promise
        return { ...done, batches: [puts(cursor('second', 1))] }
      })
      await started.promise
      return { ...done, batches: [puts(cursor('first', 1))] }
    })
    const main = other.scope('main')
    assert.equal(await main.get('cursor', 'first'), undefined)
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
    finish.resolve()
    await second
    assert.ok(await main.get('cursor', 'second'))
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  check('store/lease-held: a lease is not handed to another a moment before it ends', async (place) => {
    const mine = place.open({ clock: () => new Date(at) })
    const other = place.open({ clock: () => new Date(later(29_999)) })
    await mine.scope('main').commit([{ jobs: [job('a')] }])
    await drain(mine, async () => {
      await drain(other, async () => assert.fail('it is leased'))
      return done
    })
  })

  check('store/once-leased: once does not wait for what another live process has leased', async (place) => {
    const [mine, other] = [place.open(), place.open()]
    await mine.scope('main').commit([{ jobs: [job('a', { group: 'g' }), job('b', { group: 'g' })] }])
    const held = Promise.withResolvers<void>()
    let started = false
    const work = drain(mine, async () => {
      started = true
      await held.promise
      return done
    })
    await until(() => started, 'work starts')
    await drain(other, async () => assert.fail('it is leased, and its group with it'))
    held.resolve()
    await work
  })

  check('store/lease-renewed: a lease is renewed as long as run works', async (place) => {
    const mine = place.open({ lease: '3s' }) // so long that a renewal may come late on a busy machine
    const other = place.open({ poll: '5ms' })
    await mine.scope('main').commit([{ jobs: [job('a', { group: 'g' })] }])
    const stop = new AbortController()
    const seen: string[] = []
    const note = doing(({ attempt }) => seen.push(`other ${attempt}`))
    let watch: Promise<void> | undefined
    await drain(mine, async ({ attempt }) => {
      watch = drain(other, note, { once: false, signal: stop.signal })
      await sleep(4_000)
      seen.push(`mine ${attempt}`)
      return done
    })
    await sleep(20)
    stop.abort()
    await watch
    assert.deepEqual(seen, ['mine 1'])
  })

  check('store/lease-keep: keep renews at once and says that the lease is still ours', async (place) => {
    let now = at
    const store = place.open({ clock: () => new Date(now) })
    await store.scope('main').commit([{ jobs: [job('a')] }])
    await drain(store, async (lease) => {
      now = later(20_000)
      assert.equal(lease.remainingMs(), 10_000)
      assert.equal(await lease.renew(), true)
      assert.equal(lease.remainingMs(), 30_000)
      now = later(60_000) // nobody took it meanwhile
      assert.equal(await lease.renew(), true)
      return done
    })
  })

  check('store/lease-group: a lease that ran out is not kept once another of its group was started', async (place) => {
    let now = at
    const stalled = place.open({ clock: () => new Date(now) })
    const awake = (): Store => place.open({ clock: () => new Date(later(31_000)) })
    const [other, third] = [awake(), awake()]
    await stalled.scope('main').commit([{ jobs: [job('a', { group: 'g' })] }])
    const seen: string[] = []
    await drain(stalled, async (lease) => {
      const older = job('older', { group: 'g', name: 'flow', runAt: later(-1) })
      await other.scope('main').commit([{ jobs: [older] }])
      now = later(31_000)
      const during = async ({ job: { key } }: Lease): Promise<Settled> => {
        seen.push(key)
        await drain(third, async () => assert.fail('its group is held'))
        assert.equal(await lease.renew(), false)
        return done
      }
      await drain(other, during, { names: ['flow'] })
      return done
    })
    assert.deepEqual(seen, ['older'])
  })

  check(
    'store/lease-over: one that ran out is over once another of its group was started, though that has ended',
    async (place) => {
      let now = at
      const stalled = place.open({ clock: () => new Date(now) })
      const other = place.open({ clock: () => new Date(later(31_000)) })
      const main = stalled.scope('main')
      await main.commit([{ jobs: [job('a', { group: 'g' })] }])
      const attempts: number[] = []
      await drain(stalled, async (lease) => {
        attempts.push(lease.attempt)
        if (attempts.length > 1) return done
        await main.commit([{ jobs: [job('older', { group: 'g', name: 'flow', runAt: later(-1) })] }])
        await drain(other, async () => done, { names: ['flow'] })
        now = later(31_000)
        assert.equal(await lease.renew(), false)
        return { ...done, batches: [puts(cursor('mine', 1))] }
      })
      assert.equal(await main.get('cursor', 'mine'), undefined)
      await drain(stalled, async ({ attempt }) => {
        attempts.push(attempt)
        return done
      })
      assert.deepEqual(attempts, [1, 2])
      assert.deepEqual(await main.backlog(['deliver', 'flow']), { waiting: 0 })
    },
  )
}
