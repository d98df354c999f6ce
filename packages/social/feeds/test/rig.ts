import type { Interaction, Json, MentionSeen, RejectedRecord } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type FeedsSimulator, type Site, simulate } from '../simulator/index.ts'
import { type Feeds, type FeedsConfig, feeds, type Source } from '../src/index.ts'
import { context } from './context.ts'

export type Told = Interaction<'mention.seen', MentionSeen>
export interface Look {
  readonly facts: readonly Told[]
  readonly bad: readonly RejectedRecord[]
  readonly cursor: Json | undefined
  readonly error: unknown
}
export interface Rig {
  readonly simulator: FeedsSimulator
  readonly adapter: Feeds
  look(cursor?: Json, at?: string): Promise<Look>
}

/** Sites, and an adapter that asks some of them. */
export async function rig(
  of: readonly (Partial<Source> & { readonly path: string })[],
  more: Partial<FeedsConfig> = {},
): Promise<Rig> {
  const simulator = await simulate()
  onTestFinished(() => simulator.close())
  const adapter = feeds({
    pseudonymKey: 'sixteen letters or more',
    feeds: of.map(({ path, ...rest }) => ({
      name: path.replace(/^\/|\.\w+$/g, ''),
      url: `${simulator.url}${path}`,
      ...rest,
    })),
    ...more,
  })
  const look = async (cursor?: Json, at = '2026-11-24T16:00:00.000Z') => {
    const [facts, bad]: [Told[], RejectedRecord[]] = [[], []]
    let error: unknown
    try {
      for await (const batch of adapter.feed.pull(cursor, context({ now: () => new Date(at) }))) {
        facts.push(...(batch.interactions as readonly Told[]))
        bad.push(...(batch.rejected ?? []))
        cursor = batch.cursor
      }
    } catch (thrown) {
      error = thrown
    }
    return { facts, bad, cursor, error }
  }
  return { simulator, adapter, look }
}

export function site(simulator: FeedsSimulator, path: string): Site {
  const found = simulator.sites.get(path)
  if (!found) throw new Error(`no site at ${path}`)
  return found
}

/** A document in a format's own words, at `/raw`. */
export async function raw(
  body: string | Uint8Array,
  type = 'application/xml',
  more: Partial<FeedsConfig> = {},
): Promise<Rig & Look & { readonly others: number }> {
  const all = await rig([{ path: '/raw' }, { path: '/notes.json' }], more)
  const instead = { status: 200, headers: { 'content-type': type }, body }
  all.simulator.sites.set('/raw', { format: 'rss', posts: [], instead })
  const { facts, bad, error, cursor } = await all.look()
  return { ...all, cursor, error, bad, facts: facts.filter(({ key }) => key.startsWith('raw ')), others: facts.length }
}

export const rss = (...items: readonly string[]): string =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><link>https://x.example/</link>${items.map((item) => `<item>${item}</item>`).join('')}</channel></rss>`
