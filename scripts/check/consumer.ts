// Somebody else's project: the tarballs installed by npm, compiled by each compiler with the libraries' own declarations
// checked, and run.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { budget, wrong } from './budget.ts'
import { root, tarballs } from './packages.ts'

const project = mkdtempSync(join(tmpdir(), 'prm-consumer-'))
const packed = tarballs()
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** npm is given the tarballs and looks up all else; what a tarball needs of another must fit it. */
function install(...wanted: readonly string[]): number {
  const chosen = packed.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  const dependencies = Object.fromEntries(chosen.map(({ name, path }) => [name, `file:${path}`]))
  const types = wanted.length === 0 ? { '@types/node': devDependencies['@types/node'] } : {}
  const manifest = { private: true, type: 'module', dependencies, devDependencies: types }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  run('npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error')
  const lock = JSON.parse(readFileSync(join(project, 'node_modules/.package-lock.json'), 'utf8'))
  return Object.keys(lock.packages).length
}

/** What it printed; where it fails, that is wrong. */
function run(command: string, ...args: readonly string[]): string | undefined {
  try {
    const shell = process.platform === 'win32'
    return execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: 'pipe', shell, timeout: 120_000 })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    wrong(`${[command, ...args].join(' ')}:\n${stdout}${stderr}`)
    return undefined
  }
}

try {
  budget('core-and-twilio-installed', install('@prm/core', '@prm/twilio', '@prm/kit'), 9)
  install()
  const every = packed.flatMap(({ imports }) => imports)
  writeFileSync(join(project, 'every.ts'), every.map((from, n) => `export * as n${n} from '${from}'\n`).join(''))
  cpSync(join(import.meta.dirname, 'consumer'), project, { recursive: true })
  const compilerOptions = {
    target: 'ES2024',
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  for (const compiler of ['tsc6', 'tsc']) run(join(root, 'node_modules/.bin', compiler), '-p', '.')
  const programs = ['every.ts', ...readdirSync(join(import.meta.dirname, 'consumer'))]
  for (const program of programs) console.log(`${program}: ${run('node', program)?.trim() ?? 'fails'}`)
} finally {
  rmSync(project, { recursive: true, force: true })
}
