import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder } from '../place.ts'
import { write } from './input.ts'
import type { Planned, Task } from './ours.ts'

export const bench: Bench = async function* ({ quick, runs }) {
  const count = quick ? 600 : 100_000
  const results = await inFolder(async (folder) => {
    const input = join(folder, 'patrons.csv')
    write(input, count)
    const one = (module: string) =>
      inFolder(async (place) => {
        const task: Task = { input, store: join(place, 'store.db'), out: join(place, 'plan.ndjson') }
        const result = await contend<Planned>(module, task)
        if (result.rows !== count) throw new Error(`${module} planned ${result.rows} of ${count} rows.`)
        return result
      })
    return alternating(runs, {
      ours: () => one('./outreach/ours.ts'),
      straight: () => one('./outreach/straight.ts'),
    })
  })
  const of = (name: keyof typeof results, what: 'seconds' | 'peakMb') => results[name].map((result) => result[what])
  const where = { bench: 'outreach', case: `a plan of ${count} rows`, peer: 'straight loop' }
  yield compared({ ...where, unit: 's', target: 0.4 }, 'less', of('ours', 'seconds'), of('straight', 'seconds'))
  yield figure({ bench: 'outreach', case: where.case, unit: 's', target: 5 }, of('ours', 'seconds'))
  yield figure({ bench: 'outreach', case: `${where.case}, peak memory`, unit: 'MB', target: 300 }, of('ours', 'peakMb'))
}
