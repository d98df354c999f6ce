import { expect, test } from 'vitest'
import { html, markdown } from '../src/index.ts'
import { town } from './town.ts'

const words = 'Does anyone know why the printers at AVU Library are down again? My paper is due tonight.'

test('a mention is heard, decided, drafted, approved by a second person, posted once, and its author reacts', async () => {
  const { net, hear, mention, sam, kim, desk, prm } = await town()
  net.post('p1', words, { author: 'wren' })
  net.post('p2', 'The alder outside my window turned yellow, what a tree.')
  await hear()
  const [first, ...others] = await desk.list({ step: 'decide' })
  expect(others).toEqual([])
  const { id, mention: told } = await mention('p1')
  expect(first?.id).toBe(id)
  expect(told).toMatchObject({
    source: 'birdsite',
    suggested: 'help',
    urgency: 'urgent',
    tone: { sentiment: 'negative' },
    due: '2026-11-24T18:00:00.000Z',
  })
  expect(told.reasons.join()).toContain('names the library: “AVU Library”')

  await sam.decide(id, { is: 'help', reason: 'printers are down' })
  const n = await sam.draft(id, 'We are sorry. The printers at Harbor Branch work, until midnight.')
  await expect(sam.approve(id, { n })).rejects.toThrow('somebody else must approve it')
  expect(net.answers).toEqual([])
  await kim.approve(id, { n })
  await kim.approve(id, { n })
  await prm.settled()
  await prm.advance('1m')
  expect(net.answers).toMatchObject([
    { to: 'p1', text: 'We are sorry. The printers at Harbor Branch work, until midnight.' },
  ])
  expect((await mention('p1')).mention).toMatchObject({ posted: { n: 1, id: 'ours-1' }, approved: { by: 'kim' } })
  expect((await mention('p1')).conversation.state).toBe('waiting')

  net.react('ours-1', 'like', 'wren')
  net.react('ours-1', 'like', 'somebody else')
  net.post('p3', 'Thank you so much, that helped!', { author: 'wren', inReplyTo: 'ours-1' })
  await hear()
  expect((await mention('p1')).mention).toMatchObject({ reactions: { like: 2, reply: 1 }, author: 'positive' })
  expect((await mention('p3')).mention).toMatchObject({ follows: id, suggested: 'thank' })

  const brief = await desk.brief({ since: '2026-11-24T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z' })
  expect(brief).toMatchObject({
    posts: { seen: 3, mentions: 2, below: 1 },
    decisions: { help: 1, undecided: 1 },
    answers: { posted: 1, unapproved: 0, waiting: 0 },
    reactions: { counts: { like: 2, reply: 1 }, authors: { positive: 1 } },
  })
  const text = markdown(brief)
  expect(text).toContain('1 posted after a second person’s approval')
  expect(text).toContain(
    '[“Does anyone know why the printers at AVU Library are down again? My paper is due tonight.”](https://birdsite.example.org/posts/p1)',
  )
  expect(html(brief)).toContain('<h2>Answers</h2>')
})
