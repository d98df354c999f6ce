import type { Instant, Json } from '@prm/core/adapter'
import type { Options } from './config.ts'

/** What is known between two looks. Ids are written to base 36, times in hours since 1970: there may be thousands. */
export interface State {
  /** Of the money: `2026-11`, in UTC. */
  month: string
  /** In millionths of a dollar: spent, and set aside for what is being asked for. */
  spent: number
  /** What was said of the money this month, and of which budget. */
  said: { [what in 'read' | 'again']?: number }
  /** X wants to be paid first: not asked before. */
  until?: Instant
  walks: { [name: string]: Walk }
  /** What was told and may be edited or taken back, by its first id. */
  told: { [id: string]: Told }
}
/** How far a search or the mentions were read. `top` and `until` are of a look that has not come to its end. */
export interface Walk {
  since?: string
  top?: string
  until?: string
  read?: number
  /** When it last came to its end. */
  whole?: Instant
}
/** When it was told and last asked for; its latest version, where it was edited. */
export type Told = [kind: Kind, told: number, asked: number, latest?: string]
/** An own mention, or found by a search: they have prices of their own. */
export type Kind = 0 | 1
export const mention: Kind = 0
export const found: Kind = 1

export const short = (id: string | bigint): string => BigInt(id).toString(36)
export function long(text: string): bigint {
  let id = 0n
  for (const digit of text) id = id * 36n + BigInt(Number.parseInt(digit, 36))
  return id
}
export const hourMs = 3_600_000
/** Asked again after so many hours: with a pull each hour at the least that is within X's 24. */
export const againAfter = 22

export function stateOf(cursor: Json | undefined, now: Date): State {
  const before = structuredClone((cursor ?? {}) as unknown as Partial<State>)
  const today = now.toISOString().slice(0, 7)
  // A clock that was moved back is no new month: that would be the same money twice. One that was years ahead is.
  const ahead = Date.parse(before.month ?? today) - now.getTime()
  const month = before.month !== undefined && ahead > 0 && ahead < 32 * 24 * hourMs ? before.month : today
  return {
    spent: 0,
    walks: {},
    told: {},
    said: {},
    ...before,
    ...(before.month !== month && { month, spent: 0, said: {} }),
  } as State
}

/** The next month's first moment, in UTC. */
export function nextMonth({ month }: State): Date {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 1))
}

export const priceOf = ({ prices }: Options, kind: Kind): number => (kind === mention ? prices.ownRead : prices.read)

/** For how many posts there is money: each is to be asked again, too, by this month's and by the next's, until its time is over. */
export function roomFor(state: State, options: Options, kind: Kind, now: Date): number {
  const hour = Math.floor(now.getTime() / hourMs)
  const left = Math.ceil(nextMonth(state).getTime() / hourMs) - hour
  const asks = (told: number): readonly [number, number] => {
    const keep = Math.max(0, options.keepDays * 24 - (hour - told))
    const [these, next] = [Math.min(left, keep), Math.min(31 * 24, Math.max(0, keep - left))]
    return [Math.ceil(these / againAfter), Math.ceil(next / againAfter)]
  }
  const money = [options.budget - state.spent, options.budget]
  for (const [of, told] of Object.values(state.told))
    for (const [month, times] of asks(told).entries()) money[month] = (money[month] ?? 0) - times * priceOf(options, of)
  const [these, next] = asks(hour)
  const rooms = [1 + these, next].map((times, month) => {
    const each = times * priceOf(options, kind)
    return each > 0 ? Math.floor((money[month] ?? 0) / each) : Number.MAX_SAFE_INTEGER
  })
  return Math.min(...rooms)
}
