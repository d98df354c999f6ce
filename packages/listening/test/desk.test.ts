import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { mentionOf } from '../src/index.ts'
import { kim, library, sam as samHimself, town } from './town.ts'

const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'

test('two who decide at once are told apart, and the second hears what the first decided', async () => {
  const { net, hear, mention, sam, kim: other } = await town()
  net.post('a', complaint)
  await hear()
  const { id, conversation } = await mention('a')
  const seen = conversation.turn
  const both = await Promise.allSettled([
    sam.decide(id, { is: 'help', seen }),
    other.decide(id, { is: 'ignore', seen }),
  ])
  const [refused, ...more] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(more).toEqual([])
  expect(refused).toMatchObject({
    code: 'conflict',
    message: expect.stringMatching(/It was decided by (sam|kim): (help|ignore)/),
  })
  // Who has seen it may decide otherwise.
  const now = await mention('a')
  await other.decide(id, { is: 'note', reason: 'told the print shop', seen: now.conversation.turn })
  expect((await mention('a')).mention.decision).toMatchObject({ is: 'note', by: 'kim', reason: 'told the print shop' })
  expect((await mention('a')).conversation).toMatchObject({ state: 'closed' })
})

test('the same command twice from one look is done once', async () => {
  const { net, hear, mention, sam, prm } = await town()
  net.post('a', complaint)
  await hear()
  const { id, conversation } = await mention('a')
  await sam.decide(id, { is: 'help', seen: conversation.turn })
  await sam.decide(id, { is: 'help', seen: conversation.turn })
  const { thread } = await prm.conversation(id)
  expect(thread.filter(({ type }) => type === 'listening.decided')).toHaveLength(1)
})

test('nobody decides without a name, and a flow decides nothing', async () => {
  const { net, hear, mention, desk } = await town()
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  await expect(desk.decide(id, { is: 'help' })).rejects.toMatchObject({ code: 'invalid', field: 'by' })
  await expect(desk.as({ kind: 'flow', id: 'x' }).decide(id, { is: 'help' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(desk.as(samHimself).decide('mention nothing', { is: 'help' })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('an approval is bound to what was read: an edited post needs another draft, also when the answer is on its way', async () => {
  const { net, hear, mention, sam, kim: other, prm, desk } = await town()
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  const n = await sam.draft(id, 'We are sorry.')
  net.post('a', `${complaint} Edit: it works now, thanks!`)
  await hear()
  await expect(other.approve(id, { n })).rejects.toThrow('edited')
  const second = await sam.draft(id, 'Glad to hear it.')
  await other.approve(id, { n: second })
  const about = [
    {
      key: 'a 1',
      type: 'mention.seen',
      source: 'birdsite',
      data: {},
      who: { scheme: 'post', value: 'a', realm: 'birdsite.example.org' },
    },
  ]
  // Approved and decided to send; then edited again, before it goes and before that is heard.
  await prm.run({ once: true, deliver: false })
  const { signal } = new AbortController()
  expect(await desk.stands({ about, signal })).toBe('yes')
  net.post('a', 'Something else altogether about the AVU Library.')
  await prm.pull('birdsite')
  expect((await mention('a')).mention.approved).toBeDefined()
  expect(await desk.stands({ about, signal })).toBe('no')
  await prm.settled()
  await prm.advance('1h')
  expect(net.answers).toEqual([])
  expect((await mention('a')).mention).toMatchObject({
    edited: true,
    text: 'Something else altogether about the AVU Library.',
  })
})

test('a draft that is sent back cannot be approved, and says why', async () => {
  const { net, hear, mention, sam, kim: other, desk } = await town()
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  const n = await sam.draft(id, 'Whatever.')
  expect((await desk.list({ step: 'approve' })).map((one) => one.id)).toEqual([id])
  await other.sendBack(id, { n, why: 'kinder, please' })
  await expect(other.approve(id, { n })).rejects.toThrow('kinder, please')
  expect((await desk.list({ step: 'answer' })).map((one) => one.id)).toEqual([id])
})

test.each([
  ['the card 2948 0112 3344 55', 'a phone number or a card number'],
  ['your card 29480112334455 is blocked', 'a number as on a card'],
  ['call 212-555-0144 now', 'a phone number'],
  ['write to wren@patron.example.org', 'an email address'],
  ['your PIN is 4821', 'a PIN'],
  ['you have “War and Peace” checked out', 'what somebody borrowed or owes'],
])('a public answer must not say: %s', async (text, what) => {
  const { net, hear, mention, sam } = await town()
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  const refused = await sam.draft(id, text).catch((error: unknown) => error)
  expect(PrmError.is(refused) && refused.message).toContain(what)
})

test('a public answer may say the library’s own number, dates and hours; and must fit', async () => {
  const { net, hear, mention, sam } = await town({ ownContacts: ['+1 212 555 0100', 'ask@library.example'] })
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  await sam.draft(id, 'Open 9-21 on 2026-11-27. Call +1 212 555 0100 or write to ask@library.example, room 204.')
  await expect(sam.draft(id, 'x'.repeat(301))).rejects.toThrow('too long for birdsite: 301 letters')
})

test('where no program may answer there is a text to copy, once approved, and it is noted that it was posted', async () => {
  const { site, hear, mention, sam, kim: other, prm } = await town()
  site.post('a', complaint)
  await hear()
  const { id } = await mention('a', 'forum.example.org')
  const n = await sam.draft(id, 'We are sorry.')
  expect((await sam.read(id)).toCopy).toBeUndefined()
  await other.approve(id, { n })
  await prm.advance('1h')
  expect((await sam.read(id)).toCopy).toEqual({ text: 'We are sorry.', url: 'https://forum.example.org/posts/a' })
  await sam.byHand(id, { url: 'https://forum.example.org/posts/ours' })
  await expect(other.byHand(id)).rejects.toThrow('answered')
  expect((await sam.read(id)).mention.posted).toMatchObject({ byHand: true, n })
  expect(site.answers).toEqual([])
})

test('what falls due while the library is closed waits until an hour after it opens; what is urgent does not', async () => {
  const hours = {
    mon: [{ from: '09:00', to: '17:00' }],
    tue: [{ from: '09:00', to: '17:00' }],
    wed: [],
    thu: [],
    fri: [{ from: '10:00', to: '17:00' }],
  }
  const { whenOpen } = await import('../src/hours.ts')
  const place = { ...library, openingHours: hours, closedDays: ['2026-11-27'] }
  expect(whenOpen(place, new Date('2026-11-24T18:00:00Z')).toISOString()).toBe('2026-11-24T18:00:00.000Z')
  expect(whenOpen(place, new Date('2026-11-25T04:00:00Z')).toISOString()).toBe('2026-11-30T18:00:00.000Z')
  expect(whenOpen(library, new Date('2026-11-25T04:00:00Z')).toISOString()).toBe('2026-11-25T04:00:00.000Z')
})

test('the inbox’s own commands work on a mention', async () => {
  const { net, hear, mention, desk, prm } = await town()
  const { inbox } = await import('@prm/inbox')
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  const seen = await inbox(prm, { purpose: 'reply' }).as(kim).list({ queue: 'mentions' })
  expect(seen.map(({ conversation }) => conversation.id)).toEqual([id])
  await inbox(prm, { purpose: 'reply' }).as(kim).claim(id)
  expect((await desk.list({ owner: 'kim' })).map((one) => mentionOf(one)?.post.value)).toEqual(['a'])
})
