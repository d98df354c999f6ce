import { createHmac } from 'node:crypto'
import type { Account } from './account.ts'

/**
 * A POST as Twilio signs it: HMAC-SHA1 with the auth token over the URL it calls and the form's names and values, sorted
 * by name (twilio.com/docs/usage/security). A URL's fragment holds connection settings and is not called.
 */
export function signed(state: Account, url: string, form: URLSearchParams): Request {
  const called = new URL(url)
  called.hash = ''
  const fields = [...form].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const data = called.href + fields.map(([name, value]) => `${name}${value}`).join('')
  return new Request(called, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': createHmac('sha1', state.authToken).update(data, 'utf8').digest('base64'),
    },
    body: form.toString(),
  })
}
