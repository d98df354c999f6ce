#!/usr/bin/env node
// npm create prm-adapter -- NAME --facets channel,inlet --auth bearer: exit 0 made, 1 refused, 130 called off.
import { run } from './run.ts'

process.exitCode = await run(process.argv.slice(2), process)
