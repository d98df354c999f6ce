import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder, running } from '../place.ts'
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
  for (const { name, latency, count: whole, targets } of quick ? cases.slice(0, 1) : cases) {
    const count = quick ? 100 : whole
    const one = async (module: string, more: { readonly redis?: number } = {}): Promise<Drained> => {
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
    const results = await alternating<string, Drained>(runs, {
      ours: () => one('./drain/ours.ts'),
      undici: () => one('./drain/undici.ts'),
      sdk: () => one('./drain/sdk.ts'),
      ...(redisIsThere() && { bullmq }),
    })
    const rates = (of: string) => (results[of] ?? []).map(({ perSecond }) => perSecond)
    const where = { bench: 'drain', case: `sqlite, ${name}` }
    for (const key of ['undici', 'sdk', 'bullmq'] as const) {
      const line = { ...where, peer: peers[key], unit: 'messages/s', target: targets[key] }
      if (results[key]) yield compared(line, 'more', rates('ours'), rates(key))
    }
    const cpu = (results.ours ?? []).map((drained) => drained.cpu)
    yield figure({ ...where, case: `${where.case}, CPU a message`, unit: 'µs', target: 200 }, cpu)
  }
  if (!redisIsThere()) yield { bench: 'drain', peer: peers.bullmq, skipped: 'no Redis server is found' }
  yield { bench: 'drain', peer: '@prm/store-postgres', skipped: 'this bench does not start PostgreSQL yet' }
}
