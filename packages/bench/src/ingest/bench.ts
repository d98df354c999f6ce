import { join } from 'node:path'
import { alternating, type Bench } from '../bench.ts'
import { compared, figure } from '../line.ts'
import { contend, inFolder, running } from '../place.ts'
import type { Answered, Load } from './load.ts'
import type { Served } from './serve.ts'

const connections = 100
const peers = { express: 'express + twilio SDK', chat: 'chat + Twilio adapter' } as const
const targets = { express: 1.5, chat: 2.5 } as const

export const bench: Bench = async function* ({ quick, runs }) {
  const count = quick ? 200 : 10_000
  const one = (module: string, load: Pick<Load, 'rate' | 'begun'> = {}) =>
    inFolder(async (folder) => {
      const server = await running<string, Served>(module, { file: join(folder, 'store.db') })
      const answered = await contend<Answered>('./ingest/load.ts', { url: server.value, count, connections, ...load })
      const { stored, commits } = await server.stop()
      if (stored !== count) throw new Error(`${module} answered 200 to ${count} texts and stored ${stored}.`)
      return { ...answered, commits: commits / count }
    })
  const results = await alternating(runs, {
    ours: () => one('./ingest/ours.ts'),
    express: () => one('./ingest/express.ts'),
    chat: () => one('./ingest/chat.ts'),
  })
  const rates = (of: keyof typeof results) => results[of].map(({ perSecond }) => perSecond)
  for (const key of ['express', 'chat'] as const) {
    const line = {
      bench: 'ingest',
      case: `${connections} at once`,
      peer: peers[key],
      unit: 'requests/s',
      target: targets[key],
    }
    yield compared(line, 'more', rates('ours'), rates(key))
  }
  const commits = results.ours.map((answered) => answered.commits)
  yield figure({ bench: 'ingest', case: 'at saturation', unit: 'commits a request', target: 0.1 }, commits)
  // Half of what each run of ours took at most.
  for (const begun of [true, false]) {
    const p99: number[] = []
    for (const rate of rates('ours')) p99.push((await one('./ingest/ours.ts', { rate: rate / 2, begun })).p99)
    const name = begun ? 'p99 at half load' : 'p99 at half load, of a process that has just begun'
    yield figure({ bench: 'ingest', case: name, unit: 'ms', target: 50 }, p99)
  }
}
