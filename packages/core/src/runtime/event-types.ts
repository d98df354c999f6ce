// In: the event types of core, host and adapters. Out: one table by name, with how long each is kept.
import type { Duration, EventType } from '../contract/index.ts'
import { milliseconds } from '../time/index.ts'

/** For an event type, a message or a decision that says nothing else. */
export const keepMs: number = milliseconds('90d')

/** Where several give one type, the shortest keep holds: what a source's terms ask for is not undone by another. */
export function typesOf(types: readonly EventType[], known: Map<string, EventType> = new Map()): typeof known {
  for (const type of types) {
    const keep = known.get(type.name)?.retention
    known.set(type.name, keep && durationOf(keep) < durationOf(type.retention) ? { ...type, retention: keep } : type)
  }
  return known
}

/** Where it stands in the store how long a type is kept, for hosts that do not know it. */
export function keepId(type: string): string {
  return `keep ${type}`
}

export function durationOf(keep: Duration | undefined): number {
  const ms = keep === undefined ? Number.NaN : milliseconds(keep)
  return Number.isNaN(ms) ? keepMs : ms
}
