// A librarian with the tarballs and an empty folder: from `npx prm init --yes` to a finished report, with the simulator that
// comes along. Nothing of this checkout is used but the tarballs.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { wrong } from './budget.ts'
import { published, tarballs } from './packages.ts'

const shell = process.platform === 'win32'
const empty = mkdtempSync(join(tmpdir(), 'prm-cli-'))
const account = { TWILIO_ACCOUNT_SID: 'ACgate', TWILIO_AUTH_TOKEN: 'gate', TWILIO_FROM: '+12125550100' }
/** Where it is noon now, so that no quiet hours come in between. */
const noon = 12 - new Date().getUTCHours()
const TZ = noon === 0 ? 'UTC' : `Etc/GMT${noon > 0 ? '-' : '+'}${Math.abs(noon)}`
const { NODE_OPTIONS: _, ...machine } = process.env
let env: NodeJS.ProcessEnv = { ...machine, ...account, TZ }

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
async function run(command: string, ...args: readonly string[]): Promise<Ran> {
  try {
    const said = await promisify(execFile)(command, args, {
      cwd: empty,
      env,
      encoding: 'utf8',
      shell,
      timeout: 200_000,
    })
    return { code: 0, ...said }
  } catch (error) {
    return error as Ran
  }
}
/** Runs `npx prm`, and is wrong unless it ends with this code. */
async function prm(code: number, ...args: readonly string[]): Promise<string> {
  const ran = await run('npx', '--no-install', 'prm', ...args)
  if (ran.code !== code) wrong(`prm ${args.join(' ')} ended with ${ran.code}, not ${code}:\n${ran.stdout}${ran.stderr}`)
  return ran.stdout
}
const last = (out: string) => JSON.parse(out.trim().split('\n').at(-1) ?? '{}')
function same(what: string, is: unknown, expected: unknown): void {
  if (JSON.stringify(is) !== JSON.stringify(expected))
    wrong(`${what}: ${JSON.stringify(is)}, where ${JSON.stringify(expected)} was expected`)
}

/** The command with what it needs of @prm; npm looks up all else. */
function needed(name: string, found: Set<string> = new Set()): ReadonlySet<string> {
  const { path, dependencies } = known.get(name) ?? {}
  if (!path || found.has(path)) return found
  found.add(path)
  for (const each of dependencies ?? []) needed(each, found)
  return found
}
const known = new Map<string, { readonly path: string; readonly dependencies: readonly string[] }>()

const people = 30
const consents = ['yes', 'yes', 'yes', 'yes', '', 'no']
function list(): string {
  const rows = Array.from({ length: people }, (_, n) => {
    const number = `+1212555${String(2_000 + n)}`
    return `${n + 1},Ann ${n + 1},${number},,en,,Main,adult,1980-01-01,2090-01-01,${consents[n % consents.length]}`
  })
  return `id,name,phone,email,language,timezone,branch,category,birthdate,expires,consent\n${rows.join('\n')}\n`
}

async function walk(): Promise<void> {
  const began = performance.now()
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const installed = await run('npm', 'install', ...flags, ...needed('@prm/cli'))
  if (installed.code !== 0) throw new Error(`npm install:\n${installed.stdout}${installed.stderr}`)
  await prm(0, 'init', '--yes')

  const simulator = spawn('npx', ['--no-install', 'prm', 'simulate', 'twilio'], { cwd: empty, env, shell })
  const [url] = (await once(createInterface(simulator.stdout), 'line')) as [string]
  env = { ...env, TWILIO_BASE_URL: url }
  try {
    writeFileSync(join(empty, 'patrons.csv'), list())
    const text = 'Your Library: {{ name }}, we open on Sundays. Reply STOP to end.'
    const order = [
      '--audience',
      'patrons.csv',
      '--text',
      text,
      '--purpose',
      'news',
      '--via',
      'sms',
      '--out',
      'may.plan',
    ]
    const plan = last(await prm(0, 'outreach', 'plan', ...order, '--by', 'joe', '--json'))
    same('rows', [plan.rows, plan.included, plan.bad], [people, 20, 0])
    same('excluded', [plan.excluded['no-consent'], plan.excluded['opted-out']], [5, 5])
    same('cost', plan.cost, [{ micros: 20 * 8_300, currency: 'USD', minor: 17 }])
    await prm(1, 'outreach', 'run', 'may.plan')
    await prm(1, 'outreach', 'approve', 'may.plan', '--by', 'joe')
    await prm(0, 'outreach', 'approve', 'may.plan', '--by', 'ann')
    const sent = last(await prm(0, 'outreach', 'run', 'may.plan', '--json', '--watch', '1s'))
    same('run', sent, { sent: 20, failed: 0, waiting: 0, excluded: 10, cost: plan.cost })
    same('taken', (await taken(url)).length, 20)
    const report = await prm(0, 'outreach', 'report', 'may.plan')
    if (!/\b20\b/.test(report)) wrong(`the report does not speak of 20:\n${report}`)
    same(
      'explained',
      last(await prm(0, 'send', '+12125552000', '--purpose', 'notices', '--text', 'Hi', '--json')).decision.outcome
        .send,
      true,
    )
    const ledger = last(await prm(0, 'privacy', 'ledger', '--json'))
    same('ledger', ledger.purposes.news.messages, 20)
  } finally {
    simulator.kill('SIGTERM')
    // The pipe closes with the last process that has it: npx passes no signal on, so that the simulator has to notice.
    const ended = await Promise.race([once(simulator, 'close'), setTimeout(10_000, 'late', { ref: false })])
    if (ended === 'late') {
      wrong('the simulator does not end with npx')
      process.exit()
    }
  }
  console.log(`from nothing to a report: ${((performance.now() - began) / 1_000).toFixed(0)} s`)
}

/** What the provider took, asked of the provider. */
async function taken(url: string): Promise<readonly unknown[]> {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = account
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`
  const answer = await fetch(`${url}/2010-04-01/Accounts/${sid}/Messages.json?PageSize=1000`, {
    headers: { authorization },
  })
  return ((await answer.json()) as { messages: readonly unknown[] }).messages
}

try {
  const paths = new Map(tarballs().map(({ name, path }) => [name, path]))
  for (const { name, manifest } of published) {
    const path = paths.get(name)
    if (path) known.set(name, { path, dependencies: Object.keys(manifest.dependencies ?? {}) })
  }
  await walk()
} catch (error) {
  wrong((error as Error).message)
} finally {
  rmSync(empty, { recursive: true, force: true })
}
