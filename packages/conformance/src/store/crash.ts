import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import {
  type Batch,
  type Exported,
  type Job,
  type Json,
  PrmError,
  type Scope,
  type Settled,
  type Store,
} from '@prm/core/adapter'
import {
  at,
  type Check,
  collect,
  cursor,
  decision,
  doing,
  drain,
  fact,
  job,
  later,
  message,
  type Place,
  puts,
} from './place.ts'

/** An operation that is struck at each of its moments, and what must be so when the database is opened anew. */
interface Attempt<T> {
  prepare(scope: Scope, library: string, store: Store): Promise<unknown>
  attempt(scope: Scope, library: string, store: Store): Promise<T>
  /** `told`: what the caller was told, where it was told that it is done. */
  judge(scope: Scope, told: T | undefined, library: string, store: Store): Promise<void>
}

/** A fault between any two statements: what is there afterwards is whole, and nothing is lost. */
export function crashChecks(check: Check, faults: readonly string[]): void {
  for (const fault of faults) {
    check(`store/crash-commit: a commit is whole or absent, whichever statement ${fault}`, async (place) => {
      const whole = await outcomeOf(place, commit)
      const absent = await outcomeOf(place, { ...commit, attempt: async () => undefined })
      await everywhere(place, fault, {
        ...commit,
        async judge(scope, told) {
          if (isDeepStrictEqual(await rowsOf(scope), absent)) {
            assert.equal(told, undefined)
            await commit.attempt(scope)
          }
          assert.deepEqual(await rowsOf(scope), whole)
          assert.deepEqual(await scope.commit([first]), [false])
        },
      })
    })
    check(`store/crash-work: no job is lost or half settled, whichever statement ${fault}`, (place) =>
      everywhere(place, fault, work),
    )
    check(`store/crash-redrive: dead jobs wait again or stay dead, whichever statement ${fault}`, (place) =>
      everywhere(place, fault, redrive),
    )
    check(`store/crash-import: whole, or refused until it is imported anew, whichever statement ${fault}`, (place) =>
      everywhere(place, fault, imported),
    )
  }
}

/** For the n-th moment, n = 1, 2, …, until the operation ends without having been struck. */
async function everywhere<T>(place: Place, fault: string, { prepare, attempt, judge }: Attempt<T>): Promise<void> {
  for (let n = 1, struck = true; struck; n++) {
    const library = `struck at ${n}`
    let moment = 0
    let armed = false
    let now = Date.parse(at)
    struck = false
    const strikes = (): boolean => {
      if (!armed || ++moment !== n) return false
      struck = true
      return true
    }
    // Once it is struck its clock runs fast, so that nobody waits for the end of a lease.
    const clock = () => {
      if (struck) now += 1_000
      return new Date(now)
    }
    const store = place.struck(fault, { clock, poll: '1ms' }, strikes)
    await prepare(store.scope(library), library, store)
    armed = true
    const told = await attempt(store.scope(library), library, store).catch((error) => {
      assert.ok(struck && PrmError.is(error), `moment ${n}: ${error}`)
      return undefined
    })
    armed = false
    await store.close()
    const again = place.open({ clock: () => new Date(later(3_600_000)) })
    await judge(again.scope(library), told, library, again).catch((error) => {
      throw new Error(`${fault} at moment ${n}: ${error.message}`, { cause: error })
    })
    await again.close()
    assert.ok(moment > 0, 'the store never asked whether it is struck')
    assert.ok(n < 1_000, 'a thousand moments, and it does not end')
  }
}

/** What is there when nothing goes wrong. */
async function outcomeOf<T>(place: Place, { prepare, attempt }: Omit<Attempt<T>, 'judge'>): Promise<Exported[]> {
  const store = place.open({ clock: () => new Date(at) })
  const library = crypto.randomUUID()
  await prepare(store.scope(library), library, store)
  await attempt(store.scope(library), library, store)
  const rows = await rowsOf(store.scope(library))
  await store.close()
  return rows
}

/** Without the time at which they were stored. */
async function rowsOf(scope: Scope): Promise<Exported[]> {
  const rows = await collect(scope.export())
  return rows.map(({ kind, value }) => ({ kind, value: { ...(value as { [field: string]: Json }), at: '' } }))
}

// ---- a commit ----------------------------------------------------------------------------------------------------

const old = job('old', { group: 'g' })
const first: Batch = {
  ifAbsent: [{ kind: 'interaction', id: 'koha new' }],
  put: [
    { kind: 'interaction', value: fact('new'), text: 'hold ready' },
    { kind: 'decision', value: decision('d', { about: [{ source: 's', key: 'new' }] }), ifVersion: 1 },
    { kind: 'message', value: message('m', { state: 'sent', providerId: 'SM1' }) },
  ],
  delete: [{ kind: 'cursor', id: 'gone' }],
  cancel: [{ key: 'old' }],
  jobs: [job('next', { group: 'g' }), job('alone')],
}
const commit = {
  prepare: (scope: Scope) =>
    scope.commit([
      {
        put: [cursor('gone', 1), { kind: 'decision', value: decision('d') }, { kind: 'message', value: message('m') }],
        jobs: [old],
      },
    ]),
  attempt: (scope: Scope) => scope.commit([first, puts(cursor('second', 1))]),
}

function jobRow(one: Job): Json {
  const { key, name, group, runAt, payload } = one
  return { key, name, ...(group === undefined ? {} : { group }), runAt, payload, attempt: 0, dead: false }
}

// ---- work: claims and settlements --------------------------------------------------------------------------------

const outcomes: { readonly [key: string]: Settled['outcome'] } = {
  done: { done: true },
  retry: { retryAt: later(1_000), error: 'again' },
  dead: { dead: true, error: 'never' },
  release: { release: true, runAt: later(1_000) },
}
const now = (): Date => new Date(at)

const work: Attempt<ReadonlySet<string>> = {
  prepare: (scope) =>
    scope.commit([{ jobs: [...Object.keys(outcomes).map((key) => job(key)), job('behind', { group: 'g' })] }]),
  async attempt(_, library, store) {
    const stored = new Set<string>()
    const run = async ({ job: { key } }: { job: Job }): Promise<Settled> => ({
      outcome: outcomes[key] ?? { done: true },
      batches: [
        { ...puts(cursor(key, 1)), ...(key === 'done' ? { jobs: [job('more', { runAt: later(1_000) })] } : {}) },
      ],
      after: () => void stored.add(key),
    })
    await drain(store, run, { libraries: [library], now }).catch(() => undefined)
    return stored
  },
  async judge(scope, stored, library, store) {
    const rows = await collect(scope.export())
    const jobs = new Map(
      rows.filter(({ kind }) => kind === 'job').map(({ value }) => [(value as { key: string }).key, value]),
    )
    const settled = new Set<string>()
    for (const key of [...Object.keys(outcomes), 'behind']) {
      const written = await scope.get('cursor', key)
      if (written) settled.add(key)
      assert.ok(
        written ? written.version === 1 : !stored?.has(key),
        `${key} was told as stored and is not, or is twice`,
      )
      const { attempt, dead, error, runAt } = (jobs.get(key) ?? {}) as { readonly [field: string]: Json }
      const is = written ? key : 'open'
      const isOpen = dead === false && error === undefined && runAt === at
      assert.ok(
        {
          done: !jobs.has(key) && jobs.has('more'),
          behind: !jobs.has(key),
          retry: dead === false && error === 'again' && attempt === 1,
          dead: dead === true && error === 'never',
          release: isOpen === false && dead === false && attempt === 0,
          open: isOpen,
        }[is],
        `${key} is half settled`,
      )
    }
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { libraries: [library] },
    )
    const due = [...Object.keys(outcomes), 'behind', 'more'].filter((key) => {
      if (key === 'more') return settled.has('done')
      return !settled.has(key) || key === 'retry' || key === 'release'
    })
    assert.deepEqual(ran.sort(), due.sort())
  },
}

// ---- redrive and import ------------------------------------------------------------------------------------------

const dead = ['a', 'b', 'c']
const redrive: Attempt<number> = {
  async prepare(scope, library, store) {
    await scope.commit([{ jobs: dead.map((key) => job(key, { group: key === 'c' ? 'g' : 'h' })) }])
    await drain(store, async () => ({ outcome: { dead: true, error: 'x' } }), { libraries: [library] })
  },
  attempt: (scope) => scope.redrive(dead),
  async judge(scope, told, library, store) {
    const left = (await collect(scope.jobs({ state: 'dead' }))).length
    assert.equal(left + (await scope.backlog(['deliver'])).waiting, dead.length)
    assert.ok(told === undefined || (told === 3 && left === 0), `it answered ${told}, and ${left} are dead`)
    assert.equal(await scope.redrive(dead), left)
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key }, attempt }) => ran.push(`${key} ${attempt}`)),
      { libraries: [library] },
    )
    assert.deepEqual(ran.sort(), ['a 2', 'b 2', 'c 2'])
  },
}

const row = (kind: string, value: object): Exported => ({
  kind,
  value: JSON.parse(JSON.stringify({ at, version: 1, value })),
})
const lines: readonly Exported[] = [
  { kind: 'prm', value: { format: 1 } },
  row('interaction', fact('a')),
  row('decision', decision('d')),
  row('cursor', { id: 'c', value: 1 }),
  { kind: 'job', value: jobRow(job('j', { group: 'g' })) },
  { kind: 'job', value: jobRow(job('k', { group: 'g' })) },
  { kind: 'end', value: { rows: 5 } },
]
const imported: Attempt<{ readonly rows: number }> = {
  prepare: (scope) => scope.types(),
  attempt: (scope) => scope.import(lines),
  async judge(scope, told, library, store) {
    const found = await collect(scope.export()).catch((error) => {
      assert.ok(PrmError.is(error) && error.code === 'conflict', String(error))
      return undefined
    })
    if (found === undefined || found.length === 2) {
      assert.equal(told, undefined)
      assert.deepEqual(await scope.import(lines), { rows: 5 })
    }
    assert.deepEqual(await collect(scope.export()), lines)
    const ran: string[] = []
    await drain(
      store,
      doing(({ job: { key } }) => ran.push(key)),
      { libraries: [library] },
    )
    assert.deepEqual(ran, ['j', 'k'])
  },
}
