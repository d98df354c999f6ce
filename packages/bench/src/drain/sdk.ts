import twilio from 'twilio'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { type Drained, loop, messages, type Task, timed } from './task.ts'

/** Twilio's own client in the same loop. */
export const contend: Contend<Task, Drained> = async ({ provider, count, concurrency }) => {
  const all = messages(count)
  const client = new twilio.RequestClient()
  const { accountSid, authToken, from } = account
  const api = twilio(accountSid, authToken, {
    httpClient: {
      request: (options) =>
        client.request({ ...options, uri: options.uri.replace('https://api.twilio.com', provider) }),
    } as InstanceType<typeof twilio.RequestClient>,
  })
  return timed(count, () =>
    loop(all, concurrency, async ({ to, text }) => {
      const { sid } = await api.messages.create({ to, from, body: text })
      if (!sid) throw new Error('The provider named no message.')
    }),
  )
}
