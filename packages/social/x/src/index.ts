import { type Adapter, type Feed, mentionSeen, reactionSeen, type Webhook } from '@prm/core/adapter'
import { parseConfig, resolve } from '@prm/kit'
import { api, type XPost } from './api.ts'
import { channel, type XChannel } from './channel.ts'
import { check } from './check.ts'
import { secretOf, type XConfig, xConfig } from './config.ts'
import { feed } from './feed.ts'
import { inlet } from './webhook.ts'

export type { Entities, Maybe, XPost } from './api.ts'
export type { XChannel } from './channel.ts'
export { type Prices, priceList, type Query, type XConfig } from './config.ts'
export { urlOf } from './interactions.ts'

/** Exact, so that a host writes `prm.adapters.x.channel.send` without asking whether there is a channel. */
export interface X extends Adapter<XPost> {
  readonly channel: XChannel
  readonly webhook: Required<Pick<Webhook, 'receive'>>
  readonly feed: Feed
  readonly check: NonNullable<Adapter['check']>
}

/** What X says of the library, within a budget, and answers. Throws `config` naming the field when the config is wrong, before any call. */
export function x(config: XConfig): X {
  const options = parseConfig(xConfig, config, 'x')
  const clients = {
    app: api(options, () => resolve(options.appToken)),
    user: api(options, () => secretOf(options, 'userToken', 'own mentions are not read, and nothing is answered')),
  }
  return {
    spec: 1,
    kind: 'x',
    version: '0.0.0',
    // No longer than it is asked again whether it still stands.
    emits: [{ ...mentionSeen, retention: `${options.keepDays}d` }, reactionSeen],
    channel: channel(clients, options),
    webhook: inlet(options),
    feed: feed(clients, options),
    check: (ctx) => check(clients, options, ctx),
  }
}
