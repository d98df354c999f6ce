import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { collect, done, drain, job, sleep, until } from '../../../conformance/src/store/place.ts'
import { sqlite } from '../src/index.ts'

/** That of `worker.ts`: what happens within it here must not take as long on a machine that is slow. */
const leaseMs = 6_000
let folder = ''
let file = ''
const children: Child[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prm-processes-'))
  file = join(folder, 'store.db')
})
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe('two processes on one file', { timeout: 60_000 }, () => {
  test('start at once on a file that is not there, and share the work, one group never in both', async () => {
    const jobs = Array.from({ length: 300 }, (_, i) => job(`j${i}`, { group: `g${i % 10}` }))
    const workers = await together(2) // both migrate the new file
    await Promise.all(workers.map(({ ended }) => ended))
    const store = sqlite({ file })
    await store.scope('main').commit([{ jobs }])
    const again = await together(2)
    await Promise.all(again.map(({ ended }) => ended))
    const lines = again.map(({ lines }) => lines)
    assert.deepEqual(
      lines.flat().filter((line) => !line.startsWith('ran')),
      [],
    )
    // What one had leased when the other ended is its own to do.
    assert.deepEqual(lines.flat().sort(), jobs.map(({ key }) => `ran ${key}`).sort())
    assert.ok(lines.every((mine) => mine.length > 0))
    assert.equal((await store.scope('main').backlog(['deliver'])).waiting, 0)
    await store.close()
  })

  test('what a process said it had committed is there after it was killed in the middle', async () => {
    const children = [start('promise'), start('promise')]
    for (const child of children) await until(() => child.lines.length > 50, 'the child commits')
    for (const child of children) await child.kill()
    const store = sqlite({ file })
    const main = store.scope('main')
    const keys = children.flatMap(({ lines }) => lines)
    for (const key of keys) assert.equal((await main.get('cursor', key))?.version, 1, key)
    const jobs = new Set((await collect(main.jobs({ state: 'waiting' }))).map(({ key }) => key))
    assert.deepEqual(
      keys.filter((key) => !jobs.has(key)),
      [],
    )
    for (const key of jobs) assert.ok(await main.get('cursor', key), `${key} was promised without its fact`)
    await store.close()
  })

  test('work that a killed process had in hand counts as waiting until its lease ends, and then is started again', async () => {
    const store = sqlite({ file })
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
    assert.equal((await main.get('cursor', 'quick'))?.value.value, 1)
    const left = await main.backlog(['deliver'])
    assert.equal(left.waiting, 3)
    const ends = Date.parse(left.next as string)
    assert.ok(ends > Date.now() && ends <= Date.now() + leaseMs)

    const ran: string[] = []
    const run = async ({ job: { key }, attempt }: { job: { key: string }; attempt: number }) => {
      ran.push(`${key} ${attempt}`)
      return { outcome: { done: true } } as const
    }
    await drain(store, run)
    assert.deepEqual(ran, [], 'nothing is due before the lease ends, its group neither')
    await sleep(ends - Date.now() + 1)
    await drain(store, run, { concurrency: 1 })
    assert.deepEqual(ran, ['stuck 1 2', 'stuck 2 2', 'behind 1'])
    await store.close()
  })

  test('and where the clock was put back after the kill, a lease after the store is opened again', async () => {
    const ahead = sqlite({ file, lease: '1s', clock: () => new Date(Date.now() + 86_400_000) })
    await ahead.scope('main').commit([{ jobs: [job('stuck', { group: 'g' }), job('behind', { group: 'g' })] }])
    const hung = Promise.withResolvers<void>()
    let started = false
    const working = drain(ahead, async () => {
      started = true
      await hung.promise
      return done
    })
    await until(() => started, 'it works')
    // As the file is after a kill: nobody renews.
    const killed = join(folder, 'killed.db')
    await ahead.backup(killed)
    const store = sqlite({ file: killed, lease: '1s', poll: '20ms' })
    const ran: string[] = []
    const stop = new AbortController()
    const going = drain(
      store,
      async ({ job: { key }, attempt }) => {
        ran.push(`${key} ${attempt}`)
        return done
      },
      { once: false, signal: stop.signal, now: () => new Date() },
    )
    await until(() => ran.length === 2, 'both ran')
    assert.deepEqual(ran, ['stuck 2', 'behind 1'])
    stop.abort()
    hung.resolve()
    await Promise.all([working, going])
    await Promise.all([store.close(), ahead.close()])
  })

  test('a library whose import was killed is imported anew once the killed one can no longer be working', async () => {
    const child = start('importing')
    await until(() => child.lines.length > 3, 'the child imports')
    await child.kill()
    const store = sqlite({ file })
    const main = store.scope('main')
    await assert.rejects(collect(main.search('hold')), /cut off.*import anew/)
    await assert.rejects(main.commit([{ jobs: [job('a')] }]), /cut off.*import anew/)
    assert.deepEqual(await store.scope('other').commit([{ jobs: [job('a')] }]), [true])
    const whole = await collect(store.scope('other').export())
    await assert.rejects(main.import(whole), /still running, or was cut off/)
    await sleep(leaseMs + 1)
    assert.deepEqual(await main.import(whole), { rows: 1 })
    assert.deepEqual(await collect(main.export()), whole)
    assert.deepEqual(await collect(main.search('hold')), [])
    await store.close()
  })

  test('a writer waits for another without stopping its own event loop', async () => {
    const [one, two] = [sqlite({ file }), sqlite({ file })]
    const counts = await Promise.all(
      [one, two].map(async (store, s) => {
        for (let i = 0; i < 100; i++) {
          await store.scope('main').commit([{ put: [{ kind: 'cursor', value: { id: `${s} ${i}`, value: 1 } }] }])
        }
        return store.transactions
      }),
    )
    assert.deepEqual(counts, [100, 100])
    await Promise.all([one.close(), two.close()])
  })
})

interface Child {
  readonly lines: string[]
  readonly ended: Promise<void>
  kill(): Promise<void>
}

function start(mode: string): Child {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const args = ['--conditions=@prm/source', '--disable-warning=ExperimentalWarning', worker, mode, file, folder]
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
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
