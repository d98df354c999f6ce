import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sqlite } from '@prm/store-sqlite'
import { simulate } from '@prm/twilio/simulator'
import { file, type Recipient, recipients } from './audience.ts'
import { type Account, texts } from './provider.ts'

/*
 * Kills a host again and again while it works, with SIGKILL, and counts at the provider what arrived: from a notice file
 * to a text, each notice once. `--provider URL` counts at any server that speaks Twilio's Messages API.
 */

/** How many calls a worker has under way: what one kill may leave unknown. */
const window = 8

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'sqlite' },
      kills: { type: 'string', default: '100' },
      recipients: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      provider: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.store !== 'sqlite') throw new Error('--store takes sqlite, the only store there is yet.')
  const [kills, count, seed] = [values.kills, values.recipients, values.seed].map(Number) as [number, number, number]
  const folder = mkdtempSync(join(tmpdir(), 'prm-crash-'))
  const simulator = values.provider ? undefined : await simulate({ latencyMs: 20 })
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM } = process.env
  const account: Account = simulator
    ? { ...simulator.credentials, baseUrl: simulator.url }
    : {
        accountSid: TWILIO_ACCOUNT_SID ?? `AC${'0'.repeat(32)}`,
        authToken: TWILIO_AUTH_TOKEN ?? 'secret',
        from: TWILIO_FROM ?? '+12125550100',
        baseUrl: values.provider as string,
      }
  try {
    const started = performance.now()
    const before = await texts(account)
    const audience = recipients(count)
    const notices = join(folder, 'PhoneNotices.csv')
    writeFileSync(notices, file(audience))
    utimesSync(notices, new Date('2026-01-01'), new Date('2026-01-01')) // at rest, so that the feed takes it at once
    const store = join(folder, 'store.db')
    const done = await killAgainAndAgain({ account, notices, store }, { kills, count, random: randomOf(seed) })
    const { lost, duplicate } = tally(audience, await texts(account), before)
    const report = {
      store: values.store,
      seed,
      kills: done,
      recipients: count,
      lost,
      duplicate,
      unknown_listed: await unknown(store),
      lookup: true,
      window,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    }
    const held = lost === 0 && duplicate === 0 && done === kills
    process.stdout.write(
      values.json
        ? `${JSON.stringify(report)}\n`
        : `${Object.entries(report)
            .map(([name, value]) => `${name}: ${value}`)
            .join('\n')}\n${held ? 'The promise held.' : 'The promise was BROKEN.'}\n`,
    )
    return held ? 0 : 1
  } finally {
    await simulator?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Place {
  readonly account: Account
  readonly notices: string
  readonly store: string
}

/**
 * Some workers are killed while they read the file and decide, the rest after a random number of calls, so many that work
 * is left for the last. Answers how many kills hit a live worker in the midst of its work; then one may finish.
 */
async function killAgainAndAgain(
  place: Place,
  { kills, count, random }: { kills: number; count: number; random: () => number },
): Promise<number> {
  let called = 0
  let hit = 0
  for (let kill = 0; kill < kills; kill++) {
    const early = kill < kills / 10
    const calls = 1 + Math.floor(random() * 1.6 * Math.max(0, (count - called) / (kills - kill + 1) - window))
    const worker = start(place)
    const seen = early ? await worker.after(random() * 120) : await worker.calls(calls, random() * 20)
    called += seen
    if (worker.process.exitCode !== null) break // it finished before it could be killed
    hit++
    worker.process.kill('SIGKILL')
    await worker.ended
  }
  const last = start(place)
  const code = await last.ended
  if (code !== 0) throw new Error(`The last worker ended with ${code}.`)
  return hit
}

interface Worker {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  /** Resolves this long after the worker began to work; answers how many calls it had made. */
  after(ms: number): Promise<number>
  /** Resolves this long after it made so many calls. */
  calls(count: number, ms: number): Promise<number>
}

function start({ account, notices, store }: Place): Worker {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    [...process.execArgv, script, JSON.stringify({ account, notices, store, window })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let began = false
  let made = 0
  let wake: () => void = () => {}
  child.stdout.on('data', (bytes: Buffer) => {
    began = true
    made += bytes.toString().split('.').length - 1
    wake()
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const until = async (there: () => boolean, ms: number): Promise<number> => {
    await Promise.race([
      ended,
      new Promise<void>((resolve) => {
        wake = () => {
          if (there()) resolve()
        }
        wake()
      }),
    ])
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, ms))])
    return made
  }
  return {
    process: child,
    ended,
    after: (ms) => until(() => began, ms),
    calls: (count, ms) => until(() => made >= count, ms),
  }
}

/** What is missing and what is too much, by number: two cards on one phone are owed two texts. */
function tally(
  audience: readonly Recipient[],
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): { lost: number; duplicate: number } {
  const owed = new Map<string, number>()
  for (const { phone } of audience) owed.set(phone, (owed.get(phone) ?? 0) + 1)
  let [lost, duplicate] = [0, 0]
  for (const phone of new Set([...owed.keys(), ...now.keys()])) {
    const difference = (now.get(phone) ?? 0) - (before.get(phone) ?? 0) - (owed.get(phone) ?? 0)
    if (difference < 0) lost -= difference
    else duplicate += difference
  }
  return { lost, duplicate }
}

/** How many messages the store itself says were once unknown. */
async function unknown(file: string): Promise<number> {
  const store = sqlite({ file })
  let count = 0
  for await (const message of store.scope('crash').find('message', {}))
    if (message.attempts.some(({ outcome }) => outcome.startsWith('unknown'))) count++
  await store.close()
  return count
}

/** mulberry32: small, and the same sequence for the same seed on every machine. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
