import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Agent, request } from 'undici'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { type Drained, messages, type Task, timed } from './task.ts'

/** Jobs that are in Redis already, each one call by undici. */
export const contend: Contend<Task & { readonly redis: number }, Drained> = async (task) => {
  const { provider, count, concurrency } = task
  const connection = new Redis(task.redis, '127.0.0.1', { maxRetriesPerRequest: null })
  const { accountSid, authToken, from } = account
  const dispatcher = new Agent({ connections: concurrency })
  const url = `${provider}/2010-04-01/Accounts/${accountSid}/Messages.json`
  const headers = {
    authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const queue = new Queue('send', { connection })
  await queue.addBulk(messages(count).map((data) => ({ name: 'send', data })))
  const worker = new Worker<{ to: string; text: string }>(
    'send',
    async ({ data: { to, text } }) => {
      const body = new URLSearchParams({ To: to, From: from, Body: text }).toString()
      const answer = await request(url, { method: 'POST', headers, body, dispatcher })
      const { sid } = (await answer.body.json()) as { sid?: string }
      if (answer.statusCode !== 201 || !sid) throw new Error(`The provider answered ${answer.statusCode}.`)
    },
    { connection, concurrency, autorun: false },
  )
  let completed = 0
  const all = new Promise<void>((resolve, reject) => {
    worker.on('completed', () => {
      if (++completed === count) resolve()
    })
    worker.on('failed', (_, error) => reject(error))
  })
  const drained = await timed(count, async () => {
    void worker.run()
    await all
  })
  await worker.close()
  await queue.close()
  await connection.quit()
  await dispatcher.close()
  return drained
}
