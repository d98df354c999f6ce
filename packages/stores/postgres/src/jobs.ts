import type { Job } from '@prm/core/adapter'
import {
  type Backlog,
  type Cancelled,
  type Claim,
  type Ending,
  type Held,
  type Jobs,
  type Listed,
  type Listing,
  Overtaken,
  type PromisedJob,
  type Session,
  type StoredJob,
  type Touched,
  type Value,
} from '@prm/store-sql'
import type { Db, JobInsert, PgBoss } from 'pg-boss'
import type { SharedClock } from './clock.ts'
import { list } from './driver.ts'
import { ascendingId } from './id.ts'

/**
 * Promised work as jobs of one pg-boss queue, written in the transactions of the facts. Checked against pg-boss 12.38.0.
 *
 * pg-boss makes, migrates and knows the table; jobs come by its `insert` and go by its `deleteJob`, which is fenced by
 * `retry_count`. What its calls cannot say is said in SQL on its own table, moving its own columns as it does:
 *
 * - `fetch` goes by the time of creation and the database's clock, and takes one queue: it knows neither `runAt`, nor
 *   libraries, nor that a group is held across names. `groupConcurrency` alone lets two fetchers into one group.
 * - `fail` cannot name a time, and `retry` forgets it; nothing published ends a job at once, or hands one back uncounted.
 * - `cancel` and `deleteJob` take ids, not groups.
 *
 * How a job is kept: `singleton_key` its library and key, unique while it is there; `group_id` its library and group; `data`
 * library (l), key (k), name (n), payload as JSON text, since jsonb has no NUL (p), and how often it was handed back (r);
 * `start_after` runAt; `priority` 1 for the first of a group and name and for what has no group: the only ones looked at
 * for work; `retry_count` the fence; `heartbeat_on` and `heartbeat_seconds` say when the lease ends; `failed` is dead.
 */
export const queue = 'prm'
/** What pg-boss 12.38.0 makes its schema. */
export const bossSchema = 46
/** Retention would be a time-out on a promise. Seconds; about 60 years, since pg-boss adds it to `start_after`. */
export const retention = 2_000_000_000
export const retries = 2_147_483_647

export interface Place {
  readonly boss: PgBoss
  /** The table of the queue, named with its schema. */
  readonly table: () => string
  /** The database's, unless the store was given another. */
  readonly clock?: SharedClock
}

export function bossJobs({ boss, table, clock }: Place): Jobs {
  const ended = "j.heartbeat_on + j.heartbeat_seconds * interval '1 second'"
  const row = `j.id, j.data->>'l' as library, j.data->>'k' as key, j.data->>'n' as name, j.data->>'g' as grp,
    ${ms('j.start_after')} as run_at, j.data->>'p' as payload, j.retry_count as fence, ${starts} as attempt`

  /** What a transaction has locked when it began, by id. */
  const kept = new WeakMap<Session, ReadonlyMap<string, Locked>>()

  /**
   * What it settles and cancels, and the first of each group that it promises for: those must not be settled before what comes
   * behind them is there to be seen.
   */
  async function lock(tx: Session, { held, promised, cancelled }: Touched): Promise<void> {
    const keys = [
      ...held.map(({ library, job }) => keyOf(library, job.key)),
      ...cancelled.flatMap((one) => ('key' in one ? [keyOf(one.library, one.key)] : [])),
    ]
    const gone = cancelled.flatMap((one) => ('group' in one ? [groupOf(one.library, one.group)] : []))
    const groups = groupIds(promised)
    if (keys.length + gone.length + groups.length === 0) return
    // Who only promises keeps nobody from claiming.
    const how = keys.length + gone.length === 0 ? 'key share' : 'update'
    const first = `union all select singleton_key from ${table()}
      where group_id = any(?::text[]) and priority = 1 and state < 'completed'`
    // In one order, or two that work for each other's groups wait for each other.
    const rows = await tx.all<Locked & { readonly id: string }>(
      gone.length + groups.length === 0
        ? `select id, state, retry_count as fence from ${table()} where singleton_key = any(?::text[]) order by id for ${how}`
        : `select id, state, retry_count as fence from ${table()} where singleton_key = any(array(${named()} ${first}))
            order by id for ${how}`,
      gone.length + groups.length === 0 ? [list(keys)] : [list(keys), list(gone), list(gone), list(groups)],
    )
    kept.set(tx, new Map(rows.map(({ id, ...locked }) => [id, locked])))
  }

  /** Keys, and those of groups, the dead ones too, which another index holds. */
  const named = (): string => `select unnest(?::text[])
    union all select singleton_key from ${table()} where group_id = any(?::text[]) and state < 'completed'
    union all select singleton_key from ${table()} where group_id = any(?::text[]) and state = 'failed'`

  /** By group and name: when the first is due that what is promised now may come behind. Before another, it is a first too. */
  async function heads(tx: Session, groups: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    const ids = [...(kept.get(tx)?.keys() ?? [])]
    if (groups.length === 0 || ids.length === 0) return found
    const rows = await tx.all<{ grp: string; name: string; at: number }>(
      `select group_id as grp, data->>'n' as name, ${ms('start_after')} as at from ${table()}
        where id = any(?::uuid[]) and group_id = any(?::text[]) and priority = 1 and state < 'completed'`,
      [list(ids), list(groups)],
    )
    for (const { grp, name, at } of rows) {
      const key = `${grp} ${name}`
      found.set(key, Math.min(at, found.get(key) ?? at))
    }
    return found
  }

  async function promise(tx: Session, jobs: readonly PromisedJob[]): Promise<void> {
    if (jobs.length === 0) return
    const first = await heads(tx, groupIds(jobs))
    const best = new Map<string, PromisedJob>()
    for (const job of jobs) {
      if (job.group === null) continue
      const key = `${groupOf(job.library, job.group)} ${job.name}`
      const before = Math.min(
        first.get(key) ?? Number.POSITIVE_INFINITY,
        best.get(key)?.runAt ?? Number.POSITIVE_INFINITY,
      )
      if (job.runAt < before) best.set(key, job)
    }
    const rows = jobs.map((job) => {
      const first = job.group === null || best.get(`${groupOf(job.library, job.group)} ${job.name}`) === job
      return bossJob(job, first ? 1 : 0)
    })
    rows.sort((a, b) => (a.singletonKey < b.singletonKey ? -1 : 1))
    const inserted = await boss.insert(queue, rows, { db: on(tx), returnId: true })
    // What was promised already was not inserted as the first that it should have been.
    if (best.size > 0 && (inserted?.length ?? 0) < rows.length) await mark(tx, jobs)
  }

  /** Makes the first of each group one that is looked at. That another is looked at too does no harm: the older goes first. */
  async function mark(tx: Session, jobs: readonly Grouped[]): Promise<void> {
    const groups = new Map<string, readonly [string, string]>()
    for (const { library, name, group } of jobs) {
      if (group === null) continue
      const id = groupOf(library, group)
      groups.set(`${id} ${name}`, [id, name])
    }
    if (groups.size === 0) return
    const all = [...groups.values()]
    await tx.run(
      `update ${table()} set priority = 1 where priority = 0 and singleton_key = any(array(
        select (select j.singleton_key from ${table()} j where j.group_id = g.id and j.data->>'n' = g.name and j.state < 'completed'
          order by j.start_after, j.id limit 1)
        from unnest(?::text[], ?::text[]) g (id, name)))`,
      [list(all.map(([id]) => id)), list(all.map(([, name]) => name))],
    )
  }

  /** What may start now: of a library and name the oldest first, of a group only the oldest, and in turn, as `inTurns` has it. */
  const startable = (): string => {
    const free = `(j.group_id is null or not exists (select 1 from ${table()} h where h.name = '${queue}'
      and h.group_id = j.group_id and h.state = 'active' and h.heartbeat_on + h.heartbeat_seconds * interval '1 second' > w.now))`
    const mine = `j.data->>'l' = p.library and j.data->>'n' = p.name and j.start_after <= w.due`
    return `with w (due, now, most) as (values (?::timestamptz, ?::timestamptz, ?::int)),
      startable as (
        select key from (
          select c.key, c.id, c.run_at, p.place, p.hand, row_number() over (partition by coalesce(c.grp, c.id::text) order by c.run_at, c.id) as nth
          from w, unnest(?::text[], ?::text[], ?::int[]) with ordinality p (library, name, hand, place) cross join lateral (
            select * from (
              (select j.singleton_key as key, j.id, j.group_id as grp, j.start_after as run_at from ${table()} j
                where ${mine} and j.priority = 1 and j.state < 'active' and ${free}
                order by j.start_after, j.id limit (select most from w))
              union all
              (select j.singleton_key, j.id, j.group_id, j.start_after from ${table()} j
                where j.name = '${queue}' and j.state = 'active' and ${mine} and ${ended} <= w.now and ${free}
                order by j.start_after, j.id limit (select most from w))
            ) either order by run_at, id limit (select most from w)
          ) c
        ) ranked where nth = 1
        order by hand + row_number() over (partition by place order by run_at, id), place limit (select most from w))`
  }

  function asked({ lines, limit, due, now }: Omit<Claim, 'until' | 'token'>): readonly Value[] {
    const column = (of: 'library' | 'name' | 'hand'): Value => list(lines.map((line) => String(line[of])))
    return [at(due), at(now), limit, column('library'), column('name'), column('hand')]
  }

  function candidates(session: Session, wish: Omit<Claim, 'until' | 'token'>): Promise<readonly unknown[]> {
    return session.all(`${startable()} select key from startable`, asked(wish))
  }

  /** Who claims, and who takes a lease up again, does so one after another: each sees what the one before it has taken. */
  async function alone(tx: Session, now: number): Promise<number> {
    const [row] = await tx.all<{ now: number }>(
      `select pg_advisory_xact_lock(hashtextextended(?, 0)), ${ms('clock_timestamp()')} as now`,
      [`${table()} claim`],
    )
    if (!clock || !row) return now
    clock.heard(row.now)
    return row.now
  }

  async function claim(tx: Session, wish: Claim): Promise<readonly Held[]> {
    const now = await alone(tx, wish.now)
    const until = now + wish.until - wish.now
    const seconds = Math.max(1, Math.ceil((until - now) / 1_000))
    // As pg-boss's own fetch, but for the lease, which may be shorter than a second and goes by the clock of the claim.
    const rows = await tx.all<JobRow & { readonly stale: boolean }>(
      `${startable()} update ${table()} j set state = 'active', started_on = now(),
          retry_count = case when j.started_on is null then j.retry_count else j.retry_count + 1 end,
          heartbeat_seconds = ?::int, heartbeat_on = ?::timestamptz - ?::int * interval '1 second'
        where j.singleton_key = any(array(
          select t.singleton_key from ${table()} t where t.singleton_key = any(array(select key from startable))
          for update skip locked))
        returning ${row}, exists (select 1 from ${table()} h where h.group_id = j.group_id
          and h.state = 'active' and h.id <> j.id) as stale`,
      [...asked({ ...wish, now }), seconds, at(until), seconds],
    )
    const stale = rows.filter((found) => found.stale)
    if (stale.length > 0) await tooLate(tx, stale)
    // All were kept by somebody who is about to settle or cancel them.
    if (rows.length === 0 && (await candidates(tx, { ...wish, now })).length > 0) throw new Overtaken('claim')
    return rows.sort(oldestFirst).map((found) => ({
      seq: found.id,
      token: String(found.fence),
      library: found.library,
      name: found.name,
      group: found.grp,
      job: jobOf(found),
      attempt: found.attempt,
      until,
    }))
  }

  /** Who had another of these groups would settle what its next may find out: its lease has run out, and now it is over. */
  async function tooLate(tx: Session, claimed: readonly JobRow[]): Promise<void> {
    await tx.run(
      `update ${table()} set state = 'retry', heartbeat_on = null, heartbeat_seconds = null
        where singleton_key = any(array(select singleton_key from ${table()} where state = 'active'
          and group_id = any(?::text[]) and id <> all(?::uuid[]) for update skip locked))`,
      [list(claimed.map(({ library, grp }) => groupOf(library, grp as string))), list(claimed.map(({ id }) => id))],
    )
  }

  async function settle(tx: Session, endings: readonly Ending[]): Promise<readonly boolean[]> {
    if (endings.length === 0) return []
    const locked = kept.get(tx)
    const ours = endings.map(({ held }) => {
      const row = locked?.get(String(held.seq))
      return row?.state === 'active' && String(row.fence) === held.token
    })
    const valid = endings.filter((_, i) => ours[i])
    const done = valid
      .filter((one) => one.done)
      .map(({ held }) => ({ id: String(held.seq), retryCount: Number(held.token) }))
    if (done.length > 0) await boss.deleteJob(queue, done, { db: on(tx) })
    const other = valid.filter((one) => !one.done)
    if (other.length > 0) {
      await tx.run(
        `update ${table()} j set state = case when v.dead then 'failed' else 'retry' end::${schemaOf(table())}.job_state,
            start_after = coalesce(v.run_at, j.start_after), completed_on = case when v.dead then now() end,
            priority = case when j.group_id is null and not v.dead then 1 else 0 end,
            data = case when v.back then j.data || jsonb_build_object('r', coalesce((j.data->>'r')::int, 0) + 1) else j.data end,
            output = coalesce(to_jsonb(v.error), j.output), heartbeat_on = null, heartbeat_seconds = null
          from unnest(?::text[], ?::timestamptz[], ?::bool[], ?::bool[], ?::text[]) v (key, run_at, back, dead, error)
          where j.singleton_key = v.key`,
        [
          list(other.map(({ held }) => keyOf(held.library, held.job.key))),
          list(other.map(({ runAt }) => (runAt === null ? null : at(runAt)))),
          list(other.map(({ back }) => String(back === 1))),
          list(other.map(({ dead }) => String(dead === 1))),
          list(other.map(({ error }) => error)),
        ],
      )
    }
    await mark(
      tx,
      valid.map(({ held }) => held),
    )
    return ours
  }

  async function renew(
    tx: Session,
    leases: readonly Held[],
    asked: number,
    end: number,
  ): Promise<readonly (number | undefined)[]> {
    if (leases.length === 0) return []
    const now = await alone(tx, asked)
    const until = now + end - asked
    const seconds = Math.max(1, Math.ceil((until - now) / 1_000))
    // A lease that ran out may be taken up again while nobody claimed the job, nor another of its group.
    const rows = await tx.all<{ id: string; fence: number }>(
      `update ${table()} j set heartbeat_seconds = ?::int, heartbeat_on = ?::timestamptz - ?::int * interval '1 second'
        from unnest(?::text[], ?::uuid[], ?::int[]) v (key, id, fence), (values (?::timestamptz)) w (now)
        where j.singleton_key = v.key and j.id = v.id and j.state = 'active' and j.retry_count = v.fence
          and (j.group_id is null or ${ended} > w.now or not exists (select 1 from ${table()} h
            where h.group_id = j.group_id and h.state = 'active' and h.id <> j.id
            and h.heartbeat_on + h.heartbeat_seconds * interval '1 second' > w.now))
        returning j.id, j.retry_count as fence`,
      [
        seconds,
        at(until),
        seconds,
        list(leases.map(({ library, job }) => keyOf(library, job.key))),
        list(leases.map(({ seq }) => String(seq))),
        list(leases.map(({ token }) => token)),
        at(now),
      ],
    )
    const kept = new Set(rows.map(({ id, fence }) => `${id} ${fence}`))
    return leases.map(({ seq, token }) => (kept.has(`${seq} ${token}`) ? until : undefined))
  }

  async function redrive(tx: Session, library: string, keys: readonly string[]): Promise<number> {
    const rows = await tx.all<{ name: string; grp: string | null }>(
      `update ${table()} j set state = 'retry', completed_on = null, output = null,
          priority = case when j.group_id is null then 1 else 0 end
        where j.singleton_key = any(?::text[]) and j.state = 'failed'
        returning j.data->>'n' as name, j.data->>'g' as grp`,
      [list(keys.map((key) => keyOf(library, key)))],
    )
    await mark(
      tx,
      rows.map(({ name, grp }) => ({ library, name, group: grp })),
    )
    return rows.length
  }

  async function cancel(tx: Session, library: string, jobs: readonly Cancelled[]): Promise<void> {
    const keys = jobs.flatMap((one) => ('key' in one ? [keyOf(library, one.key)] : []))
    const groups = jobs.flatMap((one) => ('group' in one ? [groupOf(library, one.group)] : []))
    const rows = await tx.all<{ id: string; name: string; grp: string | null }>(
      `select j.id, j.data->>'n' as name, j.data->>'g' as grp from ${table()} j
        where j.singleton_key = any(array(${named()})) order by j.id for update`,
      [list(keys), list(groups), list(groups)],
    )
    if (rows.length === 0) return
    await boss.deleteJob(
      queue,
      rows.map(({ id }) => id),
      { db: on(tx) },
    )
    await mark(
      tx,
      rows.map(({ name, grp }) => ({ library, name, group: grp })),
    )
  }

  async function backlog(session: Session, library: string, names: readonly string[], now: number): Promise<Backlog> {
    const [found] = await session.all<{ waiting: number; next: number | null }>(
      `select count(*) as waiting, ${ms(`min(case when j.state = 'active' and ${ended} > w.now then ${ended} when j.priority = 1 then j.start_after end)`)} as next
        from ${table()} j, (values (?::timestamptz)) w (now)
        where j.data->>'l' = ? and j.data->>'n' = any(?::text[]) and j.state < 'completed'`,
      [at(now), library, list(names)],
    )
    return { waiting: found?.waiting ?? 0, ...(typeof found?.next === 'number' ? { next: at(found.next) } : {}) }
  }

  /** Next to run first. Reads page by page, so that others may write meanwhile. */
  async function* listing(
    session: Session,
    library: string,
    query: Listing,
    clock: () => Date,
  ): AsyncGenerator<Listed> {
    const states = {
      waiting: `(j.state < 'active' or (j.state = 'active' and ${ended} <= w.now))`,
      active: `j.state = 'active' and ${ended} > w.now`,
      dead: `j.state = 'failed'`,
    }
    let left = query.limit ?? Number.POSITIVE_INFINITY
    let after = { run_at: '-infinity', id: nil }
    while (left > 0) {
      const size = Math.min(pageSize, left)
      const page = await session.all<ListRow>(
        `select ${row}, j.output #>> '{}' as error, ${ms(ended)} as until, j.start_after::text as cursor
          from ${table()} j, (values (?::timestamptz)) w (now)
          where j.data->>'l' = ? and ${query.names === undefined ? '?::text[] is null' : "j.data->>'n' = any(?::text[])"}
            and ${states[query.state]} and (j.start_after, j.id) > (?::timestamptz, ?::uuid)
          order by j.start_after, j.id limit ?`,
        [
          clock().toISOString(),
          library,
          query.names === undefined ? null : list(query.names),
          after.run_at,
          after.id,
          size,
        ],
      )
      for (const found of page) yield listed(found, query.state)
      const last = page.at(-1)
      if (!last || page.length < size) return
      after = { run_at: last.cursor, id: last.id }
      left -= size
    }
  }

  // ---- from store to store ---------------------------------------------------------------------------------------

  async function* every(session: Session, library: string): AsyncGenerator<StoredJob> {
    for (let after = nil; ; ) {
      const page = await session.all<JobRow & { readonly dead: boolean; readonly error: string | null }>(
        `select ${row}, j.state = 'failed' as dead, j.output #>> '{}' as error from ${table()} j
          where j.name = '${queue}' and j.data->>'l' = ? and j.id > ?::uuid order by j.id limit ?`,
        [library, after, pageSize],
      )
      for (const { key, name, grp, run_at, payload, attempt, dead, error } of page) {
        yield { library, key, name, group: grp, runAt: run_at, payload, attempt, dead, error }
      }
      const last = page.at(-1)
      if (!last || page.length < pageSize) return
      after = last.id
    }
  }

  async function restore(tx: Session, jobs: readonly StoredJob[]): Promise<Set<string>> {
    const rows = jobs.map((job) => bossJob(job, 0))
    const known = new Map(rows.map(({ id }, i) => [id, jobs[i] as StoredJob]))
    const inserted = (await boss.insert(queue, rows, { db: on(tx), returnId: true })) ?? []
    const kept = inserted.map((id) => [id, known.get(id) as StoredJob] as const)
    await tx.run(
      `update ${table()} j set state = (case when v.dead then 'failed' else 'created' end)::${schemaOf(table())}.job_state,
          completed_on = case when v.dead then now() end, output = to_jsonb(v.error),
          started_on = case when v.attempt > 0 then now() end, retry_count = greatest(v.attempt - 1, 0)
        from unnest(?::uuid[], ?::bool[], ?::text[], ?::int[]) v (id, dead, error, attempt)
        where j.name = '${queue}' and j.id = v.id`,
      [
        list(kept.map(([id]) => id)),
        list(kept.map(([, { dead }]) => String(dead))),
        list(kept.map(([, { error }]) => error)),
        list(kept.map(([, { attempt }]) => String(attempt))),
      ],
    )
    return new Set(kept.map(([, { key }]) => key))
  }

  async function open(tx: Session, library: string): Promise<void> {
    await tx.run(
      `update ${table()} j set priority = 1 where j.name = '${queue}' and j.data->>'l' = ? and j.state < 'completed'
        and (j.group_id is null or j.id = (select f.id from ${table()} f where f.group_id = j.group_id
          and f.data->>'n' = j.data->>'n' and f.state < 'completed' order by f.start_after, f.id limit 1))`,
      [library],
    )
  }

  async function holds(tx: Session, library: string): Promise<boolean> {
    return (await tx.all(`select 1 from ${table()} where data->>'l' = ? limit 1`, [library])).length > 0
  }

  async function remove(tx: Session, library: string, atMost: number): Promise<number> {
    const rows = await tx.all<{ id: string }>(`select id from ${table()} where data->>'l' = ? limit ?`, [
      library,
      atMost,
    ])
    if (rows.length > 0) {
      await boss.deleteJob(
        queue,
        rows.map(({ id }) => id),
        { db: on(tx) },
      )
    }
    return rows.length
  }

  return {
    lock,
    promise,
    candidates,
    claim,
    settle,
    renew,
    redrive,
    cancel,
    backlog,
    list: listing,
    every,
    restore,
    open,
    holds,
    remove,
  }
}

function bossJob(
  job: PromisedJob,
  priority: 0 | 1,
): JobInsert & { readonly id: string; readonly singletonKey: string } {
  const { library, key, name, group, runAt, payload } = job
  return {
    id: ascendingId(),
    data: { l: library, k: key, n: name, p: payload, ...(group === null ? {} : { g: group }) },
    singletonKey: keyOf(library, key),
    startAfter: at(runAt),
    priority,
    ...(group === null ? {} : { group: { id: groupOf(library, group) } }),
  }
}

const pageSize = 200
const nil = '00000000-0000-0000-0000-000000000000'

interface Grouped {
  readonly library: string
  readonly name: string
  readonly group: string | null
}
interface Locked {
  readonly state: string
  readonly fence: number
}
interface JobRow {
  readonly id: string
  readonly library: string
  readonly key: string
  readonly name: string
  readonly grp: string | null
  readonly run_at: number
  readonly payload: string
  readonly fence: number
  readonly attempt: number
}
type ListRow = JobRow & { readonly error: string | null; readonly until: number | null; readonly cursor: string }

/** Claims, but for those that were handed back. */
const starts = `case when j.started_on is null then 0 else j.retry_count + 1 - coalesce((j.data->>'r')::int, 0) end`

function jobOf({ key, name, grp, run_at, payload }: JobRow): Job {
  return { key, name, ...(grp === null ? {} : { group: grp }), runAt: at(run_at), payload: JSON.parse(payload) }
}

function listed(found: ListRow, state: Listing['state']): Listed {
  return {
    ...jobOf(found),
    attempt: found.attempt,
    ...(found.error === null ? {} : { error: JSON.parse(found.error) }),
    ...(state === 'active' && found.until !== null ? { until: at(found.until) } : {}),
  }
}

function oldestFirst(a: JobRow, b: JobRow): number {
  return a.run_at - b.run_at || (a.id < b.id ? -1 : 1)
}

/** Text that no other pair makes. */
function keyOf(library: string, key: string): string {
  return JSON.stringify([library, key])
}
const groupOf = keyOf

function groupIds(jobs: readonly Grouped[]): string[] {
  return [...new Set(jobs.flatMap(({ library, group }) => (group === null ? [] : [groupOf(library, group)])))]
}

/** PostgreSQL reads no other years in this spelling. */
function at(ms: number): string {
  return new Date(Math.min(Math.max(ms, first), last)).toISOString()
}
const first = Date.parse('0001-01-01T00:00:00.000Z')
const last = Date.parse('9999-12-31T23:59:59.999Z')

function ms(sql: string): string {
  return `(extract(epoch from ${sql}) * 1000)::bigint`
}

function schemaOf(table: string): string {
  return table.slice(0, table.lastIndexOf('.'))
}

/** pg-boss within our transaction. */
function on(tx: Session): Db {
  return { executeSql: async (text, values) => ({ rows: await tx.all(text, values as never) }) }
}
