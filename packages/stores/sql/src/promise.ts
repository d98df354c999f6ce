import type { Job } from '@prm/core/adapter'
import { checked, millis } from './kinds.ts'
import { inChunks, type Session } from './session.ts'

/** A job as it is stored. */
export interface PromisedJob {
  readonly library: string
  readonly key: string
  readonly name: string
  readonly group: string | null
  readonly runAt: number
  readonly payload: string
}

export function prepareJob(library: string, { key, name, group, runAt, payload }: Job): PromisedJob {
  return {
    library,
    key: checked(key, 'job'),
    name: checked(name, 'job'),
    group: group === undefined ? null : checked(group, 'job'),
    runAt: millis(runAt, 'runAt'),
    payload: JSON.stringify(payload) ?? 'null',
  }
}

/** Inserts the jobs whose key is not there: waiting, leased and dead ones stay as they are. */
export async function promise(tx: Session, jobs: readonly PromisedJob[]): Promise<void> {
  if (jobs.length === 0) return
  const groups = groupsOf(jobs)
  const first = await firsts(tx, groups)
  const head = new Map<string, PromisedJob>()
  let overtakes = false
  for (const job of jobs) {
    if (job.group === null) continue
    const key = groupKey(job)
    const before = first.get(key)
    const best = head.get(key)
    if (before === undefined && (best === undefined || job.runAt < best.runAt)) head.set(key, job)
    if (before !== undefined && job.runAt < before.runAt) overtakes = true
  }
  let inserted = 0
  await inChunks(
    jobs,
    7,
    (tuples) =>
      `insert into job (library, key, name, grp, run_at, head, payload) values ${tuples} on conflict (library, key) do nothing`,
    (job, into) => {
      const isHead = job.group === null || head.get(groupKey(job)) === job
      into.push(job.library, job.key, job.name, job.group, job.runAt, isHead ? 1 : 0, job.payload)
    },
    async (sql, values) => {
      inserted += await tx.run(sql, values)
    },
  )
  // A job that was promised already was not inserted as the head it should have been.
  if (overtakes || (groups.length > 0 && inserted < jobs.length)) await mark(tx, groups, first)
}

export interface Group {
  readonly library: string
  readonly name: string
  readonly group: string
}

export function groupsOf(jobs: Iterable<{ library: string; name: string; group: string | null }>): Group[] {
  const groups = new Map<string, Group>()
  for (const { library, name, group } of jobs) {
    if (group !== null) groups.set(groupKey({ library, name, group }), { library, name, group })
  }
  return [...groups.values()]
}

/**
 * Makes the first of each group its head again. `before` names the heads that were, where they may still be marked; without
 * it nothing else in these groups is marked.
 */
export async function mark(tx: Session, groups: readonly Group[], before?: ReadonlyMap<string, First>): Promise<void> {
  const now = await firsts(tx, groups)
  const off: number[] = []
  const on: number[] = []
  for (const group of groups) {
    const key = groupKey(group)
    const is = now.get(key)
    const was = before?.get(key)
    if (was && was.seq !== is?.seq) off.push(was.seq)
    if (is && !is.head) on.push(is.seq)
  }
  await set(tx, off, 0)
  await set(tx, on, 1)
}

export interface First {
  readonly seq: number
  readonly runAt: number
  readonly head: boolean
}

export async function firsts(tx: Session, groups: readonly Group[]): Promise<Map<string, First>> {
  const found = new Map<string, First>()
  await inChunks(
    groups,
    3,
    (tuples) => `
      with g (library, name, grp) as (values ${tuples})
      select seq, job.library, job.name, job.grp, run_at, head from job where seq in (
        select (select seq from job j where j.library = g.library and j.name = g.name and j.grp = g.grp and j.dead = 0
                order by run_at, seq limit 1) from g)`,
    ({ library, name, group }, into) => into.push(library, name, group),
    async (sql, values) => {
      for (const { seq, library, name, grp, run_at, head } of await tx.all<FirstRow>(sql, values)) {
        found.set(groupKey({ library, name, group: grp }), { seq, runAt: run_at, head: head === 1 })
      }
    },
  )
  return found
}

interface FirstRow {
  readonly seq: number
  readonly library: string
  readonly name: string
  readonly grp: string
  readonly run_at: number
  readonly head: number
}

async function set(tx: Session, seqs: readonly number[], head: 0 | 1): Promise<void> {
  await inChunks(
    seqs,
    1,
    (tuples) => `update job set head = ${head} where seq in (values ${tuples})`,
    (seq, into) => into.push(seq),
    async (sql, values) => void (await tx.run(sql, values)),
  )
}

function groupKey({ library, name, group }: { library: string; name: string; group: string | null }): string {
  return `${library}\0${name}\0${group}`
}
