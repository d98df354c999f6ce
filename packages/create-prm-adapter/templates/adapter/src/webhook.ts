import {
  type Context,
  type Interaction,
  messageDelivery, // @channel
  messageReceived,
  PrmError,
  type Webhook,
} from '@prm/core/adapter'
import { bytesOf } from '@prm/kit'
import { optOutOf } from '@prm/kit/optout'
import {
  type CarrierPigeonEvent,
  stateOf, // @channel
  wireEvent,
} from './api.ts'
import type { Options } from './config.ts'
import { isSigned } from './signature.ts'

const mostBytes = 1024 * 1024
// UNVERIFIED: how old a webhook may be.
const toleranceMs = 5 * 60_000

export function webhook(options: Options): Webhook {
  return {
    async receive(request, ctx) {
      const event = parsed(await verified(request, options, ctx))
      return { interactions: factsOf(event, ctx) }
    },
  }
}

/** Before anything is parsed. The timestamp is part of what is signed, so that an old webhook cannot be told again. */
async function verified(request: Request, options: Options, ctx: Context): Promise<Uint8Array> {
  const signature = request.headers.get('carrier-pigeon-signature')
  const timestamp = request.headers.get('carrier-pigeon-timestamp')
  if (!signature || !timestamp)
    throw new PrmError('signature', 'The carrier-pigeon-signature or -timestamp header is missing.')
  const age = Math.abs(ctx.now().getTime() - Number(timestamp) * 1000)
  if (!/^\d+$/.test(timestamp) || !(age <= toleranceMs))
    throw new PrmError('signature', 'The request was signed more than 5 minutes ago, or the clocks differ.')
  const body = await bytesOf(request, mostBytes)
  if (!body) throw new PrmError('invalid', 'The request is larger than 1 MiB.')
  if (!(await isSigned(options, signature, timestamp, body)))
    throw new PrmError('signature', 'The signature is not Carrier Pigeon’s for this account.')
  return body
}

function parsed(body: Uint8Array): CarrierPigeonEvent {
  const result = wireEvent['~standard'].validate(json(body))
  if (!(result instanceof Promise) && !result.issues) return result.value
  throw new PrmError('invalid', 'The event has another shape than expected.')
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new PrmError('invalid', 'The request is signed, and is no JSON.')
  }
}

/** One event, at most one fact. Its key is made of the source's own ids, so that what is told twice is one fact. */
function factsOf({ id, kind, at, message }: CarrierPigeonEvent, ctx: Context): readonly Interaction[] {
  const when = dated(at)
  if (kind === 'message.received' && message) {
    const { from, to } = message
    const content = { text: message.text ?? '' }
    return [
      {
        key: message.id,
        type: messageReceived.name,
        source: ctx.id,
        ...when,
        ...(from && { who: { scheme: 'tel', value: from } }),
        ...(to && { to: { scheme: 'tel', value: to } }),
        // Where you answer STOP yourself, `confirmed: true` keeps core from answering it a second time.
        data: { content, ...optOutOf(content.text) },
      },
    ]
  }
  // @channel {
  if (kind === 'message.status' && message?.status) {
    const { status: raw, ref } = message
    const state = stateOf(raw)
    return [
      {
        key: `${message.id} ${raw}`,
        type: messageDelivery.name,
        source: ctx.id,
        ...when,
        ...(ref && { about: { source: 'prm', key: ref } }),
        data: { raw, providerId: message.id, ...(state && { state }) },
      },
    ]
  }
  // @}
  ctx.log('debug', 'An event of a kind that is not used here.', { event: id.slice(0, 60), kind: kind.slice(0, 60) })
  return []
}

function dated(text: string | null | undefined): { at?: string } {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? {} : { at: new Date(at).toISOString() }
}
