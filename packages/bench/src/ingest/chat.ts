import { createMemoryState } from '@chat-adapter/state-memory'
import { createTwilioAdapter } from '@chat-adapter/twilio'
import { createRequestListener } from '@remix-run/node-fetch-server'
import { Chat, ConsoleLogger } from 'chat'
import { account } from '../ours.ts'
import type { Contend } from '../place.ts'
import { publicUrl, type Served, serve, straightStore, type Task } from './serve.ts'

/**
 * The `chat` package with its Twilio adapter. By itself it answers before its handlers ran; here the answer waits for them,
 * since nothing else makes a text durable before the 200. `concurrent`, since its default drops what comes meanwhile.
 */
export const contend: Contend<Task, Served> = async ({ file }, life) => {
  const texts = straightStore(file)
  const { accountSid, authToken, from } = account
  const logger = new ConsoleLogger('silent')
  const bot = new Chat({
    userName: 'library',
    adapters: { sms: createTwilioAdapter({ accountSid, authToken, phoneNumber: from, webhookUrl: publicUrl, logger }) },
    state: createMemoryState(),
    concurrency: 'concurrent',
    logger,
  })
  bot.onDirectMessage(async (_thread, message) => {
    const { messageSid = '', from, to } = message.raw as { messageSid?: string; from: string; to: string }
    texts.store({ sid: messageSid, from, to, body: message.text })
  })
  await bot.initialize()
  await serve(
    createRequestListener(async (request) => {
      const handled: Promise<unknown>[] = []
      const answer = await bot.webhooks.sms(request, { waitUntil: (task) => void handled.push(task) })
      await Promise.all(handled)
      return answer
    }),
    life,
  )
  return texts.close()
}
