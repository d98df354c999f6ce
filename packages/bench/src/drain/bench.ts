import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder, running } from '../place.ts'
import type { Ready } from '../server.ts'
import type { Latency } from './provider.ts'
import { found as redisIsThere } from './redis.ts'
import type { Drained, Task } from './task.ts'

const concurrency = 50

interface Case {
  readonly name: string
  readonly latency: Latency
  readonly count: number
  /** The least share of each peer's rate. */
  readonly targets: { readonly undici: number; readonly sdk: number; readonly bullmq: number }
}
const cases: readonly Case[] = [
  { name: '2 ms', latency: { ms: 2 }, count: 10_000, targets: { undici: 0.31, sdk: 1, bullmq: 1 } },
  { name: '20 ms', latency: { ms: 20 }, count: 5_000, targets: { undici: 0.85, sdk: 0.85, bullmq: 0.85 } },
  {
    name: '20 ms, 2 % at 500 ms',
    latency: { ms: 20, slow: 2, slowMs: 500 },
    count: 5_000,
    targets: { undici: 0.8, sdk: 0.8, bullmq: 0.8 },
  },
]

const peers = { undici: 'undici loop', sdk: 'twilio SDK', bullmq: 'BullMQ' } as const

export const bench: Bench = async function* ({ quick, runs }) {
  let unavailable: string | undefined
  for (const { name, latency, count: whole, targets } of quick ? cases.slice(0, 1) : cases) {
    const count = quick ? 100 : whole
    const one = async (module: string, more: Pick<Task, 'database'> & { readonly redis?: number } = {}) => {
      const provider = await running<string, { taken: number }>('./drain/provider.ts', latency)
      const drained = await inFolder((folder) => {
        const task: Task = { provider: provider.value, count, concurrency, folder, ...more }
        return contend<Drained>(module, task)
      })
      const { taken } = await provider.stop()
      if (taken !== count) throw new Error(`${module} made ${taken} calls for ${count} messages.`)
      return drained
    }
    const bullmq = () =>
      inFolder(async (folder) => {
        const redis = await running<number>('./drain/redis.ts', { folder })
        const drained = await one('./drain/bullmq.ts', { redis: redis.value })
        await redis.stop()
        return drained
      })
    const onPostgres = async () => {
      const server = await running<Ready>('./server.ts', {})
      const { url, why } = server.value
      if (url === undefined) unavailable = why
      const drained = url === undefined ? undefined : await one('./drain/ours.ts', { database: url })
      await server.stop()
      return drained
    }
    const results = await alternating<string, Drained | undefined>(runs, {
      sqlite: () => one('./drain/ours.ts'),
      postgres: onPostgres,
      undici: () => one('./drain/undici.ts'),
      sdk: () => one('./drain/sdk.ts'),
      ...(redisIsThere() && { bullmq }),
    })
    const of = (name: string, what: keyof Drained) =>
      (results[name] ?? []).flatMap((drained) => (drained ? [drained[what]] : []))
    for (const store of ['sqlite', 'postgres']) {
      const [ours, where] = [of(store, 'perSecond'), { bench: 'drain', case: `${store}, ${name}` }]
      if (ours.length === 0) continue
      for (const key of ['undici', 'sdk', 'bullmq'] as const) {
        const line = { ...where, peer: peers[key], unit: 'messages/s', target: targets[key] }
        if (results[key]) yield compared(line, 'more', ours, of(key, 'perSecond'))
      }
      yield figure({ ...where, case: `${where.case}, CPU a message`, unit: 'µs', target: 200 }, of(store, 'cpu'))
    }
  }
  if (!redisIsThere()) yield { bench: 'drain', peer: peers.bullmq, skipped: 'no Redis server is found' }
  if (unavailable) yield { bench: 'drain', peer: '@prm/store-postgres', skipped: unavailable }
}
