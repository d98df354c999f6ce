import assert from 'node:assert/strict'
import { type Job, PrmError } from '@prm/core/adapter'
import { at, type Check, collect, cursor, doing, done, drain, job, later, puts } from './place.ts'

/** What becomes of a job by how its run ended. */
export function outcomeChecks(check: Check): void {
  check('store/attempts: starts are counted, also across retries; a job promised anew starts at one', async (place) => {
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

  check('store/release: a release does not count as a start, and waits until the time it names', async (place) => {
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

  check('store/promised-again: a job that is done may be promised again by its own settlement', async (place) => {
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

  check('store/settle-misses: an outcome is stored also where a batch of its settlement misses', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ ...puts(cursor('c', 1)), jobs: [job('a')] }])
    await drain(store, async () => ({ ...done, batches: [puts(cursor('c', 2, 0)), puts(cursor('d', 1, 0))] }))
    assert.equal((await main.get('cursor', 'c'))?.value.value, 1)
    assert.equal((await main.get('cursor', 'd'))?.value.value, 1)
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  check(
    'store/redrive: a dead job stays, is not promised anew, does not hold its group, and waits again when redriven',
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
    'store/run-throws: a run that throws is tried again later, and only the error of our own kind is kept in words',
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

  check(
    'store/outcome-invalid: what cannot be stored counts as a run that threw, and harms no other',
    async (place) => {
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
    },
  )
}
