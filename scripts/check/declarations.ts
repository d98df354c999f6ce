// Published types name no schema library and no HTTP client: two versions of one must be able to live in one host.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { wrong } from './budget.ts'
import { published, root } from './packages.ts'

const forbidden = /zod|\bky\b|axios/i
const comments = /\/\*[\s\S]*?\*\/|\/\/.*/g

for (const { name, folder } of published) {
  const files = globSync(`${folder}/dist/**/*.d.ts`, { cwd: root })
  if (files.length === 0) wrong(`${name} has no declarations: it is not built`)
  for (const file of files)
    for (const line of readFileSync(join(root, file), 'utf8').replace(comments, '').split('\n'))
      if (forbidden.test(line)) wrong(`${file} names ${forbidden.exec(line)?.[0]}: ${line.trim()}`)
}
