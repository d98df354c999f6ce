import type { FeedPage, Interaction, Json, MentionSeen, Outbound, RejectedRecord } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type BlueskySimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Bluesky, type BlueskyConfig, bluesky } from '../src/index.ts'
import { context } from './context.ts'

export type Told = Interaction<'mention.seen', MentionSeen>
export interface Look {
  readonly facts: readonly Interaction[]
  readonly mentions: readonly Told[]
  readonly bad: readonly RejectedRecord[]
  readonly cursor: Json | undefined
  readonly error: unknown
  readonly batches: readonly FeedPage[]
}
export interface Rig {
  readonly simulator: BlueskySimulator
  readonly adapter: Bluesky
  readonly clock: { now: string }
  look(cursor?: Json, until?: (batch: FeedPage, all: readonly FeedPage[]) => boolean | undefined): Promise<Look>
  answer(to: string, text: string, more?: Partial<Outbound>): ReturnType<Bluesky['channel']['send']>
}

export const library = 'alder.example.org'
export const wren = 'wren.example.org'
export const teo = 'teo.example.org'
export const start = '2026-11-24T16:00:00.000Z'

export function later(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString()
}

/** A network where nobody has said anything, and the library's adapter. Its clock is moved by the test. */
export async function rig(
  more: Partial<BlueskyConfig> | ((simulator: BlueskySimulator) => Partial<BlueskyConfig>) = {},
  options: SimulateOptions = {},
): Promise<Rig> {
  const clock = { now: start }
  const now = () => new Date(clock.now)
  const simulator = await simulate({ empty: true, now, ...options })
  onTestFinished(() => simulator.close())
  const adapter = bluesky({
    ...simulator.credentials,
    baseUrl: simulator.url,
    pseudonymKey: 'sixteen letters or more',
    queries: [{ name: 'name', any: ['Alder Library'] }],
    ...(typeof more === 'function' ? more(simulator) : more),
  })
  return {
    simulator,
    adapter,
    clock,
    async look(cursor, until = () => false) {
      const batches: FeedPage[] = []
      const stop = new AbortController()
      let error: unknown
      try {
        for await (const batch of adapter.feed.pull(cursor, context({ now, signal: stop.signal }))) {
          batches.push(batch)
          cursor = batch.cursor
          if (until(batch, batches)) stop.abort()
        }
      } catch (thrown) {
        error = thrown
      }
      const facts = batches.flatMap(({ interactions }) => interactions)
      const mentions = facts.filter(({ type }) => type === 'mention.seen') as readonly Told[]
      return { facts, mentions, bad: batches.flatMap(({ rejected = [] }) => rejected), cursor, error, batches }
    },
    answer: (to, text, rest) =>
      adapter.channel.send(
        { key: 'answer 1', to: { scheme: 'post', value: to }, content: { text }, purpose: 'ask', ...rest },
        context({ now }),
      ),
  }
}
