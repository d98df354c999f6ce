// In: stored decisions and other options. Out: what would have been decided with these.
import type { Adapter, Adapters } from '../contract/adapter.ts'
import type { Decision } from '../contract/decision.ts'
import type { Step } from '../contract/flow.ts'
import type { Options, Prm } from '../contract/host.ts'
import type { Interaction } from '../contract/interaction.ts'
import type { Consent } from '../contract/people.ts'
import type { Instant, Json } from '../contract/primitives.ts'
import type { Exported, Store } from '../contract/store.ts'
import { createPrm } from './create.ts'

export interface Question<A extends Adapters, U extends string, T extends string, R extends string> {
  /** The host as it is. */
  readonly options: Omit<Options<A, U, T, R>, 'store' | 'now'>
  /** An empty store for the copy, as in memory; it is closed at the end. */
  readonly store: Store
  /** What would be otherwise. */
  readonly change: Partial<Pick<Options<A, U, T, R>, 'library' | 'purposes' | 'templates'>>
  /** Gives a host its flows: the same as yours has. */
  flows(prm: Prm<A, U, T, R>): void
  readonly since: Instant
  readonly until?: Instant
}

/** What became of one send, and what would have become of it. */
export interface Difference {
  readonly key: string
  readonly before: Decision | undefined
  readonly after: Decision | undefined
  /** Empty where all is as it was. */
  readonly changed: readonly ('whether' | 'why' | 'who' | 'when' | 'medium' | 'cost')[]
}

/**
 * Runs the facts of a time through changed rules, on a copy in the store that you give it: nothing is sent or asked, and your
 * own store stays as it is. `rows` is `prm.export()`. Patrons and addresses are those of now; a flow is followed up to its first step, and what it sent behind
 * that, or what was not sent by a flow, is left out.
 */
export async function* whatIf<
  const A extends Adapters,
  const U extends string,
  const T extends string = never,
  const R extends string = never,
>(rows: AsyncIterable<Exported>, question: Question<A, U, T, R>): AsyncGenerator<Difference> {
  const { options, store, change, flows, since } = question
  const past = await pastOf(rows, question)
  const scope = store.scope(options.library.id)
  await scope.import(past.rows)
  let clock = since
  const host = { ...options, ...change, adapters: muted(options.adapters), store, now: () => new Date(clock) }
  const prm = createPrm(host as unknown as Options<A, U, T, R>)
  const stopped = new Set<string>()
  flows({
    ...prm,
    flow: (name, on, run, how) => prm.flow(name, on, (r) => upToStep(run, r, () => stopped.add(name)), how),
  })
  try {
    for (const [at, moment] of [...past.moments].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      clock = at
      if (moment.words.length > 0)
        await scope.commit([{ put: moment.words.map((value) => ({ kind: 'consent' as const, value })) }])
      await prm.record(moment.facts)
      await prm.run({ once: true, deliver: false })
    }
    const after = new Map<string, Decision>()
    for await (const decision of scope.find('decision', { since })) note(after, decision)
    for (const key of new Set([...past.before.keys(), ...after.keys()])) {
      const pair = { key, before: past.before.get(key), after: after.get(key) }
      const { by, replaces: inPlaceOf, outcome } = pair.before ?? {}
      if (!pair.after && (by?.kind !== 'flow' || stopped.has(by.id))) continue
      // What came in the place of another, and what is past its retention, cannot be compared.
      if (inPlaceOf || (outcome?.send && outcome.to.scheme === 'expired')) continue
      yield { ...pair, changed: changed(pair) }
    }
  } finally {
    await prm.close()
  }
}

/** What happened at one moment. */
interface Moment {
  readonly facts: Interaction[]
  readonly words: Consent[]
}

/** The copy as it was before that time, and what came in it. */
async function pastOf(
  rows: AsyncIterable<Exported>,
  { since, until = '9999' }: { readonly since: Instant; readonly until?: Instant },
): Promise<{ rows: Exported[]; moments: Map<Instant, Moment>; before: Map<string, Decision> }> {
  const kept: Exported[] = []
  const moments = new Map<Instant, Moment>()
  const before = new Map<string, Decision>()
  const momentAt = (at: Instant): Moment => {
    const moment = moments.get(at) ?? { facts: [], words: [] }
    moments.set(at, moment)
    return moment
  }
  for await (const row of rows) {
    const { at, value } = row.value as unknown as { at: Instant; value: unknown }
    const within = at >= since && at < until
    if (['prm', 'patron', 'shared'].includes(row.kind)) kept.push(row)
    else if (!['interaction', 'decision', 'message', 'consent', 'claim'].includes(row.kind)) continue
    else if (at < since) kept.push(row)
    else if (within && row.kind === 'interaction') momentAt(at).facts.push(value as Interaction)
    else if (within && row.kind === 'consent') momentAt(at).words.push(value as Consent)
    else if (within && row.kind === 'decision') note(before, value as Decision)
  }
  // What a fact of that time says is said by the fact again.
  const keys = new Set([...moments.values()].flatMap(({ facts }) => facts.map(({ source, key }) => `${source} ${key}`)))
  for (const { words } of moments.values()) for (const word of words.splice(0)) if (!keys.has(word.id)) words.push(word)
  return { rows: [...kept, { kind: 'end', value: { rows: kept.length - 1 } as Json }], moments, before }
}

/** Under each key that it decides; the one to send it counts, else the newest. */
function note(decisions: Map<string, Decision>, decision: Decision): void {
  for (const key of decision.keys) {
    const known = decisions.get(key)
    if (!known?.outcome.send || decision.outcome.send) decisions.set(key, decision)
  }
}

/** What measures and cannot send. */
function muted(adapters: Adapters): Adapters {
  const mute = ({ spec, kind, version, emits, channel }: Adapter): Adapter => {
    const send = () => Promise.reject(new Error('Nothing is sent here.'))
    return { spec, kind, version, emits, ...(channel && { channel: { ...channel, send } }) }
  }
  return Object.fromEntries(Object.entries(adapters).map(([id, adapter]) => [id, mute(adapter)]))
}

function upToStep<R extends { readonly step: Step }>(
  run: (r: R) => Promise<void>,
  r: R,
  stopped: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): Promise<never> => {
      stopped()
      resolve()
      return new Promise(() => undefined)
    }
    run({ ...r, step: Object.assign(stop, { sleep: stop, wait: stop }) }).then(resolve, reject)
  })
}

function changed({ before, after }: Pick<Difference, 'before' | 'after'>): Difference['changed'] {
  const [a, b] = [before?.outcome, after?.outcome]
  if (!a?.send || !b?.send) {
    if (a?.send || b?.send) return ['whether']
    return a && b && a.rule !== b.rule ? ['why'] : []
  }
  const differ = (...[x, y]: readonly unknown[]) => JSON.stringify(x) !== JSON.stringify(y)
  return [
    ...(differ(a.to, b.to) || before?.recipient !== after?.recipient ? (['who'] as const) : []),
    ...(asLate(before, after) ? [] : (['when'] as const)),
    ...(a.via === b.via ? [] : (['medium'] as const)),
    ...(a.units !== b.units || differ(a.cost, b.cost) ? (['cost'] as const) : []),
  ]
}

/** As long deferred, or until the same moment: a second more or less is the machine's. */
function asLate(before: Decision | undefined, after: Decision | undefined): boolean {
  const [a, b] = [before, after].map((decision) => {
    const due = decision?.outcome.send ? Date.parse(decision.outcome.notBefore) : 0
    return { due, wait: due - Date.parse(decision?.at ?? '') }
  })
  const near = (x = 0, y = 0): boolean => Math.abs(x - y) <= secondMs
  return near(a?.due, b?.due) || near(Math.max(a?.wait ?? 0, 0), Math.max(b?.wait ?? 0, 0))
}

const secondMs = 1_000
