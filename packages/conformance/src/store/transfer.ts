import assert from 'node:assert/strict'
import type { Exported, Json, Kind, Put, Query, Scope, Settled } from '@prm/core/adapter'
import fc from 'fast-check'
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
  until,
} from './place.ts'

/** Everything comes out, and in again. */
export function transferChecks(check: Check): void {
  check('store/export-rows: an export begins with its format, and ends with the count of its rows', async (place) => {
    const main = place.open().scope('main')
    assert.deepEqual(await collect(main.export()), [
      { kind: 'prm', value: { format: 1 } },
      { kind: 'end', value: { rows: 0 } },
    ])
    await main.commit([
      {
        put: [{ kind: 'interaction', value: fact('a'), text: 'hold' }, cursor('c', 1)],
        jobs: [job('j', { group: 'g' })],
      },
    ])
    await main.commit([puts({ kind: 'interaction', value: fact('a'), text: 'hold' })])
    const rows = await collect(main.export())
    assert.deepEqual(
      rows.filter(({ kind }) => kind !== 'cursor'),
      [
        { kind: 'prm', value: { format: 1 } },
        { kind: 'interaction', value: { at, version: 2, value: fact('a'), text: 'hold' } },
        {
          kind: 'job',
          value: { key: 'j', name: 'deliver', group: 'g', runAt: at, payload: { key: 'j' }, attempt: 0, dead: false },
        },
        { kind: 'end', value: { rows: 3 } },
      ],
    )
  })

  check('store/export-lease: a lease is a start without an outcome, a dead job has its error', async (place) => {
    const store = place.open()
    const main = store.scope('main')
    await main.commit([{ jobs: [job('dead'), job('leased'), job('later')] }])
    let rows: Exported[] = []
    await drain(
      store,
      async ({ job: { key } }): Promise<Settled> => {
        if (key === 'dead') return { outcome: { dead: true, error: { code: 'rejected' } } }
        if (key === 'later') return { outcome: { retryAt: later(5), error: 'once' } }
        await until(async () => (await collect(main.jobs({ state: 'active' }))).length === 1, 'the others settle')
        rows = await collect(main.export())
        return done
      },
      { now: () => new Date(at) },
    )
    const jobs = rows.filter(({ kind }) => kind === 'job').map(({ value }) => value as { [key: string]: Json })
    assert.deepEqual(
      jobs.map(({ key, attempt, dead, error, runAt }) => [key, attempt, dead, error, runAt]),
      [
        ['dead', 1, true, { code: 'rejected' }, at],
        ['leased', 1, false, undefined, at],
        ['later', 1, false, 'once', later(5)],
      ],
    )
    const other = store.scope('other')
    await other.import(rows)
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key }, attempt }) => ran.push(`${key} ${attempt}`)),
      { libraries: ['other'] },
    )
    assert.deepEqual(ran, ['leased 2', 'later 2'])
  })

  check('store/export-import: an export imported into another library is the same library', async (place) => {
    const store = place.open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(ticks, async (all) => {
        const [one, two] = [store.scope(`one ${run}`), store.scope(`two ${run}`)]
        for (const batches of all) await one.commit(batches)
        await drain(store, settling, { libraries: [`one ${run}`], now: () => new Date(later(3)) })
        run++
        const rows = await collect(one.export())
        const lines = rows.map((row) => JSON.stringify(row))
        const { rows: count } = await two.import(lines.map((line) => JSON.parse(line)))
        assert.equal(count, rows.length - 2)
        assert.deepEqual(await answers(two), await answers(one))
        assert.deepEqual(await collect(two.export()), rows)
        // And what is worked off is worked off in the same order.
        const order = async (library: string): Promise<string[]> => {
          const ran: string[] = []
          const note = doing(({ job: { key }, attempt }) => ran.push(`${key} ${attempt}`))
          await drain(store, note, { libraries: [library], names: ['deliver', 'flow'], concurrency: 1 })
          return ran
        }
        assert.deepEqual(await order(`two ${run - 1}`), await order(`one ${run - 1}`))
      }),
      { numRuns: 60 },
    )
  })
  check('store/export-moment: an export is of one moment, whatever is written meanwhile', async (place) => {
    const main = place.open().scope('main')
    const keys = Array.from({ length: 1_200 }, (_, i) => `c${i}`)
    await main.commit([{ put: keys.map((key) => cursor(key, 1)), jobs: keys.map((key) => job(key)) }])
    const before = await collect(main.export())
    const rows: Exported[] = []
    for await (const one of main.export()) {
      if (rows.length === 1) {
        await main.commit([
          {
            put: [cursor('c1100', 2), cursor('new', 1)],
            delete: [{ kind: 'cursor', id: 'c700' }],
            cancel: [{ key: 'c7' }],
            jobs: [job('new')],
          },
        ])
      }
      rows.push(one)
    }
    assert.deepEqual(rows, before)
  })
}

const settling = async ({ job: { payload } }: { job: { payload: Json } }): Promise<Settled> => {
  const n = payload as number
  if (n % 3 === 0) return { outcome: { dead: true, error: { code: 'rejected', n } } }
  return { outcome: { retryAt: later(1_000 + (n % 5)), error: `try ${n}` } }
}

/** What a scope can be asked. */
async function answers(scope: Scope): Promise<unknown> {
  const questions: [Kind, Query][] = [
    ['patron', { address: tel }],
    ['consent', { address: tel }],
    ['interaction', { patronId: 'a' }],
    ['interaction', { address: tel }],
    ['interaction', { type: 'notice', order: 'newest' }],
    ['interaction', { subjectKey: 'hold:a' }],
    ['decision', {}],
    ['decision', { order: 'newest', since: later(1), until: later(3) }],
    ['decision', { about: { source: 's', key: 'a' } }],
    ['message', {}],
    ['message', { state: 'sent' }],
    ['message', { address: tel, order: 'newest' }],
    ['digest', {}],
    ['run', {}],
    ['run', { wait: 'a' }],
    ['audit', { patronId: 'a' }],
    ['outcome', {}],
  ]
  const found = await Promise.all(questions.map(([kind, query]) => collect(scope.find(kind, query))))
  const gets = await Promise.all(
    (['patron', 'consent', 'decision', 'message', 'cursor', 'shared', 'run'] as const).flatMap((kind) =>
      ['a', 'b', 'c'].map((id) => scope.get(kind, id)),
    ),
  )
  return {
    found,
    gets,
    types: await scope.types(),
    search: [await collect(scope.search('hold')), await collect(scope.search('read', { before: later(2) }))],
    waiting: await collect(scope.jobs({ state: 'waiting' })),
    dead: await collect(scope.jobs({ state: 'dead' })),
    backlog: await scope.backlog(['deliver', 'flow']),
  }
}

const tel = { scheme: 'tel', value: '+12125550100' }
const id = fc.constantFrom('a', 'b', 'c')
const time = fc.nat(4).map((ms) => later(ms))
const text = fc.option(fc.constantFrom('hold ready', 'read it', 'nothing'), { nil: undefined })
const put: fc.Arbitrary<Put> = fc.oneof(
  fc.tuple(id, fc.nat(99)).map(([key, n]) => cursor(key, n)),
  fc.tuple(id, fc.json()).map(([key, json]): Put => ({ kind: 'shared', value: { id: key, value: JSON.parse(json) } })),
  fc.tuple(id, time, fc.boolean()).map(
    ([key, seenAt, both]): Put => ({
      kind: 'patron',
      value: { id: key, identities: [{ ...tel, seenBy: 'koha', seenAt, ...(both ? { realm: 'x' } : {}) }] },
    }),
  ),
  fc.tuple(id, time).map(
    ([key, seen]): Put => ({
      kind: 'consent',
      value: { id: key, address: tel, purpose: '*', state: 'denied', basis: 'stop', at: seen, by: 'twilio' },
    }),
  ),
  fc.tuple(id, time, text, fc.boolean()).map(
    ([key, seen, words, who]): Put => ({
      kind: 'interaction',
      value: fact(key, { seen, patronId: key, data: { subjectKey: `hold:${key}` }, ...(who ? { who: tel } : {}) }),
      ...(words === undefined ? {} : { text: words }),
    }),
  ),
  fc.tuple(id, time, fc.subarray(['a', 'b'])).map(
    ([key, decided, refs]): Put => ({
      kind: 'decision',
      value: decision(key, { at: decided, about: refs.map((ref) => ({ source: 's', key: ref })) }),
    }),
  ),
  fc
    .tuple(id, fc.constantFrom('planned', 'sent', 'delivered'))
    .map(([key, state]): Put => ({ kind: 'message', value: message(key, { state }) })),
  id.map((key): Put => ({ kind: 'sender', value: { id: key, schedule: { 1: [[0, 1_000, 5]] }, days: { [key]: 1 } } })),
  fc.tuple(id, time).map(([key, when]): Put => ({ kind: 'claim', value: { id: key, at: when, key } })),
  id.map((key): Put => ({ kind: 'digest', value: { id: key, sends: [key] } })),
  fc.tuple(id, fc.subarray(['a', 'b'])).map(([key, waits]): Put => ({ kind: 'run', value: flowRun(key, { waits }) })),
  fc.tuple(id, time).map(
    ([key, when]): Put => ({
      kind: 'audit',
      value: { id: key, at: when, by: { kind: 'staff', id: 's' }, action: 'search', patronId: key },
    }),
  ),
  fc
    .tuple(id, time)
    .map(([key, when]): Put => ({ kind: 'outcome', value: { id: key, about: { source: 's', key }, at: when } })),
)
const promised = fc
  .tuple(fc.nat(20), fc.option(id, { nil: undefined }), fc.constantFrom('deliver', 'flow'), fc.nat(6))
  .map(([n, group, name, ms]) =>
    job(`j${n}`, { payload: n, name, runAt: later(ms), ...(group === undefined ? {} : { group }) }),
  )
const ticks = fc.array(
  fc.array(
    fc.record({
      put: fc.array(put, { maxLength: 4 }),
      jobs: fc.array(promised, { maxLength: 4 }),
      drop: fc.array(fc.record({ kind: fc.constantFrom('decision' as const, 'run' as const), id }), { maxLength: 1 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  { maxLength: 4 },
)
