import { getEventListeners } from 'node:events'
import type { Purpose, Recheck, Send } from '@prm/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Clock, card, hold, jobsOf, person, phone } from './fake.ts'
import { decisionsIn, idOf, type Town, town } from './town.ts'

type Asked = Parameters<Recheck>[0]
const night = '2026-11-25T05:30:00.000Z'
const held = (id: number): Partial<Send> => ({ to: card('c1'), about: [hold(id, 'c1')], recheck: 'held' })
const digest = (id: number): Partial<Send> => ({
  ...held(id),
  content: { template: 'pickup', data: { pickup: 'Main' } },
  digest: 'd',
})
const idIn = ({ about }: Asked) => (about[0]?.data as { items?: { id?: string }[] })?.items?.[0]?.id ?? ''

/** A library that asks whether holds still wait. */
async function asking(held: Recheck, purpose: Partial<Purpose> = {}, given: Parameters<typeof town>[0] = {}) {
  const host = town({ purposes: { pickup: purpose }, rechecks: { held }, ...given })
  await host.meet(person('c1', phone))
  await host.prm.record([1, 2, 3].map((id) => hold(id, 'c1')))
  return host
}
const over = async (host: Town, key = 'a') => (await host.message(key))?.attempts.at(-1)?.outcome

afterEach(() => void vi.useRealTimers())

describe('a re-check at release', () => {
  test('that says no cancels, in words, and nothing goes', async () => {
    const host = await asking(async () => 'no', {}, { at: night })
    await host.send('a', held(1))
    expect(host.told()).toEqual([])
    await host.advance('10h')
    expect(host.sms.calls).toBe(0)
    expect((await host.message('a'))?.state).toBe('cancelled')
    expect(await over(host)).toBe('cancelled: relevance: it is over')
    expect((await host.prm.explain('a')).text).toContain('cancelled: relevance: it is over')
    expect(host.settled.map(({ state }) => state)).toEqual(['cancelled'])
  })

  test('that has answered leaves nobody listening to the signal of the run', async () => {
    const asked: AbortSignal[] = []
    const host = await asking(async ({ signal }) => {
      asked.push(signal)
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      return 'yes'
    })
    await host.send('a', held(1))
    await host.run()
    expect(host.sms.calls).toBe(1)
    // Node keeps a composed signal for as long as somebody listens to it, and its parts live.
    expect(asked.map((signal) => getEventListeners(signal, 'abort'))).toEqual([[]])
  })

  test('that says yes lets nothing go to who asked to stop while it was asked', async () => {
    const host = await asking(async () => {
      await host.say('denied', '*', { basis: 'stop' })
      return 'yes'
    })
    await host.send('a', held(1))
    await host.run()
    expect(host.told()).toEqual([])
    expect((await host.message('a'))?.state).toBe('cancelled')
  })

  test('that says yes when the quiet hours have begun lets it go in the morning', async () => {
    const host = await asking(
      async () => {
        host.clock.advance('9s')
        return 'yes'
      },
      {},
      { at: '2026-11-25T02:59:55.000Z' },
    )
    await host.send('a', held(1))
    await host.run()
    expect(host.told()).toEqual([])
    await host.advance('12h')
    expect(host.told()).toHaveLength(1)
  })

  test('that says yes lets it go, asked then and not before, of its facts and its patron', async () => {
    const asked: Asked[] = []
    const host = await asking(
      async (one) => {
        asked.push(one)
        return 'yes'
      },
      {},
      { at: night },
    )
    await host.send('a', held(1))
    await host.send('b', { to: card('c1') })
    await host.run()
    expect(asked).toEqual([])
    await host.advance('10h')
    expect(host.told()).toHaveLength(2)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.about.map(({ key }) => key)).toEqual([hold(1, 'c1').key])
    expect(asked[0]?.patron?.id).toBe(idOf('c1'))
    expect(asked[0]?.signal.aborted).toBe(false)
  })

  test('is asked before each try, and not where consent, quiet hours or the deadline speak first', async () => {
    let asked = 0
    const counted = async () => {
      asked++
      return 'yes' as const
    }
    const host = await asking(counted, {}, { at: night })
    await host.send('a', held(1))
    await host.send('b', { ...held(2), expireAt: '2026-11-25T15:00:00.000Z' })
    await host.run()
    await host.say('denied', 'pickup')
    await host.advance('10h')
    expect(asked).toBe(0)
    await host.say('granted', 'pickup', { at: '2026-11-25T15:40:00.000Z' })
    host.sms.faults.push('unavailable')
    await host.send('c', held(3))
    await host.run()
    await host.advance('5m')
    expect(asked).toBe(2)
  })

  test('named by a send is one of the host, and that is checked when it is sent', async () => {
    const host = await asking(async () => 'yes')
    for (const recheck of ['gossip', 'toString'])
      await expect(host.send('a', { recheck })).rejects.toMatchObject({ code: 'invalid', field: 'recheck' })
    await expect(town().send('a', { recheck: 'held' })).rejects.toMatchObject({ code: 'invalid', field: 'recheck' })
    expect(await decisionsIn(host)).toEqual([])
  })
})

describe('what nobody can say', () => {
  const ways: readonly [string, Recheck][] = [
    ['answers unknown', async () => 'unknown'],
    ['rejects', async () => Promise.reject(new Error(`no answer for ${phone}`))],
    [
      'throws',
      () => {
        throw new TypeError(`A Secret History of ${phone}`)
      },
    ],
    ['answers something else', async () => 'perhaps' as 'yes'],
  ]
  describe.each(ways)('since the re-check %s', (_, held1) => {
    test('is sent, unless the purpose says otherwise', async () => {
      const host = await asking(held1)
      await host.send('a', held(1))
      await host.run()
      expect(host.told()).toHaveLength(1)
    })

    test('waits where it says so, longer each time, until the deadline', async () => {
      const host = await asking(held1, { onRecheckFailure: 'wait' })
      await host.send('a', { ...held(1), expireAt: '2026-11-24T18:00:00.000Z' })
      for (let minute = 0; minute < 140; minute++) await host.advance('1m')
      expect(host.told()).toEqual([])
      expect((await host.message('a'))?.state).toBe('expired')
      const { attempts = [] } = (await host.message('a')) ?? {}
      expect(attempts.length).toBeGreaterThan(5)
      expect(attempts.length).toBeLessThan(30)
    })

    test('does not wait for ever', async () => {
      const host = await asking(
        held1,
        { onRecheckFailure: 'wait' },
        { library: { quietHours: { from: '00:00', to: '00:00' } } },
      )
      await host.send('a', held(1))
      for (let hour = 0; hour < 110; hour++) await host.advance('1h')
      expect(host.told()).toEqual([])
      expect(host.failed).toHaveLength(1)
      expect(await jobsOf(host.store, 'dead')).toHaveLength(1)
    })

    test('is left to a person where it says so, and goes when they let it', async () => {
      const host = await asking(held1, { onRecheckFailure: 'task' })
      await host.send('a', held(1))
      await host.run()
      expect(host.told()).toEqual([])
      expect((await jobsOf(host.store, 'dead')).map(({ key }) => key)).toEqual(['deliver:a'])
      expect(host.failed).toHaveLength(1)
      expect(await over(host)).toBe('relevance: nobody can say whether it is still true; left to a person')
    })

    test('says nothing of anybody in errors, logs and explanations', async () => {
      const said: unknown[] = []
      for (const unchecked of ['send', 'wait', 'task'] as const) {
        const host = await asking(held1, { onRecheckFailure: unchecked }, { log: (...one) => said.push(one) })
        await host.send('a', held(1))
        await host.run()
        said.push(host.failed.map(({ error }) => [error.message, String(error.cause)]))
        said.push(
          (await host.prm.explain('a')).text,
          (await jobsOf(host.store, 'dead')).map((job) => job.error),
        )
      }
      for (const secret of [phone, 'Secret', 'no answer for']) expect(JSON.stringify(said)).not.toContain(secret)
    })
  })

  test('within ten seconds is not waited for longer, and the asked are told to stop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let signal: AbortSignal | undefined
    const host = await asking((one) => {
      signal = one.signal
      return new Promise(() => undefined)
    })
    await host.send('a', held(1))
    const ran = host.run()
    while (!signal) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(9_999)
    expect(signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(signal.aborted).toBe(true)
    vi.useRealTimers()
    await ran
    expect(host.told()).toHaveLength(1)
  })

  test('because the host stops is asked again by the next, and neither sent nor left to a person', async () => {
    const stop = new AbortController()
    const clock = new Clock()
    const host = await asking(() => new Promise(() => stop.abort()), { onRecheckFailure: 'task' }, { clock })
    await host.send('a', held(1))
    await host.prm.run({ once: true, signal: stop.signal })
    expect(host.told()).toEqual([])
    expect(await jobsOf(host.store, 'dead')).toEqual([])
    const next = town({ store: host.store, clock, rechecks: { held: async () => 'yes' } })
    await next.run()
    expect(next.told()).toHaveLength(1)
  })

  test('because the host stopped while another was asked keeps nobody waiting', async () => {
    const stop = new AbortController()
    const never = () => {
      stop.abort()
      return new Promise<'yes'>(() => undefined)
    }
    const host = await asking(never, { onRecheckFailure: 'task' })
    for (const id of [1, 2, 3]) await host.send(String(id), digest(id))
    await host.prm.run({ once: true, signal: stop.signal })
    expect(host.told()).toEqual([])
    expect(await jobsOf(host.store, 'dead')).toEqual([])
  })

  test('where the host has no such re-check any more goes by the purpose', async () => {
    const clock = new Clock(night)
    const host = await asking(async () => 'no', { onRecheckFailure: 'task' }, { clock })
    await host.send('a', held(1))
    const next = town({ store: host.store, clock, purposes: { pickup: { onRecheckFailure: 'task' } } })
    await next.advance('10h')
    expect(next.told()).toEqual([])
    expect(await jobsOf(host.store, 'dead')).toHaveLength(1)
  })
})

describe('a digest', () => {
  const three = async (host: Town) => {
    for (const id of [1, 2, 3]) await host.send(String(id), digest(id))
    await host.run()
  }
  const texts = (host: Town) => host.sms.taken.map(({ key, content }) => [key, content.text])

  test('asks each member about its own facts, and is cancelled when all are over', async () => {
    const asked: string[][] = []
    const host = await asking(async ({ about }) => {
      asked.push(about.map(({ key }) => key))
      return 'no'
    })
    await three(host)
    expect(asked).toEqual([1, 2, 3].map((id) => [hold(id, 'c1').key]))
    expect(host.told()).toEqual([])
    expect(await over(host, '1')).toBe('cancelled: relevance: it is over')
  })

  test('is told anew without those that are over, durably and once', async () => {
    const host = await asking(async (one) => (idIn(one) === '2' ? 'no' : 'yes'))
    await three(host)
    expect(texts(host)).toEqual([['1 again', '2 to collect at Main.']])
    expect(await over(host, '1')).toBe('cancelled: relevance: 1 of 3 are over, the rest is told anew')
    const { decision } = await host.prm.explain('1 again')
    expect(decision).toMatchObject({ keys: ['1 again', '3 again'], replaces: { source: 'prm', key: '1' } })
    expect(decision.about).toHaveLength(2)
    expect(await host.replayed(decision)).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
    for (let hour = 0; hour < 3; hour++) await host.advance('1h')
    expect(host.told()).toHaveLength(1)
  })

  test('says of each member where it is told now, also where its first is over', async () => {
    const host = await asking(async (one) => (idIn(one) === '1' ? 'no' : 'yes'))
    await three(host)
    expect(texts(host)).toEqual([['2 again', '2 to collect at Main.']])
    const next = async (key: string) => /see "(.*)"/.exec((await host.prm.explain(key)).text)?.[1]
    expect(await Promise.all(['1', '2', '3'].map(next))).toEqual([undefined, '2 again', '2 again'])
  })

  test('that loses one after the other tells the last', async () => {
    let asked = 0
    const host = await asking(async (one) => {
      if (idIn(one) === '2') asked++
      return idIn(one) === '1' || (idIn(one) === '2' && asked > 1) ? 'no' : 'yes'
    })
    await three(host)
    expect(texts(host)).toEqual([['3 again again', '1 to collect at Main.']])
  })

  test('of which one cannot be told, and one is over, goes by the purpose for what is left', async () => {
    const host = await asking(async (one) => ({ 1: 'unknown', 2: 'no', 3: 'yes' })[idIn(one)] as 'no', {
      onRecheckFailure: 'wait',
    })
    await three(host)
    expect(host.told()).toEqual([])
    expect((await host.message('1 again'))?.attempts.at(-1)?.outcome).toMatch(/^relevance: nobody can say/)
  })
})
