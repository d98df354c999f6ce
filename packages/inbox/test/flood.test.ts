import { messageReceived } from '@prm/core'
import { inbox } from '@prm/inbox'
import { answerKey, read, standard, table } from '@prm/keywords'
import { expect, test } from 'vitest'
import { other, type Town, town } from './town.ts'

const words = table(standard)

/** As in the guide Text a Librarian. */
async function desk(): Promise<Town> {
  const all = await town()
  all.prm.flow('text a librarian', messageReceived, async ({ event, step, prm }) => {
    const { data, conversationId: id } = event
    if (id === undefined || data.confirmed || data.optOut === 'stop' || data.optOut === 'start') return
    const said = read(data.content.text, { table: words })
    if (said.word === 'hours' && said.how === 'exact') {
      const key = `hours ${id} ${event.seen?.slice(0, 13)}`
      await prm.reply(id, { text: 'Open 9 to 8.' }, { key, purpose: 'answer', inReplyTo: [event] })
      return
    }
    const how = await step('about', () => inbox(prm, { purpose: 'answer' }).receive(event))
    const key = answerKey(event)
    if (how === 'waits' && key)
      await prm.reply(id, { text: 'A librarian reads this.' }, { key, purpose: 'answer', inReplyTo: [] })
  })
  return all
}

async function flood({ prm, provider }: Town, bodies: readonly string[]): Promise<void> {
  await Promise.all(bodies.map((body) => prm.handle(provider.webhook({ from: other, body }))))
  await prm.settled()
}

test('a hundred texts of one number at once cost one answer, and are one line of the list', async () => {
  const all = await desk()
  await flood(
    all,
    Array.from({ length: 100 }, (_, n) => `${n} BUY NOW`),
  )
  expect(all.sent(other)).toEqual(['A librarian reads this.'])
  expect(await all.desk.list()).toHaveLength(1)
})

test('a hundred keywords of one number cost one answer an hour; what is asked again waits for staff', async () => {
  const all = await desk()
  await flood(all, Array(100).fill('HOURS'))
  expect(all.sent(other)).toEqual(['Open 9 to 8.'])
  expect((await all.desk.list()).map(({ conversation }) => conversation.subject)).toEqual(['HOURS'])
  await all.prm.advance('1h')
  await flood(all, ['HOURS'])
  expect(all.sent(other)).toHaveLength(2)
})

test('two machines that answer each other stop after three, and staff see it', async () => {
  const all = await desk()
  for (let n = 0; n < 10; n++) await flood(all, [`I am away, ${n}`])
  expect(all.sent(other)).toHaveLength(3)
  expect((await all.desk.list()).map(({ conversation }) => conversation.pending.length)).toEqual([10])
})
