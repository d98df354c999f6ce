import { describe, expect, test } from 'vitest'
import { html, jump, markdown, meter } from '../src/index.ts'
import { yields } from '../src/measure.ts'
import { kim, town } from './town.ts'

const week = { since: '2026-11-24T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }
const complaint = 'The printers at AVU Library are broken again, and nobody answers at the desk.'

describe('the brief', () => {
  test('what trolls write is words in it', async () => {
    const { net, hear, desk } = await town()
    net.post(
      'a',
      'AVU Library ![x](http://e.example/p.png) <img src=x onerror=alert(1)> &lt;b&gt; [a](javascript:x) | a\n# head\n- item \u202egnp.exe\u200f',
      {
        url: 'https://birdsite.example.org/posts/a?x=\\',
      },
    )
    net.post('b', 'AVU Library\u0000\u0007 ~~gone~~ **bold** `code`', { url: 'javascript:alert(1)' })
    net.post('c', 'שלום AVU Library (x)', { url: 'https://birdsite.example.org/?a=`b`|c' })
    await hear()
    for (const { id } of await desk.list()) await desk.as(kim).decide(id, { is: 'note' })
    const brief = await desk.brief(week)
    const text = markdown(brief)
    expect(text).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u)
    expect(text).not.toMatch(/(?<!\\)&/)
    expect(text).not.toMatch(/\?x=\\\)/)
    expect(text).not.toContain('?a=`')
    const page = html(brief)
    expect(page).not.toMatch(/<img|href="javascript:|<b>/)
    expect(page).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u)
    expect(page).toContain('<bdi>')
  })

  test('moments in another zone are the same moments', async () => {
    const { net, hear, desk } = await town()
    net.post('a', complaint)
    await hear()
    // 16:00 UTC is 08:00 there.
    const brief = await desk.brief({ since: '2026-11-24T07:59:00-08:00', until: '2026-11-24T12:00:00-08:00' })
    expect(brief.posts.seen).toBe(1)
    expect(brief.since).toBe('2026-11-24T15:59:00.000Z')
  })

  test('who drafts has decided', async () => {
    const { net, hear, mention, desk, sam, kim: other, prm } = await town()
    net.post('a', complaint)
    await hear()
    const { id } = await mention('a')
    await other.approve(id, { n: await sam.draft(id, 'We are sorry.') })
    await prm.settled()
    await prm.advance('1m')
    expect(await desk.brief(week)).toMatchObject({
      decisions: { help: 1, undecided: 0 },
      late: [],
      answers: { posted: 1 },
    })
  })
})

describe('figures', () => {
  test('recall does not fall because staff have not judged all yet', () => {
    const scored = (shown: 'yes' | 'sample' | 'no', decided?: 'note' | 'ignore') =>
      ({
        id: '',
        scored: { shown },
        heard: '',
        gone: false,
        copies: 0,
        reactions: [],
        ...(decided && { decided: { is: decided } }),
      }) as never
    const some = [
      ...Array.from({ length: 10 }, () => scored('yes', 'note')),
      ...Array.from({ length: 90 }, () => scored('yes')),
      ...Array.from({ length: 9 }, () => scored('sample', 'ignore')),
      scored('sample', 'note'),
      ...Array.from({ length: 90 }, () => scored('no')),
    ]
    const [all] = yields(some)
    // 100 shown of use, 10 of 100 missed.
    expect(all?.recall?.value).toBeCloseTo(100 / 110, 5)
    expect(all?.recall?.low).toBeLessThan(0.75)
  })

  test('a post that two sources tell of, or that is shown only when it is edited, is one', async () => {
    const { net, hear, desk } = await town()
    net.post('a', 'A tree.')
    net.post('a', 'A tree, still.')
    net.post('b', 'A tree.')
    net.post('b', complaint)
    await hear()
    expect((await desk.brief(week)).posts).toMatchObject({ seen: 2, mentions: 1, below: 1 })
  })
})

test('two processes that spend one budget see what the other spent', async () => {
  const { prm } = await town()
  const budget = { x: { money: { micros: 100, currency: 'USD' }, price: () => 30 } }
  const two = [meter(budget), meter(budget)] as const
  for (const one of two) {
    one.bind(prm as never)
    await one.standing(new Date('2026-11-24T16:00:00Z'))
  }
  const asks = two.map((one) => one.fetch('x', async () => Response.json({})))
  let made = 0
  for (let n = 0; n < 10; n++)
    await asks[n % 2]?.('https://api.example.org/').then(
      () => made++,
      () => undefined,
    )
  expect(made).toBeLessThanOrEqual(5)
})

test('a day that is taken for a jump by chance comes once in some years, also with a week’s rhythm and a look at each voice', () => {
  let state = 7
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state + 1) / 4_294_967_297
  }
  const hours = 24 * 7 * 400
  for (const week of [
    [1, 1, 1, 1, 1, 1, 1],
    [1.2, 1.3, 1.3, 1.3, 1.1, 0.5, 0.3],
  ]) {
    const voices: number[] = []
    for (let hour = 0; hour < hours; hour++) {
      const rate = ((30 / 7) * (week[Math.floor(hour / 24) % 7] as number)) / 24
      const gap = (): number => -Math.log(random()) / rate
      for (let at = gap(); at < 1; at += gap()) voices.push(hour + at)
    }
    const days = new Set<number>()
    for (const [index, at] of voices.entries()) {
      if (at < 29 * 24) continue
      const counts: number[] = Array.from({ length: 29 }, () => 0)
      for (let other = index; other >= 0; other--) {
        const ago = Math.floor((at - (voices[other] as number)) / 24)
        if (ago > 28) break
        counts[ago] = (counts[ago] as number) + 1
      }
      if (jump(counts[0] as number, counts.slice(1))) days.add(Math.floor(at / 24))
    }
    expect(days.size / (hours / 24)).toBeLessThan(0.002)
  }
})

test('what was shown as a sample only, and is edited into something of the library, is to be decided', async () => {
  const { net, hear, mention, desk } = await town({ sample: 1 })
  net.post('a', 'A tree.')
  await hear()
  expect(await desk.list({ step: 'judge' })).toHaveLength(1)
  net.post('a', 'A tree, still.')
  await hear()
  expect(await desk.list({ step: 'judge' })).toHaveLength(1)
  net.post('a', complaint)
  await hear()
  expect((await mention('a')).conversation.queue).toBe('mentions')
  expect((await desk.list()).map(({ id }) => id)).toEqual([(await mention('a')).id])
  expect(await desk.list({ step: 'decide' })).toHaveLength(1)
})

test('where recall is not known the brief says why', async () => {
  const { net, hear, desk } = await town({ sample: 1 })
  net.post('a', 'A tree.')
  await hear()
  expect(markdown(await desk.brief(week))).toContain('none of the sample was judged')
  for (const { id } of await desk.list({ step: 'judge' })) await desk.as(kim).decide(id, { is: 'ignore' })
  const text = markdown(await desk.brief(week))
  expect(text).not.toContain('none of the sample was judged')
  expect(text).toContain('nothing that was shown is judged to be of use')
})
