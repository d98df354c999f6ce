import { randomUUID } from 'node:crypto'
import { isLocal, post } from '@prm/kit/simulator'
import { type Account, type Kept, resource, type Status, signed } from './account.ts'

export interface InboundText {
  readonly from: string
  readonly text: string
  /** The library's number, where not the account's. */
  readonly to?: string
  readonly media?: readonly { readonly url: string; readonly type: string; readonly size?: number }[]
  /** Where to post it, where not to the profile's URL. */
  readonly url?: string
  /** With a keyword of the profile's own, what it does. */
  readonly autoresponse?: 'OPT_OUT' | 'OPT_IN' | 'HELP'
}

/** A delivery report of a message that the simulator took. */
export interface StatusReport {
  readonly id: string
  readonly status: string
  readonly url?: string
}

export function request(state: Account, event: InboundText | StatusReport): Request {
  if (!('id' in event)) return arrive(state, event)
  const kept = state.kept.get(event.id)
  const url = event.url ?? kept?.webhookUrl
  if (!kept || url === undefined) throw new Error('The simulator took no message of this id with a webhook_url.')
  return reportOf(state, kept, event.status as Status, url)
}

export async function texted(state: Account, text: InboundText): Promise<number | undefined> {
  const url = text.url ?? state.webhookUrl
  if (url === undefined || !isLocal(url)) {
    listen(state, text)
    return undefined
  }
  const answer = await post(arrive(state, text))
  state.posted.push({ id: '', event: 'message.received', answer })
  return answer
}

/** One that is posted again is the same event, with another count of attempts. */
export function reportOf(
  state: Account,
  kept: Kept,
  status: Status,
  url: string,
  { id, attempt }: { readonly id: string; readonly attempt: number } = { id: randomUUID(), attempt: 1 },
): Request {
  const event = {
    event_type: status === 'sent' ? 'message.sent' : 'message.finalized',
    id,
    occurred_at: state.now().toISOString().replace('Z', '+00:00'),
    payload: resource(state, kept, status),
  }
  return signed(state, url, event, attempt)
}

function arrive(state: Account, text: InboundText): Request {
  const url = text.url ?? state.webhookUrl
  if (url === undefined) throw new Error('Tell the simulator where texts go: webhookUrl, or url in the event.')
  listen(state, text)
  const date = state.now().toISOString().replace('Z', '+00:00')
  return signed(state, url, {
    event_type: 'message.received',
    id: randomUUID(),
    occurred_at: date,
    payload: {
      record_type: 'message',
      direction: 'inbound',
      id: randomUUID(),
      type: text.media?.length ? 'MMS' : 'SMS',
      messaging_profile_id: state.profile,
      organization_id: '7c1b1ac6-1d2e-4f4c-9a0f-0a6f1d4d3b11',
      from: {
        phone_number: text.from,
        carrier: 'T-MOBILE USA, INC.',
        line_type: 'Wireless',
        status: 'webhook_delivered',
      },
      to: [{ phone_number: text.to ?? state.from, status: 'delivered', carrier: 'TELNYX LLC', line_type: 'VoIP' }],
      cc: [],
      text: text.text,
      media: (text.media ?? []).map(({ url, type, size = null }) => ({ url, content_type: type, sha256: null, size })),
      webhook_url: url,
      webhook_failover_url: null,
      encoding: 'GSM-7',
      parts: 1,
      tags: [],
      cost: null,
      received_at: date,
      sent_at: null,
      completed_at: null,
      valid_until: null,
      errors: [],
      ...(text.autoresponse && { autoresponse_type: text.autoresponse }),
    },
  })
}

/** The block list of the profile, by the default keywords ("Advanced Opt-In/Out Management"), the word alone in any case. */
function listen(state: Account, { from, text, autoresponse }: InboundText): void {
  const word = text.trim().toUpperCase()
  const stops = ['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'].includes(word)
  if (stops || autoresponse === 'OPT_OUT') state.blocked.add(from)
  if (['START', 'UNSTOP'].includes(word) || autoresponse === 'OPT_IN') state.blocked.delete(from)
}
