import type { Adapters, Prm, Scope } from '@prm/core'
import type { Heard } from './events.ts'
import * as events from './events.ts'
import { fact } from './hear.ts'

/** More than the days before let expect. */
export interface Jump {
  readonly expected: number
  /** More than these come by chance once in ten thousand looks. */
  readonly bound: number
}

const day = 86_400_000
const weeks = 28
/** With less history nothing is said. */
const fewestDays = 7
const fewestVoices = 5
/** It is looked at with each new voice, at a day that moves: these looks together come to about one false day in a thousand. */
const chance = 0.0001

/**
 * Whether `now` is more than the daily counts of `before` let expect: a Poisson bound, or a negative binomial one where days
 * differ more than by chance.
 */
export function jump(now: number, before: readonly number[]): Jump | undefined {
  if (before.length < fewestDays || now < fewestVoices) return undefined
  const sum = before.reduce((all, one) => all + one, 0)
  // One more than was seen: a quiet month is no proof that nothing ever comes.
  const mean = (sum + 1) / (before.length + 1)
  const variance = before.reduce((all, one) => all + (one - mean) ** 2, 0) / Math.max(1, before.length - 1)
  const size = variance > mean ? mean ** 2 / (variance - mean) : Number.POSITIVE_INFINITY
  let [n, term] = [0, Number.isFinite(size) ? (size / (size + mean)) ** size : Math.exp(-mean)]
  for (let below = term; below < 1 - chance && n < 100_000; below += term) {
    term *= Number.isFinite(size) ? ((n + size) / (n + 1)) * (mean / (size + mean)) : mean / (n + 1)
    n++
  }
  return now > n ? { expected: mean, bound: n } : undefined
}

/** Looks at the day up to now, for one pack and for all; a campaign and its author count once. Told once a day. */
export async function watch(prm: Prm<Adapters, string, string, string>, scope: Scope, at: Date): Promise<void> {
  const voices = new Map<string, Map<number, Set<string>>>()
  let oldest = 0
  const since = new Date(at.getTime() - (weeks + 1) * day).toISOString()
  const known = new Set<string>()
  for await (const { data, seen = '', conversationId = '' } of scope.find('interaction', {
    type: events.heard.name,
    since,
  })) {
    const { pack = '', voice, sample } = data as Heard
    const ago = Math.floor((at.getTime() - Date.parse(seen)) / day)
    oldest = Math.max(oldest, ago)
    if (sample || known.has(conversationId)) continue
    known.add(conversationId)
    for (const name of new Set(['all', pack])) {
      const days = voices.get(name) ?? new Map<number, Set<string>>()
      voices.set(name, days.set(ago, (days.get(ago) ?? new Set()).add(voice)))
    }
  }
  for (const [pack, days] of voices) {
    const count = (ago: number): number => days.get(ago)?.size ?? 0
    const found = jump(
      count(0),
      Array.from({ length: Math.min(weeks, oldest) }, (_, n) => count(n + 1)),
    )
    if (!found) continue
    const date = at.toISOString().slice(0, 10)
    const data = {
      pack,
      day: date,
      voices: count(0),
      expected: Math.round(found.expected * 100) / 100,
      bound: found.bound,
    }
    await prm.record([{ ...fact(events.jumped.name, `${pack} ${date}`), data }])
  }
}
