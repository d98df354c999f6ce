import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure, type Line } from '../line.ts'
import { contend, inFolder, running } from '../place.ts'
import type { Ready } from '../server.ts'
import { grow } from './grow.ts'
import type { Cost, Task } from './work.ts'
import type { Worked, Task as WorkerTask } from './worker.ts'

export const bench: Bench = async function* ({ quick, runs }) {
  const [seed, count] = quick ? [100, 100] : [10_000, 2_000]
  const sizes = quick ? [seed, 10 * seed] : [seed, 10 * seed, 100 * seed]
  const results = await inFolder(async (folder) => {
    const fileOf = (size: number) => join(folder, `${size}.db`)
    const cost = async (file: string, messages: number, run: string) => {
      const provider = await running<string>('./drain/provider.ts', { ms: 0 })
      const task: Task = { file, provider: provider.value, count: messages, run }
      const { cpu } = await contend<Cost>('./scale/work.ts', task)
      await provider.stop()
      return cpu
    }
    await cost(fileOf(seed), seed, 'seed')
    for (const size of sizes.slice(1)) {
      copyFileSync(fileOf(seed), fileOf(size))
      grow(fileOf(size), size / seed)
    }
    const contenders = sizes.map(
      (size) => [`${size}`, (run: number) => cost(fileOf(size), count, `run ${run}`)] as const,
    )
    return alternating(runs, Object.fromEntries(contenders))
  })
  const costs = (size: number) => results[`${size}`] ?? []
  for (const size of sizes)
    yield figure({ bench: 'scale', case: `sqlite, ${size} stored`, unit: 'µs CPU a message', target: 250 }, costs(size))
  for (const size of sizes.slice(1)) {
    const where = { bench: 'scale', case: `sqlite, ${size} stored`, peer: `itself at ${seed} stored` }
    yield compared({ ...where, unit: 'µs CPU a message', target: 0.8 }, 'less', costs(size), costs(seed))
  }
  yield* workers(quick ? 100 : 10_000, runs)
}

/** The same messages, sent by one process or by several that share the database. */
async function* workers(count: number, runs: number): AsyncGenerator<Line> {
  let unavailable: string | undefined
  const rate = async (many: number): Promise<number> => {
    const server = await running<Ready>('./server.ts', {})
    const { url: database, why } = server.value
    unavailable = why
    if (database === undefined) return Number.NaN
    await contend('./restart/fill.ts', { file: database, count })
    const provider = await running<string>('./drain/provider.ts', { ms: 20 })
    const task: WorkerTask = { database, provider: provider.value }
    const all = await Promise.all(Array.from({ length: many }, () => running<null, Worked>('./scale/worker.ts', task)))
    const worked = await Promise.all(all.map((one) => one.stop()))
    await provider.stop()
    await server.stop()
    const taken = worked.reduce((sum, one) => sum + one.taken, 0)
    if (taken !== count) throw new Error(`${many} workers sent ${taken} of ${count} messages.`)
    return (1_000 * count) / (Math.max(...worked.map((one) => one.until)) - Math.min(...worked.map((one) => one.from)))
  }
  const rates = await alternating(runs, { one: () => rate(1), two: () => rate(2), four: () => rate(4) })
  if (unavailable) return yield { bench: 'scale', peer: '1, 2 and 4 workers', skipped: unavailable }
  for (const [many, of] of [
    ['2 workers', rates.two],
    ['4 workers', rates.four],
  ] as const) {
    const where = { bench: 'scale', case: `postgres, ${many}, 20 ms`, peer: '1 worker' }
    yield compared({ ...where, unit: 'messages/s', target: 1 }, 'more', of, rates.one)
  }
}
