import { Agent, request } from 'undici'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { type Drained, loop, messages, type Task, timed } from './task.ts'

/** The least that sends: a loop over a list in memory. It forgets everything when it dies. */
export const contend: Contend<Task, Drained> = async ({ provider, count, concurrency }) => {
  const all = messages(count)
  const { accountSid, authToken, from } = account
  const dispatcher = new Agent({ connections: concurrency })
  const url = `${provider}/2010-04-01/Accounts/${accountSid}/Messages.json`
  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const drained = await timed(count, () =>
    loop(all, concurrency, async ({ to, text }) => {
      const body = new URLSearchParams({ To: to, From: from, Body: text }).toString()
      const answer = await request(url, { method: 'POST', headers, body, dispatcher })
      const { sid } = (await answer.body.json()) as { sid?: string }
      if (answer.statusCode !== 201 || !sid) throw new Error(`The provider answered ${answer.statusCode}.`)
    }),
  )
  await dispatcher.close()
  return drained
}
