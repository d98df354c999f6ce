// npm run conformance -- [NAME] [--json]: the checks of every adapter, or of one, a line each.
// npm run conformance -- --mutants [--json]: broken adapters, and by which checks each is caught.
// npm run conformance -- NAME --live [--allow CHECK]… [--record FILE]: against the vendor itself; ids come from the environment.
// Exit: 0 all held, 1 something failed or escaped, 2 it could not run.
import { randomUUID } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type AnySimulator,
  type Line,
  type LiveOptions,
  type Recorder,
  recorder,
  report,
  type Suite,
} from '@prm/conformance'
import { mutants, tidy } from '../packages/conformance/test/mutants.ts'
import { failed, results, suiteOf } from '../packages/conformance/test/run.ts'
import { adapters, root } from './check/packages.ts'

type Suites = { readonly [adapter: string]: Suite<AnySimulator> }

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      allow: { type: 'string', multiple: true, default: [] },
      record: { type: 'string' },
    },
  })
  const [name, ...rest] = positionals
  const { json, live, allow, record } = values
  if (rest.length > 0)
    throw new Error(`One NAME at most, and there are ${positionals.length}: ${positionals.join(', ')}`)
  if (!live && (allow.length > 0 || record)) throw new Error('--allow and --record go with --live.')
  if (live && !name)
    throw new Error('--live takes the NAME of one adapter: its credentials are read from the environment.')
  process.exitCode = (
    values.mutants
      ? await breakThem(json)
      : await check(name, json, live ? { allow, record } : undefined)
  )
    ? 0
    : 1
} catch (error) {
  console.error(
    `${(error as Error).message}\nusage: npm run conformance -- [NAME] [--json] | --mutants [--json] | NAME --live [--allow CHECK]… [--record FILE]`,
  )
  process.exitCode = 2
}
// Some simulators keep a socket; all has been said.
process.stdout.write('', () => process.exit())

/** Whether nothing failed. */
async function check(
  name: string | undefined,
  json: boolean,
  live: { readonly allow: readonly string[]; readonly record: string | undefined } | undefined,
): Promise<boolean> {
  const chosen = adapters.filter((one) => !name || [one.name, one.name.replace('@prm/', '')].includes(name))
  if (chosen.length === 0) {
    const known = adapters.map((one) => one.name.replace('@prm/', '')).join(', ')
    throw new Error(`${name} is no adapter here. There are: ${known}.`)
  }
  let held = true
  for (const { name, folder } of chosen) {
    const file = join(root, folder, 'test/suite.ts')
    if (!existsSync(file)) throw new Error(`${name} has no test/suite.ts that exports \`suites\`: { name: suite }.`)
    const { suites } = (await import(file)) as { suites: Suites }
    // Against the vendor there is one of it, whatever releases are simulated.
    const these = live ? Object.entries(suites).slice(-1) : Object.entries(suites)
    for (const [adapter, suite] of these) {
      let made: Recorder | undefined
      const options: { live?: LiveOptions } = live
        ? {
            live: {
              allow: live.allow,
              record({ persons }) {
                if (!live.record) return globalThis.fetch
                made = recorder({ persons, salt: randomUUID() })
                return made.fetch
              },
            },
          }
        : {}
      for await (const line of report(adapter, suite, options)) {
        say(line, json)
        if (line.result === 'fail') held = false
      }
      if (live?.record && made)
        writeFileSync(live.record, `${JSON.stringify(made.exchanges(), null, 2)}\n`, { flag: 'wx' })
    }
  }
  return held
}

function say(line: Line, json: boolean): void {
  const { adapter, check, result, why } = line
  console.log(json ? JSON.stringify(line) : `${result.padEnd(9)} ${adapter} ${check}${why ? `: ${why}` : ''}`)
}

/** Whether each was caught by the checks named for it and by no other. */
async function breakThem(json: boolean): Promise<boolean> {
  let held = true
  for (const [mutant, [checks, broken]] of Object.entries(mutants)) {
    const caughtBy = failed(await results(suiteOf(broken)))
    const [expected] = checks
    const right = [...caughtBy].sort().join() === [...checks].sort().join()
    if (!right) held = false
    const said = caughtBy.join(', ') || 'nothing'
    console.log(
      json ? JSON.stringify({ mutant, expected, caughtBy }) : `${right ? 'caught ' : 'ESCAPED'} ${mutant}: ${said}`,
    )
  }
  tidy()
  return held
}
