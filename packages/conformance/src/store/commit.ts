import assert from 'node:assert/strict'
import type { Address, Batch, Message, Put } from '@prm/core/adapter'
import { at, type Check, collect, cursor, decision, drain, fact, flowRun, job, later, message, puts } from './place.ts'

/** Facts and promised work are written together, or not at all. */
export function commitChecks(check: Check): void {
  check('store/whole: a batch that misses writes none of its rows and promises none of its jobs', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts(cursor('a', 1))])
    const written = await main.commit([{ put: [cursor('b', 1), cursor('a', 2, 7)], jobs: [job('j')] }])
    assert.deepEqual(written, [false])
    assert.equal(await main.get('cursor', 'b'), undefined)
    assert.deepEqual(await main.get('cursor', 'a'), { value: { id: 'a', value: 1 }, version: 1 })
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  check('store/if-version: 0 writes only what is not there, and a number only that version', async (place) => {
    const main = place.open().scope('main')
    assert.deepEqual(await main.commit([puts(cursor('a', 1, 0))]), [true])
    assert.deepEqual(await main.commit([puts(cursor('a', 2, 0))]), [false])
    assert.deepEqual(await main.commit([puts(cursor('a', 3, 1))]), [true])
    assert.deepEqual(await main.commit([puts(cursor('a', 4, 1))]), [false])
    assert.deepEqual(await main.get('cursor', 'a'), { value: { id: 'a', value: 3 }, version: 2 })
  })

  check('store/unless: a batch whose unless is there writes nothing', async (place) => {
    const main = place.open().scope('main')
    const arrival = (): Batch => ({
      ifAbsent: [{ kind: 'interaction', id: 'koha hold 1' }],
      put: [{ kind: 'interaction', value: fact('hold 1') }],
      jobs: [job(`flow ${Math.random()}`)],
    })
    assert.deepEqual(await main.commit([arrival()]), [true])
    assert.deepEqual(await main.commit([arrival()]), [false])
    assert.equal((await main.backlog(['deliver'])).waiting, 1)
  })

  check(
    'store/unless-all: a batch is written only where none of all its unless is there, by the batches of its own commit neither',
    async (place) => {
      const main = place.open().scope('main')
      await main.commit([puts(cursor('c', 1))])
      const unless = (...ids: string[]) => ids.map((id) => ({ kind: 'cursor', id }) as const)
      assert.deepEqual(
        await main.commit([
          { ifAbsent: unless('a', 'b', 'c'), put: [cursor('x', 1)] },
          { ifAbsent: unless('c', 'a'), put: [cursor('x', 2)] },
          { ifAbsent: unless('a', 'b'), put: [cursor('b', 3)] },
          { ifAbsent: unless('a', 'b'), put: [cursor('x', 4)] },
          { ifAbsent: [], put: [cursor('y', 5)] },
        ]),
        [false, false, true, false, true],
      )
      assert.equal(await main.get('cursor', 'x'), undefined)
    },
  )

  check('store/commit-order: batches of one commit see those before them', async (place) => {
    const main = place.open().scope('main')
    const unless = [{ kind: 'cursor', id: 'a' }] as const
    assert.deepEqual(
      await main.commit([
        { ifAbsent: unless, put: [cursor('a', 1)] },
        { ifAbsent: unless, put: [cursor('a', 2)] },
        puts(cursor('a', 3, 1)),
        puts(cursor('a', 4, 1)),
      ]),
      [true, false, true, false],
    )
    assert.deepEqual(await main.get('cursor', 'a'), { value: { id: 'a', value: 3 }, version: 2 })
  })

  check('store/one-transaction: callers of one tick share a transaction', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.get('cursor', 'a')
    const before = store.transactions
    await Promise.all(Array.from({ length: 100 }, (_, i) => main.commit([puts(cursor(`c${i}`, i))])))
    assert.equal(store.transactions - before, 1)
  })

  check('store/group-commit: of the callers of one tick, one that misses fails no other', async (place) => {
    const main = place.open().scope('main')
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => main.commit([puts(cursor(`c${i % 50}`, i, 0)), puts(cursor(`d${i}`, i))])),
    )
    assert.deepEqual(
      answers.map(([first]) => first),
      Array.from({ length: 100 }, (_, i) => i < 50),
    )
    assert.ok(answers.every(([, second]) => second))
  })

  check('store/invalid-alone: what cannot be stored fails its own caller and no other of the tick', async (place) => {
    const main = place.open().scope('main')
    const loop: { self?: unknown } = {}
    loop.self = loop
    const bad: Batch[] = [
      puts({ kind: 'cursor', value: { id: 'x', value: loop as never } }),
      puts({ kind: 'cursor', value: { id: '', value: 1 } }),
      puts({ kind: 'interaction', value: fact('x', { seen: 'yesterday' }) }),
      puts({ kind: 'message', value: message('x', { notBefore: 'soon' }) }),
      puts({ kind: 'message', value: message('x', { providerId: 7 as never }) }),
      puts({ kind: 'run', value: flowRun('x', { waits: [{}] as never }) }),
      puts({ kind: 'interaction', value: fact('x'), text: 7 as never }),
      { delete: [{ kind: 'sqlite_master' as never, id: 'x' }] },
      { delete: [{ kind: 'cursor', id: '' }] },
      { cancel: [{ key: undefined as never }] },
      { cancel: [{ group: '' }] },
      puts({ kind: 'nothing' as never, value: { id: 'x', value: 1 } as never }),
      { ifAbsent: [{ kind: 'sqlite_master' as never, id: 'x' }] },
      { jobs: [job('x', { runAt: 'never' })] },
      { jobs: [job('x', { name: undefined as never })] },
    ]
    const good = main.commit([puts(cursor('good', 1))])
    const ends = await Promise.allSettled(bad.map((batch) => main.commit([batch])))
    assert.deepEqual(
      ends.map(({ status }) => status),
      bad.map(() => 'rejected'),
    )
    assert.deepEqual(await good, [true])
  })

  check('store/values: what is put comes back, with what databases and JSON trip over', async (place) => {
    const main = place.open().scope('main')
    const value = {
      quote: `'"\\`,
      nul: '\0',
      emoji: '📚',
      line: '\u2028',
      deep: [{ big: 2 ** 53, tiny: 1e-7, no: null }],
    }
    await main.commit([puts({ kind: 'shared', value: { id: `it's "here" ü 📚`, value } })])
    assert.deepEqual((await main.get('shared', `it's "here" ü 📚`))?.value.value, value)
  })

  check('store/promised-once: what is promised is not promised again, and no other is lost by that', async (place) => {
    const main = place.open().scope('main')
    await main.commit([{ jobs: [job('a', { payload: 1 }), job('a', { payload: 2 })] }])
    assert.deepEqual(await main.commit([{ put: [cursor('c', 1)], jobs: [job('a', { payload: 3 }), job('b')] }]), [true])
    const jobs = await collect(main.jobs({ state: 'waiting' }))
    assert.deepEqual(
      jobs.map(({ key, payload }) => [key, payload]),
      [
        ['a', 1],
        ['b', { key: 'b' }],
      ],
    )
  })

  check('store/walls: nothing crosses from one library to another', async (place) => {
    const store = place.open()
    const [main, other] = [store.scope('main'), store.scope('other')]
    const address = { scheme: 'tel', value: '+12125550100' }
    const identities = [{ ...address, seenBy: 'koha', seenAt: at }]
    await main.commit([
      {
        put: [
          cursor('c', 1),
          { kind: 'patron', value: { id: 'p', identities } },
          { kind: 'decision', value: decision('d', { patronId: 'p' }) },
          { kind: 'message', value: message('d', { patronId: 'p', providerId: 'SM1' }) },
          { kind: 'interaction', value: fact('f', { patronId: 'p', data: { subjectKey: 'hold:1' } }) },
        ],
        jobs: [job('j')],
      },
    ])
    assert.deepEqual(
      await other.commit([puts(cursor('c', 9, 0)), { ifAbsent: [{ kind: 'decision', id: 'd' }], jobs: [] }]),
      [true, true],
    )
    assert.deepEqual((await main.get('cursor', 'c'))?.value.value, 1)
    assert.equal(await other.get('decision', 'd'), undefined)
    // Rows of the same ids, which the other library's addresses and facts must not lead to.
    await other.commit([
      puts(
        { kind: 'patron', value: { id: 'p', identities: [] } },
        { kind: 'decision', value: decision('d', { about: [], at: later(-1) }) },
      ),
    ])
    assert.deepEqual(await collect(other.find('patron', { address })), [])
    assert.equal((await collect(other.find('decision', {}))).length, 1)
    assert.equal((await collect(main.find('decision', {}))).length, 1)
    assert.deepEqual(await collect(other.find('decision', { about: { source: 'koha', key: 'hold d' } })), [])
    assert.deepEqual(await collect(other.find('message', { providerId: 'SM1' })), [])
    assert.deepEqual(await collect(other.find('interaction', { subjectKey: 'hold:1' })), [])
    assert.deepEqual(await collect(other.jobs({ state: 'waiting' })), [])
    assert.deepEqual(await other.backlog(['deliver']), { waiting: 0 })
    assert.equal(await other.redrive(['j']), 0)
    assert.deepEqual(await other.commit([{ jobs: [job('j')] }]), [true])
    assert.equal((await other.backlog(['deliver'])).waiting, 1)
  })

  check(
    'store/walls-writes: nor dropped, cancelled, searched, exported or imported over from another',
    async (place) => {
      const store = place.open()
      const [main, other] = [store.scope('main'), store.scope('other')]
      await main.commit([
        {
          put: [cursor('c', 1), { kind: 'interaction', value: fact('f'), text: 'secret' }],
          jobs: [job('j', { group: 'g' }), job('alone')],
        },
      ])
      await drain(store, async () => ({ outcome: { dead: true, error: 'x' } }), { concurrency: 1 })
      await main.commit([{ jobs: [job('k', { group: 'g' })] }])
      const before = await collect(main.export())
      await other.commit([
        {
          delete: [
            { kind: 'cursor', id: 'c' },
            { kind: 'interaction', id: 'koha f' },
          ],
          cancel: [{ key: 'j' }, { key: 'k' }, { key: 'alone' }, { group: 'g' }],
        },
      ])
      assert.deepEqual(await other.types(), [])
      assert.deepEqual(await collect(other.search('secret')), [])
      assert.equal((await collect(other.export())).length, 2)
      // The same ids, and text that the other has: none of it touches the first library.
      await other.import(before)
      await other.commit([{ delete: [{ kind: 'interaction', id: 'koha f' }], cancel: [{ group: 'g' }] }])
      await other.purge()
      assert.equal((await collect(main.search('secret'))).length, 1)
      assert.deepEqual(await collect(main.export()), before)
      assert.deepEqual(await main.types(), ['notice'])
      // Names that are each other's beginnings or patterns are different libraries.
      for (const name of ['mai', 'main2', '%', 'MAIN', 'main ']) {
        assert.equal((await collect(store.scope(name).export())).length, 2, name)
        assert.deepEqual(await collect(store.scope(name).search('secret')), [])
      }
    },
  )

  const moves: [Message['state'], Message['state'], Message['state']][] = [
    ['planned', 'accepted', 'accepted'],
    ['accepted', 'planned', 'accepted'],
    ['unknown', 'planned', 'unknown'],
    ['accepted', 'unknown', 'accepted'],
    ['sent', 'accepted', 'sent'],
    ['sent', 'delivered', 'delivered'],
    ['delivered', 'sent', 'delivered'],
    ['delivered', 'read', 'read'],
    ['read', 'delivered', 'read'],
    ['undelivered', 'delivered', 'undelivered'],
    ['delivered', 'undelivered', 'delivered'],
    ['cancelled', 'rejected', 'cancelled'],
    ['expired', 'accepted', 'expired'],
  ]
  for (const [stored, put, end] of moves) {
    check(`store/message-forward: ${stored}, put as ${put} without ifVersion, is ${end}`, async (place) => {
      const main = place.open().scope('main')
      await main.commit([puts({ kind: 'message', value: message('m', { state: stored }) })])
      await main.commit([puts({ kind: 'message', value: message('m', { state: put }) })])
      const found = (await main.get('message', 'm'))?.value
      assert.equal(found?.state, end)
      const contradicts = [stored, put].every(
        (state) => !['planned', 'unknown', 'accepted', 'sent', 'read'].includes(state),
      )
      assert.deepEqual(
        found?.contradictions?.map(({ state }) => state),
        contradicts ? [put] : undefined,
      )
      assert.equal((await collect(main.find('message', { state: end }))).length, 1)
    })
  }

  check(
    'store/message-attempts: put without ifVersion it keeps the longer attempts and the provider id, also in one transaction',
    async (place) => {
      const main = place.open().scope('main')
      const attempts = [{ at, outcome: 'accepted' }]
      await main.commit([puts({ kind: 'message', value: message('m') })])
      await Promise.all([
        main.commit([puts({ kind: 'message', value: message('m', { state: 'delivered', providerId: 'SM1' }) })]),
        main.commit([puts({ kind: 'message', value: message('m', { state: 'accepted', attempts }) })]),
      ])
      const found = await main.get('message', 'm')
      assert.deepEqual(found?.value, message('m', { state: 'delivered', providerId: 'SM1', attempts }))
      assert.equal(found?.version, 3)
      assert.equal((await collect(main.find('message', { providerId: 'SM1' }))).length, 1)
    },
  )

  check('store/message-replaced: a message put with ifVersion is replaced as it is', async (place) => {
    const main = place.open().scope('main')
    await main.commit([puts({ kind: 'message', value: message('m', { state: 'delivered', providerId: 'SM1' }) })])
    await main.commit([puts({ kind: 'message', value: message('m', { state: 'planned' }), ifVersion: 1 })])
    assert.deepEqual((await main.get('message', 'm'))?.value, message('m'))
    assert.deepEqual(await collect(main.find('message', { providerId: 'SM1' })), [])
  })

  check(
    'store/asked-at-once: of many questions at once each has its own answer, also when nothing was there before',
    async (place) => {
      const main = place.open().scope('main')
      const tel = (i: number): Address => ({ scheme: 'tel', value: `+1212555${1_000 + i}` })
      const all = Array.from({ length: 150 }, (_, i) => i)
      const ask = async (): Promise<readonly (readonly [number, string[], number | undefined])[]> => {
        const answers = all.map(async (i) => {
          const [found, got] = await Promise.all([
            collect(main.find('patron', { address: tel(i), limit: 2 })),
            main.get('patron', `p${i}`),
          ])
          return [i, found.map(({ id }) => id), got?.version] as const
        })
        return (await Promise.all(answers)).filter(([, ids, version]) => ids.length > 0 || version !== undefined)
      }
      assert.deepEqual(await ask(), [])
      const met = [7, 70, 149].map((i): Put => {
        const identities = [{ ...tel(i), seenBy: 'koha', seenAt: later(0) }]
        return { kind: 'patron', value: { id: `p${i}`, identities } }
      })
      await main.commit([{ put: met }])
      assert.deepEqual(
        await ask(),
        [7, 70, 149].map((i) => [i, [`p${i}`], 1]),
      )
    },
  )

  check('store/many-rows: a thousand in one batch are one transaction, none lost between statements', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.get('cursor', 'x')
    const before = store.transactions
    const keys = Array.from({ length: 1_003 }, (_, i) => `k${i}`)
    await main.commit([
      { put: keys.map((key) => ({ kind: 'decision', value: decision(key) })), jobs: keys.map((key) => job(key)) },
    ])
    assert.equal(store.transactions - before, 1)
    assert.deepEqual(
      (await collect(main.find('decision', {}))).map(({ key }) => key),
      keys,
    )
    assert.deepEqual(
      (await collect(main.jobs({ state: 'waiting' }))).map(({ key }) => key),
      keys,
    )
  })
}
