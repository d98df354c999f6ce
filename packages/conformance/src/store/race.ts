import assert from 'node:assert/strict'
import type { Batch } from '@prm/core/adapter'
import { type Check, cursor, doing, done, drain, fact, job, puts, sleep } from './place.ts'

/** Two processes on one database, at the same moment. */
export function raceChecks(check: Check): void {
  check(
    'store/unless-race: of two processes that put one fact, one does, and its jobs are promised once',
    async (place) => {
      const [one, two] = [place.open(), place.open()]
      for (let n = 0; n < 20; n++) {
        const arrival = (by: string): Batch => ({
          ifAbsent: [{ kind: 'interaction', id: `koha hold ${n}` }],
          put: [{ kind: 'interaction', value: fact(`hold ${n}`, { data: { by } }) }],
          jobs: [job(`${by} ${n}`)],
        })
        const written = await Promise.all(
          Object.entries({ one, two }).map(async ([by, store]) => {
            const [mine] = await store.scope('main').commit([arrival(by)])
            return mine ? [by] : []
          }),
        )
        const [by, ...more] = written.flat()
        assert.deepEqual(more, [])
        const found = await one.scope('main').get('interaction', `koha hold ${n}`)
        assert.deepEqual(found?.value.data, { by })
      }
      assert.equal((await one.scope('main').backlog(['deliver'])).waiting, 20)
    },
  )

  check(
    'store/if-version-race: of two processes that count by ifVersion, none loses a step of the other',
    async (place) => {
      const stores = [place.open(), place.open()]
      await stores[0]?.scope('main').commit([puts(cursor('count', 0))])
      let missed = 0
      await Promise.all(
        stores.map(async (store) => {
          const main = store.scope('main')
          for (let counted = 0; counted < 20; ) {
            const row = await main.get('cursor', 'count')
            assert.ok(row)
            const [written] = await main.commit([puts(cursor('count', Number(row.value.value) + 1, row.version))])
            if (written) counted++
            else missed++
            assert.ok(missed < 1_000)
          }
        }),
      )
      assert.deepEqual((await stores[0]?.scope('main').get('cursor', 'count'))?.value.value, 40)
    },
  )

  check('store/taken-once: two processes share what is due, and each job is run once', async (place) => {
    const stores = [place.open(), place.open()]
    const keys = Array.from({ length: 100 }, (_, i) => `j${i}`)
    await stores[0]?.scope('main').commit([{ jobs: keys.map((key) => job(key)) }])
    const ran: string[] = []
    const note = doing(({ job: { key } }) => ran.push(key))
    await Promise.all(
      stores.map((store) =>
        drain(store, async (lease, signal) => {
          await sleep(1)
          return note(lease, signal).then(() => done)
        }),
      ),
    )
    assert.deepEqual(ran.sort(), keys.sort())
  })
}
