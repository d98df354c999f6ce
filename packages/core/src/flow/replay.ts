// In: the ends of steps, as they come. Out: the same ends, handed to the flow one at a time, in the order in which earlier runs
// stored them, then new ones by time. Promise: what a flow saw first once, it sees first in every run.
import type { Instant } from '../contract/index.ts'
import type { Ended } from './states.ts'

/** The place of an end that is not stored yet: after all that are. */
export const fresh: number = Number.MAX_SAFE_INTEGER

interface End {
  readonly order: readonly [number, Instant]
  hand(): Promise<void>
}

export interface Replay {
  /** Counts work that the run is not suspended over. */
  at<T>(work: () => PromiseLike<T> | T): Promise<T>
  /** Hands `value` to the flow when its turn has come. */
  ended<T>(order: End['order'], value: () => Promise<T>): Promise<T>
  /** The same for a step that ended in an earlier run. */
  known<T>(state: Ended, value: () => Promise<T> | T): Promise<T>
  /** Answers once nothing that was begun is under way. */
  idle(): Promise<void>
}

export function newReplay(): Replay {
  const ends: End[] = []
  let working = 0
  let handing = false
  /** Lets the flow go on between two ends: a race is won as it was won before. */
  const handOut = async (): Promise<void> => {
    if (handing) return
    handing = true
    while (ends.length > 0) {
      await turn()
      ends.sort((a, b) => a.order[0] - b.order[0] || (a.order[1] < b.order[1] ? -1 : 1))
      // A new end waits until every stored one has been looked up.
      if (ends[0]?.order[0] === fresh && working > 0) continue
      await ends.shift()?.hand()
    }
    handing = false
  }
  const ended = <T>(order: End['order'], value: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      ends.push({ order, hand: () => value().then(resolve, reject) })
      void handOut()
    })
  return {
    async at(work) {
      working++
      try {
        return await work()
      } finally {
        working--
      }
    },
    ended,
    known: (state, value) => ended([state.n, ''], async () => value()),
    async idle() {
      do await turn()
      while (working > 0 || handing)
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
