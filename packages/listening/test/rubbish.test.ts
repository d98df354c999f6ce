import type { Conversation, Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { mentionOf } from '../src/index.ts'
import { dump, kim, library, sam as samHimself, type Town, town } from './town.ts'

const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk. Xylophone!'

/** What another program may leave where a mention is kept. */
const rubbish: readonly (readonly [string, (mention: { readonly [key: string]: Json }) => Json])[] = [
  ['nothing', () => null],
  ['words', () => 'Quokka'],
  ['a list', (mention) => [mention]],
  ['another thing', () => ({ title: 'Quokka' })],
  ['a tone that is none', (mention) => ({ ...mention, tone: 'Quokka' })],
  ['a reason that is a number', (mention) => ({ ...mention, reasons: [1] })],
  ['no copies', ({ copies: _, ...mention }) => mention],
  ['a draft without a number', (mention) => ({ ...mention, draft: { text: 'Quokka', by: 'sam' } })],
]

/** Spoils the mention of a post in the store. */
async function spoil(
  { prm, mention }: Town,
  post: string,
  change: (mention: { readonly [key: string]: Json }) => Json,
): Promise<string> {
  const { id } = await mention(post)
  const scope = prm.options.store.scope(library.id)
  const row = await scope.get('conversation', id)
  const kept = row?.value.context.mention
  if (!row || typeof kept !== 'object' || kept === null || Array.isArray(kept)) throw new Error(`no mention of ${post}`)
  const value = { ...row.value, context: { mention: change(kept as { readonly [key: string]: Json }) } }
  const written = await scope.commit([{ put: [{ kind: 'conversation', value, ifVersion: row.version }] }])
  expect(written).toEqual([true])
  return id
}

describe.each(rubbish)('%s where a mention is kept', (_, change) => {
  test('is no mention: it is not listed, and nobody acts on it', async () => {
    const there = await town()
    const { net, hear, desk, prm, sam } = there
    net.post('a', complaint)
    net.post('b', 'Lovely story time at Harbor Branch library, thank you!')
    await hear()
    const id = await spoil(there, 'a', change)
    expect((await desk.list()).map((one) => mentionOf(one)?.post.value)).toEqual(['b'])
    for (const done of [
      sam.read(id),
      sam.decide(id, { is: 'help' }),
      sam.draft(id, 'We are sorry.'),
      prm
        .as(samHimself)
        .record([{ source: 'test', type: 'listening.decided', key: '1', conversationId: id, data: { is: 'help' } }]),
    ])
      await expect(done).rejects.toMatchObject({ code: 'not_found' })
    expect(
      (await desk.brief({ since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' })).posts.seen,
    ).toBe(2)
  })

  test('holds nothing of a post that is taken back, and is taken back twice', async () => {
    const there = await town()
    const { net, hear, prm } = there
    net.post('a', complaint)
    await hear()
    const id = await spoil(there, 'a', change)
    for (const _again of [1, 2]) {
      net.takeBack('a')
      await hear()
      await prm.advance('1m')
      expect(await dump(prm)).not.toMatch(/Xylophone|Quokka/)
    }
    net.post('a', `${complaint} Zeppelin!`)
    await hear()
    await prm.advance('1m')
    expect(await dump(prm)).not.toMatch(/Xylophone|Zeppelin/)
    const { conversation } = await prm.conversation(id)
    expect(conversation).toMatchObject({ state: 'closed', tags: [], context: { emptied: 'listening.gone' } })
    expect(conversation).not.toHaveProperty('subject')
  })

  test('holds nothing of a copy that is taken back', async () => {
    const there = await town()
    const { net, hear, prm } = there
    const long = `${complaint} It is so since the term began, on all floors, and nobody has told us until when.`
    net.post('a', long)
    net.post('zeppelin', long)
    await hear()
    expect((await there.mention('a')).mention.copies.posts).toBe(1)
    await spoil(there, 'a', change)
    net.takeBack('zeppelin')
    await hear()
    // What is to be erased is noted for a day.
    for (const _day of [1, 2]) await prm.advance('1d')
    expect(await dump(prm)).not.toContain('zeppelin')
  })

  test('fades', async () => {
    const there = await town()
    const { net, hear, prm } = there
    net.post('a', complaint)
    await hear()
    await spoil(there, 'a', change)
    await prm.advance('31d')
    await prm.advance('1d')
    expect(await dump(prm)).not.toMatch(/Xylophone|Quokka/)
  })
})

test('what somebody wrote into a mention that is none of it goes at the next thing done', async () => {
  const there = await town()
  there.net.post('a', complaint)
  await there.hear()
  const id = await spoil(there, 'a', (mention) => ({ ...mention, alias: 'Quokka' }))
  expect((await there.mention('a')).mention).not.toHaveProperty('alias')
  await there.desk.as(kim).decide(id, { is: 'help' })
  expect(await dump(there.prm)).not.toContain('Quokka')
})

test('no erasure touches a conversation that has no mention', async () => {
  const { prm } = await town()
  const who = { scheme: 'tel', value: '+12125550134' }
  await prm.record([
    { source: 'birdsite', type: 'message.received', key: '1', who, data: { content: { text: 'Is it open?' } } },
  ])
  let before: Conversation | undefined
  for await (const one of prm.conversations({ state: 'open' })) before = one
  const conversationId = before?.id ?? ''
  for (const [type, data] of [
    ['listening.gone', {}],
    ['listening.left', { post: 'a' }],
    ['listening.faded', { version: 'a' }],
  ] as const)
    await prm.record([{ source: 'test', type, key: type, conversationId, data }])
  const { id: _, turn: __, ...same } = before ?? { id: '', turn: 0 }
  expect((await prm.conversation(conversationId)).conversation).toMatchObject(same)
})

test('a post that is erased by its address leaves nothing behind', async () => {
  const { net, hear, prm, desk, sam, mention } = await town()
  net.post('a', complaint)
  await hear()
  const { id } = await mention('a')
  await sam.decide(id, { is: 'help' })
  await prm.erase((await prm.conversation(id)).conversation.who ?? 'nobody')
  expect(await dump(prm)).not.toMatch(/Xylophone/)
  expect(await desk.list()).toEqual([])
})
