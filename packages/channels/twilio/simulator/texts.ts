import { isLocal } from '@prm/kit/simulator'
import type { Account, Kept } from './account.ts'
import { report } from './reports.ts'
import { signed } from './sign.ts'

export interface InboundText {
  readonly from: string
  readonly body: string
  /** The library's number, where not the account's. */
  readonly to?: string
  readonly media?: readonly { readonly type: string; readonly bytes: Uint8Array }[]
  /** Where to post it, where not to `webhookUrl`. */
  readonly url?: string
}

/** A delivery report of a message that the simulator took. */
export interface StatusReport {
  readonly sid: string
  readonly status: string
  readonly url?: string
}

export interface Texts {
  request(event: InboundText | StatusReport): Request
  post(text: InboundText): Promise<Response | undefined>
}

export function texts(state: Account): Texts {
  return {
    request: (event) => ('sid' in event ? status(state, event) : arrive(state, event)),
    async post(text) {
      const url = text.url ?? state.webhookUrl
      if (url === undefined || !isLocal(url)) {
        listen(state, text)
        return undefined
      }
      const request = arrive(state, text)
      const response = await fetch(request)
      state.posted.push({ sid: state.inbound.at(-1)?.sid ?? '', status: 'received', answer: response.status })
      return response
    },
  }
}

function status(state: Account, event: StatusReport): Request {
  const message = state.bySid.get(event.sid)
  const url = event.url ?? message?.callback
  if (!message || url === undefined) throw new Error('The simulator took no message of this sid with a StatusCallback.')
  return signed(state, url, report(state, message, event.status))
}

function arrive(state: Account, text: InboundText): Request {
  const url = text.url ?? state.webhookUrl
  if (url === undefined) throw new Error('Tell the simulator where texts go: webhookUrl, or url in the event.')
  return signed(state, url, form(state, listen(state, text)))
}

/** Keeps the text and the block list. The keyword is posted to the webhook like any other text. */
function listen(state: Account, text: InboundText): Kept {
  const word = keywordOf(text.body)
  if (word === 'stop') state.blocked.add(text.from)
  if (word === 'start') state.blocked.delete(text.from)
  if (word) state.autoReplies.push({ to: text.from, word })
  const sid = state.sid(text.media?.length ? 'MM' : 'SM')
  const media = (text.media ?? []).map(({ type, bytes }) => {
    const id = state.sid('ME')
    state.media.set(id, { type, bytes })
    return { url: `${state.url}/2010-04-01/Accounts/${state.accountSid}/Messages/${sid}/Media/${id}`, type }
  })
  const to = text.to ?? state.from
  const now = { created: state.now(), since: performance.now() }
  return state.keep({
    sid,
    direction: 'inbound',
    to,
    from: text.from,
    body: text.body,
    media,
    ...now,
    steps: ['received'],
  })
}

/** Twilio's default keywords: only a message that is just the word, in any case (support.twilio.com 360034798533). */
function keywordOf(body: string): 'stop' | 'start' | 'help' | undefined {
  const word = body.trim().toUpperCase()
  if (['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'].includes(word)) return 'stop'
  if (['START', 'YES', 'UNSTOP'].includes(word)) return 'start'
  return word === 'HELP' || word === 'INFO' ? 'help' : undefined
}

/** docs/messaging/guides/webhook-request. */
function form(state: Account, { sid, from, to, body, media }: Kept): URLSearchParams {
  const { messagingServiceSid, advancedOptOut } = state.options
  const word = advancedOptOut ? keywordOf(body) : undefined
  return new URLSearchParams({
    ToCountry: 'US',
    ToState: 'NY',
    SmsMessageSid: sid,
    NumMedia: String(media.length),
    SmsSid: sid,
    FromCountry: 'US',
    SmsStatus: 'received',
    Body: body,
    To: to,
    ...(messagingServiceSid && { MessagingServiceSid: messagingServiceSid }),
    NumSegments: '1',
    MessageSid: sid,
    AccountSid: state.accountSid,
    From: from ?? '',
    ApiVersion: '2010-04-01',
    ...(word && { OptOutType: word.toUpperCase() }),
    ...Object.fromEntries(
      media.flatMap(({ url, type }, n) => [
        [`MediaUrl${n}`, url],
        [`MediaContentType${n}`, type],
      ]),
    ),
  })
}
