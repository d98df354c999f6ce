import { describe, expect, test } from 'vitest'
import { context } from './context.ts'
import { later, rig, start, wren } from './rig.ts'

describe('a stream', () => {
  const streamed = (hold: '1s' | '600h') => rig((simulator) => ({ stream: { url: simulator.streamUrl(), hold } }))

  test('with one date far ahead skips nothing', async () => {
    const { look, simulator } = await streamed('1s')
    const looks = look()
    await expect.poll(() => simulator.streams()).toBe(1)
    const us = Date.parse(start) * 1000
    for (const time_us of [us + 1e15, us + 7])
      simulator.shout(JSON.stringify({ did: 'did:plc:abc', time_us, kind: 'identity' }))
    expect((await looks).cursor).toMatchObject({ streamed: us + 7 })
  })

  test('is held for months as for minutes, and no line is left when nobody asks for more', async () => {
    const { adapter, simulator } = await streamed('600h')
    setTimeout(() => simulator.post(wren, 'Alder Library'), 500)
    let n = 0
    for await (const { interactions } of adapter.feed.pull(undefined, context()))
      if (n++ > 2) {
        expect(interactions.length).toBe(1)
        break
      }
    expect(n).toBe(4)
    await expect.poll(() => simulator.streams()).toBe(0)
  })
})

test('a sign-in that failed is tried again, though the clock moved back', async () => {
  let broken = true
  const { look, clock } = await rig({
    async fetch(...request) {
      if (broken) throw new TypeError('fetch failed')
      return fetch(...request)
    },
  })
  expect((await look()).error).toMatchObject({ code: 'unavailable' })
  broken = false
  clock.now = later(start, -60)
  expect((await look()).error).toBeUndefined()
})
