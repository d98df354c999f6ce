import assert from 'node:assert/strict'
import { type Batch, type Exported, PrmError, type Scope } from '@prm/core/adapter'
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
  job,
  puts,
  sleep,
  until,
} from './place.ts'

/** Into an empty library, whole or not at all. */
export function importChecks(check: Check): void {
  check('store/import-empty: a library that is not empty is not imported over', async (place) => {
    const store = place.open()
    const empty = await collect(store.scope('nothing').export())
    const fill: [string, Batch][] = [
      ['row', puts(cursor('c', 1))],
      ['job', { jobs: [job('j')] }],
    ]
    for (const [name, batch] of fill) {
      const scope = store.scope(name)
      await scope.commit([batch])
      const before = await collect(scope.export())
      // Refused alone, whoever shares its transaction.
      const [over, beside] = await Promise.allSettled([
        scope.import(empty),
        store.scope('beside').commit([puts(cursor(name, 1))]),
      ])
      assert.equal(beside.status, 'fulfilled')
      await assert.rejects(
        over.status === 'rejected' ? Promise.reject(over.reason) : Promise.resolve(),
        refused('conflict', /not empty/),
      )
      assert.deepEqual(await collect(scope.export()), before)
    }
  })

  const head = { kind: 'prm', value: { format: 1 } }
  const row = (id: string): Exported => ({ kind: 'cursor', value: { at, version: 1, value: { id, value: 1 } } })
  const end = (rows: number): Exported => ({ kind: 'end', value: { rows } })
  const broken: [string, unknown[], RegExp][] = [
    ['nothing at all', [], /Row 1 .*missing/],
    ['another first row', [row('a'), end(1)], /Row 1 .*kind prm/],
    ['another format', [{ kind: 'prm', value: { format: 2 } }, end(0)], /Row 1 .*another format/],
    ['a second first row', [head, head, end(0)], /Row 2 .*another export/],
    ['an unknown kind', [head, row('a'), { kind: 'sqlite_master', value: {} }], /Row 3 .*no kind sqlite_master/],
    ['a row that is no object', [head, row('a'), 'x', end(1)], /Row 3 /],
    ['a row that is null', [head, null], /Row 2 /],
    ['a value that is a list', [head, { kind: 'cursor', value: [] }], /Row 2 /],
    ['a row without an id', [head, { kind: 'cursor', value: { at, version: 1, value: {} } }], /Row 2 /],
    ['a row without a value', [head, { kind: 'patron', value: { at, version: 1 } }], /Row 2 .*is not a patron/],
    [
      'a row with a junk time',
      [head, { kind: 'cursor', value: { at: 'x', version: 1, value: { id: 'a' } } }],
      /Row 2 /,
    ],
    ['a row with a junk version', [head, { kind: 'cursor', value: { at, version: 0, value: { id: 'a' } } }], /Row 2 /],
    [
      'a fact whose text is a number',
      [head, { kind: 'interaction', value: { at, version: 1, value: fact('a'), text: 1 } }],
      /Row 2 /,
    ],
    [
      'a flow run that waits for no text',
      [head, { kind: 'run', value: { at, version: 1, value: { id: 'r', waits: [{}] } } }],
      /Row 2 .*must be text/,
    ],
    [
      'a job without a name',
      [head, { kind: 'job', value: { key: 'j', runAt: at, payload: 1, attempt: 0, dead: false } }],
      /Row 2 /,
    ],
    ['a row twice', [head, row('a'), row('b'), row('a'), end(3)], /Row 4 .*is a cursor that was there already/],
    ['an end missing', [head, row('a')], /Row 3 .*missing/],
    ['a wrong count', [head, row('a'), end(2)], /Row 3 .*1 rows/],
    ['a row after the end', [head, row('a'), end(1), row('b')], /Row 4 .*after the end/],
  ]
  for (const [name, rows, says] of broken) {
    check(`store/import-refused: ${name}, naming the row; imported anew it is whole`, async (place) => {
      const main = place.open().scope('main')
      await assert.rejects(main.import(rows as Exported[]), refused('invalid', says))
      assert.deepEqual(await main.import([head, row('c'), end(1)]), { rows: 1 })
      assert.deepEqual(await collect(main.export()), [head, row('c'), end(1)])
    })
  }

  check('store/import-cut-off: then a library does nothing until it is imported anew; others go on', async (place) => {
    const store = place.open()
    const [source, main, other] = [store.scope('source'), store.scope('main'), store.scope('other')]
    const keys = Array.from({ length: 1_500 }, (_, i) => `k${i}`)
    await source.commit([
      {
        put: keys.map((key) => ({
          kind: 'decision',
          value: decision(key, { about: [{ source: 's', key }] }),
        })),
        jobs: keys.map((key) => job(key, { group: `${key.length}` })),
      },
    ])
    const rows = await collect(source.export())
    function* cut(): Generator<Exported> {
      yield* rows.slice(0, -100)
      throw new Error('the file could not be read')
    }
    await assert.rejects(main.import(cut()), /could not be read/)
    await refusesAll(main)
    const ends = await Promise.allSettled([main, other].map((scope) => scope.commit([puts(cursor('x', 1))])))
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'fulfilled'],
    )
    await other.commit([{ delete: [{ kind: 'cursor', id: 'x' }] }])
    await assert.rejects(
      drain(store, async () => done, { libraries: ['other', 'main'] }),
      refused('conflict', /cut off/),
    )
    // Nor does a worker that was there before see the half.
    assert.deepEqual(await other.commit([{ jobs: [job('mine')] }]), [true])
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { libraries: ['other'] },
    )
    assert.deepEqual(ran, ['mine'])

    const small = puts({ kind: 'decision', value: decision('k1', { about: [] }) })
    await other.commit([small])
    await main.import(await collect(other.export()))
    assert.deepEqual(await collect(main.export()), await collect(other.export()))
    assert.deepEqual(await collect(main.find('decision', { about: { source: 's', key: 'k1' } })), [])
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  check(
    'store/import-running: then its jobs are not worked on, nothing else is done, and a second is refused',
    async (place) => {
      const store = place.open()
      const second = place.open({ poll: '5ms' })
      const main = store.scope('main')
      const jobs = Array.from(
        { length: 1_200 },
        (_, i): Exported => ({
          kind: 'job',
          value: {
            key: `j${i}`,
            name: 'deliver',
            runAt: at,
            payload: i,
            attempt: 0,
            dead: false,
            ...(i % 2 ? { group: `g${i % 7}` } : {}),
          },
        }),
      )
      const ran: number[] = []
      const stop = new AbortController()
      let awake = false
      await second.scope('awake').commit([{ jobs: [job('wake')] }])
      const working = drain(
        second,
        doing(({ library, job: { payload } }) => {
          if (library === 'awake') awake = true
          else ran.push(payload as number)
        }),
        { once: false, signal: stop.signal, libraries: ['awake', 'main'] },
      )
      await until(() => awake, 'the worker works')
      async function* slow(): AsyncGenerator<Exported> {
        yield head
        yield* jobs
        await refusesAll(main)
        await refusesAll(second.scope('main'))
        for (const one of [main, second.scope('main')])
          await assert.rejects(one.import([head, end(0)]), refused('conflict', /running/))
        await sleep(50)
        assert.deepEqual(ran, [])
        yield end(jobs.length)
      }
      assert.deepEqual(await main.import(slow()), { rows: jobs.length })
      await until(() => ran.length === jobs.length, 'all are worked on')
      stop.abort()
      await working
      assert.deepEqual(
        ran.toSorted((a, b) => a - b),
        jobs.map((_, i) => i),
      )
    },
  )

  check('store/import-one: of two imports that start at once, one is refused', async (place) => {
    const stores = [place.open(), place.open()]
    const ends = await Promise.allSettled(stores.map((store) => store.scope('main').import([head, row('a'), end(1)])))
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    assert.deepEqual((await collect(stores[0]?.scope('main').export() ?? [])).length, 3)
  })

  check('store/import-overtaken: an import that another has taken over writes nothing more', async (place) => {
    let now = Date.parse(at)
    const store = place.open({ clock: () => new Date(now) })
    const main = store.scope('main')
    async function* stalled(): AsyncGenerator<Exported> {
      yield head
      yield row('stalled')
      now += 30_000
      await main.import([head, row('a'), end(1)])
      yield end(1)
    }
    await assert.rejects(main.import(stalled()), refused('conflict', /./))
    assert.deepEqual(await collect(main.export()), [head, row('a'), end(1)])
  })

  check('store/import-streams: written as it is read, as an export is read as it is taken', async (place) => {
    const store = place.open()
    const rows = 5_000
    const before = store.transactions
    function* many(): Generator<Exported> {
      yield head
      for (let i = 0; i < rows; i++) {
        assert.ok(store.transactions - before >= Math.floor(i / 1_000), `row ${i} is read before others are written`)
        yield row(`c${i}`)
      }
      yield end(rows)
    }
    assert.deepEqual(await store.scope('main').import(many()), { rows })
    let taken = 0
    for await (const one of store.scope('main').export()) {
      assert.ok(one)
      if (taken++ === 10) break
    }
    assert.deepEqual(await store.scope('other').import(store.scope('main').export()), { rows })
  })
}

async function refusesAll(scope: Scope): Promise<void> {
  const calls: (() => Promise<unknown>)[] = [
    () => scope.commit([puts(cursor('x', 1))]),
    () => scope.get('cursor', 'x'),
    () => collect(scope.find('decision', {})),
    () => collect(scope.jobs({ state: 'waiting' })),
    () => scope.backlog(['deliver']),
    () => scope.redrive(['x']),
    () => collect(scope.search('x')),
    () => scope.types(),
    () => scope.purge(),
    () => collect(scope.export()),
  ]
  for (const call of calls)
    await assert.rejects(call(), refused('conflict', /still running, or was cut off.*import anew/))
}

function refused(code: PrmError['code'], says: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(PrmError.is(error), String(error))
    assert.equal(error.code, code)
    assert.match(error.message, says)
    return true
  }
}
