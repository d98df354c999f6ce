import type { Fault } from '@prm/core/adapter' // @webhook
import {
  isLocal, // @webhook
  post, // @webhook
  spoiled,
} from '@prm/kit/simulator'
import { type Account, type Message, ok, type Route, refused } from './account.ts'
import { reportOf } from './webhooks.ts' // @webhook

/** `POST /messages`, and `GET /messages` by id or ref. */
export const messages: Route = (account, { method, url, body }, fault) => {
  if (url.pathname !== '/messages') return undefined
  if (method === 'GET') {
    const by = (name: 'id' | 'ref', one: Message) => url.searchParams.get(name) === (one[name] ?? '')
    const found = account.messages.filter((one) => by('id', one) || by('ref', one))
    const moved = fault === 'page-moved' // to the next page, while we looked
    return ok({ messages: moved ? [] : found, more: moved })
  }
  const asked = JSON.parse(body)
  const { to, from, text, ref } = asked
  const word = refusal(account, to, from, text)
  if (word) return refused(422, word)
  const message: Message = {
    id: `M${account.messages.length + 1}`,
    at: account.now().toISOString(),
    to,
    text,
    ref,
    status: 'queued',
  }
  account.messages.push(message)
  report(account, message, asked.callback, fault) // @webhook
  return spoiled(fault, ok(message, 201))
}

function refusal({ from: own, refusals }: Account, to: unknown, from: unknown, text: unknown): string | undefined {
  if (from !== own) return 'not_your_number'
  if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to)) return 'no_such_number'
  if (typeof text !== 'string' || text === '') return 'no_text'
  return refusals.get(to)
}

// @webhook {
/** `sent`, then `delivered`, to the callback of the message if it is on this machine. */
function report(account: Account, message: Message, callback: unknown, fault: Fault | undefined): void {
  if (typeof callback !== 'string' || !isLocal(callback)) return
  const reports = ['sent', 'delivered'].map((status) => async (signal: AbortSignal) => {
    message.status = status
    await post(reportOf(account, message, status, callback), signal)
  })
  account.reporter.start(reports, fault)
}
// @}
