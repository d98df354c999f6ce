import { expect, test } from 'vitest'
import { ada, from, library } from './library.ts'

const raw = (simulator: { taken(): readonly { raw: string }[] }) => simulator.taken()[0]?.raw ?? ''

test('a notice is mailed, and its answer is bound to it without what it quotes', async () => {
  const { prm, send, post, simulator, close } = await library()
  await send('hold:17')
  const [mail] = simulator.taken()
  expect(mail).toMatchObject({ from, to: ada.value })
  expect(mail?.mail.text?.trim()).toBe('Your hold is ready.')
  const text =
    'Thanks, I will come tomorrow.\n\nOn Tue, Nov 24, 2026 at 9:00 AM Alder Library wrote:\n> Your hold is ready.\n'
  const response = await post({ from: ada.value, text, inReplyTo: mail?.mail.messageId })
  expect(response.status).toBe(200)
  const { interactions } = await facts(prm)
  expect(interactions).toMatchObject([
    {
      type: 'message.received',
      who: ada,
      about: { source: 'prm', key: 'hold:17' },
      data: { content: { text: 'Thanks, I will come tomorrow.' } },
    },
  ])
  await close()
})

test('a bounce is what became of its mail, and the address is not written to again', async () => {
  const { prm, send, post, simulator, close } = await library()
  await send('hold:17')
  await post({ bounce: raw(simulator), status: '5.1.1' })
  expect((await prm.explain('hold:17')).message?.state).toBe('undelivered')
  expect((await send('hold:18')).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  expect(simulator.taken()).toHaveLength(1)
  await close()
})

async function facts(prm: Awaited<ReturnType<typeof library>>['prm']) {
  const interactions = []
  for await (const one of prm.store.scope('alder').find('interaction', { address: ada })) interactions.push(one)
  return { interactions }
}
