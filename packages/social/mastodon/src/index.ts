import {
  type Adapter,
  type CheckResult,
  type Context,
  type Feed,
  mentionSeen,
  messageReceived,
  reactionSeen,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { apiOf } from './api.ts'
import { channel, type MastodonChannel, type MastodonPost } from './channel.ts'
import { check } from './check.ts'
import { type MastodonConfig, mastodonConfig } from './config.ts'
import { pull } from './feed.ts'

export type { Account, Status } from './api.ts'
export type { MastodonChannel, MastodonPost } from './channel.ts'
export type { MastodonConfig, Search, Tag } from './config.ts'

/** Exact, so that a host need not ask whether there is a feed or a channel. */
export interface Mastodon extends Adapter<MastodonPost> {
  readonly channel: MastodonChannel
  readonly feed: Feed
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** Mentions, tags and searches of one Mastodon account, and answers. Throws `config` naming the field, before any call. */
export function mastodon(config: MastodonConfig): Mastodon {
  const options = parseConfig(mastodonConfig, config, 'mastodon')
  const api = apiOf(options)
  return {
    spec: 1,
    kind: 'mastodon',
    version: '0.0.0',
    emits: [mentionSeen, messageReceived, reactionSeen],
    channel: channel(api, options),
    feed: { every: options.every, pull: (cursor, ctx) => pull(api, options, cursor, ctx) },
    check: (ctx) => check(api, options, ctx),
  }
}
