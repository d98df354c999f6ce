import {
  type Adapter,
  type Channel,
  type CheckResult,
  type Context,
  type Feed,
  mentionSeen,
  reactionSeen,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { type BlueskyPost, channel } from './channel.ts'
import { check } from './check.ts'
import { type BlueskyConfig, blueskyConfig } from './config.ts'
import { pull } from './feed.ts'
import { pds } from './session.ts'

export type { StrongRef } from './api.ts'
export type { BlueskyPost } from './channel.ts'
export type { BlueskyConfig, Query, Stream } from './config.ts'

/** Exact, so that a host need not ask what there is. */
export interface Bluesky extends Adapter<BlueskyPost> {
  readonly channel: Channel<BlueskyPost>
  readonly feed: Feed
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** One account on Bluesky, or another server of AT Protocol. Throws `config` naming the field, before any call. */
export function bluesky(config: BlueskyConfig): Bluesky {
  const options = parseConfig(blueskyConfig, config, 'bluesky')
  const api = pds(options)
  return {
    spec: 1,
    kind: 'bluesky',
    version: '0.0.0',
    emits: [mentionSeen, reactionSeen],
    channel: channel(options, api),
    feed: { every: options.every, pull: (cursor, ctx) => pull(options, api, cursor, ctx) },
    check: (ctx) => check(options, api, ctx),
  }
}
