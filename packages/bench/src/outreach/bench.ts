import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure, type Line } from '../line.ts'
import { contend, inFolder } from '../place.ts'
import { write } from './input.ts'
import type { Planned, Task } from './ours.ts'

export const bench: Bench = async function* ({ quick, gigabyte = false, runs }) {
  const count = quick ? 600 : 100_000
  if (gigabyte) return yield* aGigabyte(count)
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

/** As many rows, each with a column of 10,000 characters: what a list weighs, not how long it is. */
async function* aGigabyte(count: number): AsyncGenerator<Line> {
  const { seconds, peakMb } = await inFolder(async (folder) => {
    const input = join(folder, 'patrons.csv')
    write(input, count, 'x'.repeat(10_000))
    const task: Task = { input, store: join(folder, 'store.db'), out: join(folder, 'plan.ndjson') }
    return contend<Planned>('./outreach/ours.ts', task)
  })
  const where = `a plan of ${count} rows of 10 kB`
  yield figure({ bench: 'outreach', case: where, unit: 's', target: 60 }, [seconds])
  yield figure({ bench: 'outreach', case: `${where}, peak memory`, unit: 'MB', target: 300 }, [peakMb])
}
