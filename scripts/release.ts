// npm run release -- --dry-run: builds, checks and packs every public package as it would be published, and prints what a release
// would do with each. Without --dry-run it publishes them, in CI alone, with provenance.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { published, root, tarballs } from './check/packages.ts'
import { askedOf, bumpsOf, manifestWrong, stateOf } from './publishing.ts'

const gates = ['build', 'pack', 'declarations', 'size', 'publint', 'attw']

/** Runs a command with this terminal, and ends with its code where it fails. */
function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const asked = askedOf(process.argv.slice(2), process.env)
if (typeof asked === 'string') {
  console.error(asked)
  process.exit(2)
}

const wrong = published.flatMap(({ name, manifest }) => manifestWrong(manifest).map((one) => `${name}: ${one}`))
if (!asked.dryRun && wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
run(process.execPath, 'scripts/check/main.ts', ...gates)

const bumps = bumpsOf(globSync('.changeset/*.md', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8')))
const { stdout } = spawnSync('git', ['tag', '--list'], { cwd: root, encoding: 'utf8' })
const tags = new Set((stdout ?? '').split('\n'))
console.log()
for (const { name, version, path } of tarballs()) {
  const size = `${(statSync(path).size / 1024).toFixed(1)} KB`
  console.log(`${`${name}@${version}`.padEnd(30)} ${size.padStart(9)}  ${stateOf({ name, version }, bumps, tags)}`)
}
if (asked.dryRun) {
  for (const one of wrong) console.log(`before a release: ${one}`)
  console.log('Dry run: nothing was published.')
} else run(process.execPath, 'scripts/with-toolchain.mjs', 'pnpm', 'exec', 'changeset', 'publish')
