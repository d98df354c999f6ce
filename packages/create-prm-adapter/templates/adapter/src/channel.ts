import {
  type Address,
  type Channel,
  type Context,
  type LookupQuery,
  type Outbound,
  PrmError,
  type Receipt,
} from '@prm/core/adapter'
import { type Client, measureSms } from '@prm/kit'
import { type CarrierPigeonMessage, stateOf, wireMessage, wireMessages } from './api.ts'
import type { Options } from './config.ts'

export interface CarrierPigeonChannel extends Channel<CarrierPigeonMessage> {
  lookup(sought: LookupQuery, ctx: Context): Promise<Receipt<CarrierPigeonMessage> | 'absent' | 'unsure'>
}

export function channel(api: Client, { from, price }: Options): CarrierPigeonChannel {
  return {
    medium: 'sms',
    schemes: ['tel'],
    exposure: 'glanceable', // whoever holds the phone sees it
    senders: [{ address: tel(from) }],
    // UNVERIFIED: how long you keep what cannot be delivered, whether the same `ref` twice is refused, and after how long
    // what you took is in the list.
    limits: { maxQueueTime: '4h', idempotent: false, visibleAfter: '1m' },
    // UNVERIFIED: the longest text that you take, in characters.
    measure: (content) => measureSms(content, { maxCharacters: 1530, ...(price && { price }) }),
    send: (message, ctx) => send(api, from, message, ctx),
    lookup: (sought, ctx) => find(api, sought, ctx),
  }
}

const tel = (value: string): Address => ({ scheme: 'tel', value })

/** A write: what is lost after it went out is `unknown`, and never sent again by itself. */
async function send(
  api: Client,
  from: string,
  { key, to, content, expireAt }: Outbound,
  ctx: Context,
): Promise<Receipt<CarrierPigeonMessage>> {
  if (to.scheme !== 'tel') throw new PrmError('invalid', 'Carrier Pigeon reaches tel addresses only.')
  const json = {
    from,
    to: to.value,
    text: content.text,
    ref: key,
    ...(expireAt && { expires: expireAt }),
    ...(ctx.publicUrl && { callback: ctx.publicUrl }), // @webhook
  }
  return receipt(await api.call({ method: 'POST', path: '/messages', json }, wireMessage, ctx))
}

const receipt = (raw: CarrierPigeonMessage): Receipt<CarrierPigeonMessage> => ({
  id: raw.id,
  state: stateOf(raw.status) ?? 'accepted',
  raw,
})

/** By id, or by our own key where the answer to `send` was lost. */
async function find(
  api: Client,
  { id, key, excludeProviderIds }: LookupQuery,
  ctx: Context,
): Promise<Receipt<CarrierPigeonMessage> | 'absent' | 'unsure'> {
  const query = id === undefined ? { ref: key } : { id }
  const { messages, more } = await api.call({ method: 'GET', path: '/messages', query }, wireMessages, ctx)
  // Compared once more: an API that does not know a filter may give all there is.
  const found = messages.find((one) =>
    id === undefined ? one.ref === key && !excludeProviderIds.includes(one.id) : one.id === id,
  )
  if (found) return receipt(found)
  return more ? 'unsure' : 'absent' // only who saw everything may say absent
}
