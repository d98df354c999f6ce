import type { Context, Interaction, Json, MentionSeen, MessageReceived, ReactionSeen, RejectedRecord } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type MastodonSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Mastodon, type MastodonConfig, mastodon } from '../src/index.ts'
import { context } from './context.ts'

export type Told = Interaction<string, MentionSeen & MessageReceived & ReactionSeen>
export interface Look {
  readonly facts: readonly Told[]
  readonly bad: readonly RejectedRecord[]
  readonly cursor: Json | undefined
  readonly error: unknown
}
export interface Rig {
  readonly simulator: MastodonSimulator
  readonly adapter: Mastodon
  readonly host: string
  /** Another adapter of the same account. */
  remade(more: Partial<MastodonConfig>): Mastodon
  readonly ctx: (more?: Partial<Context>) => ReturnType<typeof context>
  /** Moves the one clock of both. */
  wait(ms: number): void
  /** From where the last look ended, unless another cursor is given. */
  look(cursor?: Json): Promise<Look>
}

export const minute = 60_000
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** An instance with an empty past as the first look leaves it, and an adapter of the library's account. */
export async function rig(
  more: Partial<MastodonConfig> = {},
  options: SimulateOptions = {},
  fresh = false,
): Promise<Rig> {
  let clock = Date.parse('2026-11-24T16:00:00.000Z')
  const now = () => new Date(clock)
  const simulator = await simulate({ now, ...options })
  onTestFinished(() => simulator.close())
  const remade = (other: Partial<MastodonConfig>) =>
    mastodon({
      ...simulator.credentials,
      baseUrl: simulator.url,
      pseudonymKey: 'sixteen letters or more',
      tags: [{ name: 'AlderLibrary', query: 'name' }],
      ...more,
      ...other,
    })
  const adapter = remade({})
  const ctx = (of: Partial<Context> = {}) => context({ now, ...of })
  const wait = (ms: number): void => {
    clock += ms
  }
  let last: Json | undefined
  const look = async (cursor = last): Promise<Look> => {
    const [facts, bad]: [Told[], RejectedRecord[]] = [[], []]
    let error: unknown
    try {
      for await (const batch of adapter.feed.pull(cursor, ctx())) {
        facts.push(...(batch.interactions as readonly Told[]))
        bad.push(...(batch.rejected ?? []))
        cursor = batch.cursor
      }
    } catch (thrown) {
      error = thrown
    }
    last = cursor
    return { facts, bad, cursor, error }
  }
  if (!fresh) {
    const { error } = await look()
    if (error) throw error
    clock += hour * 2
  }
  return { simulator, adapter, host: new URL(simulator.url).host, remade, ctx, look, wait }
}
