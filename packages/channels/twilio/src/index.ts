import { type Adapter, messageDelivery, messageReceived, type Webhook } from '@prm/core/adapter'
import { client, parseConfig, resolve } from '@prm/kit'
import type { TwilioMessage } from './api.ts'
import { channel, type TwilioChannel } from './channel.ts'
import { check } from './check.ts'
import { type TwilioConfig, twilioConfig } from './config.ts'
import { codeOf, numberIn } from './errors.ts'
import { inlet } from './webhook.ts'

export type { TwilioMessage } from './api.ts'
export type { TwilioChannel } from './channel.ts'
export type { TwilioConfig } from './config.ts'
export { codeOf } from './errors.ts'

/** Exact, so that a host writes `prm.adapters.sms.channel.send` without asking whether there is a channel. */
export interface Twilio extends Adapter<TwilioMessage> {
  readonly channel: TwilioChannel
  readonly webhook: Required<Pick<Webhook, 'receive' | 'media'>>
  readonly check: NonNullable<Adapter['check']>
}

/** Texts and pictures through Twilio. Throws `config` naming the field when the config is wrong, before any call. */
export function twilio(config: TwilioConfig): Twilio {
  const options = parseConfig(twilioConfig, config, 'twilio')
  const at = (baseUrl: string) =>
    client({
      baseUrl,
      headers: async () => {
        const credentials = `${options.accountSid}:${await resolve(options.authToken)}`
        return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
      },
      code: (_, body, call) => codeOf(numberIn(body), call.method),
      vendorCode: numberIn,
    })
  const api = at(options.baseUrl)
  return {
    spec: 1,
    kind: 'twilio',
    version: '0.0.0',
    emits: [messageReceived, messageDelivery],
    channel: channel(api, at(options.baseUrl.replace('//api.', '//accounts.')), options),
    webhook: inlet(api, options),
    check: (ctx) => check(api, options, ctx),
  }
}
