import assert from 'node:assert/strict'
import type { Exported, Scope, Store } from '@prm/core/adapter'
import { type Check, collect, cursor, decision, done, drain, fact, flowRun, job, later, message } from './place.ts'

/** To a store of another make and back. */
export function otherChecks(check: Check): void {
  check(
    'store/transfer: to another store and back all is as it was: rows, texts, jobs, starts, order',
    async (place) => {
      const store = place.open()
      const [main, back] = [store.scope('main'), store.scope('back')]
      await filled(store)
      const rows = await collect(main.export())
      const other = place.other()
      // As the command line does it: a line of JSON each.
      const lines = rows.map((row) => JSON.parse(JSON.stringify(row)) as Exported)
      assert.deepEqual(await other.scope('main').import(lines), { rows: rows.length - 2 })
      assert.deepEqual(await collect(other.scope('main').export()), rows)
      assert.deepEqual(await questions(other.scope('main')), await questions(main))
      await back.import(other.scope('main').export())
      assert.deepEqual(await collect(back.export()), rows)
      assert.deepEqual(await questions(back), await questions(main))
      const before = await order(store, 'main')
      assert.ok(before.length > 50)
      assert.deepEqual(await order(other, 'main'), before)
      assert.deepEqual(await order(store, 'back'), before)
    },
  )
}

async function filled(store: Store): Promise<void> {
  const main = store.scope('main')
  const keys = Array.from({ length: 80 }, (_, i) => `k${i}`)
  await main.commit(
    keys.map((key, i) => ({
      put: [
        {
          kind: 'interaction',
          value: fact(key, { patronId: `p${i % 7}`, data: { note: 'nul \0', n: 2 ** 53 } }),
          text: `hold ${key}`,
        },
        { kind: 'decision', value: decision(key, { patronId: `p${i % 7}` }) },
        { kind: 'message', value: message(key, { state: i % 2 ? 'sent' : 'planned' }) },
        cursor(`c${i % 9}`, i),
        { kind: 'run', value: flowRun(key, { waits: [`w${i % 5}`] }) },
      ],
      jobs: [job(key, { group: `g${i % 6}`, runAt: later(-(i % 11)), name: i % 3 ? 'deliver' : 'flow' })],
    })),
  )
  let n = 0
  const stop = new AbortController()
  await drain(
    store,
    async () => {
      if (++n === 12) stop.abort()
      if (n % 3 === 0) return { outcome: { dead: true, error: { code: 'rejected' } } }
      if (n % 3 === 1) return { outcome: { retryAt: later(n), error: 'later' } }
      return done
    },
    { concurrency: 1, names: ['deliver', 'flow'], once: false, signal: stop.signal },
  )
}

async function questions(scope: Scope): Promise<unknown> {
  return Promise.all([
    collect(scope.find('decision', {})),
    collect(scope.find('message', { state: 'sent', order: 'newest' })),
    collect(scope.find('interaction', { patronId: 'p3' })),
    collect(scope.find('run', { wait: 'w1' })),
    collect(scope.search('hold k7')),
    collect(scope.jobs({ state: 'waiting' })),
    collect(scope.jobs({ state: 'dead' })),
    scope.get('cursor', 'c1'),
    scope.types(),
    scope.backlog(['deliver', 'flow']),
  ])
}

async function order(store: Store, library: string): Promise<string[]> {
  const ran: string[] = []
  await drain(
    store,
    async ({ job: { key }, attempt }) => {
      ran.push(`${key} ${attempt}`)
      return done
    },
    { concurrency: 1, names: ['deliver', 'flow'], libraries: [library] },
  )
  return ran
}
