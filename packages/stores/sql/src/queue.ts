import { PrmError } from '@prm/core/adapter'
import { half, halfThere, keepsOut } from './gate.ts'
import type { Claim, Ending, Held, Jobs, Touched } from './jobs.ts'
import { type Db, type Dialect, type Session, transaction } from './session.ts'
import { type Prepared, write } from './write.ts'

/** What one caller wants of the next transaction. */
type Wish =
  | { readonly batches: readonly Prepared[]; done(written: readonly boolean[]): void }
  | { readonly ending: Ending; readonly batches: readonly Prepared[]; done(ours: boolean): void }
  | { readonly renew: readonly Held[]; readonly until: () => number; done(ours: readonly boolean[]): void }
  | { write(tx: Session): Promise<() => void> }
  | { readonly claim: AskClaim; done(held: readonly Held[]): void }

/** `leaving`: the leases that end with the same transaction. */
type AskClaim = (leaving: ReadonlySet<Held>) => Claim | undefined

type Queued = Wish & { fail(error: unknown): void }

/**
 * All writing goes through here: what is asked for in one tick shares one transaction. Outcomes come first, so that a job
 * that is done can be promised again by what it leaves, with the batches of those who worked, so that nothing is written for a
 * job after a batch of the same tick cancelled it; then batches in the order they came; claims last, so that a group that has
 * just become free is seen.
 */
export class Queue {
  readonly #db: Db
  readonly #dialect: Dialect
  readonly #jobs: Jobs
  readonly #clock: () => Date
  readonly #promised: () => void
  #waiting: Queued[] = []
  #idle: Promise<void> | undefined
  /** How many transactions were committed. */
  transactions = 0

  constructor(db: Db, dialect: Dialect, jobs: Jobs, clock: () => Date, promised: () => void) {
    this.#db = db
    this.#dialect = dialect
    this.#jobs = jobs
    this.#clock = clock
    this.#promised = promised
  }

  commit(batches: readonly Prepared[]): Promise<readonly boolean[]> {
    return this.#ask((done) => ({ batches, done }))
  }
  /** Answers false, and writes neither outcome nor batches, when the lease is no longer this one's. */
  settle(ending: Ending, batches: readonly Prepared[]): Promise<boolean> {
    return this.#ask((done) => ({ ending, batches, done }))
  }
  renew(leases: readonly Held[], until: () => number): Promise<readonly boolean[]> {
    return this.#ask((done) => ({ renew: leases, until, done }))
  }
  redrive(library: string, keys: readonly string[]): Promise<number> {
    return this.write(async (tx) => {
      if ((await half(tx, keepsOut(tx))).has(library)) throw halfThere(library)
      return this.#jobs.redrive(tx, library, keys)
    })
  }
  /** Anything else. A PrmError that it throws is its caller's alone, and undoes nothing. */
  write<T>(work: (tx: Session) => Promise<T>): Promise<T> {
    return this.#ask((done) => ({
      async write(tx) {
        const result = await work(tx)
        return () => done(result)
      },
    }))
  }
  /** `wish` is asked when the transaction begins. */
  claim(wish: AskClaim): Promise<readonly Held[]> {
    return this.#ask((done) => ({ claim: wish, done }))
  }
  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#idle) await this.#idle
  }

  #ask<T>(wish: (done: (result: T) => void) => Wish): Promise<T> {
    return new Promise<T>((done, fail) => {
      this.#waiting.push({ ...wish(done), fail })
      this.#idle ??= this.#flush()
    })
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whoever was woken by the last transaction gets its turn to ask before the next begins.
      await new Promise(setImmediate)
      const wishes = this.#take()
      try {
        const answers = await transaction(this.#db, this.#dialect, (tx) => this.#fulfil(tx, wishes))
        this.transactions++
        for (const answer of answers) answer()
      } catch (error) {
        const told = failed(error)
        for (const { fail } of wishes) fail(told)
      }
    }
    this.#idle = undefined
  }

  /** As many as make one transaction of bearable length. */
  #take(): Queued[] {
    let size = 0
    let count = 0
    while (count < this.#waiting.length && size < bearable) {
      const wish = this.#waiting[count++] as Queued
      size += 1 + ('batches' in wish ? wish.batches.length : 0)
    }
    return this.#waiting.splice(0, count)
  }

  async #fulfil(tx: Session, wishes: readonly Queued[]): Promise<(() => void)[]> {
    const answers: (() => void)[] = []
    const endings = wishes.filter((wish) => 'ending' in wish)
    await this.#jobs.lock?.(tx, touchedBy(wishes))
    const ours = await this.#jobs.settle(
      tx,
      endings.map(({ ending }) => ending),
    )
    const stale = new Set<Queued>()
    endings.forEach((wish, i) => {
      if (!ours[i]) stale.add(wish)
      answers.push(() => wish.done(ours[i] as boolean))
    })

    const commits = wishes.filter((wish) => 'batches' in wish).filter((wish) => !('ending' in wish))
    const shut = commits.length === 0 ? undefined : await half(tx, keepsOut(tx))
    const writers = [...endings.filter((wish) => !stale.has(wish)), ...commits].filter((wish) => {
      const [first] = wish.batches
      if (!first || !shut?.has(first.library)) return true
      answers.push(() => wish.fail(halfThere(first.library)))
      return false
    })
    const { written, promised } = await write(
      tx,
      writers.flatMap(({ batches }) => batches),
      this.#jobs,
      this.#clock,
    )
    if (promised) answers.push(this.#promised)
    let at = 0
    for (const wish of writers) {
      const mine = written.slice(at, at + wish.batches.length)
      at += wish.batches.length
      if (!('ending' in wish)) answers.push(() => wish.done(mine))
    }

    for (const wish of wishes) {
      if ('renew' in wish) {
        const ends = await this.#jobs.renew(tx, wish.renew, this.#clock().getTime(), wish.until())
        answers.push(() => {
          for (const [i, held] of wish.renew.entries()) held.until = ends[i] ?? held.until
          wish.done(ends.map((end) => end !== undefined))
        })
      }
      if ('write' in wish) {
        answers.push(
          await wish.write(tx).catch((error) => {
            if (!PrmError.is(error)) throw error
            return () => wish.fail(error)
          }),
          this.#promised,
        )
      }
    }
    const leaving = new Set(endings.map(({ ending }) => ending.held))
    for (const wish of wishes) {
      if (!('claim' in wish)) continue
      const asked = wish.claim(leaving)
      const held = asked ? await this.#jobs.claim(tx, asked) : []
      answers.push(() => wish.done(held))
    }
    return answers
  }
}

const bearable = 2_000

function touchedBy(wishes: readonly Queued[]): Touched {
  const batches = wishes.flatMap((wish) => ('batches' in wish ? wish.batches : []))
  return {
    held: wishes.flatMap((wish) => ('ending' in wish ? [wish.ending.held] : [])),
    promised: batches.flatMap(({ jobs }) => jobs),
    cancelled: batches.flatMap(({ library, cancels }) => cancels.map((one) => ({ library, ...one }))),
  }
}

/** What a caller is told. */
export function failed(error: unknown, what = 'could not write'): unknown {
  if (PrmError.is(error)) return error
  return new PrmError('unavailable', `The store ${what}: ${(error as Error)?.message ?? error}`, {
    cause: error,
  })
}
