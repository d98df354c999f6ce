import { type Adapter, type Channel, messageDelivery, messageReceived, type Webhook } from '@prm/core/adapter'
import { client, parseConfig, phone, resolve } from '@prm/kit'
import { channel, type KannelAnswer } from './channel.ts'
import { type KannelConfig, kannelConfig } from './config.ts'
import { codeOf } from './errors.ts'
import { inlet } from './webhook.ts'

export type { KannelAnswer } from './channel.ts'
export type { KannelConfig } from './config.ts'

/** Exact, so that a host writes `prm.adapters.sms.channel.send` without asking whether there is a channel. */
export interface Kannel extends Adapter<KannelAnswer> {
  readonly channel: Channel<KannelAnswer>
  readonly webhook: Webhook
}

/** Texts through a Kannel gateway of your own. Throws `config` naming the field when the config is wrong. */
export function kannel(config: KannelConfig): Kannel {
  const options = parseConfig(kannelConfig, config, 'kannel')
  if (options.region) phone('1', options.region) // throws `config` for a country that does not exist
  const api = client({
    baseUrl: options.baseUrl,
    headers: async () => ({
      'x-kannel-username': options.username,
      'x-kannel-password': await resolve(options.password),
    }),
    code: codeOf,
  })
  return {
    spec: 1,
    kind: 'kannel',
    version: '0.0.0',
    emits: [messageReceived, messageDelivery],
    channel: channel(api, options),
    webhook: inlet(options),
  }
}
