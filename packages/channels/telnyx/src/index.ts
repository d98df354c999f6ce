import { type Adapter, messageDelivery, messageReceived, type Webhook } from '@prm/core/adapter'
import { client, parseConfig, resolve } from '@prm/kit'
import type { TelnyxMessage } from './api.ts'
import { channel, type TelnyxChannel } from './channel.ts'
import { check } from './check.ts'
import { type TelnyxConfig, telnyxConfig } from './config.ts'
import { codeOf, numberIn } from './errors.ts'
import { inlet } from './webhook.ts'

export type { TelnyxMessage } from './api.ts'
export type { TelnyxChannel } from './channel.ts'
export type { TelnyxConfig } from './config.ts'
export { codeOf } from './errors.ts'

/** Exact, so that a host writes `prm.adapters.sms.channel.send` without asking whether there is a channel. */
export interface Telnyx extends Adapter<TelnyxMessage> {
  readonly channel: TelnyxChannel
  readonly webhook: Webhook
  readonly check: NonNullable<Adapter['check']>
}

/** Texts and pictures through Telnyx. Throws `config` naming the field when the config is wrong, before any call. */
export function telnyx(config: TelnyxConfig): Telnyx {
  const options = parseConfig(telnyxConfig, config, 'telnyx')
  const api = client({
    baseUrl: options.baseUrl,
    headers: async () => ({ authorization: `Bearer ${await resolve(options.apiKey)}` }),
    code: (_, body) => codeOf(numberIn(body)),
    vendorCode: numberIn,
  })
  return {
    spec: 1,
    kind: 'telnyx',
    version: '0.0.0',
    emits: [messageReceived, messageDelivery],
    channel: channel(api, options),
    webhook: inlet(options),
    check: (ctx) => check(api, options, ctx),
  }
}
