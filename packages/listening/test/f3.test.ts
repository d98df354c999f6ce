import type { Interaction } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { listeningEvents, markdown, meter } from '../src/index.ts'
import { network } from './network.ts'
import { kim, library, packs, town } from './town.ts'

const week = { since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'

/** Everything that the store holds, as text. */
async function dump(prm: Awaited<ReturnType<typeof town>>['prm']): Promise<string> {
  const rows: string[] = []
  for await (const row of prm.export()) rows.push(JSON.stringify(row))
  return rows.join('\n')
}

describe('success', () => {
  test('each mention has a decision within the target', async () => {
    const { net, hear, mention, sam, desk, prm } = await town()
    net.post('a', complaint)
    net.post('b', 'Lovely story time at Harbor Branch library, thank you!')
    await hear()
    const [first, second] = [await mention('a'), await mention('b')]
    expect(first.mention.due).toBe('2026-11-25T16:00:00.000Z')
    expect(second.mention.due).toBe('2026-11-27T16:00:00.000Z')
    await sam.decide(first.id, { is: 'help' })
    await prm.advance('4d')
    await sam.decide(second.id, { is: 'thank' })
    const { late, decided } = await desk.brief(week)
    expect(late.map(({ id }) => id)).toEqual([second.id])
    expect(decided).toMatchObject({ n: 2, open: 0, p50: 0, p90: 4 * 86_400_000 })
    expect(markdown(await desk.brief(week))).toContain('decided 24 hours too late')
  })

  test('no reply without approval', async () => {
    const { net, hear, mention, sam, kim: other, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    await sam.decide(id, { is: 'help' })
    const n = await sam.draft(id, 'We are on it.')
    await prm.advance('2d')
    await expect(sam.approve(id, { n })).rejects.toMatchObject({ code: 'conflict' })
    // Not by the general way of answering a conversation either.
    await expect(
      prm.as(kim).reply(id, { text: 'We are on it.' }, { key: 'x', purpose: 'reply' }),
    ).rejects.toMatchObject({ code: 'invalid' })
    const again = await sam.draft(id, 'We are on it, and sorry.')
    await expect(other.approve(id, { n })).rejects.toThrow('The draft was changed since')
    await prm.advance('1m')
    expect(net.answers).toEqual([])
    await other.approve(id, { n: again })
    await prm.advance('1m')
    expect(net.answers.map(({ text }) => text)).toEqual(['We are on it, and sorry.'])
  })

  test('nothing private stored from non-patrons beyond link, text hash and decision after N days', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town({ sample: 1 })
    net.post('a', `${complaint} Xylophone.`, { author: 'the-author-pseudonym', title: 'Zeppelin' })
    net.post('b', 'Quokkas in the alder tree, what a tree.', { author: 'another-pseudonym' })
    await hear()
    const { id } = await mention('a')
    await sam.decide(id, { is: 'help', reason: 'printers' })
    await sam.draft(id, 'A marmalade draft.')
    const n = await sam.draft(id, 'We are sorry about the glockenspiel.')
    await other.approve(id, { n })
    await prm.settled()
    await prm.advance('1m')
    for (const word of ['Xylophone', 'Quokkas', 'marmalade']) expect(await dump(prm)).toContain(word)
    await prm.advance('31d')
    await prm.advance('1d')
    const left = await dump(prm)
    for (const word of [
      'Xylophone',
      'Zeppelin',
      'nobody answers',
      'Quokkas',
      'marmalade',
      'the-author-pseudonym',
      'another-pseudonym',
    ])
      expect(left).not.toContain(word)
    const { mention: kept, conversation } = await mention('a')
    expect(kept).toMatchObject({
      faded: true,
      url: 'https://birdsite.example.org/posts/a',
      decision: { is: 'help' },
      posted: { id: 'ours-1' },
    })
    expect(kept.version).toMatch(/^[\w-]{12}$/)
    expect(conversation.subject).toBeUndefined()
    // What was decided, how fast and how well still stands.
    expect(await desk.brief(week)).toMatchObject({
      decisions: { help: 1 },
      answers: { posted: 1 },
      posts: { mentions: 1, below: 1 },
    })
  })
})

describe('failures', () => {
  test('API price or access change', async () => {
    const price = { micros: 5_000 }
    const spend = meter({
      birdsite: {
        money: { micros: 20_000, currency: 'USD' },
        price: ({ body }) => price.micros * ((body as { data: unknown[] }).data.length ?? 0),
      },
    })
    const told: Interaction[] = []
    const closed = {
      ...network('shut'),
      check: async () => [
        { what: 'feed.pull', ok: false as const, detail: 'search needs another plan since 2026-11-01' },
      ],
    }
    const { prm, desk } = await town({ meter: spend }, { shut: closed })
    prm.on('recorded', (fact) => told.push(fact))
    const ask = spend.fetch('birdsite', async () => Response.json({ data: [1, 2] }))
    await ask('https://api.example.org/search')
    expect((await desk.budgets())[0]?.text).toBe('birdsite in 2026-11: 1 calls; 0.01 USD of 0.02 USD, 0.01 USD left.')
    price.micros = 50_000
    await ask('https://api.example.org/search')
    await expect(ask('https://api.example.org/search')).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 6 * 86_400_000 + 8 * 3_600_000,
    })
    expect(told.map(({ type }) => type)).toContain('listening.usedup')
    const text = markdown(await desk.brief({ ...week, check: true }))
    expect(text).toContain('Used up on 2026-11-24: since then nothing is asked there')
    expect(text).toContain('shut does not work in full: search needs another plan since 2026-11-01')
    // What was spent is known after a restart too.
    const other = meter({ birdsite: { money: { micros: 20_000, currency: 'USD' }, price: () => 0 } })
    other.bind(prm as never)
    expect((await other.standing(new Date('2026-11-24T17:00:00Z')))[0]).toMatchObject({ calls: 2, micros: 110_000 })
    await prm.advance('7d')
    await ask('https://api.example.org/search')
  })

  test('deleted post (honour deletion)', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town()
    net.post('a', `${complaint} Xylophone.`, { author: 'wren-of-the-alder' })
    net.post('b', `${complaint} Bassoon.`, { author: 'lark' })
    await hear()
    const a = await mention('a')
    expect(a.mention.copies.posts).toBe(1)
    await sam.decide(a.id, { is: 'help' })
    const n = await sam.draft(a.id, 'Sorry about the xylophone and the glockenspiel.')
    net.takeBack('b')
    await hear()
    expect(await dump(prm)).not.toContain('Bassoon')
    expect((await mention('a')).mention.copies.links).toEqual([])
    net.takeBack('a')
    await hear()
    await prm.advance('1m')
    const left = await dump(prm)
    for (const word of ['Xylophone', 'glockenspiel', 'nobody answers', 'posts/a', 'wren-of-the-alder'])
      expect(left).not.toContain(word)
    await expect(other.approve(a.id, { n })).rejects.toThrow('taken back')
    await expect(sam.draft(a.id, 'Again')).rejects.toThrow('taken back')
    await prm.advance('2d')
    expect(net.answers).toEqual([])
    const { conversation, mention: kept } = await desk.read(a.id)
    expect(conversation).toMatchObject({ state: 'closed' })
    expect(kept).toMatchObject({ gone: true, decision: { is: 'help' } })
    expect(await desk.brief(week)).toMatchObject({ posts: { gone: 1 }, decisions: { help: 1 } })
    // A source that tells of it again does not bring it back.
    net.post('a', `${complaint} Xylophone.`, { author: 'wren-of-the-alder' })
    await hear()
    await prm.advance('1m')
    expect(await dump(prm)).not.toContain('Xylophone')
  })

  test('deleted post (honour deletion): an answer that stands there goes with it', async () => {
    const { net, hear, mention, sam, kim: other, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are on it.')
    await other.approve(id, { n })
    await prm.advance('1m')
    net.takeBack('a')
    await hear()
    await prm.advance('1m')
    expect(net.answers).toMatchObject([{ id: 'ours-1', removed: true }])
  })

  test('sarcasm', async () => {
    const { net, hear, mention } = await town()
    net.post('a', 'Love that the AVU Library printers are broken again. Great job!')
    net.post('b', 'Thanks for the fine, AVU Library, for a book that I returned. So helpful 🙄')
    net.post('c', 'I love the AVU Library, the staff were so kind and patient. Thank you!')
    await hear()
    for (const id of ['a', 'b'])
      expect((await mention(id)).mention).toMatchObject({
        tone: { sentiment: 'negative', ironic: true },
        suggested: 'help',
      })
    expect((await mention('c')).mention).toMatchObject({ tone: { sentiment: 'positive' }, suggested: 'thank' })
  })

  test('another "NUS"', async () => {
    const { net, hear, desk } = await town()
    net.post('a', 'AVU 318 is delayed again, the gate agent says twenty minutes. Worst airline.')
    net.post('b', 'The Alder Bay Public Library waived my fines!')
    net.post('c', 'Harbor Branch closed for training? I need cash, where is the next ATM of this bank?')
    net.post('d', 'Mrs Alder is the best teacher, she read to us.')
    await hear()
    expect(await desk.list()).toEqual([])
  })

  test('account suspended', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town()
    const states: string[] = []
    prm.on('adapter', ({ id, state }) => states.push(`${id} ${state}`))
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are on it.')
    net.fault('suspended', 100)
    await other.approve(id, { n })
    await prm.advance('1m')
    expect(states).toContain('birdsite paused')
    expect(net.answers).toEqual([])
    expect((await desk.read(id)).message?.state).toBe('planned')
    // A day later it is worth nothing: staff have it again, with the reason.
    await prm.advance('26h')
    await prm.advance('1d')
    const { mention: back, conversation } = await mention('a')
    expect(back.failed).toBeDefined()
    expect(conversation.state).toBe('open')
    expect(await desk.list({ step: 'answer' })).toHaveLength(1)
    await sam.byHand(id, { url: 'https://birdsite.example.org/posts/by-hand' })
    expect((await mention('a')).mention.posted).toMatchObject({ byHand: true })
  })

  test('brigading (one campaign ≠ many voices)', async () => {
    const { net, hear, mention, desk, sam, prm } = await town()
    const text =
      'Harbor Branch Library is reading this dreadful book to toddlers at story time, and parents deserve to be told. Demand answers!'
    for (let n = 0; n < 40; n++)
      net.post(`c${n}`, `${['', 'Please share: ', 'As a parent: '][n % 3]}${text}${n % 2 ? ' #shame' : ''}`, {
        author: `account ${n % 30}`,
      })
    net.post('own', 'The story time at Harbor Branch library was too loud today, is there a quiet one?')
    await hear()
    const open = await desk.list()
    expect(open).toHaveLength(2)
    const { id, mention: one, conversation } = await mention('c0')
    expect(one.copies).toMatchObject({ posts: 39, voices: 29 })
    expect(conversation.tags).toContain('campaign')
    await sam.decide(id, { is: 'note', reason: 'a campaign' })
    const brief = await desk.brief(week)
    expect(brief).toMatchObject({ posts: { seen: 41, mentions: 2, copies: 39 }, decisions: { note: 1, undecided: 1 } })
    expect(brief.campaigns).toMatchObject([{ id, posts: 40 }])
    expect(markdown(brief)).toContain('40 posts, counted as one voice')
    // And no alert comes of it.
    const jumps = prm.options.store.scope(library.id).find('interaction', { type: 'listening.jumped' })
    for await (const jump of jumps) expect(jump).toBeUndefined()
  })

  test('reply posted twice after retry', async () => {
    const { net, hear, mention, sam, kim: other, prm, desk } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    const n = await sam.draft(id, 'We are on it.')
    net.fault('hang-after-accept', 1)
    const wren = desk.as({ kind: 'staff', id: 'wren' })
    await Promise.all([other.approve(id, { n }), other.approve(id, { n }), wren.approve(id, { n })])
    await prm.advance('1m')
    await prm.advance('10m')
    await prm.advance('2h')
    await other.approve(id, { n })
    await prm.advance('1h')
    expect(net.answers).toHaveLength(1)
    expect((await mention('a')).mention.posted).toMatchObject({ id: 'ours-1' })
  })
})

test('the events are all there, and each packs’ field has its error', () => {
  expect(listeningEvents.every(({ name }) => name.startsWith('listening.'))).toBe(true)
  expect(packs[0]?.id).toBe('alder')
})
