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
 * to a text, each notice once. `--provider URL` counts at any server that speaks Twilio's Messages API; `--workers W` lets
 * so many hosts share the store, of which one at a time is killed; with `--no-lookup` nobody can be asked what went, so that
 * what a kill left unknown is sent again: then each text too many must be one that the store lists.
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
      workers: { type: 'string', default: '1' },
      'no-lookup': { type: 'boolean', default: false },
      provider: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.store !== 'sqlite') throw new Error('--store takes sqlite, the only store there is yet.')
  const [kills = 0, count = 0, seed = 0, workers = 1] = [
    values.kills,
    values.recipients,
    values.seed,
    values.workers,
  ].map(Number)
  const lookup = !values['no-lookup']
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
    const place = { account, notices, store, lookup }
    const done = await killAgainAndAgain(place, { kills, count, workers, random: randomOf(seed) })
    const { lost, extra } = tally(audience, await texts(account), before)
    const unknown = await listed(store)
    const duplicate = sum(extra.values())
    const explained = sum([...extra].map(([phone, texts]) => Math.min(texts, unknown.get(phone) ?? 0)))
    const report = {
      store: values.store,
      seed,
      kills: done,
      recipients: count,
      lost,
      duplicate,
      duplicates_listed: explained,
      unknown_listed: sum(unknown.values()),
      lookup,
      workers,
      window,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    }
    const few = lookup ? duplicate === 0 : duplicate === explained && duplicate <= window * done
    const held = lost === 0 && few && done === kills
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
  readonly lookup: boolean
}

/**
 * Some workers are killed while they read the file and decide, the rest after a random number of calls of all, so many that
 * work is left for the last. Who is killed is replaced. Answers how many kills hit a live worker in the midst of its work;
 * then all may finish.
 */
async function killAgainAndAgain(
  place: Place,
  { kills, count, workers, random }: { kills: number; count: number; workers: number; random: () => number },
): Promise<number> {
  const crew = Array.from({ length: workers }, () => start(place))
  const killed: Worker[] = []
  const called = (): number => sum([...killed, ...crew].map((worker) => worker.made()))
  let hit = 0
  for (let kill = 0; kill < kills; kill++) {
    const early = kill < kills / 10
    const before = called()
    const calls = early
      ? 0
      : before + 1 + Math.floor(random() * 1.6 * Math.max(0, (count - before) / (kills - kill + 1) - window * workers))
    const [wait, who] = [random() * (early ? 120 : 20), random()]
    await until(crew, () => called() >= calls && crew.some((worker) => worker.began()))
    await Promise.race([...crew.map((worker) => worker.ended), new Promise((resolve) => setTimeout(resolve, wait))])
    const working = crew.filter((worker) => worker.began())
    const victim = working[Math.floor(who * working.length)]
    if (!victim || crew.some((worker) => worker.process.exitCode !== null)) break // they finished before
    hit++
    victim.process.kill('SIGKILL')
    await victim.ended
    killed.push(victim)
    crew.splice(crew.indexOf(victim), 1, start(place))
  }
  for (const code of await Promise.all(crew.map((worker) => worker.ended)))
    if (code !== 0) throw new Error(`A last worker ended with ${code}.`)
  return hit
}

/** Resolves as soon as this is so, or one of them has ended. */
async function until(crew: readonly Worker[], so: () => boolean): Promise<void> {
  await Promise.race([
    ...crew.map((worker) => worker.ended),
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (so()) resolve()
      }
      for (const worker of crew) worker.onNews(look)
      look()
    }),
  ])
}

interface Worker {
  readonly process: ChildProcess
  readonly ended: Promise<number | null>
  began(): boolean
  /** How many calls it has begun. */
  made(): number
  /** Calls this, and no other any more, whenever one of the two has changed. */
  onNews(listen: () => void): void
}

function start({ account, notices, store, lookup }: Place): Worker {
  const script = fileURLToPath(new URL('worker.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    [...process.execArgv, script, JSON.stringify({ account, notices, store, window, lookup })],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let began = false
  let made = 0
  let news: () => void = () => {}
  child.stdout.on('data', (bytes: Buffer) => {
    began = true
    made += bytes.toString().split('.').length - 1
    news()
  })
  return {
    process: child,
    ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    began: () => began,
    made: () => made,
    onNews(listen) {
      news = listen
    },
  }
}

/** What is missing, and at which number there is too much: two cards on one phone are owed two texts. */
function tally(
  audience: readonly Recipient[],
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): { readonly lost: number; readonly extra: ReadonlyMap<string, number> } {
  const owed = new Map<string, number>()
  for (const { phone } of audience) owed.set(phone, (owed.get(phone) ?? 0) + 1)
  let lost = 0
  const extra = new Map<string, number>()
  for (const phone of new Set([...owed.keys(), ...now.keys()])) {
    const difference = (now.get(phone) ?? 0) - (before.get(phone) ?? 0) - (owed.get(phone) ?? 0)
    if (difference < 0) lost -= difference
    else if (difference > 0) extra.set(phone, difference)
  }
  return { lost, extra }
}

/** How many starts, by number, the store itself says that nobody knew the outcome of. */
async function listed(file: string): Promise<ReadonlyMap<string, number>> {
  const store = sqlite({ file })
  const unknown = new Map<string, number>()
  for await (const { to, attempts } of store.scope('crash').find('message', {})) {
    const starts = attempts.filter(({ outcome }) => outcome.startsWith('unknown')).length
    if (starts > 0) unknown.set(to.value, (unknown.get(to.value) ?? 0) + starts)
  }
  await store.close()
  return unknown
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((a, b) => a + b, 0)
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
