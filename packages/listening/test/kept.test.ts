import { inbox } from '@prm/inbox'
import { describe, expect, test } from 'vitest'
import { kim, town } from './town.ts'

const week = { since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'
const long = 'The quiet floor of the AVU Library is a loud place since the new coffee machine came to the second floor.'

async function dump(prm: Awaited<ReturnType<typeof town>>['prm']): Promise<string> {
  const rows: string[] = []
  for await (const row of prm.export()) rows.push(JSON.stringify(row))
  return rows.join('\n')
}

describe('whose words are kept', () => {
  test('what is edited after its time fades too', async () => {
    const { net, hear, mention, prm } = await town()
    net.post('a', complaint)
    await hear()
    await prm.advance('31d')
    net.post('a', `${complaint} Xylophone?`)
    await hear()
    expect((await mention('a')).mention.text).toContain('Xylophone')
    expect((await mention('a')).mention.faded).toBeUndefined()
    await prm.advance('31d')
    await prm.advance('1d')
    expect(await dump(prm)).not.toContain('Xylophone')
  })

  test('a mention that the inbox merged is taken back, and fades', async () => {
    const { net, hear, mention, prm } = await town()
    net.post('a', `${complaint} Xylophone.`)
    net.post('b', 'Zeppelins over the AVU Library.')
    net.post('c', 'Lovely story time at Harbor Branch library, thank you!')
    await hear()
    const mine = inbox(prm, { purpose: 'reply' }).as(kim)
    const into = (await mention('c')).id
    await mine.merge((await mention('a')).id, into)
    await mine.merge((await mention('b')).id, into)
    net.takeBack('a')
    await hear()
    await prm.advance('1m')
    expect(await dump(prm)).not.toContain('Xylophone')
    await prm.advance('31d')
    await prm.advance('1d')
    expect(await dump(prm)).not.toContain('Zeppelins')
  })

  test('what staff wrote about a post goes with it', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town()
    net.post('a', complaint)
    net.post('b', `Another thing at AVU Library: ${complaint}`.split('').reverse().join(''), { addressed: true })
    await hear()
    const { id } = await mention('a')
    await sam.decide(id, { is: 'help', reason: 'she writes Xylophone' })
    const n = await sam.draft(id, 'We are sorry.')
    await other.sendBack(id, { n, why: 'do not say Zeppelin' })
    const late = await mention('b')
    await sam.decide(late.id, { is: 'note', reason: 'he writes Quokka' })
    expect((await mention('a')).mention.decision).toMatchObject({ is: 'help', reason: 'she writes Xylophone' })
    net.takeBack('a')
    await hear()
    await prm.advance('1m')
    for (const word of ['Xylophone', 'Zeppelin']) expect(await dump(prm)).not.toContain(word)
    await prm.advance('31d')
    await prm.advance('1d')
    expect(await dump(prm)).not.toContain('Quokka')
    expect(await desk.brief(week)).toMatchObject({ decisions: { help: 1, note: 1 } })
  })
})

describe('copies', () => {
  test('where the first and then the second of them is taken back, the third stands for them', async () => {
    const { net, hear, mention, desk } = await town()
    for (const id of ['a', 'b', 'c', 'd']) net.post(id, long)
    await hear()
    net.takeBack('a')
    await hear()
    expect((await mention('b')).mention.copies.posts).toBe(2)
    net.takeBack('b')
    await hear()
    expect((await desk.list()).map(({ id }) => id)).toEqual([(await mention('c')).id])
    expect((await mention('c')).mention.copies.posts).toBe(1)
    expect((await desk.brief(week)).posts).toMatchObject({ seen: 4, gone: 2, copies: 1 })
  })
})
