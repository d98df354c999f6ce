import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder } from '../place.ts'
import { write } from './input.ts'
import type { Prepared, Task } from './ours.ts'

export const bench: Bench = async function* ({ quick, runs }) {
  const count = quick ? 600 : 100_000
  const results = await inFolder(async (folder) => {
    const input = join(folder, 'recipients.ndjson')
    write(input, count)
    const one = (module: string, run: number) =>
      inFolder(async (place) => {
        const task: Task = { input, store: join(place, 'store.db') }
        const result = await contend<Prepared>(module, task)
        if (result.rows !== count) throw new Error(`${module} stored ${result.rows} of ${count} rows in run ${run}.`)
        return result
      })
    return alternating(runs, {
      ours: (run) => one('./prepare/ours.ts', run),
      straight: (run) => one('./prepare/straight.ts', run),
    })
  })
  const of = (name: keyof typeof results, what: 'seconds' | 'peakMb') => results[name].map((result) => result[what])
  const where = { bench: 'prepare', case: `${count} recipients`, peer: 'straight loop' }
  yield compared({ ...where, unit: 's', target: 0.4 }, 'less', of('ours', 'seconds'), of('straight', 'seconds'))
  yield figure({ bench: 'prepare', case: where.case, unit: 's', target: 5 }, of('ours', 'seconds'))
  yield figure({ bench: 'prepare', case: `${where.case}, peak memory`, unit: 'MB', target: 300 }, of('ours', 'peakMb'))
}
