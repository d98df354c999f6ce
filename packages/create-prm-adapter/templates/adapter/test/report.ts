// npm run conformance: a line for each check, as report.schema.json of @prm/conformance has it.
// npm run conformance -- --live [--allow CHECK]…: against your sandbox, by `live` of suite.ts; what writes there only if allowed.
// Exit: 0 all held, 1 something failed, 2 it could not run.
import { parseArgs } from 'node:util'
import { report } from '@prm/conformance'
import { suites } from './suite.ts'

try {
  const { values } = parseArgs({
    options: { live: { type: 'boolean', default: false }, allow: { type: 'string', multiple: true, default: [] } },
  })
  for (const [adapter, suite] of Object.entries(suites)) {
    for await (const line of report(adapter, suite, values.live ? { live: { allow: values.allow } } : {})) {
      console.log(JSON.stringify(line))
      if (line.result === 'fail') process.exitCode = 1
    }
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
