import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPrm } from '@prm/core'
import { inbox, inboxEvents } from '@prm/inbox'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listening, listeningEvents, mentionStands } from '../src/index.ts'
import { network } from './network.ts'
import { dump, kim, library, packs, town } from './town.ts'

const week = { since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'
const long = 'The quiet floor of the AVU Library is a loud place since the new coffee machine came to the second floor.'

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

test('the files of the store hold no word of what was taken back, nor of what is older than its time', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prm-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const store = sqlite({ file: join(folder, 'prm.db') })
  const net = network('birdsite')
  let clock = Date.parse('2026-11-24T16:00:00.000Z')
  const prm = createPrm({
    library,
    store,
    adapters: { birdsite: net },
    purposes: { reply: { basis: 'service', class: 'service', quietHours: 'ignore' } },
    events: [...inboxEvents, ...listeningEvents],
    rechecks: { mention: mentionStands(store, library.id) },
    now: () => new Date(clock),
  })
  const desk = listening(prm, { purpose: 'reply', packs, recheck: 'mention', sample: 1 })
  const [sam, other] = ['sam', 'kim'].map((id) => desk.as({ kind: 'staff', id })) as [typeof desk, typeof desk]
  const rest = async (ms = 0): Promise<void> => {
    clock += ms
    await prm.pull('birdsite')
    await prm.run({ once: true })
  }
  const day = 86_400_000
  for (const id of ['taken', 'old']) {
    net.post(id, `${complaint} Xylophone of ${id}.`, { author: `woodpecker ${id}`, title: `Zeppelin ${id}` })
    net.post(`${id} low`, `Wombats in the tree, ${id}.`, { author: `woodpecker ${id} low` })
  }
  await rest()
  for (const { id } of await desk.list({ step: 'decide' })) {
    await sam.decide(id, { is: 'help', reason: 'because of the marimba' })
    const n = await sam.draft(id, 'A marmalade draft.')
    await other.sendBack(id, { n, why: 'it names the theremin' })
    net.fault('gone', 1)
    await other.approve(id, { n: await sam.draft(id, 'We are sorry about the glockenspiel.') })
    await rest()
    await rest(60_000)
  }
  for (const id of ['taken', 'taken low']) net.takeBack(id)
  await rest(day)
  await rest(day)
  const bytes = (): string =>
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join('\n')
  for (const word of [
    'Xylophone of taken',
    'woodpecker taken',
    'Zeppelin taken',
    'tree, taken',
    'posts/taken',
    'birdsite taken',
  ])
    expect(bytes()).not.toContain(word)
  for (const days of [31, 1, 8, 1]) await rest(days * day)
  for (const word of [
    'Xylophone',
    'woodpecker',
    'Zeppelin',
    'Wombats',
    'marimba',
    'marmalade',
    'theremin',
    'nobody answers',
  ])
    expect([word, bytes().includes(word)]).toEqual([word, false])
  expect(bytes()).toContain('posts/old')
  for (const days of [60, 1, 8, 1, 30, 8, 1]) await rest(days * day)
  for (const word of ['glockenspiel', 'posts/old']) expect([word, bytes().includes(word)]).toEqual([word, false])
  await prm.close()
})
