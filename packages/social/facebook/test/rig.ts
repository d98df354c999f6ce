import type { Interaction, Json, MentionSeen, RejectedRecord } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type FacebookSimulator, type SimulateOptions, simulate } from '../simulator/index.ts'
import { type Facebook, type FacebookConfig, facebook } from '../src/index.ts'
import { at, context, publicUrl } from './context.ts'

export type Fact = Interaction<string, MentionSeen & { readonly content?: { readonly text: string } }>
export interface Look {
  readonly facts: readonly Fact[]
  readonly bad: readonly RejectedRecord[]
  readonly cursor: Json | undefined
}
export interface Rig {
  readonly simulator: FacebookSimulator
  readonly adapter: Facebook
  /** What one signed request tells. */
  hear(event: Json | Parameters<FacebookSimulator['webhook']>[0] | Request): Promise<readonly Fact[]>
  look(cursor?: Json): Promise<Look>
  /** Moves the clock of both. */
  move(to: string): void
  now(): Date
}

export async function rig(options: SimulateOptions = {}, config: Partial<FacebookConfig> = {}): Promise<Rig> {
  let clock = at
  const now = (): Date => new Date(clock)
  const simulator = await simulate({ now, ...options })
  onTestFinished(() => simulator.close())
  const adapter = facebook({
    ...simulator.credentials,
    pseudonymKey: 'sixteen letters or more',
    baseUrl: simulator.url,
    ...config,
  })
  return {
    simulator,
    adapter,
    now,
    move(to) {
      clock = to
    },
    async hear(event) {
      const request = event instanceof Request ? event : simulator.webhook({ url: publicUrl, ...(event as object) })
      return (await adapter.webhook.receive(request, context({ now }))).interactions as readonly Fact[]
    },
    async look(cursor) {
      const [facts, bad]: [Fact[], RejectedRecord[]] = [[], []]
      for await (const batch of adapter.feed.pull(cursor, context({ now }))) {
        facts.push(...(batch.interactions as readonly Fact[]))
        bad.push(...(batch.rejected ?? []))
        cursor = batch.cursor
      }
      return { facts, bad, cursor }
    },
  }
}
export const keys = (facts: readonly Fact[]): readonly string[] => facts.map(({ key }) => key)
