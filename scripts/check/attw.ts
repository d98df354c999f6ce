// Do the types resolve as the code does? We are ESM only, so CommonJS and the resolution of Node 10 do not count.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { wrong } from './budget.ts'
import { root, tarballs } from './packages.ts'

const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
for (const { name, path } of tarballs()) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [attw, path, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji', '--no-definitely-typed'],
    { encoding: 'utf8' },
  )
  if (status !== 0) wrong(`${name}:\n${stdout}${stderr}`)
}
