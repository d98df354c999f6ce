import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { figure } from '../line.ts'
import { begun, contend, inFolder, running } from '../place.ts'
import type { Task } from './worker.ts'

export const bench: Bench = async function* ({ quick, runs }) {
  const count = quick ? 500 : 100_000
  const seconds = await inFolder(async (folder) => {
    const full = join(folder, 'full.db')
    // What Node keeps of the code that it compiled, for a service that starts on the same machine again.
    const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
    await contend('./restart/fill.ts', { file: full, count }, env)
    const all: number[] = []
    for (let run = 0; run < runs; run++) {
      const file = join(folder, `store-${run}.db`)
      copyFileSync(full, file)
      await firstCall(file, env) // in the midst of its work it is killed
      all.push(await firstCall(file, env))
    }
    return all
  })
  yield figure({ bench: 'restart', case: `${count} open rows to first send`, unit: 's', target: 1 }, seconds)
}

/** Seconds from starting the process, before Node itself has started, to its first call at the provider; then kills it. */
async function firstCall(file: string, env: NodeJS.ProcessEnv): Promise<number> {
  const provider = await running<string>('./restart/provider.ts', {})
  const asked = fetch(provider.value)
  const began = performance.now()
  const task: Task = { file, provider: provider.value }
  const worker = begun('./restart/worker.ts', task, env)
  await Promise.race([asked, worker.failed])
  const seconds = (performance.now() - began) / 1_000
  await worker.kill()
  await provider.stop()
  return seconds
}
