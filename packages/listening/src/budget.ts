import { type Adapters, type Instant, type Price, type Prm, PrmError, type Scope } from '@prm/core'
import type { Spent } from './events.ts'
import * as events from './events.ts'
import { fact } from './hear.ts'

/** What a source may cost in a calendar month, by UTC as networks bill. */
export interface Budget {
  readonly calls?: number
  readonly money?: Price
  /** Of one call, in millionths of the currency's unit, by what came back: X charges for each post that is read. */
  readonly price?: (answer: { readonly url: string; readonly status: number; readonly body: unknown }) => number
}

/** Where one source stands. */
export interface Standing {
  readonly source: string
  readonly month: string
  readonly calls: number
  readonly micros: number
  readonly budget: Budget
  readonly usedUp?: Instant
  /** The same in words. */
  readonly text: string
}

/** Counts the calls of sources that have a budget, in the store, and refuses what is more. */
export interface Meter {
  /** For `fetch` of an adapter's config. A call beyond the budget throws `rate_limited` until the next month. */
  fetch(source: string, fetch?: typeof globalThis.fetch): typeof globalThis.fetch
  standing(now: Date): Promise<readonly Standing[]>
  /** `listening` does it: before that, no call is made. */
  bind(prm: Prm<Adapters, string, string, string>): void
}

export function meter(budgets: { readonly [source: string]: Budget }): Meter {
  for (const [source, { calls, money, price }] of Object.entries(budgets)) {
    const wrong = (field: string, expected: string): PrmError =>
      new PrmError('config', `meter: ${source}.${field} must be ${expected}.`, { field: `${source}.${field}` })
    if (calls === undefined && money === undefined) throw wrong('calls', 'there, or money')
    if (calls !== undefined && !(Number.isSafeInteger(calls) && calls >= 0)) throw wrong('calls', 'a whole number')
    if (money && !(Number.isSafeInteger(money.micros) && /^[A-Z]{3}$/.test(money.currency)))
      throw wrong('money', 'millionths of a currency, such as { micros: 5_000_000, currency: "USD" }')
    if (money && !price) throw wrong('price', 'there, so that it is known what a call costs')
  }
  let host: Prm<Adapters, string, string, string> | undefined
  const scopeOf = ({ options }: NonNullable<typeof host>): Scope => options.store.scope(options.library.id)
  const counts = new Map<string, Promise<Count>>()
  const countOf = (source: string, month: string): Promise<Count> => {
    const id = `${source} ${month}`
    const known = counts.get(id) ?? (host ? counted(scopeOf(host), source, month) : Promise.resolve(none()))
    counts.set(id, known)
    return known
  }
  return {
    bind(prm) {
      host = prm
    },
    fetch: (source, call = globalThis.fetch) => {
      const budget = budgets[source]
      if (!budget) throw new PrmError('config', `meter: there is no budget for "${source}".`, { field: source })
      return async (input, init) => {
        if (!host)
          throw new PrmError('config', `meter: give it to listening(), so that the calls of ${source} are counted.`)
        const now = host.now()
        const month = now.toISOString().slice(0, 7)
        const count = await countOf(source, month)
        const over = usedUp(budget, count)
        if (over) {
          count.usedUp ??= now.toISOString()
          await host.record([{ ...fact(events.usedup.name, `${source} ${month}`), data: { source, month, why: over } }])
          const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)
          throw new PrmError(
            'rate_limited',
            `The budget of ${source} for ${month} is used up: ${over}. Nothing is asked there until ${new Date(next).toISOString().slice(0, 10)}.`,
            {
              retryAfterMs: next - now.getTime(),
            },
          )
        }
        count.calls++ // before it is made: two at once do not both take the last one
        let answer: Response | undefined
        try {
          answer = await call(input, init)
          return answer
        } finally {
          const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url
          const micros =
            answer && budget.price ? budget.price({ url, status: answer.status, body: await bodyOf(answer) }) : 0
          count.micros += micros
          await noted(host, source, month, count, micros)
        }
      }
    },
    async standing(now) {
      const month = now.toISOString().slice(0, 7)
      return Promise.all(
        Object.entries(budgets).map(async ([source, budget]) => {
          const { calls, micros, usedUp: at } = await countOf(source, month)
          const over = at ?? (usedUp(budget, { calls, micros }) ? now.toISOString() : undefined)
          const said = { source, month, calls, micros, budget, ...(over !== undefined && { usedUp: over }) }
          return { ...said, text: textOf(said) }
        }),
      )
    },
  }
}

interface Count {
  calls: number
  micros: number
  /** How many are in the store. */
  n: number
  usedUp?: Instant
}
const none = (): Count => ({ calls: 0, micros: 0, n: 0 })

async function counted(scope: Scope, source: string, month: string): Promise<Count> {
  const count = none()
  const since = `${month}-01T00:00:00.000Z`
  for await (const { data } of scope.find('interaction', { type: events.spent.name, since })) {
    const one = data as Spent
    if (one.source !== source || one.month !== month) continue
    count.calls += 1
    count.n += 1
    count.micros += one.micros
  }
  const over = (await scope.get('interaction', `listening usedup ${source} ${month}`))?.value.seen
  if (over !== undefined) count.usedUp = over
  return count
}

/** Another process may have counted meanwhile: then it is the next one. */
async function noted(
  prm: Prm<Adapters, string, string, string>,
  source: string,
  month: string,
  count: Count,
  micros: number,
): Promise<void> {
  for (;;) {
    count.n++
    const data = { source, month, micros }
    const { recorded } = await prm.record([{ ...fact(events.spent.name, `${source} ${month} ${count.n}`), data }])
    if (recorded.length > 0) return
    const theirs = await prm.options.store
      .scope(prm.options.library.id)
      .get('interaction', `listening spent ${source} ${month} ${count.n}`)
    count.calls++
    count.micros += (theirs?.value.data as Spent | undefined)?.micros ?? 0
  }
}

async function bodyOf(answer: Response): Promise<unknown> {
  try {
    return await answer.clone().json()
  } catch {
    return undefined // it is no JSON: its price is by its status
  }
}

function usedUp({ calls, money }: Budget, count: Pick<Count, 'calls' | 'micros'>): string | undefined {
  if (calls !== undefined && count.calls >= calls) return `${count.calls} of ${calls} calls`
  if (money && count.micros >= money.micros)
    return `${spoken(count.micros, money.currency)} of ${spoken(money.micros, money.currency)}`
  return undefined
}

function textOf({ source, month, calls, micros, budget, usedUp: over }: Omit<Standing, 'text'>): string {
  const { calls: most, money } = budget
  const parts = [
    most === undefined ? `${calls} calls` : `${calls} of ${most} calls, ${Math.max(0, most - calls)} left`,
    ...(money
      ? [
          `${spoken(micros, money.currency)} of ${spoken(money.micros, money.currency)}, ${spoken(Math.max(0, money.micros - micros), money.currency)} left`,
        ]
      : []),
  ]
  return `${source} in ${month}: ${parts.join('; ')}.${over === undefined ? '' : ` Used up on ${over.slice(0, 10)}: since then nothing is asked there, until the next month.`}`
}

const spoken = (micros: number, currency: string): string => `${(micros / 1_000_000).toFixed(2)} ${currency}`
