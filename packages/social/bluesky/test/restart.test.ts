import { createPrm, type Interaction, type MentionSeen } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { bluesky } from '../src/index.ts'
import { later, library, start, teo, wren } from './rig.ts'

test('a look that is killed anywhere, before or after a batch is stored, loses nothing and doubles nothing', async () => {
  let clock = start
  const now = () => new Date(clock)
  const simulator = await simulate({ empty: true, now })
  const store = sqlite({ memory: true })
  onTestFinished(() => simulator.close())
  onTestFinished(() => store.close())
  const posted: string[] = []
  const removed: string[] = []
  const say = (text: string) => void posted.push(simulator.post(text.startsWith('@') ? wren : teo, text))

  /** One process, from its start to its kill at a batch; without one it comes to its end. */
  async function life(batch?: number, stored = false): Promise<void> {
    const real = bluesky({
      ...simulator.credentials,
      baseUrl: simulator.url,
      pseudonymKey: 'sixteen letters or more',
      queries: [{ name: 'name', any: ['Alder Library'] }],
      stream: { url: simulator.streamUrl(), hold: '1s' },
    })
    async function* pull(...asked: Parameters<typeof real.feed.pull>): ReturnType<typeof real.feed.pull> {
      let n = 0
      for await (const one of real.feed.pull(...asked)) {
        if (n === batch && !stored) throw new Error('killed before it was stored')
        yield one
        if (n++ === batch) throw new Error('killed after it was stored')
      }
    }
    const prm = createPrm({
      store,
      now,
      library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
      adapters: { bluesky: { ...real, feed: { ...real.feed, pull } } },
      purposes: { ask: { basis: 'service', class: 'service' } },
    })
    const pulled = prm.pull('bluesky').catch(() => undefined)
    const held = expect.poll(() => simulator.streams()).toBe(1)
    await Promise.race([held.catch(() => undefined), pulled])
    if (batch !== undefined)
      for (let n = 0; n < 3; n++) {
        say(`Alder Library, streamed ${batch} ${stored} ${n}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    await pulled
    await expect.poll(() => simulator.streams()).toBe(0)
  }

  for (let n = 0; n < 7; n++)
    for (const stored of [false, true]) {
      await life(n, stored)
      clock = later(clock, 10)
      say(`@${library} while nobody listened ${n} ${stored}`)
      say(`Alder Library, while nobody listened ${n} ${stored}`)
      const old = posted[n * 3]
      if (old) removed.push(old)
      if (old) simulator.remove(old)
    }
  for (let n = 0; n < 4; n++) {
    await life()
    clock = later(clock, 10)
  }

  const facts: Interaction<string, MentionSeen>[] = []
  for await (const fact of store.scope('alder').find('interaction', { type: 'mention.seen' }))
    facts.push(fact as Interaction<string, MentionSeen>)
  const count = (uri: string, gone: boolean) =>
    facts.filter(({ who, data }) => who?.value === uri && (data.gone ?? false) === gone).length
  const left = posted.filter((uri) => !removed.includes(uri))
  expect(posted.length).toBeGreaterThan(50)
  expect(left.map((uri) => count(uri, false))).toEqual(left.map(() => 1))
  expect(left.map((uri) => count(uri, true))).toEqual(left.map(() => 0))
  // What was taken back before it was told is neither told nor gone.
  for (const uri of removed)
    expect([
      [1, 1],
      [0, 0],
    ]).toContainEqual([count(uri, false), count(uri, true)])
  expect(removed.filter((uri) => count(uri, true) === 1).length).toBeGreaterThan(4)
}, 60_000)
