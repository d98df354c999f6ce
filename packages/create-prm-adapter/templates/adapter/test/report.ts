// npm run conformance: a line for each check, as report.schema.json of @prm/conformance has it. Exit 1 where one failed.
import { report } from '@prm/conformance'
import { suites } from './suite.ts'

for (const [adapter, suite] of Object.entries(suites)) {
  for await (const line of report(adapter, suite)) {
    console.log(JSON.stringify(line))
    if (line.result === 'fail') process.exitCode = 1
  }
}
