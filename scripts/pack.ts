// npm run pack -- DIR [PACKAGE]…: every package that is published, or those named and what they need, built and packed as they
// would be, with an `index.json` of them and the line that installs them.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Packed, published, root, withNeeds } from './check/packages.ts'

const args = process.argv.slice(2)
const [folder, ...names] = args.filter((arg) => !arg.startsWith('--'))
if (!folder) {
  console.error('usage: npm run pack -- DIR [PACKAGE]…')
  process.exit(2)
}
const unknown = names.filter((name) => !published.some((one) => one.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no published package ${unknown.join(', ')}. Use: ${published.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const chosen = names.length > 0 ? withNeeds(names) : published
const target = resolve(process.env.INIT_CWD ?? '.', folder)
/** By way of the toolchain, since not every machine has pnpm. */
function pnpm(...rest: readonly string[]): void {
  const toolchain = ['scripts/with-toolchain.mjs', 'pnpm', ...rest]
  execFileSync(process.execPath, toolchain, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

const filters = names.length > 0 ? chosen.flatMap(({ name }) => ['--filter', name]) : []
if (!args.includes('--built')) pnpm('-r', ...filters, 'run', 'build')
mkdirSync(target, { recursive: true })
const index: Packed[] = chosen.map(({ name, folder, manifest }) => {
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
const quoted = (path: string): string => (/[^\w./@:\\-]/.test(path) ? `"${path}"` : path)
console.log(
  names.length > 0
    ? `npm install ${index.map(({ file }) => quoted(join(target, file))).join(' ')}`
    : `To install one package with what it needs: npm run pack -- ${quoted(target)} @prm/cli`,
)
