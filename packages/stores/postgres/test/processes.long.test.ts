import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, test, vi } from 'vitest'
import { collect, done, drain, job, sleep, until } from '../../../conformance/src/store/place.ts'
import { onServer, place } from './place.ts'

let folder = ''
let here: ReturnType<typeof place>
const children: Child[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prm-processes-'))
  here = place()
})
afterEach(async () => {
  vi.useRealTimers()
  for (const child of children.splice(0)) await child.kill()
  await here.remove()
  rmSync(folder, { recursive: true, force: true })
})

onServer('processes on one database', { timeout: 60_000 }, () => {
  test('share the work, one group never in two of them', async () => {
    const jobs = Array.from({ length: 400 }, (_, i) => job(`j${i}`, { group: `g${i % 10}` }))
    const main = here.open().scope('main')
    await main.commit([{ jobs }])
    const workers = await together(4)
    await Promise.all(workers.map(({ ended }) => ended))
    const again = start('groups')
    await again.ended // what one had leased when the others ended
    const lines = [...workers, again].flatMap((worker) => worker.lines)
    assert.deepEqual(lines.toSorted(), jobs.map(({ key }) => `ran ${key}`).toSorted())
    assert.ok(workers.filter((worker) => worker.lines.length > 0).length > 1)
    assert.deepEqual(await main.backlog(['deliver']), { waiting: 0 })
  })

  test('what a process said it had committed is there after it was killed in the middle', async () => {
    const main = here.open().scope('main')
    await main.types()
    const workers = Array.from({ length: 3 }, () => start('promise'))
    for (const child of workers) await until(() => child.lines.length > 50, 'the child commits')
    for (const child of workers) await child.kill()
    const keys = workers.flatMap(({ lines }) => lines)
    for (const key of keys) assert.equal((await main.get('cursor', key))?.version, 1, key)
    const jobs = new Set((await collect(main.jobs({ state: 'waiting' }))).map(({ key }) => key))
    assert.deepEqual(
      keys.filter((key) => !jobs.has(key)),
      [],
    )
    for (const key of jobs) assert.ok(await main.get('cursor', key), `${key} was promised without its fact`)
  })

  test('work that a killed process had in hand counts as waiting until its lease ends, and then is started again', async () => {
    const store = here.open()
    const main = store.scope('main')
    await main.commit([
      { jobs: [job('stuck 1', { group: 'g' }), job('stuck 2'), job('behind', { group: 'g' }), job('quick')] },
    ])
    const child = start('hold')
    await until(() => child.lines.length === 3, 'the child works')
    const active = await collect(main.jobs({ state: 'active' }))
    assert.deepEqual(
      active.map(({ key, attempt }) => `${key} ${attempt}`),
      ['stuck 1 1', 'stuck 2 1'],
    )
    await child.kill()
    assert.deepEqual(child.lines.toSorted(), ['done quick', 'started stuck 1 1', 'started stuck 2 1'])
    const left = await main.backlog(['deliver'])
    assert.equal(left.waiting, 3)
    const ends = Date.parse(left.next as string)
    assert.ok(ends > Date.now() && ends <= Date.now() + 6_100)
    const ran: string[] = []
    const run = async ({ job: { key }, attempt }: { job: { key: string }; attempt: number }) => {
      ran.push(`${key} ${attempt}`)
      return { outcome: { done: true } } as const
    }
    await drain(store, run)
    assert.deepEqual(ran, [], 'nothing is due before the lease ends, its group neither')
    await sleep(ends - Date.now() + 50)
    await drain(store, run, { concurrency: 1 })
    assert.deepEqual(ran, ['stuck 1 2', 'stuck 2 2', 'behind 1'])
  })

  for (const [who, holder, taker] of [
    ['the one that asks is ahead', 0, 600_000],
    ['the one that holds is behind', -600_000, 0],
  ] as const) {
    test(`take no lease that is another's, though the clock of ${who}`, async () => {
      const main = here.open().scope('main')
      await main.commit([{ jobs: [job('stuck', { group: 'g' }), job('behind', { group: 'g' })] }])
      const holds = start('hold', here.url, holder)
      await until(() => holds.lines.length === 1, 'the child works')
      const takes = start('groups', here.url, taker)
      await takes.ended
      assert.deepEqual(takes.lines, [])
      assert.deepEqual(holds.lines, ['started stuck 1'])
      await holds.kill()
      await until(async () => (await collect(main.jobs({ state: 'active' }))).length === 0, 'the lease ends')
      const again = start('groups', here.url, taker)
      await again.ended
      assert.deepEqual(again.lines, ['ran stuck', 'ran behind'])
    })
  }

  test.each([
    [600_000, 'ahead of'],
    [-600_000, 'behind'],
  ])('are told once when the clock of their machine is %i ms off', async (skew, which) => {
    const logged: string[] = []
    const store = here.open({ log: (message) => logged.push(message) })
    await store.scope('main').commit([{ jobs: [job('a')] }])
    await drain(store, async () => done)
    assert.deepEqual(logged, [])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skew })
    for (const key of ['b', 'c']) {
      await store.scope('main').commit([{ jobs: [job(key)] }])
      await drain(store, async () => done)
    }
    assert.equal(logged.length, 1)
    assert.match(logged[0] ?? '', new RegExp(`is (59\\d|60\\d) s ${which} the database's.*NTP`))
  })

  test('that are killed again and again lose nothing, and settle each job once', async () => {
    const main = here.open().scope('main')
    const keys = Array.from({ length: 600 }, (_, i) => `j${i}`)
    await main.commit(keys.map((key, i) => ({ jobs: [job(key, i % 3 ? { group: `g${i % 20}` } : {})] })))
    const workers = [start('deliver'), start('deliver'), start('deliver')]
    const left = async (): Promise<number> => (await main.backlog(['deliver'])).waiting
    const end = Date.now() + 45_000
    for (let kills = 0; (await left()) > 0; ) {
      assert.ok(Date.now() < end, `${await left()} jobs are left`)
      await sleep(300)
      if (kills++ >= 6) continue
      const [oldest] = workers.splice(0, 1)
      await oldest?.kill()
      workers.push(start('deliver'))
    }
    for (const key of keys) {
      const row = await main.get('cursor', `of ${key}`)
      assert.equal(row?.version, 1, `${key} was settled ${row?.version} times`)
    }
  })

  test('that start at once on an empty database migrate it once', async () => {
    const empty = here.empty()
    await empty.made
    const all = Array.from({ length: 6 }, () => start('open', empty.url))
    await Promise.all(all.map(({ ended }) => ended))
    assert.deepEqual(
      all.flatMap(({ lines }) => lines),
      all.map(() => 'open'),
    )
    const versions = await empty.ask('select version from prm.prm_migration order by version')
    assert.deepEqual(
      versions.map(({ version }) => version),
      versions.map((_, i) => i + 1),
    )
    const queues = await empty.ask('select name from prm_boss.queue')
    assert.deepEqual(queues, [{ name: 'prm' }])
  })
})

interface Child {
  readonly lines: string[]
  readonly ended: Promise<void>
  kill(): Promise<void>
}

function start(mode: string, url: string = here.url, skew = 0): Child {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const args = ['--conditions=@prm/source', '--disable-warning=ExperimentalWarning', worker, mode, url, folder]
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PRM_TEST_SKEW: `${skew}` },
  })
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const started: Child = {
    lines,
    ended: closed.then((code) => assert.equal(code, 0, `the worker ended with ${code}`)),
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
  }
  started.ended.catch(() => undefined)
  children.push(started)
  return started
}

/** Workers that begin in one moment, however long each took to start. */
async function together(count: number): Promise<readonly Child[]> {
  const wait = join(folder, 'wait')
  mkdirSync(wait)
  const crew = Array.from({ length: count }, () => start('groups'))
  await until(() => crew.every(({ lines }) => lines[0] === 'here'), 'they have started')
  for (const { lines } of crew) lines.shift()
  rmdirSync(wait)
  return crew
}
