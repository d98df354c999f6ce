// In: a name, a type of event, and what it must be about. Out: the interaction that matches, or nothing when the time runs out.
// Promise: an interaction that comes while the wait begins is not missed, and none answers two waits.
import {
  type Address,
  type Correlation,
  type Instant,
  type Interaction,
  PrmError,
  type Ref,
  refId,
  type Step,
} from '../contract/index.ts'
import { again, waitKey } from '../ingest/index.ts'
import { addressId, decisionOf, type Engine, now, resumeJob } from '../runtime/index.ts'
import { instant, milliseconds } from '../time/index.ts'
import { fresh } from './replay.ts'
import { lookKey, never } from './row.ts'
import { endOf, type RunState } from './run-state.ts'

/** An interaction that was being stored while a wait began may have missed it: its run looks once more, this much later. */
const lookAgainMs = milliseconds('10s')

/** Clocks of two machines are not quite alike. */
const skewMs = milliseconds('10s')

type Filter = (one: Interaction) => boolean
type Wait = (run: RunState, ...given: Parameters<Step['wait']>) => ReturnType<Step['wait']>

export const wait: Wait = async (run, name, event, on, { timeout, only }) => {
  const { engine, row, replay } = run
  const answer = await replay.at(async () => {
    const kept = await row.enter(name)
    if (kept?.is === 'answered') return { kept }
    checkCorrelation(run, name, on)
    const mark = waitKey(event.name, on)
    const first = kept?.is !== 'waiting'
    const state = first ? ({ is: 'waiting', since: lastAnswer(run), until: endOf(run, name, timeout) } as const) : kept
    // First the mark, then the look: an interaction is either found, or finds the mark.
    if (first) await row.save(name, state, { add: mark })
    const found = await find(run, event.name, on, state.since, only as Filter | undefined)
    return { mark, first, until: state.until, found }
  })
  if (row.closed()) return never()
  if (answer.kept) {
    const { fact: ref } = answer.kept
    const stored = async () => (ref && (await engine.scope.get('interaction', refId(ref)))?.value) as never
    return replay.known(answer.kept, stored)
  }
  const { found, until, mark } = answer
  if (!found && until > now(engine)) {
    const look = instant(engine.now().getTime() + lookAgainMs)
    const value = row.value()
    if (answer.first && look < until) run.timers.push(resumeJob(value, lookKey(value.id, name), look))
    return run.rest(name, until)
  }
  const answeredBy = found && { fact: { source: found.source, key: found.key } }
  const when = found?.seen ?? until
  return replay.ended([fresh, when], async () => {
    await row.save(name, { is: 'answered', at: when, until, ...answeredBy }, { drop: mark })
    return found as never
  })
}

function checkCorrelation({ flow }: RunState, name: string, { about, patronId, address }: Correlation): void {
  if (about || patronId !== undefined || address) return
  throw new PrmError(
    'invalid',
    `The wait "${name}" of flow "${flow}" must go by \`about\`, \`patronId\` or \`address\`.`,
    { field: 'on' },
  )
}

/** When the last interaction came that answered a wait, or else the one that began the run. */
function lastAnswer({ engine, event, row }: RunState): Instant {
  return Object.values(row.value().steps).reduce(
    (last, one) => (one.is === 'answered' && one.fact && one.at > last ? one.at : last),
    event.seen ?? now(engine),
  )
}

async function find(
  { engine, event, woke, row }: RunState,
  type: string,
  on: Correlation,
  since: Instant,
  only: Filter = () => true,
): Promise<Interaction | undefined> {
  const { about, patronId, address } = on
  const abouts = about && (await messagesOf(engine, about))
  const from = instant(Date.parse(since) - skewMs)
  const queries = abouts
    ? abouts.map((one) => ({ about: one }))
    : [{ ...(patronId === undefined ? { address: address as Address } : { patronId }), since: from }]
  // Neither what began the run, nor what answered another wait.
  const taken = new Set([
    refId(event),
    ...Object.values(row.value().steps).flatMap((one) => (one.is === 'answered' && one.fact ? [refId(one.fact)] : [])),
  ])
  const fits: Filter = (one) => one.type === type && matches(one, on, abouts) && !taken.has(refId(one)) && only(one)
  // What woke the run came after every earlier answer, whatever the clocks say.
  const waker = woke && (await engine.scope.get('interaction', refId(woke)))?.value
  if (waker && fits(waker)) return waker
  for (const query of queries)
    for await (const one of engine.scope.find('interaction', query)) if (fits(one)) return one
  return undefined
}

/** The message that a send became, and every message that replaced it. */
async function messagesOf(engine: Engine, about: Ref): Promise<readonly Ref[]> {
  if (about.source !== 'prm') return [about]
  const keys = new Set<string>()
  for (let key = about.key; ; key += again) {
    const decision = await decisionOf(engine, key)
    if (keys.size > 0 && !decision) break
    keys.add(key).add(decision?.key ?? key)
  }
  return [...keys].map((key) => ({ source: 'prm', key }))
}

function matches(one: Interaction, { patronId, address }: Correlation, abouts: readonly Ref[] | undefined): boolean {
  return (
    (!abouts || abouts.some((about) => one.about && refId(one.about) === refId(about))) &&
    (patronId === undefined || one.patronId === patronId) &&
    (!address || (one.who !== undefined && addressId(one.who) === addressId(address)))
  )
}
