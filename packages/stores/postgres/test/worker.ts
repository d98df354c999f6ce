import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgres } from '../src/index.ts'

// A process of its own on a database, for processes.long.test.ts: `worker.ts MODE URL FOLDER`. What it prints has been committed.

// A machine whose clock is wrong by so many milliseconds.
const skew = Number(process.env.PRM_TEST_SKEW ?? 0)
const right = Date.now
Date.now = () => right() + skew

const [mode, url = '', folder = ''] = process.argv.slice(2)
const lease = mode === 'hold' ? '6s' : mode === 'deliver' ? '1s' : '30s'
const store = postgres({ url, lease, poll: '20ms' })
const main = store.scope('main')
const now = (): Date => new Date()
const signal = new AbortController().signal
let turn = 0
const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Works off all there is, once nothing says to wait; a folder per group shows whether anyone else is in it. */
async function groups(): Promise<void> {
  if (existsSync(join(folder, 'wait'))) say('here')
  while (existsSync(join(folder, 'wait'))) await sleep(2)
  await store.work(
    ['deliver'],
    async ({ job }) => {
      const room = join(folder, job.group ?? job.key)
      try {
        mkdirSync(room)
      } catch {
        say(`broken ${job.key}`)
      }
      await sleep(turn++ % 4)
      rmdirSync(room)
      return { outcome: { done: true }, after: () => say(`ran ${job.key}`) }
    },
    { concurrency: 8, once: true, signal, libraries: ['main'], now },
  )
}

/** Promises as fast as it can, until it is killed. */
async function promise(): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `${process.pid} ${i}`
    const put = [{ kind: 'cursor', value: { id: key, value: 1 } } as const]
    const [written] = await main.commit([
      { put, jobs: [{ key, name: 'deliver', runAt: now().toISOString(), payload: key }] },
    ])
    if (written) say(key)
  }
}

/** Starts work that never ends, and settles other work meanwhile, until it is killed. */
async function hold(): Promise<void> {
  await store.work(
    ['deliver'],
    async ({ job, attempt }) => {
      if (job.key.startsWith('stuck')) {
        say(`started ${job.key} ${attempt}`)
        await new Promise(() => {})
      }
      const put = [{ kind: 'cursor', value: { id: job.key, value: attempt } } as const]
      return { outcome: { done: true }, batches: [{ put }], after: () => say(`done ${job.key}`) }
    },
    { concurrency: 4, signal, libraries: ['main'], now },
  )
}

/** Works, and counts in the row of each job how often it was settled, until it is killed. */
async function deliver(): Promise<void> {
  await store.work(
    ['deliver'],
    async ({ job, attempt }) => {
      await sleep((turn++ * 7) % 11)
      const settled = await main.get('cursor', `of ${job.key}`)
      const value = { id: `of ${job.key}`, value: { times: (settled?.version ?? 0) + 1, attempt } }
      return { outcome: { done: true }, batches: [{ put: [{ kind: 'cursor', value }] }] }
    },
    { concurrency: 8, signal, libraries: ['main'], now },
  )
}

/** Opens the store, and closes it. */
async function open(): Promise<void> {
  await main.types()
  say('open')
}

await { groups, promise, hold, deliver, open }[mode as 'groups']()
await store.close()
