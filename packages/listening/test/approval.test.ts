import { inbox } from '@prm/inbox'
import { describe, expect, test } from 'vitest'
import { lint } from '../src/index.ts'
import { kim, town } from './town.ts'

const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'

describe('a second person', () => {
  test('who writes their name otherwise is the same person', async () => {
    const { net, hear, mention, sam, desk } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are sorry.')
    for (const alias of ['Sam', ' sam ', 'ｓａｍ'])
      await expect(desk.as({ kind: 'staff', id: alias }).approve(id, { n })).rejects.toThrow(
        'omebody else must approve',
      )
    await expect(desk.as({ kind: 'staff', id: ' ' }).approve(id, { n })).rejects.toThrow()
  })

  test('what was decided to be ignored is not approved by who saw it before', async () => {
    const { net, hear, mention, sam, kim: other, desk, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are sorry.')
    await other.decide(id, { is: 'ignore' })
    await expect(desk.as({ kind: 'staff', id: 'wren' }).approve(id, { n })).rejects.toThrow('ignore')
    await prm.advance('1m')
    expect(net.answers).toEqual([])
  })

  test('a draft for words that were edited and edited back is written again', async () => {
    const { net, hear, mention, sam, kim: other, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are sorry.')
    net.post('a', 'Something else of AVU Library.')
    net.post('a', complaint)
    await hear()
    await expect(other.approve(id, { n })).rejects.toThrow('needs another draft')
    await other.approve(id, { n: await sam.draft(id, 'We are sorry.') })
    await prm.advance('1m')
    expect(net.answers).toHaveLength(1)
  })

  test('a mention is not split in two that are both answered', async () => {
    const { net, hear, mention, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const { thread } = await prm.conversation(id)
    const fact = thread.find(({ type }) => type === 'listening.heard')
    await expect(
      inbox(prm, { purpose: 'reply' })
        .as(kim)
        .split(id, [{ source: fact?.source ?? '', key: fact?.key ?? '' }]),
    ).rejects.toThrow('split')
  })

  test('an answer by an adapter that has another name now is with staff again', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are sorry.')
    Reflect.deleteProperty(prm.adapters, 'birdsite')
    await other.approve(id, { n })
    await prm.settled().catch(() => undefined)
    await prm.advance('26h')
    expect((await desk.read(id)).mention.failed).toMatch(/birdsite/)
  })
})

test.each(['your number D1234567', 'call ２１２-５５５-０１４４'])('a public answer must not say: %s', (text) => {
  expect(lint(text)).toHaveLength(1)
})
