import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder } from '../place.ts'
import type { Stored } from './stored.ts'
import { builtTree, gzipped, installed, linkedTree } from './tree.ts'

const here = fileURLToPath(new URL('../..', import.meta.url))

/** What one installs to send and receive texts with each. */
const contenders = {
  ours: ['@prm/core', '@prm/twilio'],
  sdk: ['twilio'],
  chat: ['chat', '@chat-adapter/twilio'],
} as const
const peers = { sdk: 'twilio SDK', chat: 'chat + Twilio adapter' } as const

export const bench: Bench = async function* ({ quick, runs }) {
  const results = await inFolder(async (folder) => {
    const tree = (name: keyof typeof contenders) => join(folder, name)
    await builtTree(here, ['@prm/core', '@prm/kit', '@prm/twilio'], tree('ours'))
    for (const name of ['sdk', 'chat'] as const) linkedTree(here, contenders[name], tree(name))
    const of = async (name: keyof typeof contenders) => ({
      packages: installed(here, contenders[name]),
      gzip: await gzipped(tree(name), contenders[name]),
    })
    const still = { ours: await of('ours'), sdk: await of('sdk'), chat: await of('chat') }
    const importing = (name: keyof typeof contenders) => async () => timeToImport(tree(name), contenders[name])
    const times = await alternating(runs, {
      ours: importing('ours'),
      sdk: importing('sdk'),
      chat: importing('chat'),
    })
    const cores = { ours: await gzipped(tree('ours'), ['@prm/core']), chat: await gzipped(tree('chat'), ['chat']) }
    return { still, times, cores }
  })
  const { still, times, cores } = results
  for (const key of ['sdk', 'chat'] as const) {
    const where = { bench: 'weight', peer: peers[key], target: 1 }
    const less = (name: string, unit: string, what: 'packages' | 'gzip') =>
      compared({ ...where, case: name, unit }, 'less', [still.ours[what]], [still[key][what]])
    yield less('packages installed', 'packages', 'packages')
    yield less('minified and gzipped', 'bytes', 'gzip')
    yield compared({ ...where, case: 'time to import', unit: 'ms' }, 'less', times.ours, times[key])
  }
  const core = { bench: 'weight', case: 'core alone, minified and gzipped', peer: 'chat', unit: 'bytes', target: 1 }
  yield compared(core, 'less', [cores.ours], [cores.chat])
  const alone = { bench: 'weight', case: 'packages installed', unit: 'packages', target: 9 }
  yield figure(alone, [still.ours.packages])
  const { bytes, file } = await inFolder((folder) =>
    contend<Stored>('./weight/stored.ts', { folder, count: quick ? 100 : 2_000 }),
  )
  yield figure({ bench: 'weight', case: 'stored per decision', unit: 'bytes', target: 2_500 }, [bytes])
  yield figure({ bench: 'weight', case: 'file per decision, all in all', unit: 'bytes', target: 5_000 }, [file])
}

/** In a process that has imported nothing else. */
function timeToImport(folder: string, names: readonly string[]): number {
  const imports = names.map((name) => `await import('${name}')`).join('; ')
  const program = `const began = performance.now(); ${imports}; console.log(performance.now() - began)`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    encoding: 'utf8',
  })
  return Number(said)
}
