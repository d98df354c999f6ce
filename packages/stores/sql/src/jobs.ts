import type { Job, Json, Outcome } from '@prm/core/adapter'
import { instant, millis } from './kinds.ts'
import { every, holds, open, remove, restore, type StoredJob } from './moved.ts'
import { firsts, groupsOf, mark, type PromisedJob, promise } from './promise.ts'
import { fewLimits, inChunks, type Session } from './session.ts'

/** Where promised work is kept: the `job` table of this schema, unless a store brings a queue of its own. */
export interface Jobs {
  /** As the store is opened; `now` is the machine's clock. */
  shorten?(session: Session, now: number, lease: number): Promise<void>
  /** Before anything is written: where several transactions write at once, keeps what this one will touch for itself. */
  lock?(tx: Session, touched: Touched): Promise<void>
  promise(tx: Session, jobs: readonly PromisedJob[]): Promise<void>
  candidates(session: Session, claim: Omit<Claim, 'until' | 'token'>): Promise<readonly unknown[]>
  claim(tx: Session, wish: Claim): Promise<readonly Held[]>
  settle(tx: Session, endings: readonly Ending[]): Promise<readonly boolean[]>
  /** Answers when those end now that are still theirs. */
  renew(tx: Session, leases: readonly Held[], now: number, until: number): Promise<readonly (number | undefined)[]>
  redrive(tx: Session, library: string, keys: readonly string[]): Promise<number>
  cancel(tx: Session, library: string, jobs: readonly Cancelled[]): Promise<void>
  backlog(session: Session, library: string, names: readonly string[], now: number): Promise<Backlog>
  list(session: Session, library: string, query: Listing, clock: () => Date): AsyncGenerator<Listed>
  /** All of a library, in the order of promising. */
  every(session: Session, library: string): AsyncGenerator<StoredJob>
  /** Stores jobs at which nobody looks for work before `open`; answers the keys of those that were not there. */
  restore(tx: Session, jobs: readonly StoredJob[]): Promise<Set<string>>
  open(tx: Session, library: string): Promise<void>
  holds(tx: Session, library: string): Promise<boolean>
  /** Takes away some of a library's jobs, and answers how many. */
  remove(tx: Session, library: string, atMost: number): Promise<number>
}
export interface Touched {
  readonly held: readonly Held[]
  readonly promised: readonly PromisedJob[]
  readonly cancelled: readonly (Cancelled & { readonly library: string })[]
}
export interface Backlog {
  readonly waiting: number
  readonly next?: string
}

/** A claimed job. `token` is its fence: the row carries it as long as nobody else has claimed the job. */
export interface Held {
  readonly seq: number | string
  readonly token: string
  readonly library: string
  readonly name: string
  readonly group: string | null
  readonly job: Job
  readonly attempt: number
  until: number
}

export interface Claim {
  /** Which was served longest ago stands first. */
  readonly lines: readonly Line[]
  readonly limit: number
  /** Milliseconds of the host's clock. */
  readonly due: number
  /** Milliseconds of the machine's clock: leases go by it. */
  readonly now: number
  readonly until: number
  readonly token: string
}

/** The jobs of one library and name, and how many of them this worker has in hand. */
export interface Line {
  readonly library: string
  readonly name: string
  hand: number
}

interface Candidate {
  readonly seq: number
  readonly library: string
  readonly name: string
  readonly grp: string | null
  readonly run_at: number
  /** A lease of its group has run out. */
  readonly stale: 0 | 1
}

/**
 * The due jobs that may start now: of a library and name the oldest first, and no two of one group. These take turns, or the
 * storm of one would hold up all the others.
 */
async function candidates(session: Session, claim: Omit<Claim, 'until' | 'token'>): Promise<readonly Candidate[]> {
  const { lines, limit, due, now } = claim
  const found: Candidate[] = []
  for (let at = 0; at < lines.length; at += linesAtOnce) {
    const some = lines.slice(at, at + linesAtOnce)
    const values = some.flatMap(({ library, name }) => [library, name, due, now, now])
    found.push(...(await session.all<Candidate>(some.map(() => dueOfLine(limit)).join(' union all '), values)))
  }
  if (lines.length > 1) found.sort(oldestFirst)
  const taken = new Set<string>()
  const free = found.filter(({ library, grp }) => grp === null || once(taken, `${library}\0${grp}`))
  return inTurns(free, lines).slice(0, limit)
}

/** As if one were handed out after the other, each from the line that has the fewest in hand. */
export function inTurns<One extends Pick<Line, 'library' | 'name'>>(
  oldest: readonly One[],
  lines: readonly Line[],
): readonly One[] {
  if (lines.length < 2 || oldest.length === 0) return oldest
  const seen = new Map(lines.map((line, place) => [lineKey(line), { hand: line.hand, place }]))
  const turns = oldest.map((one) => {
    const { hand = 0, place = 0 } = seen.get(lineKey(one)) ?? {}
    seen.set(lineKey(one), { hand: hand + 1, place })
    return { one, hand, place }
  })
  return turns.sort((a, b) => a.hand - b.hand || a.place - b.place).map(({ one }) => one)
}

export function lineKey({ library, name }: Pick<Line, 'library' | 'name'>): string {
  return `${library}\0${name}`
}

/** SQLite joins at most 500 selects. */
const linesAtOnce = 100
// One select a library and name, each a few steps on its index: an `in` over both would sort all that is due.
const dueOfLine = (limit: number): string => `select * from (
  select seq, library, name, grp, run_at, exists (select 1 from job stale where stale.library = job.library
    and stale.grp = job.grp and stale.leased_until is not null and stale.seq <> job.seq) as stale from job
  where library = ? and name = ? and head = 1 and dead = 0 and run_at <= ?
    and (leased_until is null or leased_until <= ?)
    and (grp is null or not exists (
      select 1 from job held where held.library = job.library and held.grp = job.grp and held.leased_until > ?))
  order by run_at, seq limit ${fewLimits(limit)})`

function oldestFirst(a: { run_at: number; seq: number }, b: { run_at: number; seq: number }): number {
  return a.run_at - b.run_at || a.seq - b.seq
}

function once(taken: Set<string>, key: string): boolean {
  if (taken.has(key)) return false
  taken.add(key)
  return true
}

async function claim(tx: Session, wish: Claim): Promise<readonly Held[]> {
  const chosen = await candidates(tx, wish)
  const rows: JobRow[] = []
  await inChunks(
    chosen,
    1,
    (tuples) => `update job set leased_until = ?, token = ?, attempt = attempt + 1 where seq in (values ${tuples})
      returning seq, library, key, name, grp, run_at, payload, attempt`,
    ({ seq }, into) => into.push(seq),
    async (sql, values) => void rows.push(...(await tx.all<JobRow>(sql, [wish.until, wish.token, ...values]))),
  )
  // Who had another of the group is too late: it would settle what this one may find out.
  await inChunks(
    chosen.filter(({ stale }) => stale === 1),
    3,
    (tuples) => `with v (library, grp, seq) as (values ${tuples}) update job set token = null from v
      where job.library = v.library and job.grp = v.grp and job.leased_until is not null and job.seq <> v.seq`,
    ({ library, grp, seq }, into) => into.push(library, grp, seq),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  return rows.sort(oldestFirst).map((row) => ({
    seq: row.seq,
    token: wish.token,
    library: row.library,
    name: row.name,
    group: row.grp,
    job: jobOf(row),
    attempt: row.attempt,
    until: wish.until,
  }))
}

interface JobRow {
  readonly seq: number
  readonly library: string
  readonly key: string
  readonly name: string
  readonly grp: string | null
  readonly run_at: number
  readonly payload: string
  readonly attempt: number
}

function jobOf({ key, name, grp, run_at, payload }: JobRow): Job {
  return { key, name, ...(grp === null ? {} : { group: grp }), runAt: instant(run_at), payload: JSON.parse(payload) }
}

// ---- settling ----------------------------------------------------------------------------------------------------

/** An outcome, checked and turned to text. */
export interface Ending {
  readonly held: Held
  readonly done: boolean
  readonly runAt: number | null
  readonly back: 0 | 1
  readonly dead: 0 | 1
  readonly error: string | null
}

export function ending(held: Held, outcome: Outcome): Ending {
  const none = { held, done: false, runAt: null, back: 0, dead: 0, error: null } as const
  if ('done' in outcome) return { ...none, done: true }
  if ('release' in outcome) {
    return { ...none, back: 1, runAt: outcome.runAt === undefined ? null : millis(outcome.runAt, 'runAt') }
  }
  const error = JSON.stringify(outcome.error) ?? 'null'
  if ('dead' in outcome) return { ...none, dead: 1, error }
  return { ...none, runAt: millis(outcome.retryAt, 'retryAt'), error }
}

/** Writes the outcomes of the leases that are still theirs, and answers which were. */
async function settle(tx: Session, endings: readonly Ending[]): Promise<readonly boolean[]> {
  if (endings.length === 0) return []
  const tokens = await tokensOf(
    tx,
    endings.map(({ held }) => held),
  )
  const ours = endings.map(({ held }) => tokens.get(held.seq)?.token === held.token)
  const valid = endings.filter((_, i) => ours[i])
  await inChunks(
    valid.filter(({ done }) => done),
    1,
    (tuples) => `delete from job where seq in (values ${tuples})`,
    ({ held }, into) => into.push(held.seq),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  await inChunks(
    valid.filter(({ done }) => !done),
    5,
    (tuples) => `
      with v (seq, run_at, back, dead, error) as (values ${tuples})
      update job set run_at = coalesce(v.run_at, job.run_at), attempt = attempt - v.back, dead = v.dead,
        error = coalesce(v.error, job.error), leased_until = null, token = null,
        head = case when grp is null and v.dead = 0 then 1 else 0 end
      from v where job.seq = v.seq`,
    ({ held, runAt, back, dead, error }, into) => into.push(held.seq, runAt, back, dead, error),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  await mark(tx, groupsOf(valid.map(({ held }) => held)))
  return ours
}

/** Longer than any lease ought to be. Milliseconds. */
const farMs = 15 * 60_000

/**
 * After a kill and a clock that was put back, a lease would last for as long as the clock was ahead: one that ends too far off
 * ends a lease from now. Whoever is alive renews it before.
 */
async function shorten(session: Session, now: number, lease: number): Promise<void> {
  const far = now + Math.max(farMs, 10 * lease)
  const [row] = await session.all('select 1 from job where leased_until > ? limit 1', [far])
  if (row) await session.run('update job set leased_until = ? where leased_until > ?', [now + lease, far])
}

/** Moves the end of the leases that are still theirs to `until`, and answers it for these. */
async function renew(
  tx: Session,
  leases: readonly Held[],
  now: number,
  until: number,
): Promise<readonly (number | undefined)[]> {
  if (leases.length === 0) return []
  const tokens = await tokensOf(tx, leases, now)
  // A lease that ran out may be taken up again while nobody claimed the job, nor another of its group.
  const ours = leases.map(({ seq, token }) => {
    const row = tokens.get(seq)
    return row?.token === token && (row.leased_until > now || row.held === 0)
  })
  await inChunks(
    leases.filter((_, i) => ours[i]),
    1,
    (tuples) => `update job set leased_until = ? where seq in (values ${tuples})`,
    ({ seq }, into) => into.push(seq),
    async (sql, values) => void (await tx.run(sql, [until, ...values])),
  )
  return ours.map((is) => (is ? until : undefined))
}

interface Token {
  readonly seq: number
  readonly token: string | null
  readonly leased_until: number
  /** Another job of its group is leased. */
  readonly held: 0 | 1
}

async function tokensOf(
  tx: Session,
  leases: readonly Held[],
  now?: number,
): Promise<ReadonlyMap<number | string, Token>> {
  const tokens = new Map<number | string, Token>()
  const held = `exists (select 1 from job other where other.library = job.library and other.grp = job.grp
    and other.leased_until > ? and other.seq <> job.seq)`
  await inChunks(
    leases,
    1,
    (tuples) =>
      `select seq, token, leased_until, ${now === undefined ? 0 : held} as held from job where seq in (values ${tuples})`,
    ({ seq }, into) => into.push(seq),
    async (sql, values) => {
      const all = await tx.all<Token>(sql, now === undefined ? values : [now, ...values])
      for (const row of all) tokens.set(row.seq, row)
    },
  )
  return tokens
}

// ---- what a library's staff ask ----------------------------------------------------------------------------------

/** Lets dead jobs wait again with the time and the count of starts they had. */
async function redrive(tx: Session, library: string, keys: readonly string[]): Promise<number> {
  const jobs: { seq: number; library: string; name: string; group: string | null }[] = []
  await inChunks(
    [...new Set(keys)],
    1,
    (tuples) =>
      `select seq, library, name, grp as "group" from job where library = ? and dead = 1 and key in (values ${tuples})`,
    (key, into) => into.push(key),
    async (sql, values) => void jobs.push(...(await tx.all<(typeof jobs)[number]>(sql, [library, ...values]))),
  )
  const groups = groupsOf(jobs)
  const before = await firsts(tx, groups)
  await inChunks(
    jobs,
    1,
    (tuples) => `
      update job set dead = 0, error = null, head = case when grp is null then 1 else 0 end where seq in (values ${tuples})`,
    ({ seq }, into) => into.push(seq),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  await mark(tx, groups, before)
  return jobs.length
}

/** Takes jobs away, whatever their state. A lease on one is lost: its row is gone, or another's. */
async function cancel(tx: Session, library: string, jobs: readonly Cancelled[]): Promise<void> {
  const gone: { seq: number; library: string; name: string; group: string | null }[] = []
  const columns = 'select seq, library, name, grp as "group" from job where library = ?'
  for (const one of jobs) {
    const found =
      'key' in one
        ? tx.all<(typeof gone)[number]>(`${columns} and key = ?`, [library, one.key])
        : tx.all<(typeof gone)[number]>(
            `${columns} and grp = ? and dead = 0 union all ${columns} and grp = ? and dead = 1`,
            [library, one.group, library, one.group],
          )
    gone.push(...(await found))
  }
  await inChunks(
    gone,
    1,
    (tuples) => `delete from job where seq in (values ${tuples})`,
    ({ seq }, into) => into.push(seq),
    async (sql, values) => void (await tx.run(sql, values)),
  )
  await mark(tx, groupsOf(gone))
}
export type Cancelled = { readonly key: string } | { readonly group: string }

async function backlog(session: Session, library: string, names: readonly string[], now: number): Promise<Backlog> {
  let waiting = 0
  let next: number | null = null
  for (const name of new Set(names)) {
    const [row] = await session.all<{ waiting: number; next: number | null; leased: number | null }>(
      countOfName(session),
      [library, name, library, name, now, library, now, name],
    )
    waiting += row?.waiting ?? 0
    for (const at of [row?.next ?? null, row?.leased ?? null])
      if (at !== null && (next === null || at < next)) next = at
  }
  return { waiting, ...(next === null ? {} : { next: instant(next) }) }
}

const countOfName = ({ using }: Session): string => `select
  (select count(*) from job where library = ? and name = ? and dead = 0) as waiting,
  (select run_at from job where library = ? and name = ? and head = 1 and dead = 0
     and (leased_until is null or leased_until <= ?) order by run_at limit 1) as next,
  (select min(leased_until) from job ${using('job_leased')} where library = ? and leased_until > ? and name = ?) as leased`

export interface Listing {
  readonly state: 'waiting' | 'active' | 'dead'
  readonly names?: readonly string[]
  readonly limit?: number
}
export type Listed = Job & { readonly error?: Json; readonly attempt: number; readonly until?: string }

/** Next to run first. Reads page by page, so that others may write meanwhile. */
async function* list(session: Session, library: string, query: Listing, clock: () => Date): AsyncGenerator<Listed> {
  const names = query.names ?? (await session.all<{ name: string }>(namesOf, [library])).map(({ name }) => name)
  let left = query.limit ?? Number.POSITIVE_INFINITY
  let after = { run_at: Number.MIN_SAFE_INTEGER, seq: 0 }
  while (left > 0) {
    const page: ListRow[] = []
    for (const name of new Set(names)) {
      for (const sql of pagesOf(session)[query.state]) {
        page.push(...(await session.all<ListRow>(sql, [library, name, after.run_at, after.seq, clock().getTime()])))
      }
    }
    page.sort(oldestFirst)
    for (const row of page.slice(0, Math.min(pageSize, left))) {
      yield listed(row, query.state)
      after = row
    }
    left -= pageSize
    if (page.length < pageSize) return
  }
}

const pageSize = 200
const namesOf = 'select distinct name from job where library = ?'

function pagesOf({ using }: Session): { readonly [S in Listing['state']]: readonly string[] } {
  const page = (index: string, where: string): string => `
    select seq, library, key, name, grp, run_at, payload, attempt, error, leased_until from job ${using(index)}
    where library = ? and name = ? and (run_at, seq) > (?, ?) and ${where} order by run_at, seq limit ${pageSize}`
  const free = 'dead = 0 and (leased_until is null or leased_until <= ?)'
  return {
    waiting: [page('job_open', `head = 1 and ${free}`), page('job_open', `head = 0 and ${free}`)],
    active: [page('job_leased', 'leased_until > ?')],
    dead: [page('job_dead', 'dead = 1 and ? is not null')],
  }
}

type ListRow = JobRow & { readonly error: string | null; readonly leased_until: number | null }

function listed(row: ListRow, state: Listing['state']): Listed {
  return {
    ...jobOf(row),
    attempt: row.attempt,
    ...(row.error === null ? {} : { error: JSON.parse(row.error) }),
    ...(state === 'active' && row.leased_until !== null ? { until: instant(row.leased_until) } : {}),
  }
}

export const jobTable: Jobs = {
  shorten,
  promise,
  candidates,
  claim,
  settle,
  renew,
  redrive,
  cancel,
  backlog,
  list,
  every,
  restore,
  open,
  holds,
  remove,
}
