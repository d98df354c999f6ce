import assert from 'node:assert/strict'
import type { Exported, Scope, Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { afterEach, beforeEach, test } from 'vitest'
import {
  collect,
  cursor,
  decision,
  done,
  drain,
  fact,
  flowRun,
  job,
  later,
  message,
} from '../../../conformance/src/store/place.ts'
import { type Here, onServer, place } from './place.ts'

let here: Here
beforeEach(() => {
  here = place()
})
afterEach(() => here.remove())

onServer('from SQLite to PostgreSQL', { timeout: 30_000 }, () => {
  test('and back, everything comes as it was: rows, versions, texts, jobs, starts, order', async () => {
    const small = sqlite()
    await filled(small)
    const rows = await collect(small.scope('main').export())
    const large = here.open()
    const main = large.scope('main')
    // As the command line does it: a line of JSON each.
    assert.deepEqual(await main.import(rows.map((row) => JSON.parse(JSON.stringify(row)) as Exported)), {
      rows: rows.length - 2,
    })
    assert.deepEqual(await collect(main.export()), rows)
    assert.deepEqual(await questions(main), await questions(small.scope('main')))
    const back = sqlite()
    await back.scope('main').import(main.export())
    assert.deepEqual(await collect(back.scope('main').export()), rows)
    const [before, after] = [await order(small), await order(large)]
    assert.ok(before.length > 50)
    assert.deepEqual(after, before)
    await Promise.all([small.close(), back.close()])
  })
})

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

async function order(store: Store): Promise<string[]> {
  const ran: string[] = []
  await drain(
    store,
    async ({ job: { key }, attempt }) => {
      ran.push(`${key} ${attempt}`)
      return done
    },
    { concurrency: 1, names: ['deliver', 'flow'] },
  )
  return ran
}
