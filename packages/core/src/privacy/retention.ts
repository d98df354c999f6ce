// In: the age of rows. Out: those that are past their retention, without the people in them.
import {
  type Batch,
  type Decision,
  type Duration,
  type Instant,
  type Interaction,
  idOf,
  type Json,
  type Lease,
  type Message,
  type Notice,
  notice,
  type Put,
  refId,
  type Scope,
  type Settled,
} from '../contract/index.ts'
import { claimsBy, durationOf, type Engine, keepId, keepMs, now, put } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'

/** How long it is known who looked at whom. */
const auditMs = milliseconds('365d')

const scrubMs = milliseconds('7d')

const page = 200

/** What stands where somebody's address stood. */
const nobody = { scheme: 'expired', value: '' }

/** Once a day, by one process. */
export async function expireDaily(engine: Engine, _lease: Lease, signal: AbortSignal): Promise<Settled> {
  await expire(engine, signal)
  return { outcome: { release: true, runAt: instant(engine.now().getTime() + milliseconds('1d')) } }
}

/**
 * Takes the people out of what its retention has passed. Keys, times, kinds and figures stay: the key is what keeps a
 * source that tells it again from telling it twice.
 */
export async function expire(engine: Engine, signal?: AbortSignal): Promise<{ removed: number }> {
  const letters = await deadLetters(engine)
  await overdue(engine, letters)
  const open = await underWay(engine)
  let removed = 0
  for (const type of await engine.scope.types())
    if (type !== expired) removed += await inPages(engine.scope, signal, factsPast(engine, type, open))
  removed += await messagesPast(engine, signal, letters)
  removed += (await runsPast(engine, open)) + (await auditPast(engine)) + (await conversationsPast(engine))
  await scrub(engine)
  return { removed }
}

const expired = 'fact.expired'

/** Of what is overwritten a trace may stay in a page of the medium. To clear it takes a while, and stops all else. */
async function scrub(engine: Engine): Promise<void> {
  const last = (await engine.scope.get('cursor', 'scrub'))?.value.value
  const at = engine.now().getTime()
  if (typeof last === 'string' && Date.parse(last) + scrubMs > at) return
  await engine.scope.purge()
  await engine.scope.commit([{ put: [put('cursor', { id: 'scrub', value: instant(at) })] }])
}

/** Answers how many were written; `missed` is told of those that somebody changed meanwhile. */
async function inPages(
  scope: Scope,
  signal: AbortSignal | undefined,
  batches: AsyncIterable<Batch>,
  missed: (batch: Batch) => void = () => undefined,
): Promise<number> {
  let count = 0
  let some: Batch[] = []
  const write = async (): Promise<void> => {
    signal?.throwIfAborted()
    for (const [index, written] of (await scope.commit(some)).entries())
      if (written) count++
      else missed(some[index] as Batch)
    some = []
  }
  for await (const one of batches) {
    some.push(one)
    if (some.length === page) await write()
  }
  await write()
  return count
}

/** Messages of which the work ended without being done. */
async function deadLetters(engine: Engine): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for await (const { payload } of engine.scope.jobs({ state: 'dead', names: ['deliver'] }))
    keys.add((payload as { key: string }).key)
  return keys
}

/** What was left to a person, and is worth nothing any more, has ended. What may have gone stays unknown. */
async function overdue(engine: Engine, letters: ReadonlySet<string>): Promise<void> {
  const at = now(engine)
  const kept = instant(engine.now().getTime() - durationOf(engine.options.retention))
  for (const key of letters) {
    const row = await engine.scope.get('message', key)
    if (row?.value.state !== 'planned') continue
    const { expireAt, notBefore, attempts } = row.value
    if ((expireAt ?? at) >= at && notBefore > kept) continue
    const outcome = 'expired: it was left to a person, and is worth nothing any more'
    const message: Message = { ...row.value, state: 'expired', attempts: [...attempts, { at, outcome }] }
    const cancel = [{ key: `deliver:${key}` }]
    const [written] = await engine.scope.commit([{ put: [put('message', message, row.version)], cancel }])
    if (written) engine.emit('message', message)
  }
}

/** Facts that a flow has still to look at, or waits over, whichever host has that flow. */
async function underWay(engine: Engine): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const state of ['waiting', 'active'] as const)
    for await (const { name, payload } of engine.scope.jobs({ state }))
      if (name.startsWith('flow:')) ids.add(refId(payload as { source: string; key: string }))
  return ids
}

/** Runs that nothing will wake: their flow is a dead letter. What they were told of somebody goes with the rest. */
async function runsPast(engine: Engine, open: ReadonlySet<string>): Promise<number> {
  const drop: { kind: 'run'; id: string }[] = []
  for await (const { id, event } of engine.scope.find('run', { until: instant(engine.now().getTime() - keepMs) }))
    if (!open.has(refId(event))) drop.push({ kind: 'run', id })
  if (drop.length > 0) await engine.scope.commit([{ delete: drop }])
  return drop.length
}

/** How long facts of this type are kept: as this host says, else as the host said that stored them. */
async function keepOf(engine: Engine, type: string): Promise<number> {
  const said = engine.types.get(type)?.retention ?? (await engine.scope.get('shared', keepId(type)))?.value.value
  return durationOf(said as Duration | undefined)
}

async function* factsPast(engine: Engine, type: string, open: ReadonlySet<string>): AsyncGenerator<Batch> {
  const keep = await keepOf(engine, type)
  const until = instant(engine.now().getTime() - keep)
  for await (const fact of engine.scope.find('interaction', { type, until })) {
    if (open.has(refId(fact)) || settles(fact) + keep > engine.now().getTime()) continue
    const { key, source, at, seen, branch, page } = fact
    const data = { type, ...(type === notice.name && { kind: (fact.data as Notice).kind }) }
    const bare = {
      key,
      source,
      type: expired,
      ...(at && { at }),
      ...(seen && { seen }),
      ...(branch && { branch }),
      ...(page && { page }),
      data,
    }
    yield { put: [put('interaction', bare)], delete: claimsBy(fact) }
  }
}

/** A hold to be collected, or a loan to be returned, next month is not settled today. */
function settles({ type, data }: Interaction): number {
  if (type !== notice.name) return 0
  const days = (data as Notice).items.flatMap(({ due, collectBy }) =>
    [due, collectBy].map((day) => Date.parse(day ?? '')),
  )
  return Math.max(0, ...days.filter((day) => !Number.isNaN(day)))
}

/**
 * Decisions and their messages go by, oldest first, and are left behind but for those still on their way: their keys are
 * kept with the place.
 */
async function messagesPast(
  engine: Engine,
  signal: AbortSignal | undefined,
  letters: ReadonlySet<string>,
): Promise<number> {
  const { scope } = engine
  const until = instant(engine.now().getTime() - durationOf(engine.options.retention))
  const row = await scope.get('cursor', 'expire')
  const { since, open = [] } = (row?.value.value ?? {}) as { since?: Instant; open?: readonly string[] }
  const left: string[] = []
  async function* keys(): AsyncGenerator<string> {
    yield* open
    if (since === undefined || since < until)
      for await (const { key } of scope.find('decision', { until, ...(since && { since }) })) yield key
  }
  async function* past(): AsyncGenerator<Batch> {
    for await (const key of keys()) {
      const [decision, message] = await Promise.all([scope.get('decision', key), scope.get('message', key)])
      const puts: Put[] = []
      const open = message?.value.state === 'planned' || message?.value.state === 'unknown'
      if (open && !letters.has(key)) left.push(key)
      else {
        if (decision && decision.value.inputs.own !== expired) puts.push(put('decision', figuresOf(decision.value)))
        if (message && message.value.to.scheme !== nobody.scheme)
          puts.push(put('message', countOf(message.value), message.version))
        if (puts.length > 0) yield { put: puts }
      }
    }
  }
  const count = await inPages(scope, signal, past(), ({ put: [first] = [] }) =>
    left.push(idOf('decision', first?.value as Decision)),
  )
  await scope.commit([{ put: [put('cursor', { id: 'expire', value: { since: until, open: left } as Json })] }])
  return count
}

function figuresOf({ patronId: _, recipient: __, outcome, inputs, ...rest }: Decision): Decision {
  const figures = outcome.send ? { ...outcome, to: nobody } : outcome
  return { ...rest, outcome: figures, inputs: { ...inputs, own: expired } }
}

function countOf({ key, decision, purpose, via, units, branch, notBefore, state, attempts }: Message): Message {
  const rest = { key, decision, purpose, via, units, notBefore, state, attempts, ...(branch && { branch }) }
  return { ...rest, to: nobody, content: { text: '' } }
}

async function auditPast(engine: Engine): Promise<number> {
  const drop: { kind: 'audit' | 'outcome'; id: string }[] = []
  const ago = (ms: number) => ({ until: instant(engine.now().getTime() - ms) })
  for await (const { id } of engine.scope.find('audit', ago(auditMs))) drop.push({ kind: 'audit', id })
  // The source does not wait for them any more.
  for await (const { id } of engine.scope.find('outcome', ago(keepMs))) drop.push({ kind: 'outcome', id })
  if (drop.length > 0) await engine.scope.commit([{ delete: drop }])
  return drop.length
}

/** A conversation goes with the last of its texts; while one that waits is younger, only the words of the first go. */
async function conversationsPast({ scope, options, now }: Engine): Promise<number> {
  const until = instant(now().getTime() - Math.max(keepMs, durationOf(options.retention)))
  let removed = 0
  for (const state of ['open', 'waiting', 'snoozed', 'closed'] as const)
    for await (const { id } of scope.find('conversation', { state, until })) {
      const row = await scope.get('conversation', id)
      // A task of staff has no text, and is not done because time passes.
      if (row?.value.source === 'prm' && state !== 'closed') continue
      const last = row?.value.pending.at(-1)
      const text = last && (await scope.get('interaction', refId(last)))?.value
      const young = text !== undefined && text.type !== expired
      if (!row || (young && row.value.subject === undefined)) continue
      const { subject: _, ...rest } = row.value
      const [gone] = await scope.commit([
        { put: [put('conversation', rest, row.version)], ...(!young && { delete: [{ kind: 'conversation', id }] }) },
      ])
      if (gone) removed++
    }
  return removed
}
