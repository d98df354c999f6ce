import { messageReceived, notice, type Prm, PrmError, type Step } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import {
  all,
  card,
  factsOf,
  hold,
  jobsOf,
  member,
  otherPhone,
  person,
  phone,
  plain,
  type Springfield,
  scopeOf,
  springfield,
  storeFile,
  tel,
  texted,
  webhook,
} from './fake.ts'

type Run = Parameters<Parameters<Prm['flow']>[2]>[0]
type Host = Springfield['prm']

const hosts: Springfield[] = []
function host(given: Parameters<typeof springfield>[0] = {}): Springfield {
  const made = springfield({ quietly: true, ...given })
  hosts.push(made)
  return made
}
afterEach(async () => {
  for (const { prm } of hosts.splice(0)) await prm.close()
})

/** A flow over notices, and what it did. */
function flow(
  prm: Host,
  run: (
    r: { step: Step; say(what: unknown): void } & Pick<Run, 'patron'> & { event: { key: string } },
  ) => Promise<void>,
): unknown[] {
  const said: unknown[] = []
  prm.flow('f', notice, ({ event, step, patron }) =>
    run({ event, step, say: (what) => void said.push(what), ...(patron && { patron }) }),
  )
  return said
}

async function told(springfield: Springfield, ...facts: Parameters<Host['record']>[0]): Promise<void> {
  await springfield.prm.record(facts, [person('7', phone)])
  await springfield.run()
}

const runsOf = (one: Springfield) => all(scopeOf(one.store).find('run', {}))

describe('a step', () => {
  test('runs once: a flow that throws later skips it, and has its result', async () => {
    const one = host()
    let calls = 0
    const said = flow(one.prm, async ({ step, say }) => {
      const made = await step('make', () => ({ number: ++calls, list: [1, null] }))
      say(made)
      if (said.length < 3) throw new Error('not yet')
    })
    await told(one, hold(1, '7'))
    for (let i = 0; i < 3; i++) await one.advance('1m')
    expect(said).toEqual([1, 1, 1].map((number) => ({ number, list: [1, null] })))
    expect(await runsOf(one)).toEqual([])
  })

  test('that is told to wait is tried again after that, and not before', async () => {
    const one = host()
    const said = flow(one.prm, async ({ step, say }) => {
      say('asked')
      const busy = new PrmError('rate_limited', 'Too many requests.', { retryAfterMs: 600_000 })
      await step('ask', () => (said.length < 2 ? Promise.reject(busy) : null))
    })
    await told(one, hold(1, '7'))
    await one.advance('9m')
    expect(said).toEqual(['asked'])
    await one.advance('1m')
    expect(said).toEqual(['asked', 'asked'])
    expect(await runsOf(one)).toEqual([])
  })

  test('each that throws is tried again, and those before it are not', async () => {
    const one = host()
    const calls: string[] = []
    const once = new Set<string>()
    flow(one.prm, async ({ step }) => {
      for (const name of ['a', 'b', 'c'])
        await step(name, () => {
          calls.push(name)
          if (!once.has(name)) {
            once.add(name)
            throw new Error(`${name} fails`)
          }
        })
    })
    await told(one, hold(1, '7'))
    for (let i = 0; i < 4; i++) await one.advance('1m')
    expect(calls).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
    expect(one.failed.length).toBe(3)
    expect(await runsOf(one)).toEqual([])
  })

  test('survives a restart in another process', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    let calls = 0
    const steps = async ({ step }: { step: Step }): Promise<void> => {
      await step('count', () => ++calls)
      await step.sleep('night', '8h')
      await step('count again', () => ++calls)
    }
    flow(first.prm, steps)
    await told(first, hold(1, '7'))
    await first.prm.close()
    const second = host({ store: sqlite({ file }), clock: first.clock })
    flow(second.prm, steps)
    await second.run()
    expect(calls).toBe(1)
    await second.advance('8h')
    expect(calls).toBe(2)
    expect(await jobsOf(second.store)).toEqual([])
    expect(await runsOf(second)).toEqual([])
  })

  test('gives back what was stored, on the first run too', async () => {
    const one = host()
    const kept = { at: [1] }
    const said = flow(one.prm, async ({ step, say }) => {
      const got = await step('a', () => kept)
      say(got === kept)
      say(await step('nothing', () => undefined))
    })
    await told(one, hold(1, '7'))
    expect(said).toEqual([false, undefined])
  })

  test.each([
    ['a date', () => new Date(0), 'Date'],
    ['a function', () => ({ f: () => 1 }), 'function'],
    ['undefined within', () => [undefined], 'undefined'],
    ['NaN', () => Number.NaN, 'NaN'],
  ])('whose result is no JSON (%s) is an error that names step and flow', async (_, run, what) => {
    const one = host()
    flow(one.prm, async ({ step }) => void (await step<unknown>('odd', run)))
    await told(one, hold(1, '7'))
    expect(one.failed.map(({ error }) => error.code)).toEqual(['invalid'])
    expect(one.failed[0]?.error.message).toContain('step "odd"')
    expect(one.failed[0]?.error.message).toContain(what)
  })

  test('two of one name in a run are an error', async () => {
    const one = host()
    flow(one.prm, async ({ step }) => {
      await step('a', () => 1)
      await step('a', () => 2)
    })
    await told(one, hold(1, '7'))
    expect(one.failed[0]?.error.message).toContain('two steps "a"')
  })

  test('of a run that somebody else has taken over counts no more', async () => {
    const one = host()
    const scope = scopeOf(one.store)
    let taken = false
    const said = flow(one.prm, async ({ step, say }) => {
      await step('a', () => 1)
      await step('b', async () => {
        const [run] = await runsOf(one)
        if (!taken && run) await scope.commit([{ put: [{ kind: 'run', value: run }] }])
        taken = true
      })
      say('end')
    })
    await told(one, hold(1, '7'))
    expect(one.failed.map(({ error }) => error.code)).toEqual(['unavailable'])
    expect(said).toEqual([])
    await one.advance('1m')
    expect(said).toEqual(['end'])
  })

  test('a flow without steps leaves no row', async () => {
    const one = host()
    flow(one.prm, async () => undefined)
    await told(one, hold(1, '7'))
    expect(await runsOf(one)).toEqual([])
  })

  test('side by side, each is stored', async () => {
    const one = host()
    let fails = true
    const calls: number[] = []
    const said = flow(one.prm, async ({ step, say }) => {
      say(
        await Promise.all(
          [1, 2, 3].map((n) =>
            step(`n${n}`, async () => {
              await new Promise((resolve) => setTimeout(resolve, n))
              calls.push(n)
              return n
            }),
          ),
        ),
      )
      if (fails) {
        fails = false
        throw new Error('once')
      }
    })
    await told(one, hold(1, '7'))
    await one.advance('1m')
    expect(calls).toEqual([1, 2, 3])
    expect(said).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })
})

describe('a sleep', () => {
  test('wakes when its time has come and not before, whatever wakes the run between', async () => {
    const one = host()
    const said = flow(one.prm, async ({ step, say }) => {
      await step.sleep('a while', '2h')
      say('awake')
    })
    await told(one, hold(1, '7'))
    await one.advance('1h')
    await one.advance('59m')
    expect(said).toEqual([])
    await one.advance('1m')
    expect(said).toEqual(['awake'])
    await one.advance('5d')
    expect(said).toEqual(['awake'])
  })

  test('until a moment that has passed does not sleep', async () => {
    const one = host()
    const said = flow(one.prm, async ({ step, say }) => {
      await step.sleep('over', '2026-11-01T00:00:00.000Z')
      say('on')
    })
    await told(one, hold(1, '7'))
    expect(said).toEqual(['on'])
  })

  test('is as long as it was at first, though the clock goes back an hour before it ends', async () => {
    const one = host()
    const said = flow(one.prm, async ({ step, say }) => {
      await step.sleep('a', '2h')
      say(one.clock.now().toISOString())
    })
    await told(one, hold(1, '7'))
    await one.advance('90m')
    one.clock.ms -= 3_600_000
    await one.run()
    await one.advance('1h')
    expect(said).toEqual([])
    await one.advance('30m')
    expect(said).toEqual(['2026-11-24T18:00:00.000Z'])
  })

  test('keeps its timer where the clock goes back in the very moment in which it wakes', async () => {
    const one = host()
    let back = false
    const said = flow(one.prm, async ({ step, say }) => {
      if (back) one.clock.ms -= 3_600_000
      back = false
      await step.sleep('a', '2h')
      say('awake')
    })
    await told(one, hold(1, '7'))
    back = true
    await one.advance('2h')
    expect(said).toEqual([])
    await one.advance('1h')
    expect(said).toEqual(['awake'])
  })

  test('until what is no time is an error that names it', async () => {
    const one = host()
    flow(one.prm, async ({ step }) => void (await step.sleep('a', 'soon' as '1s')))
    await told(one, hold(1, '7'))
    expect(one.failed[0]?.error.message).toContain('step "a"')
  })
})

describe('a wait', () => {
  const ask = (
    one: Springfield,
    answers: unknown[],
    timeout: '2d' | '5s' = '2d',
    only?: (text: string) => boolean,
  ): void =>
    one.prm.flow('ask', notice, async ({ event, patron, step, prm }) => {
      const key = `ask ${event.key}`
      await prm.send({ to: patron?.id ?? '', purpose: 'pickup', content: { text: 'Keep it? Reply 1.' }, key })
      const answer = await step.wait(
        'answer',
        messageReceived,
        { about: { source: 'prm', key } },
        {
          timeout,
          ...(only && { only: (fact) => only(fact.data.content.text) }),
        },
      )
      answers.push(answer?.data.content.text ?? 'none')
    })
  const answer = async (one: Springfield, key: string, text: string, from = phone): Promise<number> =>
    (await one.prm.handle(webhook([texted(key, text, from)]))).status

  test('ends with the answer, which is bound to the message it answers', async () => {
    const one = host()
    const answers: unknown[] = []
    ask(one, answers)
    await told(one, hold(1, '7'))
    await one.advance('3h')
    expect(await answer(one, 'm1', '1')).toBe(200)
    await one.run()
    expect(answers).toEqual(['1'])
    const [fact] = await factsOf(one.store, 'message.received')
    expect(fact?.about).toEqual({ source: 'prm', key: `ask ${hold(1, '7').key}` })
    await one.advance('3d')
    expect(answers).toEqual(['1'])
    expect(await runsOf(one)).toEqual([])
    expect(await jobsOf(one.store)).toEqual([])
  })

  test('ends with nothing at its time-out; an answer after it is not taken', async () => {
    const one = host()
    const answers: unknown[] = []
    ask(one, answers)
    await told(one, hold(1, '7'))
    await one.advance('47h')
    expect(answers).toEqual([])
    await one.advance('1h')
    expect(answers).toEqual(['none'])
    await answer(one, 'm1', '1')
    await one.advance('1h')
    expect(answers).toEqual(['none'])
  })

  test('an answer that comes twice is one', async () => {
    const one = host()
    const answers: unknown[] = []
    ask(one, answers)
    await told(one, hold(1, '7'))
    await answer(one, 'm1', '1')
    await answer(one, 'm1', '1')
    await one.run()
    await answer(one, 'm1', '1')
    await one.advance('1h')
    expect(answers).toEqual(['1'])
  })

  test('passes over what `only` refuses, and has the next', async () => {
    const one = host()
    const answers: unknown[] = []
    ask(one, answers, '2d', (text) => text === '1')
    await told(one, hold(1, '7'))
    await answer(one, 'm1', 'what?')
    await one.run()
    expect(answers).toEqual([])
    await answer(one, 'm2', '1')
    await one.run()
    expect(answers).toEqual(['1'])
  })

  test('has an answer that came while no process ran', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    const answers: unknown[] = []
    ask(first, answers)
    await told(first, hold(1, '7'))
    await answer(first, 'm1', '1')
    await first.prm.close()
    const second = host({ store: sqlite({ file }), clock: first.clock })
    ask(second, answers)
    await second.run()
    expect(answers).toEqual(['1'])
  })

  test('has an answer that was stored before it began to wait', async () => {
    const one = host()
    const said: unknown[] = []
    one.prm.flow('f', notice, async ({ patron, step, prm }) => {
      await step('hear', async () => {
        await prm.record([{ ...texted('early', 'hello'), source: 'desk' }])
      })
      const heard = await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '1h' })
      said.push(heard?.key ?? 'none')
    })
    await told(one, hold(1, '7'))
    await one.advance('2h')
    // It was stored within the step before: at the same moment, not before it.
    expect(said).toEqual(['early'])
  })

  test('has not what the patron said before the step before it', async () => {
    const one = host()
    const said: unknown[] = []
    await one.prm.record([], [person('7', phone)])
    await one.prm.record([texted('old', 'an old word')])
    one.clock.advance('1h')
    one.prm.flow('f', notice, async ({ patron, step }) => {
      const heard = await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '1h' })
      said.push(heard?.key ?? 'none')
    })
    await told(one, hold(1, '7'))
    await one.advance('2h')
    expect(said).toEqual(['none'])
  })

  test('by a message and a patron is not ended by another patron who speaks of it', async () => {
    const one = host()
    const said: unknown[] = []
    one.prm.flow('f', notice, async ({ patron, step }) => {
      const on = { about: { source: 'prm', key: 'k' }, patronId: patron?.id ?? '' }
      said.push((await step.wait('w', messageReceived, on, { timeout: '1d' }))?.key)
    })
    await told(one, hold(1, '7'))
    await one.prm.record([{ ...texted('other', 'x'), patronId: 'somebody', about: { source: 'prm', key: 'k' } }])
    await one.run()
    expect(said).toEqual([])
    await one.prm.record([{ ...texted('mine', 'x'), about: { source: 'prm', key: 'k' } }])
    await one.run()
    expect(said).toEqual(['mine'])
  })

  test('two in a row have two answers, by address', async () => {
    const one = host()
    const said: unknown[] = []
    one.prm.flow('f', notice, async ({ step }) => {
      for (const name of ['one', 'two'])
        said.push((await step.wait(name, messageReceived, { address: tel(phone) }, { timeout: '1d' }))?.key)
    })
    await told(one, hold(1, '7'))
    await one.prm.record([texted('a', 'x'), texted('other', 'x', otherPhone)])
    await one.run()
    await one.prm.record([texted('b', 'y')])
    await one.run()
    expect(said.filter(Boolean)).toEqual(['a', 'a', 'b'])
  })

  test('the first of several waits side by side goes on', async () => {
    const one = host()
    const said: unknown[] = []
    one.prm.flow('f', notice, async ({ patron, step }) => {
      said.push(
        await Promise.race([
          step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '3d' }).then((fact) => fact?.key),
          step.sleep('s', '1d').then(() => 'slept'),
        ]),
      )
    })
    await told(one, hold(1, '7'), hold(2, '8'))
    await one.prm.record([texted('a', 'x')])
    await one.run()
    expect(said).toEqual(['a'])
    await one.advance('1d')
    expect(said).toEqual(['a', 'slept'])
    await one.advance('9d')
    expect(said.length).toBe(2)
  })

  test('a fact that is stored at the very moment it begins to wait is had soon, not at the time-out', async () => {
    const one = host()
    const said: unknown[] = []
    const scope = scopeOf(one.store)
    one.prm.flow('f', notice, async ({ patron, step }) => {
      const heard = await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '9d' })
      said.push(heard?.key)
      if (!heard) throw new Error('timed out')
    })
    await told(one, hold(1, '7'))
    // As if its commit had begun before the wait stood in the store: no job wakes the run.
    const [patron] = await one.prm.patrons(tel(phone))
    await scope.commit([
      {
        put: [
          {
            kind: 'interaction',
            value: { ...texted('late', 'x'), patronId: patron?.id ?? '', seen: one.clock.now().toISOString() },
          },
        ],
      },
    ])
    await one.advance('10s')
    expect(said).toEqual(['late'])
  })

  test('by nothing is an error', async () => {
    const one = host()
    one.prm.flow('f', notice, async ({ step }) => void (await step.wait('w', messageReceived, {}, { timeout: '1h' })))
    await told(one, hold(1, '7'))
    expect(one.failed[0]?.error).toMatchObject({ code: 'invalid', field: 'on' })
  })

  test('wakes no other run', async () => {
    const one = host()
    let runs = 0
    one.prm.flow('f', notice, async ({ event, step }) => {
      runs++
      await step.wait('w', messageReceived, { address: event.who ?? card('x') }, { timeout: '9d' })
    })
    await one.prm.record(Array.from({ length: 50 }, (_, i) => hold(i, `c${i}`)))
    await one.run()
    await one.advance('10s')
    runs = 0
    await one.prm.record([{ ...texted('a', 'x'), who: card('c7') }])
    await one.run()
    expect(runs).toBe(1)
  })
})

describe('a reply on a phone of several', () => {
  test('answers the one who was told something', async () => {
    const one = host()
    await one.prm.record([], [person('7', phone), person('8', phone)])
    const [patron] = await one.prm.patrons(card('7'))
    await one.prm.send(plain('k', { to: patron?.id ?? '' }))
    await one.run()
    await one.prm.handle(webhook([texted('m', '1')]))
    const [fact] = await factsOf(one.store, 'message.received')
    expect(fact).toMatchObject({ patronId: patron?.id, about: { source: 'prm', key: 'k' } })
  })

  test('is bound to nobody when both were', async () => {
    const one = host()
    await one.prm.record([], [person('7', phone), person('8', phone)])
    for (const number of ['7', '8']) {
      const [patron] = await one.prm.patrons(card(number))
      await one.prm.send(plain(`k${number}`, { to: patron?.id ?? '' }))
    }
    await one.run()
    await one.prm.handle(webhook([texted('m', '1')]))
    const [fact] = await factsOf(one.store, 'message.received')
    expect(fact?.patronId).toBeUndefined()
    expect(fact?.about).toBeUndefined()
  })

  test('is not an answer to what was never handed over, or weeks ago, or went from another number', async () => {
    const one = host()
    await one.prm.record([], [person('7', phone)])
    const [patron] = await one.prm.patrons(card('7'))
    await one.prm.send(plain('later', { to: patron?.id ?? '', notBefore: '2026-11-30T16:00:00.000Z' }))
    await one.run()
    const about = async (key: string, more: object = {}) => {
      await one.prm.record([{ ...texted(key, 'x'), ...more }])
      return (await all(one.prm.timeline(patron?.id ?? ''))).find((fact) => fact.key === key)?.about
    }
    expect(await about('m1')).toBeUndefined()
    await one.prm.send(plain('now', { to: patron?.id ?? '' }))
    await one.run()
    expect(await about('m2')).toEqual({ source: 'prm', key: 'now' })
    expect(await about('m3', { to: tel('+12125550777') })).toBeUndefined()
    await one.advance('30d')
    await one.advance('30d')
    expect(await about('m4')).toBeUndefined()
  })
})

describe('a changed flow', () => {
  test('retired, it finishes the runs under way and begins none', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    const said: string[] = []
    const old = async ({ step }: { step: Step }): Promise<void> => {
      await step.sleep('a', '1h')
      said.push('old')
    }
    first.prm.flow('hold', notice, old)
    await told(first, hold(1, '7'))
    await first.prm.close()
    const second = host({ store: sqlite({ file }), clock: first.clock })
    second.prm.flow('hold', notice, old, { retired: true })
    second.prm.flow('hold 2', notice, async () => void said.push('new'))
    await told(second, hold(2, '7'))
    await second.advance('1h')
    expect(said.toSorted()).toEqual(['new', 'old'])
  })

  test('retired, it still does what it was promised to before', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    const said: string[] = []
    first.prm.flow('hold', notice, async () => void said.push('old'))
    await first.prm.record([hold(1, '7')])
    await first.prm.close()
    const second = host({ store: sqlite({ file }), clock: first.clock })
    second.prm.flow('hold', notice, async () => void said.push('old'), { retired: true })
    second.prm.flow('hold 2', notice, async () => void said.push('new'))
    await second.run()
    expect(said).toEqual(['old'])
  })

  test('whose code is gone keeps its runs until it is back', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    const said: string[] = []
    const old = async ({ step }: { step: Step }): Promise<void> => {
      await step.sleep('a', '1h')
      said.push('old')
    }
    first.prm.flow('hold', notice, old)
    await told(first, hold(1, '7'))
    await first.prm.close()
    const second = host({ store: sqlite({ file }), clock: first.clock })
    await second.advance('2h')
    await second.prm.close()
    const third = host({ store: sqlite({ file }), clock: first.clock })
    third.prm.flow('hold', notice, old, { retired: true })
    await third.run()
    expect(said).toEqual(['old'])
  })
})

test('what a flow sends and records stands under its name', async () => {
  const one = host()
  one.prm.flow('teller', notice, async ({ prm }) => {
    await prm.record([{ key: 'n', type: 'note.added', source: 'desk', data: { text: 'x' } }])
    await prm.send(plain('k'))
    await prm.send(member('d'))
  })
  await told(one, hold(1, '7'))
  const by = { kind: 'flow', id: 'teller' }
  expect((await factsOf(one.store, 'note.added'))[0]?.by).toEqual(by)
  expect((await all(scopeOf(one.store).find('decision', {}))).map((decision) => decision.by)).toEqual([by, by])
})

describe('side by side', () => {
  test('a race is won on the next run as it was won at first', async () => {
    const one = host()
    const did: string[] = []
    one.prm.flow('f', notice, async ({ patron, step }) => {
      const said = await Promise.race([
        step.wait('answer', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '5d' }).then(() => 'answered'),
        step.sleep('nudge', '1d').then(() => 'nudge'),
      ])
      if (said === 'nudge') return void (await step('remind', () => void did.push('remind')))
      await step('thank', () => void did.push('thank'))
      await step.sleep('later', '2d')
      await step('follow up', () => void did.push('follow up'))
    })
    await told(one, hold(1, '7'))
    one.clock.advance('1h')
    await one.prm.record([texted('a', 'yes')])
    await one.run()
    await one.advance('1d')
    await one.advance('2d')
    expect(did).toEqual(['thank', 'follow up'])
  })

  test('what came first counts first, also where nobody looked at the time', async () => {
    const file = storeFile()
    const first = host({ store: sqlite({ file }) })
    const said: string[] = []
    const race = (one: Springfield): void =>
      one.prm.flow('f', notice, async ({ patron, step }) => {
        said.push(
          await Promise.race([
            step.sleep('nudge', '1d').then(() => 'nudge'),
            step
              .wait('answer', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '5d' })
              .then(() => 'answered'),
          ]),
        )
      })
    race(first)
    await told(first, hold(1, '7'))
    first.clock.advance('1h')
    await first.prm.record([texted('a', 'yes')])
    await first.prm.close()
    first.clock.advance('2d')
    const second = host({ store: sqlite({ file }), clock: first.clock })
    race(second)
    await second.run()
    expect(said).toEqual(['answered'])
  })

  test('the winner goes on through its sends', async () => {
    const one = host()
    const did: string[] = []
    one.prm.flow('f', notice, async ({ patron, step, prm }) => {
      const to = patron?.id ?? ''
      await Promise.race([
        step.wait('answer', messageReceived, { patronId: to }, { timeout: '2d' }),
        step.sleep('late', '3d'),
      ])
      await prm.send(plain('thanks', { to }))
      await step('renew', () => void did.push(one.clock.now().toISOString()))
    })
    await told(one, hold(1, '7'))
    await one.prm.record([texted('a', 'yes')])
    await one.run()
    expect(did).toEqual(['2026-11-24T16:00:00.000Z'])
    expect(await jobsOf(one.store)).toEqual([])
  })

  test('what is beside a step that throws comes to its end, and is not done twice', async () => {
    const one = host()
    const did: string[] = []
    let fails = true
    one.prm.flow('f', notice, async ({ step }) => {
      await Promise.all([
        step('charge', async () => {
          await new Promise((resolve) => setTimeout(resolve, 50))
          did.push('charged')
        }),
        step('flaky', () => {
          if (fails) throw new Error('once')
        }),
      ])
    })
    await told(one, hold(1, '7'))
    fails = false
    await one.advance('1m')
    expect(did).toEqual(['charged'])
  })

  test('a step that throws before anybody looks at it ends its flow, and no process', async () => {
    const one = host()
    const said: string[] = []
    one.prm.flow('f', notice, async ({ patron, step }) => {
      const ticket = step('ticket', () => {
        throw new Error('no')
      })
      await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '1h' })
      await ticket.catch(() => said.push('caught'))
    })
    await told(one, hold(1, '7'))
    await one.advance('1h')
    expect(said).toEqual(['caught'])
  })

  test('a step that ends when its run is over leaves no row', async () => {
    const one = host()
    let end: (value: string) => void = () => undefined
    one.prm.flow('f', notice, async ({ step }) => {
      const ask = step('ask', () => new Promise<string>((resolve) => (end = resolve)))
      await Promise.race([ask, new Promise((resolve) => setTimeout(resolve, 20))])
    })
    await told(one, hold(1, '7'))
    end('Maria')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await runsOf(one)).toEqual([])
  })
})

describe('a menu of keywords', () => {
  test('hears every text, however quick they come', async () => {
    const one = host()
    const heard: string[] = []
    one.prm.flow('menu', notice, async ({ step }) => {
      for (let n = 1; n <= 3; n++) {
        const said = await step.wait(`word ${n}`, messageReceived, { address: tel(phone) }, { timeout: '1h' })
        if (!said) return
        await step(`do ${n}`, () => void heard.push(said.data.content.text))
      }
    })
    await told(one, hold(1, '7'))
    one.clock.advance('1m')
    await one.prm.record([texted('1', 'RENEW')])
    one.clock.advance('1s')
    await one.prm.record([texted('2', 'HOURS')])
    await one.run()
    one.clock.advance('1s')
    await one.prm.record([texted('3', 'MYHOLDS')])
    await one.run()
    expect(heard).toEqual(['RENEW', 'HOURS', 'MYHOLDS'])
  })
})

test('every member of a digest hears the answer to it, and so does who was told another way', async () => {
  const one = springfield()
  hosts.push(one)
  const said: string[] = []
  one.prm.flow('ask', notice, async ({ event, step }) => {
    const about = { source: 'prm', key: `${event.source} ${event.key}` }
    const answer = await step.wait('w', messageReceived, { about }, { timeout: '1d' })
    said.push(`${event.key.split(' ')[1]} ${answer?.data.content.text ?? 'none'}`)
  })
  await one.prm.record([hold(1, '7'), hold(2, '7')], [person('7', phone)])
  await one.run()
  await one.prm.handle(webhook([texted('a', 'KEEP')]))
  await one.run()
  expect(said.toSorted()).toEqual(['1 KEEP', '2 KEEP'])
})

test('a run that is over leaves no timer', async () => {
  const one = host()
  one.prm.flow('f', notice, async ({ patron, step }) => {
    await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '20d' })
  })
  await told(one, hold(1, '7'))
  await one.prm.record([texted('a', 'x')])
  expect(await one.run()).toEqual({ waiting: 0 })
})

test('a flow that hangs holds up no stop', { timeout: 40_000 }, async () => {
  const one = host()
  one.prm.flow('f', notice, async ({ step }) => {
    await step('call', () => new Promise(() => undefined))
  })
  await one.prm.record([hold(1, '7')], [person('7', phone)])
  const stop = new AbortController()
  const run = one.prm.run({ signal: stop.signal })
  await new Promise((resolve) => setTimeout(resolve, 300))
  stop.abort()
  await run
  expect((await jobsOf(one.store)).map(({ name }) => name)).toContain('flow:f')
})

test('an answer is heard though the clock went back an hour before it came', async () => {
  const one = host()
  const said: unknown[] = []
  one.prm.flow('f', notice, async ({ patron, step }) => {
    said.push((await step.wait('w', messageReceived, { patronId: patron?.id ?? '' }, { timeout: '1d' }))?.key)
  })
  await told(one, hold(1, '7'))
  one.clock.ms -= 3_600_000
  await one.prm.record([texted('late', 'yes')])
  await one.run()
  expect(said).toEqual(['late'])
})

test('a key of its own is no follow-up of another', async () => {
  const one = host()
  await expect(one.prm.send(plain('k again'))).rejects.toMatchObject({ code: 'invalid', field: 'key' })
})

test('a step that throws `unknown` is not done again: its flow is a dead letter at once', async () => {
  const one = host()
  let calls = 0
  one.prm.flow('f', notice, async ({ step }) => {
    await step('renew', () => {
      calls++
      throw new PrmError('unknown', 'It may have been taken.')
    })
  })
  await told(one, hold(1, '7'))
  await one.advance('1d')
  expect(calls).toBe(1)
  expect(one.failed).toMatchObject([{ error: { code: 'unknown' }, dead: true }])
  expect(await jobsOf(one.store, 'dead')).toHaveLength(1)
})
