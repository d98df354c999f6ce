// In: notices whose result is known. Out: the same, reported to the source they came from.
import {
  type Interaction,
  type Kinds,
  type Lease,
  type NoticeResult,
  type Put,
  refId,
  type Settled,
} from '../contract/index.ts'
import { collect, decisionOf, type Engine, now, put, untold } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'

/** How often a source is told. */
const everyMs = milliseconds('5m')

/** A message of which no more is heard than that it was handed over: then that is what its source is told. */
const heardMs = milliseconds('24h')

/** A fact that nothing was decided about: no flow is concerned with it. */
const undecidedMs = milliseconds('24h')

/**
 * Tells one source all that has come to an end, and forgets it in the settlement: cut off between, it is told again. What
 * was not sent may still be, where the source tells its state again and again: that is kept, and told once more if so.
 */
export async function tellOutcomes(engine: Engine, lease: Lease, signal: AbortSignal): Promise<Settled> {
  const { name, payload } = lease.job
  const id = name.slice('outcomes:'.length)
  const adapter = engine.options.adapters[id]
  const come: { readonly row: Kinds['outcome']; readonly result: NoticeResult; readonly lost?: string }[] = []
  for (const row of await collect(engine.scope.find('outcome', {}))) {
    if (row.about.source !== id) continue
    const found = await resultOf(engine, row)
    if (found && !(row.reported && found.result.state === 'not-sent')) come.push({ row, ...found })
  }
  const due: { readonly row: Kinds['outcome']; readonly result: NoticeResult }[] = []
  const promised = come.some(({ lost }) => lost) ? await promisedAgain(engine) : undefined
  for (const { row, result, lost } of come) {
    // Asked after the promises: of one that was kept meanwhile the decision is there now.
    const now = lost ? !promised?.has(lost) && (await resultOf(engine, row))?.result : result
    if (now) due.push({ row, result: now })
  }
  const ctx = engine.context(id, signal)
  const results = due.map(({ result }) => result)
  const left = (results.length > 0 && (await adapter?.writeBack?.report(results, ctx))) || []
  if (left.length > 0) ctx.log('warn', 'Some results could not be told, and are told again.', { count: left.length })
  const puts: Put[] = []
  const drop: { kind: 'outcome'; id: string }[] = []
  for (const { row, result } of due.filter(({ result }) => !left.includes(result))) {
    if (adapter?.feed?.repeats && result.state === 'not-sent') puts.push(put('outcome', { ...row, reported: true }))
    else drop.push({ kind: 'outcome', id: row.id })
  }
  const { once } = payload as { once: boolean }
  const next = instant(engine.now().getTime() + everyMs)
  return { outcome: once ? { done: true } : { release: true, runAt: next }, batches: [{ put: puts, delete: drop }] }
}

/** `lost`: the message that did not arrive, for which another way may be promised. */
interface Come {
  readonly result: NoticeResult
  readonly lost?: string
}

/** What became of one fact, or nothing as long as more may come. */
async function resultOf(engine: Engine, { about, origin, at: since }: Kinds['outcome']): Promise<Come | undefined> {
  const told = { about, ...(origin !== undefined && { origin }) }
  const decisions = await collect(engine.scope.find('decision', { about, order: 'newest' }))
  const sent = decisions.find(({ outcome }) => outcome.send)
  if (sent) return sentResult(engine, told, sent.key)
  const [against] = decisions
  if (!against || against.outcome.send) {
    const fact = (await engine.scope.get('interaction', refId(about)))?.value
    const early = engine.now().getTime() < Date.parse(since) + undecidedMs
    if (early || (fact && (await underWay(engine, fact)))) return undefined
    return { result: { ...told, state: 'not-sent', reason: 'purpose', at: now(engine) } }
  }
  // Held back for a first try: it is decided again later.
  if (against.outcome.rule === 'only') return undefined
  const same = against.reasons.find(({ rule, ref }) => rule === 'duplicate' && ref)?.ref
  if (same) return sentResult(engine, told, (await decisionOf(engine, same.key))?.key ?? same.key)
  return { result: { ...told, state: 'not-sent', reason: against.outcome.rule, at: against.at } }
}

async function underWay(engine: Engine, fact: Interaction): Promise<boolean> {
  for (const [name, { on }] of engine.flows)
    if (on === fact.type && (await engine.scope.get('run', `${name} ${refId(fact)}`))) return true
  return false
}

async function sentResult(
  engine: Engine,
  told: Pick<NoticeResult, 'about' | 'origin'>,
  key: string,
): Promise<Come | undefined> {
  const message = (await engine.scope.get('message', key))?.value
  const last = message?.attempts.at(-1)
  if (!message || !last) return undefined
  const { state } = message
  if (state === 'planned' || state === 'unknown') return undefined
  const lost = message.sends && untold.has(state) ? { lost: key } : undefined
  const next = lost && (await decisionOf(engine, `${key} again`))
  if (next?.outcome.send) return sentResult(engine, told, next.key)
  if (state === 'expired' || state === 'cancelled')
    return { ...lost, result: { ...told, state: 'not-sent', reason: state, at: last.at } }
  const early = (state === 'accepted' || state === 'sent') && engine.now().getTime() < Date.parse(last.at) + heardMs
  return early ? undefined : { ...lost, result: { ...told, state, at: last.at } }
}

/** The messages for which another way is promised that nobody has decided yet. */
async function promisedAgain({ scope }: Engine): Promise<ReadonlySet<string>> {
  const keys = new Set<string>()
  for (const state of ['waiting', 'active'] as const)
    for await (const { payload } of scope.jobs({ state, names: ['again'] })) keys.add((payload as { key: string }).key)
  return keys
}
