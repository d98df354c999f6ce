import type { Context, Message } from '@prm/core'
import { expect, test } from 'vitest'
import { instant } from '../packages/core/src/time/instants.ts'
import { jobsOf, library, messageOf, messagesOf, plain, type Springfield, springfield, tel } from './fake.ts'

const many = (host: Springfield, count: number, bulk = 'may', first = 0): Promise<unknown> =>
  Promise.all(
    Array.from({ length: count }, (_, n) =>
      host.prm.send(plain(`${bulk} ${first + n}`, { to: number(first + n), campaign: bulk })),
    ),
  )
const number = (n: number) => tel(`+1212555${1_000 + n}`)
const states = async (host: Springfield): Promise<Record<string, number>> => {
  const count: Record<string, number> = {}
  for (const { state } of await messagesOf(host.store)) count[state] = (count[state] ?? 0) + 1
  return count
}

/** As a worker that was killed in the middle of a call: the start counts, and nothing was written. */
async function killed(host: Springfield, call: (message: Message) => Promise<unknown>): Promise<void> {
  const { store, clock } = host
  await store.work(
    ['deliver'],
    async ({ job }) => {
      await call((await messageOf(store, (job.payload as { key: string }).key)) as Message)
      return { outcome: { retryAt: instant(clock.ms + 1), error: 'killed' } }
    },
    { concurrency: 1, signal: new AbortController().signal, once: true, libraries: [library.id], now: clock.now },
  )
  clock.advance('1ms')
}

test('what waits of a bulk is cancelled, with its job, and says why; what is of another bulk, or of none, goes', async () => {
  const host = springfield({ quietly: true })
  await many(host, 3)
  await many(host, 2, 'june', 10)
  await host.prm.send(plain('alone'))
  expect(await host.prm.cancel('may', 'a typo')).toEqual({ cancelled: 3 })
  expect((await jobsOf(host.store, 'waiting')).filter(({ name }) => name === 'deliver')).toHaveLength(3)
  expect(host.settled.map(({ key }) => key)).toEqual(['may 0', 'may 1', 'may 2'])
  await host.run()
  expect(host.sms.taken.map(({ key }) => key).toSorted()).toEqual(['alone', 'june 10', 'june 11'])
  expect((await host.prm.explain('may 1')).text).toContain('cancelled: stopped: a typo')
  expect(await host.prm.cancel('may', 'a typo')).toEqual({ cancelled: 0 })
})

test('what is promised of it afterwards does not go either, on any host, nor what is tried again', async () => {
  const host = springfield({ quietly: true })
  host.sms.faults.push('unavailable')
  await many(host, 1)
  await host.run()
  await host.prm.cancel('may', 'a typo')
  await many(springfield({ ...host, quietly: true }), 1, 'may', 1)
  await host.advance('1h')
  expect(host.sms.taken).toEqual([])
  expect(await states(host)).toEqual({ cancelled: 2 })
})

test('a call that is under way comes to its own end, and is told as what it was', async () => {
  const host = springfield({ quietly: true, concurrency: 2 })
  await many(host, 6)
  let stopping: ReturnType<typeof host.prm.cancel> | undefined
  host.sms.onTaken = async () => {
    stopping ??= host.prm.cancel('may', 'a typo')
    await stopping
  }
  await host.run()
  expect(await stopping).toEqual({ cancelled: 4 })
  expect(await states(host)).toEqual({ accepted: 2, cancelled: 4 })
  expect(host.sms.taken).toHaveLength(2)
})

test('one that is under way, and is to be tried again, is cancelled then', async () => {
  const host = springfield({ quietly: true })
  await many(host, 1)
  const { send } = host.sms.channel
  host.sms.channel.send = async (...given) => {
    expect(await host.prm.cancel('may', 'a typo')).toEqual({ cancelled: 0 })
    return send(...given)
  }
  host.sms.faults.push('unavailable')
  await host.run()
  expect(await states(host)).toEqual({ planned: 1 })
  await host.advance('1h')
  expect(await states(host)).toEqual({ cancelled: 1 })
  expect(host.sms.calls).toBe(1)
})

test('after a kill in the middle of a call it is looked up first: what went is told as gone, what did not as cancelled', async () => {
  const host = springfield({ quietly: true })
  await many(host, 2)
  await killed(host, async (message) => {
    if (message.key === 'may 0') await host.sms.channel.send(message, {} as Context)
  })
  expect(await host.prm.cancel('may', 'a typo')).toEqual({ cancelled: 0 })
  for (let minute = 0; minute < 10; minute++) await host.advance('1m')
  expect(host.sms.calls).toBe(1)
  expect((await messageOf(host.store, 'may 0'))?.state).toBe('sent')
  const other = await messageOf(host.store, 'may 1')
  expect(other?.attempts.at(-1)?.outcome).toContain('stopped: a typo')
  expect(other?.state).toBe('cancelled')
})

test('a killed start that another worker takes up again while the jobs are listed is not told as cancelled', async () => {
  const { store, clock } = springfield({ quietly: true })
  const taking = async () => {
    await new Promise<void>((resolve) => (end = resolve))
    return { outcome: { retryAt: instant(clock.ms + 60_000), error: 'looked up' } }
  }
  let end: () => void = () => undefined
  let working: Promise<void> | undefined
  const scope = (of: string) => {
    const inner = store.scope(of)
    return {
      ...inner,
      async *jobs(query: Parameters<typeof inner.jobs>[0]) {
        // Between the list of what is under way and that of what waits.
        if (query.state === 'waiting' && !working) {
          const how = { concurrency: 1, once: true, libraries: [library.id], now: clock.now }
          working = store.work(['deliver'], taking, { ...how, signal: new AbortController().signal })
          await expect.poll(async () => (await jobsOf(store, 'active')).length).toBe(1)
        }
        yield* inner.jobs(query)
      },
    }
  }
  const host = springfield({ store: { ...store, scope }, clock, quietly: true })
  await many(host, 1)
  await killed(host, async () => undefined)
  expect(await host.prm.cancel('may', 'a typo')).toEqual({ cancelled: 0 })
  end()
  await working
  expect(await states(host)).toEqual({ planned: 1 })
})

test('a digest is of one bulk: what is of another, or of none, is told all the same', async () => {
  const host = springfield({ quietly: true })
  for (const bulk of ['may', 'june', undefined])
    await host.prm.send({
      ...plain(`digest ${bulk}`, { digest: 'd', ...(bulk !== undefined && { campaign: bulk }) }),
      content: { template: 'pickup', data: { pickup: 'Main' } },
    })
  await host.prm.cancel('may', 'a typo')
  await host.run()
  expect(host.sms.taken).toHaveLength(2)
  for (const [bulk, state] of [
    ['may', 'cancelled'],
    ['june', 'accepted'],
    ['undefined', 'accepted'],
  ] as const)
    expect((await messageOf(host.store, `digest ${bulk}`))?.state).toBe(state)
})
