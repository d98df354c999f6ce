// npm run pack -- DIR: every package that is published, built and packed as it would be, with an `index.json` of them.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Packed, published, root } from './check/packages.ts'

const args = process.argv.slice(2)
const [folder] = args.filter((arg) => !arg.startsWith('--'))
if (!folder) {
  console.error('usage: npm run pack -- DIR')
  process.exit(2)
}
const target = resolve(process.env.INIT_CWD ?? '.', folder)
/** By way of the toolchain, since not every machine has pnpm. */
function pnpm(...rest: readonly string[]): void {
  const toolchain = ['scripts/with-toolchain.mjs', 'pnpm', ...rest]
  execFileSync(process.execPath, toolchain, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

if (!args.includes('--built')) pnpm('-r', 'run', 'build')
mkdirSync(target, { recursive: true })
const index: Packed[] = published.map(({ name, folder, manifest }) => {
  const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
  rmSync(join(target, file), { force: true })
  pnpm('-C', folder, 'pack', '--pack-destination', target)
  const sha512 = createHash('sha512')
    .update(readFileSync(join(target, file)))
    .digest('base64')
  const subpaths = Object.keys(manifest.exports ?? {}).filter((subpath) => !subpath.endsWith('.json'))
  return {
    name,
    version: manifest.version,
    file,
    integrity: `sha512-${sha512}`,
    imports: subpaths.map((one) => name + one.slice(1)),
  }
})
writeFileSync(join(target, 'index.json'), `${JSON.stringify(index, null, 2)}\n`)
console.log(`${index.length} packages in ${target}`)
