import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { spoken } from './line.ts'

/*
 * npm run bench -- NAME|all [--json] [--quick]: a line for each figure. `--quick` shows that it runs, not how fast. `outreach --gigabyte` plans a
 * list of 1 GB, once.
 */

const benches = ['prepare', 'outreach', 'drain', 'ingest', 'restart', 'weight', 'scale', 'insights', 'parsers'] as const

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    gigabyte: { type: 'boolean', default: false },
  },
})
const { quick, gigabyte } = values
const names = positionals.includes('all') ? benches : benches.filter((name) => positionals.includes(name))
const unknown = positionals.filter((name) => name !== 'all' && !benches.some((one) => one === name))
if (names.length === 0 || unknown.length > 0) {
  console.error(`usage: npm run bench -- NAME|all [--json] [--quick]; there are ${benches.join(', ')}`)
  process.exit(2)
}
for (const name of names) {
  const { bench } = (await import(`./${name}/bench.ts`)) as { bench: Bench }
  try {
    for await (const line of bench({ quick, gigabyte, runs: quick ? 1 : 5 }))
      console.log(values.json ? JSON.stringify(line) : spoken(line))
  } catch (error) {
    console.error(`${name} failed:`, error) // the others are measured all the same
    process.exitCode = 1
  }
}
