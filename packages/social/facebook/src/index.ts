import {
  type Adapter,
  type CheckResult,
  type Context,
  type Feed,
  mentionSeen,
  messageDelivery,
  messageReceived,
  reactionSeen,
  type Webhook,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import type { FacebookReceipt } from './api.ts'
import { graph } from './api.ts'
import { channel, type FacebookChannel } from './channel.ts'
import { check } from './check.ts'
import { type FacebookConfig, facebookConfig } from './config.ts'
import { pull } from './feed.ts'
import { inlet } from './webhook.ts'

export type { FacebookReceipt } from './api.ts'
export type { FacebookChannel } from './channel.ts'
export type { FacebookConfig } from './config.ts'

/** Exact, so that a host need not ask what there is. */
export interface Facebook extends Adapter<FacebookReceipt> {
  readonly channel: FacebookChannel
  readonly webhook: Webhook
  readonly feed: Feed
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A page: what is said on it and to it, and answers. Throws `config` naming the field when the config is wrong, before any call. */
export function facebook(config: FacebookConfig): Facebook {
  const options = parseConfig(facebookConfig, config, 'facebook')
  const api = graph(options)
  return {
    spec: 1,
    kind: 'facebook',
    version: '0.0.0',
    emits: [mentionSeen, messageReceived, messageDelivery, reactionSeen],
    channel: channel(api, options),
    webhook: inlet(options),
    feed: { every: options.every, pull: (cursor, ctx) => pull(api, options, cursor, ctx) },
    check: (ctx) => check(api, options, ctx),
  }
}
