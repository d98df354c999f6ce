import type { Context, Feed, FeedPage, Json } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type MastodonSimulator, simulate } from '../simulator/index.ts'
import { type MastodonConfig, mastodon } from '../src/index.ts'
import { minute, type Rig, rig, type Told } from './rig.ts'

const pseudonymKey = 'sixteen letters or more'

const until = (holds: () => boolean): Promise<void> => expect.poll(holds).toBe(true)

/** The first pull asks last for what it told; then it holds the streams. */
const caughtUp = ({ simulator }: Rig): Promise<void> =>
  until(() => simulator.visits().some(({ path }) => path.startsWith('/api/v1/statuses/')))

/** A pull that is under way. */
function held({ adapter, ctx }: Rig, cursor?: Json) {
  const stop = new AbortController()
  const batches: FeedPage[] = []
  const log: unknown[] = []
  const more: Partial<Context> = { signal: stop.signal, log: (...entry) => void log.push(entry) }
  const run = async () => {
    for await (const batch of adapter.feed.pull(cursor, ctx(more))) batches.push(batch)
  }
  const ended = run()
  onTestFinished(() => stop.abort())
  const told = () => batches.flatMap(({ interactions }) => interactions as readonly Told[])
  return { batches, told, log, ended, stop: () => stop.abort() }
}

describe('a stream', () => {
  test('tells posts, mentions, messages, reactions, edits and deletions as they come', async () => {
    const all = await rig({ stream: '5m' }, {}, true)
    const { simulator, wait, ctx } = all
    simulator.offers.filters = false
    const { told, ended, stop } = held(all)
    await caughtUp(all)
    const one = simulator.post({ by: 'ife', text: 'Loud #AlderLibrary' })
    const two = simulator.post({ by: 'wren@else.example', text: '@library open?' })
    const three = simulator.post({ by: 'ife', text: '@library my card', visibility: 'direct' })
    const ours = simulator.post({ by: 'library', text: 'We have #AlderLibrary news' })
    simulator.react(ours, 'favourite', 'ife')
    wait(minute)
    simulator.edit(one, 'Better #AlderLibrary')
    const at = ctx().now().toISOString()
    simulator.remove(one)
    simulator.remove(two)
    simulator.remove(three)
    await until(() => told().length >= 10)
    expect(
      told()
        .slice(3)
        .map(({ key }) => key)
        .sort(),
    ).toEqual(
      [
        `status ${one}`,
        `status ${two}`,
        `status ${three}`,
        expect.stringMatching(/^notification \d+$/),
        `status ${one} ${at}`,
        `status ${one} gone`,
        `status ${two} gone`,
      ].sort((a, b) => (String(a) < String(b) ? -1 : 1)),
    )
    stop()
    await ended
    await until(() => simulator.streams() === 0)
  })

  test('that ends, ends the pull; the next fills the gap, and what the stream told is told once', async () => {
    const all = await rig({ stream: '5m' }, {}, true)
    const { simulator } = all
    const first = held(all)
    await caughtUp(all)
    const one = simulator.post({ by: 'ife', text: 'One #AlderLibrary' })
    await until(() => first.told().length === 4)
    simulator.cut('event: update\ndata: {"id":"11')
    await first.ended
    const two = simulator.post({ by: 'ife', text: 'Two #AlderLibrary' })
    expect(first.told().at(-1)?.key).toBe(`status ${one}`)
    const cursor = first.batches.at(-1)?.cursor
    const second = held(all, cursor)
    await until(() => second.told().length === 1)
    expect(second.told()[0]?.key).toBe(`status ${two}`)
    simulator.cut()
    await second.ended
    expect(second.told().length).toBe(1)
    const before = simulator.visits().length
    const third = held(all, second.batches.at(-1)?.cursor)
    // It asks by REST once it has the answers of its streams: one that is cut sooner is asked for again, and held.
    await until(() =>
      simulator
        .visits()
        .slice(before)
        .some(({ path }) => path.startsWith('/api/v1/timelines/tag/')),
    )
    expect(simulator.streams()).toBe(2)
    simulator.cut()
    await third.ended
    expect(third.told()).toEqual([])
  })

  test('is held for as long as the config says', async () => {
    const all = await rig({ stream: '1s' }, {}, true)
    await held(all).ended
    await until(() => all.simulator.streams() === 0)
  })

  test('that says nothing for a minute is dead', async () => {
    const real = setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((then: () => void, ms?: number) =>
      real(then, ms === 60_000 ? 300 : ms)) as typeof setTimeout)
    onTestFinished(() => void vi.restoreAllMocks())
    const all = await rig({ stream: '5m' }, {}, true)
    await held(all).ended
  })

  test('that swallows what it should say loses nothing: the next pull reads it', async () => {
    const all = await rig({ stream: '5m' }, {}, true)
    const first = held(all)
    await caughtUp(all)
    all.simulator.offers.silent = true
    const id = all.simulator.post({ by: 'ife', text: 'Unheard #AlderLibrary' })
    all.simulator.offers.silent = false
    all.simulator.post({ by: 'ife', text: 'Heard #AlderLibrary' })
    await until(() => first.told().length === 4)
    all.simulator.cut()
    await first.ended
    const second = held(all, first.batches.at(-1)?.cursor)
    await until(() => second.told().length === 1)
    expect(second.told()[0]?.key).toBe(`status ${id}`)
  })

  test('of what the account follows tells nothing', async () => {
    const all = await rig({ stream: '5m', tags: [] }, {}, true)
    const first = held(all)
    await caughtUp(all)
    all.simulator.say('user', 'update', { id: '1', content: 'A post of somebody who is followed' })
    all.simulator.say('user', 'filters_changed', 'undefined')
    all.simulator.say('user', 'status.update', await postLike(all.simulator))
    all.simulator.post({ by: 'ife', text: '@library hello' })
    await until(() => first.told().length > 1)
    expect(
      first
        .told()
        .filter(({ key }) => key.startsWith('status'))
        .map(({ data }) => data.text),
    ).toEqual(['@library does the #AlderLibrary print in colour?', '@library hello'])
    expect(first.batches.flatMap(({ rejected }) => rejected)).toEqual([])
  })

  test('with what cannot be read says so, and goes on', async () => {
    const all = await rig({ stream: '5m' }, {}, true)
    const first = held(all)
    await caughtUp(all)
    all.simulator.say('hashtag', 'update', '{"id":')
    all.simulator.say('user', 'notification', { id: 7 })
    const id = all.simulator.post({ by: 'ife', text: 'Then #AlderLibrary' })
    await until(
      () =>
        first.told().some(({ key }) => key === `status ${id}`) &&
        first.batches.flatMap(({ rejected = [] }) => rejected).length > 1,
    )
    const bad = first.batches.flatMap(({ rejected }) => rejected?.map(({ source }) => source) ?? [])
    expect(bad.toSorted()).toEqual(['stream of tag AlderLibrary', 'stream of the account'])
  })

  test.each([
    ['down', (one: MastodonSimulator) => void Object.assign(one.offers, { streaming: false }), 'unavailable'],
    [
      'elsewhere',
      (one: MastodonSimulator) => void Object.assign(one.offers, { streamingUrl: 'wss://stream.else.example' }),
      'contract',
    ],
  ])('that is %s is polled instead, and the log says so', async (_, make, code) => {
    const all = await rig({ stream: '5m' }, {}, true)
    make(all.simulator)
    const { told, log, ended } = held(all)
    await ended
    expect([told().length, log]).toEqual([3, [['warn', expect.any(String), expect.objectContaining({ code })]]])
  })

  test('takes the token of every call, and no other host gets it', async () => {
    const hosts = new Set<string>()
    const all = await rig({
      stream: '1s',
      fetch: async (...request) => {
        hosts.add(new URL(new Request(...request).url).host)
        return fetch(...request)
      },
    })
    expect([...hosts]).toEqual([all.host])
  })
})

async function postLike(simulator: MastodonSimulator): Promise<Json> {
  const id = simulator.post({ by: 'wren@else.example', text: 'Not to us' })
  const response = await fetch(`${simulator.url}/api/v1/statuses/${id}`, {
    headers: { authorization: `Bearer ${simulator.credentials.accessToken}` },
  })
  return (await response.json()) as Json
}

// ── a restart in the middle of a stream loses and doubles nothing ────────────────────────────
const start = Date.parse('2026-11-24T16:00:00.000Z')

/** One library with the real core, whose feed is killed at each so manieth batch: before it is stored, or after. */
async function library(kill: { readonly at: number; readonly stored: boolean }) {
  const clock = { ms: start }
  const now = () => new Date(clock.ms)
  const simulator = await simulate({ now })
  onTestFinished(() => simulator.close())
  const config: MastodonConfig = {
    ...simulator.credentials,
    baseUrl: simulator.url,
    pseudonymKey,
    tags: [{ name: 'AlderLibrary' }],
    stream: '5m',
  }
  const state = { kills: 0, batches: 0, calm: false }
  const feed: Feed = {
    every: '2m',
    // A new adapter each time, as a new process has: all it knows is the cursor.
    async *pull(cursor, ctx) {
      for await (const batch of mastodon(config).feed.pull(cursor, { ...ctx, now })) {
        const dies = !state.calm && ++state.batches % kill.at === 0
        if (dies) state.kills++
        if (dies && !kill.stored) throw new Error('killed before it was stored')
        yield batch
        if (dies) throw new Error('killed after it was stored')
      }
    },
  }
  const prm = await testPrm({
    at: now().toISOString(),
    store: sqlite({ memory: true }),
    library: { id: 'alder', name: 'Alder Library', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    adapters: { mastodon: { ...mastodon(config), feed } },
    purposes: { answer: { basis: 'service', class: 'service', media: ['social'] } },
  })
  const facts = async () => {
    const found: Told[] = []
    for (const type of ['mention.seen', 'message.received', 'reaction.seen'])
      for await (const one of prm.store.scope('alder').find('interaction', { type })) found.push(one as Told)
    return found
  }
  let pulling: Promise<void> | undefined
  const pull = () => {
    pulling ??= prm
      .pull('mastodon')
      .then(() => undefined)
      .catch(() => undefined)
      .finally(() => {
        pulling = undefined
      })
    return pulling
  }
  return { simulator, clock, state, facts, pull }
}

const kills = [1, 2, 3, 5, 8].flatMap((at) => [
  { at, stored: false },
  { at, stored: true },
])

test.each(kills)(
  'killed at each batch no. $at (stored: $stored), with cuts between, nothing is lost or doubled',
  async (kill) => {
    const { simulator, clock, state, facts, pull } = await library(kill)
    const posts = new Map<string, string | undefined>()
    const messages: string[] = []
    const ours = simulator.post({ by: 'library', text: 'We open at nine.' })
    let reactions = 0
    for (let n = 0; n < 24 || state.kills === 0; n++) {
      void pull()
      const text = `Post ${n} #AlderLibrary`
      const id = simulator.post({ by: 'ife', text })
      posts.set(id, text)
      await new Promise((done) => setTimeout(done, (n * 7) % 40))
      if (n % 3 === 0) posts.set(simulator.post({ by: 'wren@else.example', text: `@library ${n}` }), `@library ${n}`)
      if (n % 4 === 1) messages.push(simulator.post({ by: 'ife', text: `@library secret ${n}`, visibility: 'direct' }))
      if (n % 5 === 2) simulator.react(ours, 'favourite', `reader${reactions++}`)
      if (n % 6 === 3) simulator.edit(id, `Edited ${n} #AlderLibrary`)
      if (n % 6 === 3) posts.set(id, `Edited ${n} #AlderLibrary`)
      if (n % 6 === 5) simulator.remove(id)
      if (n % 6 === 5) posts.set(id, undefined)
      if (n % 5 === 4) simulator.cut(n % 2 ? 'event: update\ndata: {"id"' : undefined)
      clock.ms += 1000
    }
    state.calm = true
    // Until all is asked for again: each pull has caught up before its streams are cut.
    for (let n = 0; n < 8; n++) {
      clock.ms += 20 * minute
      const cutting = setInterval(() => simulator.cut(), 10)
      await pull()
      await pull()
      clearInterval(cutting)
    }
    expect(state.kills).toBeGreaterThan(0)

    const told = await facts()
    for (const [id, text] of posts) {
      const of = told.filter(({ who, type }) => who?.value === id && type === 'mention.seen')
      const there = of.filter(({ data }) => !data.gone)
      expect(there.map(({ data }) => data.text)).toEqual([...new Set(there.map(({ data }) => data.text))])
      // It may have been gone before anybody could hear of it.
      expect(of.length - there.length).toBe(text === undefined && there.length > 0 ? 1 : 0)
      if (text === undefined) continue
      expect(there.some(({ key }) => key === `status ${id}`)).toBe(true)
      expect(there.filter(({ data }) => data.text === text).length).toBe(1)
    }
    const secrets = told.filter(({ type }) => type === 'message.received')
    expect(secrets.map(({ key }) => key).toSorted()).toEqual(messages.map((id) => `status ${id}`).toSorted())
    expect(told.filter(({ type }) => type === 'reaction.seen').length).toBe(reactions)
  },
)
