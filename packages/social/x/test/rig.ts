import type { FeedPage, Interaction, Json, MentionSeen, RejectedRecord } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type SimulateOptions, simulate, type XSimulator } from '../simulator/index.ts'
import { type X, type XConfig, x } from '../src/index.ts'
import { context } from './context.ts'

export type Told = Interaction<'mention.seen', MentionSeen>
export interface Look {
  readonly facts: readonly Told[]
  readonly bad: readonly RejectedRecord[]
  readonly cursor: Json | undefined
  readonly error: unknown
}
export interface Rig {
  readonly simulator: XSimulator
  readonly adapter: X
  /** The clock of both; a test moves it. */
  readonly clock: { at: Date; pass(hours: number): void }
  /** A pull to its end, or as many batches of it: then the host is killed. */
  look(cursor?: Json, batches?: number, adapter?: X): Promise<Look>
  context(): ReturnType<typeof context>
  /** The same account, by another config. */
  make(more: Partial<XConfig>): X
}

export const hour = 3_600_000
/** Plenty. */
const budget = 1_000_000_000

/** An X without a post, and an adapter that reads own mentions and one query. */
export async function rig(more: Partial<XConfig> = {}, options: SimulateOptions = {}): Promise<Rig> {
  const clock = {
    at: new Date('2026-11-10T09:00:00.000Z'),
    pass(hours: number) {
      clock.at = new Date(clock.at.getTime() + hours * hour)
    },
  }
  const simulator = await simulate({ empty: true, now: () => clock.at, ...options })
  onTestFinished(() => simulator.close())
  const make = (more: Partial<XConfig>): X =>
    x({
      ...simulator.credentials,
      baseUrl: simulator.url,
      pseudonymKey: 'sixteen letters or more',
      budget,
      queries: [{ name: 'name', query: '"Alder Library"' }],
      ...more,
    })
  const adapter = make(more)
  const now = () => context({ now: () => clock.at })
  const look: Rig['look'] = async (cursor, batches = Number.POSITIVE_INFINITY, by = adapter) => {
    const [facts, bad]: [Told[], RejectedRecord[]] = [[], []]
    let error: unknown
    try {
      for await (const batch of by.feed.pull(cursor, now()) as AsyncIterable<FeedPage>) {
        facts.push(...(batch.interactions as readonly Told[]))
        bad.push(...(batch.rejected ?? []))
        cursor = batch.cursor
        if (--batches === 0) break
      }
    } catch (thrown) {
      error = thrown
    }
    return { facts, bad, cursor, error }
  }
  return { simulator, adapter, clock, look, context: now, make }
}

export const spent = (cursor: Json | undefined): number => (cursor as { readonly spent: number }).spent
