import type { Json } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { type Look, later, library, type Rig, rig, start, teo, wren } from './rig.ts'

const streamed = (version: 'v1' | 'v2' = 'v1', hold: '1s' | '20s' = '20s'): Promise<Rig> =>
  rig((simulator) => ({ stream: { url: simulator.streamUrl(version), hold } }))

/** Looks, says things once the stream is held, and stops when so many facts have come by it. */
async function during(all: Rig, say: () => void, facts: number, cursor?: Json): Promise<Look> {
  let byStream = 0
  const looks = all.look(cursor, (batch, batches) => {
    if (batches.length > 3) byStream += batch.interactions.length
    return byStream >= facts
  })
  const held = expect.poll(() => all.simulator.streams()).toBe(1)
  await Promise.race([held.catch(() => undefined), looks])
  say()
  const look = await looks
  await expect.poll(() => all.simulator.streams()).toBe(0)
  return look
}
const texts = ({ mentions }: Look): readonly string[] => mentions.map(({ data }) => data.text)

describe.each(['v1', 'v2'] as const)('a stream of %s', (version) => {
  test('tells what concerns us as it comes, and nothing else', async () => {
    const all = await streamed(version)
    const { simulator } = all
    const look = await during(
      all,
      () => {
        simulator.post(teo, 'Nothing but rain.')
        simulator.post(library, 'Alder Library is open')
        simulator.post(wren, 'Alder Library is loud')
        simulator.react(teo, simulator.post(library, 'Hello'), 'like')
        simulator.post(teo, `@${library} hello`)
      },
      2,
    )
    expect(texts(look)).toEqual(['Alder Library is loud', `@${library} hello`])
    expect(look.bad).toEqual([])
    // What search and notifications say next is no news, though their lists have it too.
    all.clock.now = later(start, 10)
    const next = await during(all, () => simulator.post(wren, 'Alder Library, again'), 1, look.cursor)
    expect(texts(next)).toEqual(['Alder Library, again'])
  })

  test('tells the end of what was told, and of an account', async () => {
    const all = await streamed(version)
    const { simulator } = all
    const [one, two] = [simulator.post(wren, 'Alder Library 1'), simulator.post(teo, 'Alder Library 2')]
    const look = await during(
      all,
      () => {
        simulator.remove(simulator.post(wren, 'Nothing but rain.'))
        simulator.remove(one)
        simulator.account(wren, 'suspended')
        simulator.account(teo, 'deleted')
        simulator.remove(simulator.post(wren, 'Alder Library 3'))
      },
      4,
    )
    expect(look.mentions.slice(2).map(({ who, data }) => [who?.value, data.text, data.gone])).toEqual([
      [one, '', true],
      [two, '', true],
      [expect.stringContaining('at://'), 'Alder Library 3', undefined],
      [expect.stringContaining('at://'), '', true],
    ])
  })

  test('goes on from where it was, after a look and after a line that broke', async () => {
    const all = await streamed(version)
    const { simulator } = all
    const first = await during(all, () => simulator.post(wren, 'Alder Library 1'), 1)
    all.clock.now = later(start, 1)
    // A letter that search does not know, so that the stream alone can fill the gap.
    simulator.post(wren, '\uff21lder Library 2')
    const second = await during(
      all,
      () => {
        simulator.disconnect()
        simulator.post(wren, '\uff21lder Library 3')
      },
      2,
      first.cursor,
    )
    expect(texts(second)).toEqual(['\uff21lder Library 2', '\uff21lder Library 3'])
    expect(second.bad).toEqual(
      second.bad.length ? [{ source: 'jetstream', reason: expect.stringContaining('1006') }] : [],
    )
  })

  test('that is too far behind is told so, and taken up again', async () => {
    const all = await streamed(version)
    const { simulator } = all
    let dropped = false
    const look = await during(
      all,
      () => {
        simulator.post(wren, 'Alder Library 1')
        simulator.disconnect('ConsumerTooSlow')
        dropped = true
        simulator.post(wren, 'Alder Library 2')
      },
      2,
    )
    expect(dropped).toBe(true)
    expect(texts(look)).toEqual(['Alder Library 1', 'Alder Library 2'])
    expect(look.bad).toEqual([{ source: 'jetstream', reason: expect.stringContaining('ConsumerTooSlow') }])
  })

  test('is filled by search where the gap is longer than it keeps, and that is said', async () => {
    const all = await streamed(version)
    const { simulator, clock } = all
    const first = await during(all, () => simulator.post(wren, 'Alder Library 1'), 1)
    const gone = later(start, 60)
    simulator.post(wren, 'Alder Library, found by search', { at: gone })
    simulator.post(wren, '\uff21lder Library, found by nobody', { at: gone })
    simulator.post(wren, '\uff21lder Library, found by the stream', { at: later(start, 24 * 60) })
    clock.now = later(start, 48 * 60)
    const look = await during(all, () => undefined, 1, first.cursor)
    expect(texts(look)).toEqual(['Alder Library, found by search', '\uff21lder Library, found by the stream'])
    expect(look.bad).toEqual([
      {
        source: 'jetstream',
        reason:
          'it goes back 36 hours: from 2026-11-24T16:00:00.000Z to 2026-11-25T04:01:00.000Z only what search finds is told',
      },
    ])
  })
})

test('a stream of v2 that begins later than it was asked to says so', async () => {
  const all = await streamed('v2')
  const look = await during(
    all,
    () => {
      all.simulator.shout(
        '{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#info","name":"OutdatedCursor"}}',
      )
      all.simulator.post(wren, 'Alder Library')
    },
    1,
  )
  expect(look.bad).toEqual([{ source: 'jetstream', reason: 'it says OutdatedCursor' }])
})

test('a stream that cannot be reached is said, is tried again, and stops nothing', async () => {
  const all = await streamed()
  const { simulator } = all
  simulator.refuseStreams()
  simulator.post(wren, `@${library} hello`)
  const look = await during(all, () => simulator.post(wren, 'Alder Library'), 1)
  expect(texts(look)).toEqual([`@${library} hello`, 'Alder Library'])
  expect(look.bad).toEqual([{ source: 'jetstream', reason: expect.stringMatching(/closed.*goes on/) }])
})

test('rubbish in a stream is nothing', async () => {
  const all = await streamed()
  const { simulator } = all
  const event = (record: unknown, more: object = {}) =>
    JSON.stringify({
      did: 'did:plc:abc',
      time_us: 1_795_535_999_000_000,
      kind: 'commit',
      commit: { operation: 'create', collection: 'app.bsky.feed.post', rkey: '3n32wqcitc522', record },
      ...more,
    })
  const post = { text: 'Alder Library', createdAt: start }
  const look = await during(
    all,
    () => {
      for (const text of [
        '',
        '{',
        'null',
        '[]',
        '7',
        '{"did":7}',
        event(null),
        event({}),
        event({ ...post, text: 'Alder Library '.repeat(3000) }),
        event(post, { did: 'nobody' }),
        event(post, { did: `did:plc:${'a'.repeat(600)}` }),
        event(post, { time_us: 1e300 }),
        event(post, { time_us: 'now' }),
        event(post, { commit: [] }),
        event({ ...post, padding: 'x'.repeat(70_000) }),
        '['.repeat(100_000),
        '{"$type":"message","payload":{"$type":"#commit"}}',
      ])
        simulator.shout(text)
      simulator.post(wren, 'Alder Library is quiet')
    },
    1,
  )
  expect(texts(look)).toEqual(['Alder Library is quiet'])
  expect([look.bad, look.error]).toEqual([[], undefined])
})

test('a stream is held for as long as the config says', async () => {
  const all = await streamed('v1', '1s')
  const look = await all.look()
  expect([look.facts, look.bad, look.error]).toEqual([[], [], undefined])
  await expect.poll(() => all.simulator.streams()).toBe(0)
})

test('a stream is not begun once the host stops', async () => {
  const all = await streamed()
  const look = await all.look(undefined, (_, batches) => batches.length === 3)
  expect([look.batches.length, look.error, all.simulator.streams()]).toEqual([3, undefined, 0])
})
