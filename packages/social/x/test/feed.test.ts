import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { priceList, urlOf } from '../src/index.ts'
import { rig, spent } from './rig.ts'

describe('what is told', () => {
  test('a post that a query finds: its words, its address, when, in which language, and by which pack', async () => {
    const { simulator, look } = await rig()
    const id = simulator.post({ text: 'Alder Library is loud', author: '1600000000000000011' })
    const { facts, bad } = await look()
    expect(bad).toEqual([])
    expect(facts).toEqual([
      {
        key: id,
        type: 'mention.seen',
        source: 'x',
        who: { scheme: 'post', value: id, realm: 'x.com' },
        at: '2026-11-10T09:00:00.000Z',
        thread: id,
        data: { text: 'Alder Library is loud', url: urlOf(id), language: 'en', query: 'name' },
        evidence: { person: expect.stringMatching(/^author [\da-f]{24}$/), independence: expect.any(String) },
      },
    ])
    expect(JSON.stringify(facts)).not.toContain('1600000000000000011')
  })

  test('where it was written is told of what a query for a place finds, and of nothing else', async () => {
    const { simulator, look } = await rig({ queries: [{ name: 'needs', query: 'quiet', place: 'Alder Falls' }] })
    const found = simulator.post({ text: 'anywhere quiet?' })
    const named = simulator.post({ text: '@alderlibrary where is the lift?' })
    const { facts } = await look()
    const of = (id: string) => facts.find(({ key }) => key === id)?.data
    expect(of(found)).toMatchObject({ query: 'needs', place: 'Alder Falls' })
    expect(of(named)).not.toHaveProperty('place')
  })

  test('a mention is addressed and may be answered; an answer to us that names nobody is addressed alone', async () => {
    const { simulator, look } = await rig({ queries: [{ name: 'lift', query: 'lift' }] })
    const ours = simulator.post({ text: 'The lift is broken.', author: simulator.credentials.account.id })
    const named = simulator.post({ text: '@alderlibrary where is the lift?' })
    const answer = simulator.post({ text: 'that lift again', answers: ours })
    const { facts } = await look()
    const of = (id: string) => facts.find(({ key }) => key === id)
    expect(of(named)?.data).toMatchObject({ addressed: true, answerable: true })
    expect(of(answer)?.data).toMatchObject({ addressed: true, inReplyTo: ours })
    expect(of(answer)?.data).not.toHaveProperty('answerable')
    expect(of(answer)?.thread).toBe(ours)
  })

  test('a quote of ours may be answered, of another not, by the link that comes along', async () => {
    const { simulator, look } = await rig()
    const [ours, theirs] = [
      simulator.post({ text: 'Open until 8.', author: simulator.credentials.account.id }),
      simulator.post({ text: 'Open until 9.' }),
    ]
    const [one, two] = [
      simulator.post({ text: 'Alder Library, well', quotes: ours }),
      simulator.post({ text: 'Alder Library, so', quotes: theirs }),
    ]
    const { facts } = await look()
    expect(facts.find(({ key }) => key === one)?.data).toMatchObject({ addressed: true, answerable: true })
    expect(facts.find(({ key }) => key === two)?.data).not.toHaveProperty('answerable')
    // Who wrote what is quoted is not asked: that would be charged.
    expect(simulator.calls().every(({ path }) => !path.includes('expansions'))).toBe(true)
  })

  test('our own posts and reposts are not told', async () => {
    const { simulator, look } = await rig()
    const said = simulator.post({ text: '@AlderLibrary the Alder Library is fine' })
    simulator.post({ text: 'Alder Library says hello', author: simulator.credentials.account.id })
    simulator.post({ text: 'RT @AlderLibrary the Alder Library is fine', repeats: said })
    expect((await look()).facts.map(({ key }) => key)).toEqual([said])
  })

  test('a post that two sources find is told once, and each author is one voice', async () => {
    const { simulator, look } = await rig({
      queries: [
        { name: 'name', query: '"Alder Library"' },
        { name: 'loud', query: 'loud' },
      ],
    })
    const author = '1600000000000000011'
    for (const text of ['@AlderLibrary the Alder Library is loud', 'loud, loud Alder Library'])
      simulator.post({ text, author })
    simulator.post({ text: 'loud at Alder Library' })
    const { facts } = await look()
    expect(facts).toHaveLength(3)
    expect(new Set(facts.map(({ evidence }) => evidence?.independence)).size).toBe(2)
  })

  test('text is what a reader sees: escapes, short links, the whole of a long post, any script', async () => {
    const { simulator, look } = await rig()
    const long = `Alder Library ${'so it goes '.repeat(40)}end`
    for (const text of ['Alder Library &lt;3 &amp;amp; https://a.example/b?c=1 圖書館', long]) simulator.post({ text })
    const texts = (await look()).facts.map(({ data }) => data.text)
    expect(texts).toContain('Alder Library <3 &amp; https://a.example/b?c=1 圖書館')
    expect(texts).toContain(long)
  })

  test('polled and pushed the same post is the same fact, so that nothing doubles', async () => {
    const { simulator, look, adapter, context } = await rig()
    const id = simulator.post({ text: '@AlderLibrary where is the lift?' })
    const pushed = await adapter.webhook.receive(simulator.webhook({ type: 'post.mention.create', id }), context())
    expect(pushed.interactions).toEqual((await look()).facts)
  })

  test('nothing new is nothing told, and costs nothing', async () => {
    const { simulator, look, clock } = await rig()
    simulator.post({ text: '@AlderLibrary hello' })
    const { cursor } = await look()
    const bill = simulator.bill()
    clock.pass(1)
    expect((await look(cursor)).facts).toEqual([])
    expect(simulator.bill()).toBe(bill)
    expect(bill).toBe(priceList.ownRead)
  })

  test('what was read is not read, and not paid for, again', async () => {
    const { simulator, look, clock } = await rig()
    let cursor: Json | undefined
    for (let n = 1; n <= 3; n++) {
      simulator.post({ text: '@AlderLibrary hello' })
      ;({ cursor } = await look(cursor))
      expect(spent(cursor)).toBe(n * priceList.ownRead)
      clock.pass(1)
    }
  })

  test('an edit is another version of the same post, told as edited', async () => {
    const { simulator, look, clock } = await rig()
    const id = simulator.post({ text: 'Alder Library is loud' })
    const one = await look()
    clock.pass(0.5)
    const version = simulator.edit(id, 'Alder Library is quiet')
    const two = await look(one.cursor)
    expect(two.facts).toMatchObject([
      {
        key: `${id} ${version}`,
        who: { value: id },
        data: { edited: true, text: 'Alder Library is quiet', url: urlOf(id) },
      },
    ])
    expect((await look(two.cursor)).facts).toEqual([])
  })
})
