import { AssertionError } from 'node:assert/strict'
import type {
  Batch,
  Decision,
  Duration,
  FlowRun,
  Interaction,
  Job,
  Lease,
  Message,
  Put,
  Settled,
  Store,
} from '@prm/core/adapter'

/** One database for one check: two stores opened on it are to each other what two processes are. */
export interface Place {
  open(options?: OpenOptions): Opened
  /** Opens it as one of the suite's `faults` does. */
  struck(fault: string, options: OpenOptions, strikes: () => boolean): Opened
  /** An empty store of another make. */
  other(): Store
}
export interface OpenOptions {
  /** How long a job stays with a worker that does not renew it: 30 s where absent. */
  readonly lease?: Duration
  /** How often to look for what other processes promised, and for what has become due. */
  readonly poll?: Duration
  /** The machine's clock, by which leases go. */
  readonly clock?: () => Date
  /** What went wrong and is tried again. */
  readonly log?: (message: string) => void
}
/** How many transactions were committed tells whether callers shared one. */
export type Opened = Store & { readonly transactions: number }

/**
 * What a store need not offer: a database that is opened more than once (`processes`), a clock that is handed in (`clock`), a
 * count of its transactions (`transactions`), an export that does not see what is written meanwhile (`moment`).
 */
export type Part = 'processes' | 'clock' | 'transactions' | 'moment'

/** The name is an id that stays, and the sentence that is checked. */
export type Check = (name: `store/${string}: ${string}`, run: (place: Place) => Promise<void>) => void

export const at = '2026-11-24T10:00:00.000Z'
export const later = (ms: number, from: string = at): string => new Date(Date.parse(from) + ms).toISOString()

export function job(key: string, more: Partial<Job> = {}): Job {
  return { key, name: 'deliver', runAt: at, payload: { key }, ...more }
}

export function cursor(id: string, value: number, ifVersion?: number): Put {
  return { kind: 'cursor', value: { id, value }, ...(ifVersion === undefined ? {} : { ifVersion }) }
}

export function fact(key: string, more: Partial<Interaction> = {}): Interaction {
  return { key, type: 'notice', source: 'koha', seen: at, data: {}, ...more }
}

export function decision(key: string, more: Partial<Decision> = {}): Decision {
  return {
    key,
    keys: [key],
    at,
    about: [{ source: 'koha', key: `hold ${key}` }],
    purpose: 'holds',
    outcome: { send: false, rule: 'consent' },
    reasons: [{ rule: 'consent', verdict: 'reject', detail: 'asked to stop' }],
    inputs: { shared: 'hash', own: {} },
    ...more,
  }
}

export function message(key: string, more: Partial<Message> = {}): Message {
  return {
    key,
    decision: key,
    purpose: 'holds',
    via: 'twilio',
    to: { scheme: 'tel', value: '+12125550100' },
    content: { text: 'Ready for pickup' },
    units: 1,
    notBefore: at,
    state: 'planned',
    attempts: [],
    ...more,
  }
}

export function flowRun(id: string, more: Partial<FlowRun> = {}): FlowRun {
  return { id, flow: 'reminder', event: { source: 'koha', key: id }, steps: {}, waits: [], ...more }
}

export async function collect<T>(rows: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}

type WorkWishes = Partial<{
  concurrency: number
  signal: AbortSignal
  once: boolean
  libraries: readonly string[]
  now: () => Date
  names: readonly string[]
}>

type Run = (lease: Lease, signal: AbortSignal) => Promise<Settled>

/** Works until nothing is due, unless told otherwise. All is due by its clock. Fails when a claim made within `run` does. */
export async function drain(store: Store, run: Run, wishes: WorkWishes = {}): Promise<void> {
  const { names = ['deliver'], ...rest } = wishes
  const wrong: unknown[] = []
  const watched: Run = async (lease, signal) => {
    try {
      return await run(lease, signal)
    } catch (error) {
      if (error instanceof AssertionError) wrong.push(error)
      throw error
    }
  }
  await store.work(names, watched, {
    concurrency: 10,
    signal: new AbortController().signal,
    once: true,
    libraries: ['main'],
    now: () => new Date('2030-01-01'),
    ...rest,
  })
  if (wrong.length > 0) throw wrong[0]
}

export const done: Settled = { outcome: { done: true } }
/** Work that only leaves a note. */
export function doing(note: (lease: Lease) => unknown): Run {
  return async (lease) => {
    note(lease)
    return done
  }
}
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
export const puts = (...put: Put[]): Batch => ({ put })

/** Waits for something another process or worker does. */
export async function until(claim: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await claim())) {
    if (Date.now() > end) throw new Error(`not within 20 s: ${what}`)
    await sleep(5)
  }
}
