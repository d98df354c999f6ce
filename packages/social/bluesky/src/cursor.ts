import type { Instant, Interaction, RejectedRecord } from '@prm/core/adapter'
import { idOf, mentionOf, type Reader, type Seen } from './interactions.ts'
import { postUri } from './uri.ts'

/** What the cursor holds. Posts are named by their ids alone, for as long as core keeps the facts. */
export interface State {
  /** How far notifications were read; and what is found for each phrase, by its hash. */
  readonly notified?: Instant
  readonly searched: { readonly [phrase: string]: Instant }
  /** How far the stream was read, in microseconds. */
  readonly streamed?: number | undefined
  /** Told posts, that next to be looked at first: whether they are still there. */
  readonly told: readonly (readonly [id: string, at: Instant])[]
}

/** Posts found anew, with the state of the cursor after them. */
export interface News {
  readonly interactions: readonly Interaction[]
  readonly bad: readonly RejectedRecord[]
  readonly state: State
}

const mostTold = 500
const toldMs = 30 * 24 * 60 * 60 * 1000

/** The posts as facts, those that were told left out. */
export function told(reader: Reader, seen: readonly Seen[], where: string, state: State): News {
  const known = new Map(state.told)
  const interactions: Interaction[] = []
  const bad: RejectedRecord[] = []
  for (const one of seen) {
    const at = postUri(one.uri)
    if (at && known.has(idOf(at))) continue
    const fact = mentionOf(reader, one)
    if (typeof fact === 'string') bad.push({ source: where, reason: fact })
    if (typeof fact !== 'object') continue
    interactions.push(fact)
    known.set(fact.key, one.seenAt)
  }
  const since = new Date(reader.ctx.now().getTime() - toldMs).toISOString()
  const kept = [...known].filter(([, at]) => at > since).slice(-mostTold)
  return { interactions, bad, state: { ...state, told: kept } }
}
