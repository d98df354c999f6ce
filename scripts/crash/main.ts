import { once } from 'node:events'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Store } from '@prm/core'
import { simulate } from '@prm/twilio/simulator'
import { file, recipients } from './audience.ts'
import { type Crew, crew, type Worker } from './crew.ts'
import { type Database, database } from './database.ts'
import { plannedOutreach } from './outreach.ts'
import { price } from './outreach-host.ts'
import { type Account, texts } from './provider.ts'
import type { Plant } from './setup.ts'

/*
 * Kills a host again and again while it works, with SIGKILL, and counts at the provider what arrived: from a notice file
 * to a text, each notice once; with `--mode outreach` from an approved plan, each recipient once, and the bill is the plan's. docs/guarantees.md says what each option adds.
 */

/** How many calls a worker has under way: what its end may leave unknown. */
const concurrency = 8
/** The names of what is to be done. */
const work = ['flow:tell', 'digest', 'again', 'deliver']

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'notices' },
      store: { type: 'string', default: 'sqlite' },
      kills: { type: 'string', default: '100' },
      recipients: { type: 'string' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '1' },
      'no-lookup': { type: 'boolean', default: false },
      restore: { type: 'boolean', default: false },
      provider: { type: 'string' },
      plant: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { store: kind } = values
  if (kind !== 'sqlite' && kind !== 'postgres') throw new Error('--store takes sqlite or postgres.')
  const { mode } = values
  if (mode !== 'notices' && mode !== 'outreach') throw new Error('--mode takes notices or outreach.')
  const [kills = 0, seed = 0, workers = 1] = [values.kills, values.seed, values.workers].map(Number)
  // Several would be done before the last kill.
  const people = Number(values.recipients ?? 2_000 * workers)
  const lookup = !values['no-lookup']
  const window = concurrency * workers
  const folder = mkdtempSync(join(tmpdir(), 'prm-crash-'))
  const simulator = values.provider ? undefined : await simulate({ price })
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM } = process.env
  const account: Account = simulator
    ? { ...simulator.credentials, baseUrl: simulator.url }
    : {
        accountSid: TWILIO_ACCOUNT_SID ?? `AC${'0'.repeat(32)}`,
        authToken: TWILIO_AUTH_TOKEN ?? 'secret',
        from: TWILIO_FROM ?? '+12125550100',
        baseUrl: values.provider as string,
      }
  const started = performance.now()
  const random = randomOf(seed)
  let data: Database | undefined
  let all: Crew | undefined
  try {
    const before = await texts(account)
    const audience = recipients(people)
    data = await database(kind, folder)
    const plant = values.plant as Plant | undefined
    const common = { account, store: data.where, window: concurrency, lookup, ...(plant && { plant }) }
    const planned = mode === 'outreach' ? await plannedOutreach(folder, audience, data, account) : undefined
    const notices = join(folder, 'PhoneNotices.csv')
    if (!planned) {
      writeFileSync(notices, file(audience))
      utimesSync(notices, new Date('2026-01-01'), new Date('2026-01-01')) // at rest, so that the feed takes it at once
    }
    const count = planned?.count ?? people
    let accepted = 0
    all = await crew(
      planned ? 'outreach-worker' : 'worker',
      folder,
      workers,
      planned ? { ...common, plan: planned.file } : { ...common, notices },
      () => Math.random() * 60,
      () => accepted++,
    )
    const scene = {
      all,
      data,
      kills,
      count,
      random,
      restore: values.restore,
      accepted: () => accepted,
      ...(planned ? planned.progress : noticesProgress(data, count)),
    }
    const done = await killAgainAndAgain(scene)
    await rest(scene)
    await all.end()
    const { lost, extra } = tally(planned?.owed ?? audience.map(({ phone }) => phone), await texts(account), before)
    const bill = simulator && (await planned?.bill())
    const unknown = await listed(data.store())
    const duplicate = sum(extra.values())
    const explained = sum([...extra].map(([phone, texts]) => Math.min(texts, unknown.get(phone) ?? 0)))
    const killed = sum(Object.values(done)) - done.forgotten
    const report = {
      mode,
      store: kind,
      seed,
      kills: killed,
      ...done,
      recipients: count,
      ...(bill && { bill_equal: bill.equal, bill: bill.bill, run: bill.run }),
      lost,
      duplicate,
      duplicates_listed: explained,
      unknown_listed: sum(unknown.values()),
      lookup,
      workers,
      window,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    }
    const few = lookup ? duplicate === 0 : duplicate === explained && duplicate <= window * killed
    const held = lost === 0 && few && killed === kills && (bill?.equal ?? true)
    process.stdout.write(
      values.json
        ? `${JSON.stringify(report)}\n`
        : `${Object.entries(report)
            .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
            .join('\n')}\n${held ? 'The promise held.' : 'The promise was BROKEN.'}\n`,
    )
    return held ? 0 : 1
  } finally {
    await all?.close()
    await data?.remove()
    await simulator?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Scene {
  readonly all: Crew
  readonly data: Database
  readonly kills: number
  readonly count: number
  readonly restore: boolean
  readonly random: () => number
  /** How many texts the provider has taken. */
  readonly accepted: () => number
  /** How much is to be done, and whether all of it is promised. */
  waiting(): Promise<number>
  isRead(): Promise<boolean>
}

/** How often each kind of end came. */
interface Done {
  killed_reading: number
  killed_called: number
  killed_accepted: number
  killed_answered: number
  killed_any: number
  killed_after_pause: number
  killed_database: number
  /** How many texts went of which a store that was put back does not know. */
  forgotten: number
}

/**
 * A tenth of the kills comes while the file is read and decided. Before each of the others so many texts go that work is left
 * for the last; then a worker is killed at a moment of a call, or at any, or the database is. Who is killed is replaced.
 */
async function killAgainAndAgain(scene: Scene): Promise<Done> {
  const { all, data, kills, count, random, restore, accepted } = scene
  const done: Done = {
    killed_reading: 0,
    killed_called: 0,
    killed_accepted: 0,
    killed_answered: 0,
    killed_any: 0,
    killed_after_pause: 0,
    killed_database: 0,
    forgotten: 0,
  }
  for (let kill = 0; kill < kills; kill++) {
    // As many draws for each, whatever becomes of them: a seed is one plan.
    const [who, many, what, when] = [random(), random(), random(), random()] as const
    if (kill > 0 && kill % 100 === 0) process.stderr.write(`${kill} kills, ${accepted()} texts\n`)
    const chosen = (): Worker => all.workers[Math.floor(who * all.workers.length)] as Worker
    if (kill < kills / 10) {
      await chosen().began
      await sleep(when * 120)
      await all.replace(chosen())
      done.killed_reading++
      // Who begins anew reads the file anew: so often killed, on a slow machine nobody would come to its end.
      if (kill + 1 >= kills / 10) await until(() => scene.isRead(), 600_000, 500)
      continue
    }
    const each = (count - accepted()) / (kills - kill + 1)
    const enough = accepted() + Math.floor(many * 2 * Math.max(0, each - concurrency / 2))
    await until(() => accepted() >= enough, 10_000)
    if (restore && kill === Math.floor(kills / 3)) {
      await until(() => accepted() > 0, 10_000)
      await all.without(() => data.keep())
      done.forgotten -= accepted()
    }
    if (restore && kill === Math.floor((2 * kills) / 3)) {
      await all.without(async () => {
        await data.putBack()
        await sleep(2_000) // a machine is not restored in the moment of its snapshot
      })
      done.forgotten += accepted()
    }
    if (accepted() >= count && (await scene.waiting()) === 0) break // they finished before
    if (data.crash && what >= 0.9) {
      await data.crash()
      const before = await standing(scene)
      const goesOn = async (): Promise<boolean> => (await standing(scene)) !== before || (await scene.waiting()) === 0
      if (!(await until(goesOn, 60_000))) throw new Error('Nobody went on after the database was killed.')
      done.killed_database++
      continue
    }
    const victim = chosen()
    await victim.began
    done[await moment(scene, victim, what, when)]++
    await all.replace(victim)
  }
  return done
}

/** Resolves when this worker is to be killed. */
async function moment({ all }: Scene, { gate, pause }: Worker, what: number, when: number): Promise<keyof Done> {
  if (all.workers.length > 1 && what >= 0.8) {
    // Others take up what it has: its leases are stale when it comes back.
    await pause(1_000 + when * 1_500)
    await sleep(when * 300)
    return 'killed_after_pause'
  }
  const call = what < 0.2 ? 'called' : what < 0.45 ? 'accepted' : what < 0.7 ? 'answered' : undefined
  if (call === undefined) await sleep(when * 400)
  else {
    const seen = await once(gate, call, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
    if (!seen) return 'killed_any' // it had no call to make
    if (call === 'answered') await sleep(when * 10)
  }
  return `killed_${call ?? 'any'}`
}

/** Resolves when all is done. */
async function rest({ accepted, count, ...scene }: Scene): Promise<void> {
  let [left, since] = [-1, performance.now()]
  for (;;) {
    const now = await scene.waiting()
    if (now !== left) [left, since] = [now, performance.now()]
    const quiet = performance.now() - since
    if (now === 0 && (accepted() >= count || quiet > 10_000)) return
    if (quiet > 180_000) throw new Error(`${now} jobs wait, and nobody does them.`)
    await sleep(100)
  }
}

/** Of notices: their jobs, and whether each row of the file is stored. */
function noticesProgress(data: Database, count: number): Pick<Scene, 'waiting' | 'isRead'> {
  return {
    waiting: async () => (await data.store().scope('crash').backlog(work)).waiting,
    async isRead() {
      let facts = 0
      for await (const _ of data.store().scope('crash').find('interaction', { type: 'notice' })) facts++
      return facts >= count
    },
  }
}

/** Another where anybody did anything. */
async function standing({ data, accepted }: Scene): Promise<string> {
  const each = await Promise.all(work.map((name) => data.store().scope('crash').backlog([name])))
  return [accepted(), ...each.map(({ waiting }) => waiting)].join(' ')
}

async function until(so: () => boolean | Promise<boolean>, ms: number, every = 5): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(every)) if (await so()) return true
  return false
}

/** What is missing, and at which number there is too much: two cards on one phone are owed two texts. */
function tally(
  phones: readonly string[],
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): { readonly lost: number; readonly extra: ReadonlyMap<string, number> } {
  const owed = new Map<string, number>()
  for (const phone of phones) owed.set(phone, (owed.get(phone) ?? 0) + 1)
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
async function listed(store: Store): Promise<ReadonlyMap<string, number>> {
  const unknown = new Map<string, number>()
  for await (const { to, attempts } of store.scope('crash').find('message', {})) {
    const starts = attempts.filter(({ outcome }) => outcome.startsWith('unknown')).length
    if (starts > 0) unknown.set(to.value, (unknown.get(to.value) ?? 0) + starts)
  }
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
