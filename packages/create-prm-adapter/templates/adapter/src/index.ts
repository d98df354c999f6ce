import {
  type Adapter,
  type Catalogue, // @catalogue
  type Circulation, // @circulation
  type Directory, // @directory
  type Feed, // @feed
  messageDelivery, // @channel+webhook
  messageReceived, // @webhook
  notice, // @feed
  type Webhook, // @webhook
  type WriteBack, // @writeBack
} from '@prm/core/adapter'
import { client, parseConfig } from '@prm/kit'
import { authorization } from './auth.ts'
import { catalogue } from './catalogue.ts' // @catalogue
import { type CarrierPigeonChannel, channel } from './channel.ts' // @channel
import { check } from './check.ts'
import { circulation } from './circulation.ts' // @circulation
import { type CarrierPigeonConfig, carrierPigeonConfig } from './config.ts'
import { directory } from './directory.ts' // @directory
import { codeOf, wordIn } from './errors.ts'
import { feed } from './feed.ts' // @feed
import { webhook } from './webhook.ts' // @webhook
import { writeBack } from './write-back.ts' // @writeBack

export type { CarrierPigeonMessage } from './api.ts' // @channel
export type { CarrierPigeonChannel } from './channel.ts' // @channel
export type { CarrierPigeonConfig } from './config.ts'

/** Exact, so that a host need not ask what there is. */
export interface CarrierPigeon extends Adapter {
  readonly channel: CarrierPigeonChannel // @channel
  readonly webhook: Webhook // @webhook
  readonly feed: Feed // @feed
  readonly writeBack: WriteBack // @writeBack
  readonly directory: Directory // @directory
  readonly circulation: Circulation & Required<Pick<Circulation, 'renew'>> // @circulation
  readonly catalogue: Catalogue & Required<Pick<Catalogue, 'availability'>> // @catalogue
  readonly check: NonNullable<Adapter['check']>
}

/** Carrier Pigeon for @prm. Throws `config` naming the field when the config is wrong, before any call. */
export function carrierPigeon(config: CarrierPigeonConfig): CarrierPigeon {
  const options = parseConfig(carrierPigeonConfig, config, 'carrier-pigeon')
  const api = client({
    baseUrl: options.baseUrl,
    headers: async () => ({ authorization: await authorization(options) }),
    code: (_, body) => codeOf(body),
    vendorCode: wordIn,
  })
  return {
    spec: 1,
    kind: 'carrier-pigeon',
    version: '0.1.0',
    // Every type of fact that this adapter gives.
    emits: [
      messageReceived, // @webhook
      messageDelivery, // @channel+webhook
      notice, // @feed
    ],
    channel: channel(api, options), // @channel
    webhook: webhook(options), // @webhook
    feed: feed(api), // @feed
    writeBack: writeBack(api), // @writeBack
    directory: directory(api), // @directory
    circulation: circulation(api), // @circulation
    catalogue: catalogue(api), // @catalogue
    check: (ctx) => check(api, ctx),
  }
}
