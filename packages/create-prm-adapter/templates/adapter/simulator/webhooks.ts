import type {
  Account,
  Message, // @channel
} from './account.ts'

/** A patron's text, and where it is posted. */
export interface CarrierPigeonEvent {
  readonly from: string
  readonly text: string
  readonly url: string
  readonly [more: string]: string
}

export function webhook(account: Account, { from, text, url }: CarrierPigeonEvent): Request {
  const id = `T${++account.texts}`
  const message = { id, from, to: '+12125550100', text }
  return signed(account, url, { id: `E${id}`, kind: 'message.received', at: account.now().toISOString(), message })
}

// @channel {
/** A delivery report. One that is posted again is the same event. */
export function reportOf(account: Account, message: Message, status: string, url: string): Request {
  const id = `E${message.id} ${status}`
  const at = account.now().toISOString()
  return signed(account, url, { id, kind: 'message.status', at, message: { ...message, from: account.from, status } })
}
// @}

function signed({ signing, now }: Account, url: string, event: object): Request {
  const body = JSON.stringify(event)
  const timestamp = String(Math.floor(now().getTime() / 1000))
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'carrier-pigeon-timestamp': timestamp,
      'carrier-pigeon-signature': signing.sign(timestamp, body),
    },
    body,
  })
}
