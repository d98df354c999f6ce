import { type Adapter, type CheckResult, type Context, type Feed, mentionSeen } from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { check } from './check.ts'
import { type FeedsConfig, feedsConfig } from './config.ts'
import { pull } from './feed.ts'

export type { FeedsConfig, Source } from './config.ts'

/** Exact, so that a host need not ask whether there is a feed. */
export interface Feeds extends Adapter {
  readonly feed: Feed
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** What RSS, Atom and JSON feeds say. Throws `config` naming the field when the config is wrong, before any call. */
export function feeds(config: FeedsConfig): Feeds {
  const options = parseConfig(feedsConfig, config, 'feeds')
  return {
    spec: 1,
    kind: 'feeds',
    version: '0.0.0',
    emits: [mentionSeen],
    feed: { every: options.every, pull: (cursor, ctx) => pull(options, cursor, ctx) },
    check: (ctx) => check(options, ctx),
  }
}
