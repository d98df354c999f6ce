import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Decision,
  type Message,
  type Preview,
  type PreviewRequest,
  PrmError,
  type Scope,
  type Secret,
} from '@prm/core'
import { addressOf, textOf } from './address.ts'
import { approvalOf, type Checked, checked, signingKey } from './approve.ts'
import { meter, milliseconds } from './clock.ts'
import { sum } from './cost.ts'
import { bulkOf, idOf, keyOf, readPlan, sealOf } from './file.ts'
import { clockOf, type Host } from './host.ts'
import { placeOf, remember, sketch } from './repeats.ts'
import { change, type Kept, keptOf, stateOf } from './state.ts'
import type { Drift, Fate, PlanSummary, Recipient, Run, RunOptions, RunSummary, Stopped, Thresholds } from './types.ts'

/** How many are decided at once, and how many may wait to be handed over: what a pause lets go. */
const page = 250
const ahead = 500
/** What is due later than this is decided later, so that a pause holds it. */
const horizonMs = 5_000
/** How often the store is asked how things stand, while others work. */
const pollMs = 100
/** How long nothing is asked anew of who has to wait. */
const restMs = 1_000

const defaults = { size: 200, watch: '1m', tolerance: 0.01, bounces: 0.05, complaints: 0.002, optOuts: 0.02 } as const

export interface Sending extends Host {
  readonly scope: Scope
  readonly key: Secret | undefined
}

/**
 * Sends an approved plan. Each is decided and promised under a key of its own, so that a second run, here or elsewhere, sends
 * nothing again. Throws `forbidden`, or `conflict` where the plan is another or the people have changed too much.
 */
export async function run(host: Sending, file: string, options: RunOptions): Promise<Run> {
  const seal = await sealOf(file).catch(() => '') // that it is not there is said below
  const marks = sketch(await signingKey(host.key))
  const plan = await checked(file, options.signal, marks.look)
  if (plan.header.library !== host.library.id)
    throw new PrmError('conflict', `This plan is of the library "${plan.header.library}".`, { field: 'file' })
  const approval = await approvalOf(host.key, file, plan)
  const { kept } = await keptOf(host.scope, plan.hash)
  // Whoever stopped it may have been killed on the way.
  if (kept?.standing === 'stopped') await cancelRest(host, plan.hash, kept)
  if (kept?.standing === 'stopped')
    throw new PrmError(
      'conflict',
      `This run was stopped${kept.why ? `: ${kept.why}` : ''}. Resume it first, if it is to go on.`,
      { field: 'state' },
    )
  const work = { ...host, file, seal, plan, options, now: clockOf(host) }
  if (!kept?.begun) {
    await refuseDrift(work)
    const said = { standing: 'begun', at: work.now().toISOString(), by: approval.by, file: placeOf(file) } as const
    await remember(host.scope, plan, said, marks.bytes(), options.again ?? approval.again)
    await begin(work)
  }
  return goOn(work)
}

interface Work extends Sending {
  readonly file: string
  /** Of the file as it was when its hash was checked. */
  readonly seal: string
  readonly plan: Checked
  readonly options: RunOptions
  readonly now: () => Date
}

async function begin({ scope, plan, options, now }: Work): Promise<void> {
  const at = now().toISOString()
  await change(scope, plan.hash, (kept) =>
    kept?.begun
      ? kept
      : {
          id: idOf(plan.hash),
          hash: plan.hash,
          standing: 'canary',
          at,
          begun: at,
          ...(options.by !== undefined && { by: options.by }),
        },
  )
}

/** What was promised and is not handed over yet. */
export async function cancelRest({ prm }: Pick<Host, 'prm'>, hash: string, { round, why, by }: Kept): Promise<void> {
  await prm.cancel(bulkOf(hash, round), why ?? (by === undefined ? 'the run was stopped' : `by ${by}`))
}

async function* recipients(file: string, signal?: AbortSignal): AsyncGenerator<Recipient> {
  for await (const line of readPlan(file, signal)) if (line.is === 'recipient') yield line
}

function askOf({ plan }: Pick<Work, 'plan'>, line: Recipient): PreviewRequest {
  const { purpose, expireAt, start } = plan.header
  return {
    key: keyOf(plan.hash, line.line),
    purpose,
    patron: line.person,
    adapters: [line.via],
    ...(line.agreed && { agreed: true }),
    content: () => line.content,
    ...(start !== undefined && { notBefore: start }),
    ...(expireAt !== undefined && { expireAt }),
  }
}

/** Throws `conflict` once the file is not the one that was approved: nothing that is read of it since is sent. */
async function refuseOtherPlan({ file, seal }: Work): Promise<void> {
  if ((await sealOf(file).catch(() => undefined)) === seal) return
  throw new PrmError(
    'conflict',
    'The plan was changed or replaced while it ran. The rest is not sent: put the approved file back and run it again.',
    { field: 'file' },
  )
}

// ── drift ────────────────────────────────────────────────────────────────────────────────────

/** Decides all of them anew by what is known now, and compares. */
async function refuseDrift(work: Work): Promise<void> {
  const { prm, file, plan, options, now } = work
  const progress = meter('check', options.onProgress, now)
  const total = plan.footer.summary.included
  const drifts: Drift[] = []
  let [seen, drifted] = [0, 0]
  const queue: Recipient[] = []
  async function* asks() {
    for await (const line of recipients(file, options.signal)) {
      queue.push(line)
      yield askOf(work, line)
    }
  }
  for await (const outlook of prm.preview(asks(), () => false)) {
    const line = queue.shift() as Recipient
    progress.at(++seen, total)
    const change = changed(line, outlook)
    if (!change) continue
    drifted++
    if (drifts.length < someDrifts) drifts.push({ line: line.line, id: line.id, ...change })
  }
  progress.end(seen, total)
  const tolerance = options.tolerance ?? defaults.tolerance
  if (drifted === 0 || drifted <= tolerance * total) return
  const told = drifts.map(({ line, was, now }) => `line ${line}: was ${was}, is now ${now}`)
  const more = drifted > drifts.length ? [`and ${drifted - drifts.length} more`] : []
  throw new PrmError(
    'conflict',
    `${drifted} of ${total} would now be decided otherwise than planned, more than ${Math.floor(tolerance * total)}. Plan again.\n${[...told, ...more].join('\n')}`,
    { field: 'plan' },
  )
}
const someDrifts = 20

function changed(
  line: Recipient,
  { outcome, blockers, measure, waits }: Preview,
): Pick<Drift, 'was' | 'now'> | undefined {
  const was = `to be written to by ${line.via}`
  if (!outcome) return { was, now: `not: ${blockers[0]?.detail ?? 'unknown'}` }
  if (waits.includes('cap')) return { was, now: 'to wait: enough was sent to them' }
  if (textOf(outcome.to) !== line.to) return { was, now: 'at another address' }
  const cost = (price: Recipient['cost']) => (price ? `${price.micros} ${price.currency}` : 'no price')
  if (measure?.units !== line.units || cost(measure.cost) !== cost(line.cost))
    return { was: `${line.units} for ${cost(line.cost)}`, now: `${measure?.units} for ${cost(measure?.cost)}` }
  return undefined
}

// ── sending ──────────────────────────────────────────────────────────────────────────────────

/** Before all that anybody said. */
const unknownMoment = '1970-01-01T00:00:00.000Z'

/** What this process knows of the recipients, by their place in the plan. */
const left = 0
const promised = 1
const over = 2

async function goOn(work: Work): Promise<Run> {
  const { options, prm, plan, scope } = work
  const { once = false, deliver = true } = options
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  const workers = deliver && !once ? prm.run({ signal }) : undefined
  workers?.catch(() => stop.abort()) // its error is thrown below
  try {
    let crew: Crew | undefined
    for (;;) {
      signal.throwIfAborted()
      const kept = (await keptOf(scope, plan.hash)).kept as Kept
      const round = kept.round ?? 0
      if (crew?.round !== round) crew = await crewOf(work, round)
      if (kept.standing === 'stopped') await cancelRest(work, plan.hash, kept)
      if (kept.standing === 'done') return await crew.result(kept)
      if (kept.standing === 'paused' || kept.standing === 'stopped') {
        if (once || kept.standing === 'stopped') return await crew.result(kept)
        await sleep(pollMs, undefined, { signal })
        continue
      }
      const next = await crew.pass(kept, signal)
      if (next === 'again') continue
      if (once && next !== 'done') return await crew.result((await keptOf(scope, plan.hash)).kept as Kept, next)
      if (next !== 'done')
        await sleep(Math.min(restMs, Math.max(pollMs, Date.parse(next) - work.now().getTime())), undefined, { signal })
    }
  } catch (error) {
    if (stop.signal.aborted && !options.signal?.aborted) await workers
    throw error
  } finally {
    stop.abort()
    await workers?.catch(() => undefined)
  }
}

interface Crew {
  readonly round: number
  /** Sends what may go now. Answers when to go on: at once, at a moment, or that all is done. */
  pass(kept: Kept, signal: AbortSignal): Promise<'again' | 'done' | string>
  result(kept: Kept, next?: string): Promise<Run>
}

async function crewOf(work: Work, round: number): Promise<Crew> {
  const { prm, scope, file, plan, options, now } = work
  const { once = false, deliver = true, canary = {}, stopAt = {} } = options
  const size = canary.size ?? defaults.size
  const watchMs = milliseconds(canary.watch ?? defaults.watch)
  const total = plan.footer.summary.included
  const standing = new Uint8Array(total)
  const outstanding = new Map<string, number>()
  const sent: { readonly key: string; readonly to: string }[] = []
  const progress = meter('run', options.onProgress, now)
  const actor = prm.as({ kind: 'staff', id: plan.header.by })
  let [done, looked] = [0, 0]

  const settled = (index: number): void => {
    if (standing[index] !== over) progress.at(++done, total)
    standing[index] = over
  }

  // What an earlier run, or one elsewhere, has promised already. Whoever was erased waits for no morning.
  let index = 0
  for await (const some of pages(recipients(file, options.signal), page)) {
    const messages = await Promise.all(some.map(({ line }) => messageOf(scope, plan.hash, line, round)))
    const others: { readonly line: Recipient; readonly index: number }[] = []
    for (const [at, message] of messages.entries()) {
      const line = some[at] as Recipient
      if (message && !isStopped(message)) {
        sent.push({ key: message.key, to: line.to })
        if (isOpen(message)) {
          standing[index] = promised
          outstanding.set(message.key, index)
        } else settled(index)
      } else others.push({ line, index })
      index++
    }
    const erased = await erasedOf(work, others)
    for (const [at, { index }] of others.entries()) if (erased[at]) settled(index)
  }

  /** Which of those that were promised have come to an end. */
  async function refresh(): Promise<void> {
    if (once && deliver) await prm.run({ once: true, ...(options.signal && { signal: options.signal }) })
    const keys = [...outstanding.keys()]
    const messages = await Promise.all(keys.map((key) => scope.get('message', key)))
    const dead = messages.some((row) => row && isOpen(row.value)) ? await deadOf(work) : new Set<string>()
    for (const [at, row] of messages.entries()) {
      const key = keys[at] as string
      if (row && isOpen(row.value) && !dead.has(key)) continue
      const index = outstanding.get(key) as number
      outstanding.delete(key)
      if (row && isStopped(row.value)) standing[index] = left
      else settled(index)
    }
  }

  async function promise(
    given: readonly {
      readonly line: Recipient
      readonly index: number
      readonly known: Preview['known']
      readonly open: boolean
    }[],
  ): Promise<void> {
    const { purpose, expireAt, start, audience, at } = plan.header
    const erased = await erasedOf(work, given)
    for (const [at, { index }] of given.entries()) if (erased[at]) settled(index)
    const some = given.filter((_, at) => !erased[at])
    const people = some.filter(({ known }) => known === 'new' || known === 'at').map(({ line }) => line.person)
    if (people.length > 0) await actor.record([], people)
    await Promise.all(
      some
        // Of who refuses by now nothing is said.
        .filter(({ line, open }) => line.agreed && open)
        .map(({ line }) =>
          actor.recordConsent({
            id: `${keyOf(plan.hash, line.line)} agreed`,
            address: addressOf(line.to),
            purpose,
            state: 'granted',
            basis: 'request',
            // No list says when: a refusal that is heard late is later, whenever it was said.
            at: unknownMoment,
            evidence: { text: `line ${line.line} of ${audience}, planned at ${at}` },
          }),
        ),
    )
    const sends = some.map(({ line, known }) => ({
      to: known === 'new' || known === 'at' ? line.person.at : addressOf(line.to),
      purpose,
      content: line.content,
      key: keyOf(plan.hash, line.line, round),
      campaign: bulkOf(plan.hash, round),
      adapters: [line.via],
      ...(start !== undefined && { notBefore: start }),
      ...(expireAt !== undefined && { expireAt }),
    }))
    const decisions: Decision[] = []
    for await (const decision of actor.sendAll(sends)) decisions.push(decision)
    for (const [at, { outcome, key }] of decisions.entries()) {
      const { index, line } = some[at] as (typeof some)[number]
      if (!outcome.send) {
        settled(index)
        continue
      }
      standing[index] = promised
      outstanding.set(key, index)
      sent.push({ key, to: line.to })
    }
    // Who was erased while this was written is in the store again: what was erased goes once more.
    const late = await erasedOf(work, some)
    for (const { line } of some.filter((_, at) => late[at])) await eraseAgain(line)
  }

  async function eraseAgain({ person }: Recipient): Promise<void> {
    const each = [person.at, ...person.also].map((at) => ({ at, also: [] }))
    const erased = await prm.erasedSince(each, plan.header.at)
    for (const { at } of each.filter((_, index) => erased[index])) await prm.erase(at)
  }

  async function halted(): Promise<boolean> {
    const { kept } = await keptOf(scope, plan.hash)
    return (kept?.standing !== 'canary' && kept?.standing !== 'running') || (kept.round ?? 0) !== round
  }

  /** Whether too many bounced, complained or opted out of the last that were written to. */
  async function tooMany(
    of: readonly { readonly key: string; readonly to: string }[],
    since: string,
  ): Promise<string | undefined> {
    const seen = await Promise.all(of.map((one) => responseOf(scope, one, since)))
    const most: Thresholds = {
      bounces: defaults.bounces,
      complaints: defaults.complaints,
      optOuts: defaults.optOuts,
      ...stopAt,
    }
    for (const what of ['bounces', 'complaints', 'optOuts'] as const) {
      const count = seen.filter((one) => one === what).length
      const few = what === 'complaints' ? 1 : Math.min(fewest, of.length)
      if (count >= few && count / of.length > most[what])
        return `${count} of ${of.length} ${spoken[what]}, more than ${most[what] * 100} %`
    }
    return undefined
  }

  async function halt(why: string): Promise<void> {
    const at = now().toISOString()
    await change(scope, plan.hash, (kept) => {
      const now = kept as Kept
      return now.standing === 'canary' || now.standing === 'running'
        ? { ...now, standing: 'stopped', before: now.standing, at, why }
        : now
    })
  }

  async function leaveCanary(kept: Kept): Promise<'again' | string> {
    await refresh()
    if (outstanding.size > 0) return soonest(now)
    const at = now()
    const waits = standing.includes(left)
    if (!kept.watched && waits && watchMs > 0) {
      const watched = new Date(at.getTime() + watchMs).toISOString()
      await change(scope, plan.hash, (now) => ({ ...(now as Kept), watched: now?.watched ?? watched }))
      return 'again'
    }
    if (kept.watched && waits && kept.watched > at.toISOString()) return kept.watched
    const why = waits && (await tooMany(sent, kept.begun as string))
    if (why) await halt(`the canary: ${why}`)
    else
      await change(scope, plan.hash, (kept) =>
        kept?.standing === 'canary' ? { ...kept, standing: 'running', at: at.toISOString() } : (kept as Kept),
      )
    return 'again'
  }

  return {
    round,
    async pass(kept, signal) {
      const testing = kept.standing === 'canary'
      let room = testing ? size - sent.length : Number.POSITIVE_INFINITY
      if (testing && (room <= 0 || !standing.includes(left))) return leaveCanary(kept)
      if (!standing.includes(left)) {
        await refresh()
        if (outstanding.size > 0) return soonest(now)
        if (await halted()) return 'again'
        await change(scope, plan.hash, (kept) =>
          kept?.standing === 'running' || kept?.standing === 'canary'
            ? { ...kept, standing: 'done', at: now().toISOString() }
            : (kept as Kept),
        )
        progress.end(total, total)
        return 'again'
      }
      const queue: { readonly line: Recipient; readonly index: number }[] = []
      let ended = false
      async function* asks(): AsyncGenerator<PreviewRequest> {
        let index = -1
        for await (const line of recipients(file, signal)) {
          index++
          if (ended) return
          if (standing[index] !== left) continue
          queue.push({ line, index })
          yield askOf(work, line)
        }
      }
      const due = (outlook: Preview): boolean =>
        room > 0 && Date.parse(outlook.outcome?.notBefore ?? '') <= now().getTime() + horizonMs
      let [ready, waiting, next]: [Parameters<typeof promise>[0][number][], number, string | undefined] = [
        [],
        0,
        undefined,
      ]
      const taken = new Set<string>()
      const takes = (outlook: Preview): boolean => {
        const now = due(outlook)
        if (now) taken.add(outlook.key)
        if (now) room--
        return now
      }
      const flush = async (): Promise<boolean> => {
        if (await halted()) return false
        if (ready.length > 0) await refuseOtherPlan(work)
        await promise(ready)
        ready = []
        while (outstanding.size > ahead) {
          await refresh()
          if (outstanding.size <= ahead) break
          if (once) return false
          await sleep(pollMs, undefined, { signal })
          if (await halted()) return false
        }
        if (!testing && sent.length - looked >= lookEvery) {
          looked = sent.length
          const why = await tooMany(sent.slice(-lookEvery), kept.begun as string)
          if (why) await halt(why)
          return !why
        }
        return true
      }
      for await (const outlook of prm.preview(asks(), takes)) {
        const one = queue.shift() as (typeof queue)[number]
        // Who is decided against since the plan is decided so, and it is kept why.
        if (taken.delete(outlook.key) || !outlook.outcome)
          ready.push({ ...one, known: outlook.known, open: outlook.outcome !== undefined })
        else {
          const { notBefore } = outlook.outcome
          if (room > 0 && (next === undefined || notBefore < next)) next = notBefore
          waiting = outlook.waits.length === 1 && outlook.waits[0] === 'rate' ? waiting + 1 : 0
          // Whoever comes behind these waits longer.
          if (waiting > page || room <= 0) break
        }
        if (ready.length >= page && !(await flush())) return 'again'
      }
      ended = true
      if (!(await flush())) return 'again'
      await refresh()
      if (room <= 0 || !standing.includes(left)) return 'again'
      return next ?? soonest(now)
    },
    async result(kept, next) {
      const summary = await tallied(work)
      return { summary, state: stateOf(kept), ...(next !== undefined && { next }) }
    },
  }
}
/** So many must have bounced or opted out before a share of them says anything. */
const fewest = 3
const lookEvery = 1_000
const spoken: { readonly [what in keyof Thresholds]: string } = {
  bounces: 'could not be reached',
  complaints: 'complained',
  optOuts: 'opted out',
}

const soonest = (now: () => Date): string => new Date(now().getTime() + pollMs).toISOString()

/** What may have gone, and is not sent again, is over: nobody looks it up any more. */
function isOpen({ state, attempts }: Message): boolean {
  return state === 'planned' || (state === 'unknown' && !attempts.at(-1)?.outcome.startsWith('not sent again: '))
}

function isStopped({ state, attempts }: Message): boolean {
  return state === 'cancelled' && attempts.at(-1)?.outcome.startsWith('cancelled: stopped: ') === true
}

/** The newest of a recipient: another round has one only where the round before was stopped. */
async function messageOf(scope: Scope, hash: string, line: number, round: number): Promise<Message | undefined> {
  for (let one = round; one >= 0; one--) {
    const row = await scope.get('message', keyOf(hash, line, one))
    if (row) return row.value
  }
  return undefined
}

/** The keys of messages that a person must look at. */
async function deadOf({ scope }: Pick<Work, 'scope'>): Promise<ReadonlySet<string>> {
  const dead = new Set<string>()
  for await (const { key } of scope.jobs({ state: 'dead', names: ['deliver'] })) dead.add(key.replace(/^deliver:/, ''))
  return dead
}

/** What somebody did, or what became of what they were sent. */
async function responseOf(
  scope: Scope,
  { key, to }: { readonly key: string; readonly to: string },
  since: string,
): Promise<keyof Thresholds | undefined> {
  for await (const word of scope.find('consent', { address: addressOf(to) }))
    if (word.state === 'denied' && word.at >= since) {
      if (word.basis === 'complaint') return 'complaints'
      if (word.basis === 'stop' || word.basis === 'request') return 'optOuts'
    }
  const state = (await scope.get('message', key))?.value.state
  return state === 'undelivered' || state === 'rejected' ? 'bounces' : undefined
}

async function* pages<T>(all: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let some: T[] = []
  for await (const one of all) {
    some.push(one)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

// ── sums ─────────────────────────────────────────────────────────────────────────────────────

/** Who of these was erased since they were planned: the store knows nothing of them, and they do not wait. */
function erasedOf(
  { prm, plan }: Pick<Work, 'prm' | 'plan'>,
  some: readonly { readonly line: Recipient }[],
): Promise<readonly boolean[]> {
  return prm.erasedSince(
    some.map(({ line }) => line.person),
    plan.header.at,
  )
}

/** Each recipient of a plan with what became of them, in order. */
export async function* fates(
  work: Pick<Work, 'prm' | 'scope' | 'file' | 'plan'>,
  signal?: AbortSignal,
): AsyncGenerator<Became & { readonly line: Recipient }> {
  const look = await looking(work)
  for await (const some of pages(recipients(work.file, signal), page)) yield* await look(some)
}

/** What became of one, and the key under which it was decided. */
export interface Became {
  readonly fate: Fate
  readonly key?: string
  readonly message?: Message
  /** Why it was decided against since the plan. */
  readonly against?: string
}

/** Tells what became of recipients. */
export async function looking({
  prm,
  scope,
  plan,
}: Pick<Work, 'prm' | 'scope' | 'plan'>): Promise<
  (some: readonly Recipient[]) => Promise<readonly (Became & { readonly line: Recipient })[]>
> {
  const dead = await deadOf({ scope })
  const round = (await keptOf(scope, plan.hash)).kept?.round ?? 0
  const became = async ({ line }: Recipient): Promise<Became> => {
    for (let one = round; one >= 0; one--) {
      const key = keyOf(plan.hash, line, one)
      const message = (await scope.get('message', key))?.value
      // A later round has them still before it.
      if (message && isStopped(message) && one < round) return { fate: 'waiting', key }
      if (message) return { fate: fateOf(message, dead), key, message }
      const decision = (await scope.get('decision', key))?.value
      if (!decision) continue
      return { fate: 'excluded', key, against: decision.outcome.send ? 'unknown' : decision.outcome.rule }
    }
    return { fate: 'waiting' }
  }
  return async (some) => {
    const all = await Promise.all(some.map(async (line) => ({ line, ...(await became(line)) })))
    const waiting = all.filter(({ fate, message }) => fate === 'waiting' && !message)
    const erased = await erasedOf({ prm, plan }, waiting)
    const gone = new Set(waiting.filter((_, at) => erased[at]))
    return all.map((one) => (gone.has(one) ? { line: one.line, fate: 'erased' } : one))
  }
}

function fateOf(message: Message, dead: ReadonlySet<string>): Fate {
  if (isOpen(message)) return dead.has(message.key) ? 'failed' : 'waiting'
  if (isStopped(message)) return 'cancelled'
  if (message.state === 'cancelled') return 'excluded'
  return ['expired', 'rejected', 'undelivered', 'unknown'].includes(message.state) ? 'failed' : 'sent'
}

async function tallied(work: Pick<Work, 'prm' | 'scope' | 'file' | 'plan'>): Promise<RunSummary> {
  const counts: Record<Fate, number> = {
    sent: 0,
    failed: 0,
    waiting: 0,
    excluded: excludedBy(work.plan.footer.summary),
    cancelled: 0,
    erased: 0,
  }
  const cost = sum()
  for await (const { line, fate, message } of fates(work)) {
    counts[fate]++
    // A provider charges what it took.
    if (fate === 'sent' || (message?.state === 'undelivered' && message.providerId !== undefined)) cost.add(line.cost)
  }
  return summaryOf(counts, cost.costs())
}

/** What is seldom is only there where there is any. */
export function summaryOf(
  { cancelled, erased, ...rest }: Readonly<Record<Fate, number>>,
  cost: RunSummary['cost'],
): RunSummary {
  return { ...rest, ...(cancelled > 0 && { cancelled }), ...(erased > 0 && { erased }), cost }
}

/** What a stop comes to. */
export async function found(
  work: Pick<Work, 'prm' | 'scope' | 'file' | 'plan'>,
): Promise<Pick<Stopped, 'cancelled' | 'gone' | 'underWay' | 'waiting'>> {
  let [cancelled, gone, underWay, waiting] = [0, 0, 0, 0]
  for await (const { fate, message } of fates(work)) {
    if (fate === 'cancelled') cancelled++
    else if (fate === 'sent' || fate === 'failed') gone++
    else if (fate === 'waiting' && message) underWay++
    else if (fate === 'waiting') waiting++
  }
  return { cancelled, gone, underWay, waiting }
}

export function excludedBy({ excluded }: Pick<PlanSummary, 'excluded'>): number {
  return Object.values(excluded).reduce((a, b) => a + b, 0)
}
