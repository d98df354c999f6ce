#!/usr/bin/env node
// npm create prm-adapter -- NAME --facets channel,webhook --auth bearer: exit 0 made, 1 refused, 130 called off.
import { run } from './run.ts'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 20))
  console.error(`This is Node ${process.versions.node}. What is made needs 22.20 or newer, as @prm does.`)

process.exitCode = await run(process.argv.slice(2), process)
