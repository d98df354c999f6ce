import assert from 'node:assert/strict'
import type { Job } from '@prm/core/adapter'
import { at, type Check, doing, done, drain, job, later, sleep } from './place.ts'

/** In one group never two at once, oldest first. */
export function groupChecks(check: Check): void {
  check('store/group-order: in one group never two at once, oldest first, while other groups go on', async (place) => {
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

  check('store/group-exclusive: two workers on one database never have two jobs of a group at once', async (place) => {
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

  check('store/group-backs-off: a job that backs off does not hold its group', async (place) => {
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

  check('store/group-older: an older job that comes later goes before the rest of its group', async (place) => {
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
