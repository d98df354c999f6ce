// A stranger with the tarballs and an empty folder: makes an adapter, installs, tests, builds and packs it, and runs the
// program of its README.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { wrong } from './budget.ts'
import { packed, tarballs } from './packages.ts'

const every = 'channel,webhook,feed,writeBack,directory,circulation,catalogue'
const path = (name: string): string => tarballs().find((one) => one.name === name)?.path ?? ''
const npm = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

for (const [facets, auth] of [
  ['channel,webhook', 'ed25519'],
  [every, 'basic'],
] as const) {
  const empty = mkdtempSync(join(tmpdir(), 'prm-create-'))
  try {
    await make(empty, facets, auth)
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string }
    wrong(`${facets} by ${auth}: ${message}\n${stdout.slice(-4_000)}${stderr}`)
  } finally {
    rmSync(empty, { recursive: true, force: true })
  }
}

async function make(empty: string, facets: string, auth: string): Promise<void> {
  const began = performance.now()
  const choice = ['@acme/prm-heron', '--facets', facets, '--auth', auth, '--yes', '--standalone', '--from', packed]
  const creator = ['--yes', ...npm, '--package', path('create-prm-adapter'), '--', 'create-prm-adapter']
  run(empty, 'npm', 'exec', ...creator, ...choice)
  const folder = join(empty, 'prm-heron')
  run(folder, 'npm', 'install', ...npm)
  for (const script of ['types', 'test', 'build']) run(folder, 'npm', 'run', script)
  const lines = run(folder, 'npm', 'run', '--silent', 'conformance').trim().split('\n')
  const results = lines.map((line) => JSON.parse(line).result as string)
  const count = (result: string) => results.filter((one) => one === result).length
  if (count('pass') < 20 || count('fail') + count('deviation') > 0) wrong(`its report:\n${lines.join('\n')}`)
  program(folder)
  await lint(folder)
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  console.log(`${facets} by ${auth}: ${count('pass')} pass, ${count('skip')} skipped, ${seconds} s`)
}

/** As it would be published: by then @prm is in the registry, and no `file:`. */
async function lint(folder: string): Promise<void> {
  const manifest = join(folder, 'package.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"file:[^"]*"/g, '"^0.0.0"'))
  const [{ filename }] = JSON.parse(run(folder, 'npm', 'pack', '--json', '--loglevel=error')) as [{ filename: string }]
  const tarball = Uint8Array.from(readFileSync(join(folder, filename))).buffer
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  for (const message of messages) wrong(`publint: ${formatMessage(message, pkg, { color: false })}`)
}

/** What the README says to try, on what was built. */
function program(folder: string): void {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
  writeFileSync(join(folder, 'try.ts'), code ?? '')
  run(folder, 'npm', 'install', '--no-save', ...npm, path('@prm/store-sqlite'), path('@prm/store-sql'))
  run(folder, 'npm', 'run', 'types')
  const said = run(folder, 'node', 'try.ts')
  if (!said.includes('your hold is ready')) wrong(`the program of its README said:\n${said}`)
}

function run(cwd: string, command: string, ...args: readonly string[]): string {
  const shell = process.platform === 'win32'
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe', shell, timeout: 240_000 })
}
