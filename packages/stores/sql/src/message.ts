import type { Message } from '@prm/core/adapter'

const rank: { readonly [S in Message['state']]: number } = {
  planned: 0,
  unknown: 1,
  accepted: 2,
  sent: 3,
  delivered: 4,
  undelivered: 4,
  rejected: 4,
  expired: 4,
  cancelled: 4,
  read: 5,
}

/**
 * What is stored when two speak of one message and neither knows of the other: a delivery report may beat our own settle.
 * The state only moves forward; of two ends the first stays and the second is noted as a contradiction. The longer record
 * of attempts and every field that only one of them knows are kept.
 */
export function merged(stored: Message, put: Message, at: string): Message {
  const forward = rank[put.state] > rank[stored.state]
  const contradicts = rank[put.state] === rank[stored.state] && put.state !== stored.state
  const known = longer(stored.contradictions ?? [], put.contradictions ?? [])
  const contradictions =
    contradicts && !known.some(({ state }) => state === put.state) ? [...known, { at, state: put.state }] : known
  return {
    ...stored,
    ...put,
    state: forward ? put.state : stored.state,
    attempts: longer(stored.attempts, put.attempts),
    ...(contradictions.length > 0 ? { contradictions } : {}),
  }
}

function longer<T>(stored: readonly T[], put: readonly T[]): readonly T[] {
  return put.length > stored.length ? put : stored
}
