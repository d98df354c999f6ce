import assert from 'node:assert/strict'
import type { Batch, Lease, Settled } from '@prm/core/adapter'
import {
  at,
  type Check,
  collect,
  cursor,
  decision,
  doing,
  done,
  drain,
  fact,
  flowRun,
  job,
  later,
  message,
  puts,
} from './place.ts'

/** What goes is gone, from every question. */
export function dropChecks(check: Check): void {
  check('store/drop: a dropped row is found by no question, and what takes its id is a new row', async (place) => {
    const main = place.open().scope('main')
    const address = { scheme: 'tel', value: '+1' }
    const about = { source: 'koha', key: 'hold 1' }
    await main.commit([
      puts(
        { kind: 'patron', value: { id: 'p', identities: [{ ...address, seenBy: 'koha', seenAt: at }] } },
        { kind: 'decision', value: decision('d', { keys: ['d', 'e'], about: [about] }) },
        { kind: 'decision', value: decision('f') },
        { kind: 'run', value: flowRun('r', { waits: ['w'] }) },
        { kind: 'interaction', value: fact('i', { patronId: 'p' }) },
      ),
    ])
    const drop = [
      { kind: 'patron', id: 'p' },
      { kind: 'decision', id: 'd' },
      { kind: 'run', id: 'r' },
      { kind: 'interaction', id: 'koha i' },
      { kind: 'cursor', id: 'never there' },
    ] as const
    assert.deepEqual(await main.commit([{ delete: drop }]), [true])
    for (const { kind, id } of drop) assert.equal(await main.get(kind, id), undefined)
    const none = async () => [
      ...(await collect(main.find('patron', { address }))),
      ...(await collect(main.find('decision', { about }))),
      ...(await collect(main.find('decision', { about: { source: 'prm', key: 'e' } }))),
      ...(await collect(main.find('run', { wait: 'w' }))),
      ...(await collect(main.find('interaction', { patronId: 'p' }))),
    ]
    assert.deepEqual(await none(), [])
    // The side rows of the dropped ones must not find those that come after.
    const again = puts(
      { kind: 'patron', value: { id: 'p', identities: [] } },
      { kind: 'decision', value: decision('d', { about: [] }), ifVersion: 0 },
      { kind: 'run', value: flowRun('r') },
    )
    assert.deepEqual(await main.commit([again]), [true])
    assert.deepEqual(await none(), [])
    assert.equal((await main.get('decision', 'd'))?.version, 1)
    assert.deepEqual(
      (await collect(main.find('decision', {}))).map(({ key }) => key),
      ['f', 'd'],
    )
  })

  check('store/drop-guarded: a batch that misses its ifVersion or unless drops and cancels nothing', async (place) => {
    const main = place.open().scope('main')
    await main.commit([{ put: [cursor('a', 1), cursor('b', 1)], jobs: [job('j')] }])
    const goes: Batch = { delete: [{ kind: 'cursor', id: 'a' }], cancel: [{ key: 'j' }] }
    assert.deepEqual(
      await main.commit([
        { ...goes, put: [cursor('a', 2, 7)] },
        { ...goes, ifAbsent: [{ kind: 'cursor', id: 'b' }] },
      ]),
      [false, false],
    )
    assert.equal((await main.get('cursor', 'a'))?.version, 1)
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
    assert.deepEqual(await main.commit([{ ...goes, put: [cursor('a', 2, 1)] }]), [true])
    assert.equal(await main.get('cursor', 'a'), undefined)
    assert.equal((await main.backlog(['deliver'])).waiting, 0)
  })

  check('store/drop-order: batches of one commit see what those before them dropped', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts({ kind: 'decision', value: decision('d', { about: [{ source: 's', key: 'old' }] }) })])
    const drop = [{ kind: 'decision', id: 'd' }] as const
    const put = (ref: string, ifVersion: number): Batch =>
      puts({ kind: 'decision', value: decision('d', { about: [{ source: 's', key: ref }] }), ifVersion })
    assert.deepEqual(
      await main.commit([{ delete: drop }, put('x', 1), put('between', 0), { delete: drop }, put('last', 0)]),
      [true, false, true, true, true],
    )
    const found = async (key: string) => (await collect(main.find('decision', { about: { source: 's', key } }))).length
    assert.deepEqual(await Promise.all(['old', 'x', 'between', 'last'].map(found)), [0, 0, 0, 1])
    assert.equal((await main.get('decision', 'd'))?.version, 1)

    // A message of the same key is another message: nothing of the old is merged into it.
    const planned = { kind: 'message', value: message('m') } as const
    await main.commit([puts({ kind: 'message', value: message('m', { state: 'sent', providerId: 'SM1' }) })])
    await main.commit([{ delete: [{ kind: 'message', id: 'm' }] }, puts(planned)])
    assert.deepEqual(await main.get('message', 'm'), { value: planned.value, version: 1 })
  })

  check('store/cancel: by key and by group, the dead ones too, and the next of a group is its first', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    const ran: string[] = []
    await main.commit([{ jobs: [job('dead', { group: 'g' }), job('dead alone')] }])
    await drain(store, async () => ({ outcome: { dead: true, error: 'x' } }))
    await main.commit([
      {
        jobs: [
          job('a1', { group: 'a' }),
          job('a2', { group: 'a', runAt: later(1) }),
          job('a other name', { group: 'a', name: 'flow' }),
          job('g', { group: 'g' }),
          job('g other name', { group: 'g', name: 'flow' }),
          job('alone'),
        ],
      },
    ])
    await main.commit([
      { cancel: [{ key: 'a1' }, { group: 'g' }, { key: 'alone' }, { key: 'dead alone' }, { key: 'never' }] },
    ])
    assert.deepEqual(await collect(main.jobs({ state: 'dead' })), [])
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { names: ['deliver', 'flow'] },
    )
    assert.deepEqual(ran.sort(), ['a other name', 'a2'])
  })

  check(
    'store/cancel-promises: what a batch promises stays, whatever it cancels; what was promised before it goes',
    async (place) => {
      const main = place.open().scope('main')
      await main.commit([{ jobs: [job('a', { group: 'g', payload: 'old' })] }])
      await main.commit([
        { jobs: [job('b', { group: 'g' }), job('c', { group: 'h' })] },
        { cancel: [{ group: 'g' }, { key: 'c' }], jobs: [job('a', { group: 'g', payload: 'new' })] },
      ])
      const jobs = await collect(main.jobs({ state: 'waiting' }))
      assert.deepEqual(
        jobs.map(({ key, payload }) => [key, payload]),
        [['a', 'new']],
      )
    },
  )

  check(
    'store/cancel-leased: who works on a cancelled job keeps no lease and settles nothing, whatever comes in its place',
    async (place) => {
      const store = place.open()
      const main = store.scope('main')
      await main.commit([{ jobs: [job('a', { group: 'g' }), job('b')] }])
      const kept: boolean[] = []
      let after = 0
      await drain(store, async (lease): Promise<Settled> => {
        if (lease.job.payload === 'again') return done
        if (lease.job.key === 'a') await main.commit([{ cancel: [{ group: 'g' }] }])
        // Its place in the table is free, and the next may well take it.
        else
          await main.commit([
            { cancel: [{ key: 'b' }], jobs: [job('b', { payload: 'again', runAt: '2040-01-01T00:00:00.000Z' })] },
          ])
        kept.push(await lease.renew())
        return {
          ...done,
          batches: [{ ...puts(cursor(lease.job.key, 1)), jobs: [job('more')] }],
          after: () => void after++,
        }
      })
      assert.deepEqual(kept, [false, false])
      assert.equal(after, 0)
      for (const key of ['a', 'b']) assert.equal(await main.get('cursor', key), undefined)
      const left = await collect(main.jobs({ state: 'waiting' }))
      assert.deepEqual(
        left.map(({ key, payload, attempt }) => [key, payload, attempt]),
        [['b', 'again', 0]],
      )
    },
  )

  check('store/scrub: takes away nothing that is there, and the store goes on', async (place) => {
    const main = place.open().scope('main')
    const said = { kind: 'interaction', value: fact('kept'), text: 'kept words' } as const
    await main.commit([{ put: [said, cursor('c', 1), cursor('gone', 1)], jobs: [job('j', { group: 'g' })] }])
    await main.commit([{ delete: [{ kind: 'cursor', id: 'gone' }] }])
    const before = await collect(main.export())
    await main.purge()
    assert.deepEqual(await collect(main.export()), before)
    assert.deepEqual(await collect(main.search('kept')), [said.value])
    assert.deepEqual(await main.commit([puts(cursor('gone', 2, 0))]), [true])
  })

  check('store/erase-tick: what a worker leaves in the tick of an erasure is erased too', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    const row = { kind: 'cursor', id: 'trace' } as const
    await main.commit([{ put: [cursor('trace', 0)], jobs: [job('a')] }])
    let erased: Promise<unknown> | undefined
    await drain(store, async (_: Lease): Promise<Settled> => {
      erased = main.commit([{ delete: [row], cancel: [{ key: 'a' }] }])
      return { ...done, batches: [puts(cursor('trace', 1))] }
    })
    await erased
    assert.equal(await main.get('cursor', 'trace'), undefined)
  })
}
