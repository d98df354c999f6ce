import { expect, test } from 'vitest'
import { field, phone, sam, town } from './town.ts'

test('a text makes a conversation that is listed, and staff answer it from the number that the patron wrote to', async () => {
  const { text, desk, get, post, provider, prm } = await town()
  const event = await text('can my wife collect it?')
  const [row] = await desk.list()
  expect(row?.conversation).toMatchObject({
    id: event.conversationId,
    state: 'open',
    subject: 'can my wife collect it?',
  })
  const list = await (await get()).text()
  expect(list).toContain('can my wife collect it?')
  expect(list).not.toContain(phone)
  const path = `/c/${event.conversationId}`
  const page = await (await get(path)).text()
  const answered = await post(path, {
    token: field(page, 'token'),
    seen: field(page, 'seen'),
    do: 'reply',
    text: 'Yes, with your card.',
  })
  expect([answered.status, answered.headers.get('location')]).toEqual([303, `/prm/inbox${path}?done=sent#done`])
  await prm.settled()
  expect(provider.received()).toEqual([
    expect.objectContaining({
      text: 'Yes, with your card.',
      to: { scheme: 'tel', value: phone },
      raw: expect.objectContaining({ from: event.to?.value }),
    }),
  ])
  const { thread, conversation } = await desk.as(sam).thread(event.conversationId ?? '')
  expect(conversation.state).toBe('waiting')
  expect(thread.map(({ type, by }) => [type, by?.id])).toEqual([
    ['message.received', undefined],
    ['message.sent', 'sam'],
  ])
})
