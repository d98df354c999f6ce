import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exported } from '@prm/core'
import { sqlite } from '../src/index.ts'

// A process of its own on a store file, for processes.long.test.ts: `worker.ts MODE FILE FOLDER`. What it prints has been committed.

const [mode, file = '', folder = ''] = process.argv.slice(2)
const store = sqlite({ file, lease: mode === 'hold' || mode === 'importing' ? '6s' : '30s', poll: '20ms' })
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
    const { written } = await commit(key)
    if (written) say(key)
  }
}

async function commit(key: string): Promise<{ written: boolean | undefined }> {
  const put = [{ kind: 'cursor', value: { id: key, value: 1 } } as const]
  const [written] = await store
    .scope('main')
    .commit([{ put, jobs: [{ key, name: 'deliver', runAt: now().toISOString(), payload: key }] }])
  return { written }
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

/** Imports, and says how far it has come, until it is killed. */
async function importing(): Promise<void> {
  async function* rows(): AsyncGenerator<Exported> {
    yield { kind: 'prm', value: { format: 1 } }
    for (let i = 0; ; i++) {
      const at = now().toISOString()
      yield {
        kind: 'interaction',
        value: { at, version: 1, value: { key: `${i}`, type: 'notice', source: 'koha', data: {} }, text: 'hold' },
      }
      if (i % 1_000 === 999) say(`${i + 1}`)
    }
  }
  await store.scope('main').import(rows())
}

await { groups, promise, hold, importing }[mode as 'groups']()
await store.close()
