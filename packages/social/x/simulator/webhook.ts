import { createHmac } from 'node:crypto'
import type { Json } from '@prm/core/adapter'
import type { Posting } from './options.ts'
import { type Network, resourceOf } from './state.ts'

/** What is posted is new each time, unless `id` names a post that is there. */
export type XEventAsked = Partial<Posting> & {
  readonly type: string
  readonly url?: string
  readonly id?: string
  /** Instead of a post. */
  readonly payload?: Json
}

/** x-api/activity/event-payloads.mdx; signed over the body as it goes out (x-api/webhooks). */
export function eventOf(all: Network, asked: XEventAsked): Request {
  const { type, url = 'https://library.example/prm/x', id, payload, ...posting } = asked
  const post = all.find(id)
  const said = payload ?? resourceOf(all, post ?? all.write({ text: `@${all.account.username} hello`, ...posting }))
  const data = {
    event_uuid: String(all.posts.length),
    filter: { user_id: all.account.id },
    event_type: type,
    tag: 'library',
    payload: said,
    includes: {},
  }
  const body = JSON.stringify({ data })
  const signature = createHmac('sha256', all.consumerSecret).update(body).digest('base64')
  const headers = { 'content-type': 'application/json', 'x-twitter-webhooks-signature': `sha256=${signature}` }
  return new Request(url, { method: 'POST', headers, body })
}
