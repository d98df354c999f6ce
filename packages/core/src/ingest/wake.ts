// In: an interaction. Out: the jobs that wake the flow runs which wait for it.
import { type Correlation, type Interaction, type Job, type Ref, refId } from '../contract/index.ts'
import { addressId, collect, decisionOf, type Engine, now, resumeJob, short } from '../runtime/index.ts'

/** Of these types, those that some flow has waited for, ever: facts of others need not look for runs. */
export async function waitedTypes(engine: Engine, types: Iterable<string>): Promise<ReadonlySet<string>> {
  const waited = new Set<string>()
  for (const type of new Set(types)) if (await engine.scope.get('shared', waitedId(type))) waited.add(type)
  return waited
}

/** The jobs that wake the runs which wait for this fact. Written with it. */
export async function wakeJobs(engine: Engine, fact: Interaction): Promise<readonly Job[]> {
  const keys = [
    ...(fact.about ? await namesOf(engine, fact.about) : []).map((about) => waitKey(fact.type, { about })),
    ...(fact.patronId ? [waitKey(fact.type, { patronId: fact.patronId })] : []),
    ...(fact.who ? [waitKey(fact.type, { address: fact.who })] : []),
  ]
  const runs = (await Promise.all(keys.map((wait) => collect(engine.scope.find('run', { wait }))))).flat()
  return runs.map((run) => resumeJob(run, short(`wake:${run.id} ${refId(fact)}`), now(engine), fact))
}

/** By what a flow may know a message: each send that it tells, and what it came in the place of. */
async function namesOf(engine: Engine, about: Ref): Promise<readonly Ref[]> {
  if (about.source !== 'prm') return [about]
  const keys = new Set([about.key, ...((await decisionOf(engine, about.key))?.keys ?? [])])
  for (const key of keys) if (key.endsWith(again)) keys.add(key.slice(0, -again.length))
  return [...keys].map((key) => ({ source: 'prm', key }))
}

export const again = ' again'

/** The one of what a wait goes by that the store finds it by: the narrowest. */
export function waitKey(type: string, { about, patronId, address }: Correlation): string {
  if (about) return short(`${type} about ${refId(about)}`)
  return short(patronId === undefined ? `${type} at ${address && addressId(address)}` : `${type} of ${patronId}`)
}

/** Stands in the store from the first wait for this type on. */
export function waitedId(type: string): string {
  return `waited ${type}`
}
