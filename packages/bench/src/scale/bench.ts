import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder, running } from '../place.ts'
import { grow } from './grow.ts'
import type { Cost, Task } from './work.ts'

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
  yield { bench: 'scale', peer: '1, 2 and 4 workers', skipped: 'this bench does not start PostgreSQL yet' }
}
