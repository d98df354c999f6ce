import { type Decision, notice, type Options, type Prm } from '@prm/core'
import { type Difference, whatIf } from '@prm/core/what-if'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import {
  all,
  fakeSms,
  hold,
  library,
  otherPhone,
  person,
  phone,
  type Springfield,
  springfield,
  templates,
  texted,
  webhook,
} from './fake.ts'

const since = '2026-11-24T00:00:00.000Z'
const purposes = {
  pickup: { basis: 'service', class: 'service' },
  news: { basis: 'consent', class: 'promotional' },
  urgent: { basis: 'service', class: 'service', quietHours: 'ignore', onUnknownOutcome: 'resend' },
} as const

/** A day in Springfield: told, told together, told at night, refused, without a number, answered. */
async function day(): Promise<Springfield> {
  const one = springfield({ voice: true })
  const people = [person('7', phone), person('8', otherPhone), person('9'), person('5', '+12125550155')]
  const now = async (minutes: number, ...facts: ReturnType<typeof hold>[]): Promise<void> => {
    one.clock.ms += minutes * 60_000
    await one.prm.record(facts, people)
    one.clock.ms += 700
    await one.run()
  }
  await now(0, hold(1, '7'), hold(2, '7'), hold(3, '9'))
  await one.prm.handle(webhook([texted('m', 'STOP', otherPhone)]))
  await now(60, hold(4, '8'))
  await now(720, hold(5, '5'))
  return one
}

function flows(prm: Prm<Adapters, keyof typeof purposes, keyof typeof templates>): void {
  prm.flow('tell', notice, async ({ event, prm }) => {
    const { kind, pickup = '', items } = event.data
    const expireAt = items[0]?.collectBy
    await prm.send({
      to: event.who ?? { scheme: 'ils', value: 'nobody' },
      purpose: 'pickup',
      content: { template: 'pickup', data: { pickup, items: items.map(({ title = '' }) => ({ title })) } },
      key: `${event.source} ${event.key}`,
      about: [event],
      digest: `${kind} ${pickup}`,
      ...(expireAt && { expireAt }),
    })
  })
}
type Adapters = Springfield['prm']['adapters']

function ask(
  one: Springfield,
  change: Partial<
    Pick<Options<Adapters, keyof typeof purposes, keyof typeof templates>, 'library' | 'purposes' | 'templates'>
  >,
  more: { readonly since?: string; readonly until?: string; readonly flows?: typeof flows } = {},
): Promise<Difference[]> {
  const options = { library, adapters: one.prm.adapters, purposes, templates, publicUrl: 'https://library.example/prm' }
  return all(whatIf(one.prm.export(), { options, store: sqlite({ memory: true }), change, flows, since, ...more }))
}
const plainly = (differences: readonly Difference[]): string[] =>
  differences
    .filter(({ changed }) => changed.length > 0)
    .map(({ key, changed }) => `${key.split(' ')[2]} ${changed.join(' ')}`)
    .toSorted()
const sending = (decision: Decision | undefined) => (decision?.outcome.send ? decision.outcome : undefined)

describe('what if', () => {
  test('nothing were otherwise: all is as it was', async () => {
    const one = await day()
    const differences = await ask(one, {})
    expect(plainly(differences)).toEqual([])
    expect(differences.length).toBe(6) // with the confirmation of the STOP
    expect(differences.filter(({ after }) => after?.outcome.send).length).toBe(4)
  })

  test('what another source told before that time stays told', async () => {
    const one = await day()
    one.clock.advance('2d')
    const later = one.clock.now().toISOString()
    await one.prm.record([{ ...hold(1, '7'), source: 'desk' }])
    await one.run()
    const differences = await ask(one, {}, { since: later })
    expect(
      differences.map(({ key, before, after, changed }) => [key, before?.outcome, after?.outcome, changed]),
    ).toEqual([
      [`desk ${hold(1, '7').key}`, { send: false, rule: 'duplicate' }, { send: false, rule: 'duplicate' }, []],
    ])
  })

  test('there were no quiet hours: what waited would go at once', async () => {
    const one = await day()
    const { quietHours: _, ...open } = library
    const differences = await ask(one, { library: open })
    expect(plainly(differences)).toEqual(['5 when'])
    expect(sending(differences.find(({ key }) => key.includes(' 5 '))?.before)?.notBefore).toBe(
      '2026-11-25T14:00:00.000Z',
    )
  })

  test('the library called instead: another medium', async () => {
    const one = await day()
    const differences = await ask(one, { purposes: { ...purposes, pickup: { ...purposes.pickup, media: ['voice'] } } })
    expect(plainly(differences)).toEqual(['1 medium', '2 medium', '5 medium'])
  })

  test('it said more: more parts', async () => {
    const one = await day()
    const pickup = () => ({ text: 'x'.repeat(200) })
    expect(plainly(await ask(one, { templates: { ...templates, pickup } }))).toEqual(['1 cost', '2 cost', '5 cost'])
  })

  test('it did not write about holds, or only with consent', async () => {
    const one = await day()
    expect(plainly(await ask(one, { purposes: { ...purposes, pickup: false } }))).toEqual([
      '1 whether',
      '2 whether',
      '3 why',
      '4 why',
      '5 whether',
    ])
    const asked = { ...purposes, pickup: { ...purposes.pickup, basis: 'consent' } } as const
    expect(plainly(await ask(one, { purposes: asked }))).toEqual(['1 whether', '2 whether', '5 whether'])
  })

  test('with caps, nothing is otherwise either, though some wait by the second', async () => {
    const one = springfield({ quietly: true, library: { frequencyCap: { max: 1, per: '1h' } } })
    flows(one.prm)
    for (const [minute, id] of [0, 3, 6].entries()) {
      one.clock.ms += minute * 61_700
      await one.prm.record([hold(id, '7', { pickup: `P${id}` })], [person('7', phone)])
      one.clock.ms += 900
      await one.run()
    }
    const options = {
      library: { ...library, frequencyCap: { max: 1, per: '1h' as const } },
      adapters: one.prm.adapters,
      purposes,
      templates,
      publicUrl: 'https://library.example/prm',
    }
    const differences = await all(
      whatIf(one.prm.export(), { options, store: sqlite({ memory: true }), change: {}, flows, since }),
    )
    expect(plainly(differences)).toEqual([])
    expect(differences.length).toBe(3)
  })

  test('of a time only', async () => {
    const one = await day()
    const differences = await ask(
      one,
      { purposes: { ...purposes, pickup: false } },
      { until: '2026-11-24T16:30:00.000Z' },
    )
    expect(plainly(differences)).toEqual(['1 whether', '2 whether', '3 why'])
  })

  test('sends nothing, asks nothing and leaves the store as it is', async () => {
    const one = await day()
    const before = await all(one.prm.export())
    const calls = one.sms.calls
    one.ils.batches = [{ interactions: [hold(99, '7')] }]
    const cursors = one.ils.cursors.length
    await ask(one, { purposes: { ...purposes, urgent: false } })
    expect(one.sms.calls).toBe(calls)
    expect(one.ils.cursors.length).toBe(cursors)
    const after = await all(one.prm.export())
    expect(after.filter(({ kind }) => kind !== 'audit' && kind !== 'end')).toEqual(
      before.filter(({ kind }) => kind !== 'audit' && kind !== 'end'),
    )
  })

  test('follows a flow up to its first step, and does nothing behind it', async () => {
    const one = await day()
    let done = 0
    const stepping: typeof flows = (prm) =>
      prm.flow('tell', notice, async ({ step }) => void (await step('effect', () => void done++)))
    expect((await ask(one, {}, { flows: stepping })).map(({ key }) => key)).toEqual([expect.stringMatching(/^stop /)])
    expect(done).toBe(0)
  })
})

describe('replay', () => {
  test('gives the decision again, and says so where it has gone', async () => {
    const one = springfield({ sms: fakeSms() })
    await one.prm.record([hold(1, '7')], [person('7', phone)])
    await one.run()
    const key = `ils ${hold(1, '7').key}`
    const { decision, replayed, same } = await one.prm.replay(key)
    expect(same).toBe(true)
    expect(replayed).toEqual({ outcome: decision.outcome, reasons: decision.reasons })
    await expect(one.prm.replay('x')).rejects.toMatchObject({ code: 'not_found' })
    expect((await all(one.prm.audit())).map(({ action }) => action)).toContain('replay')
    one.clock.ms += 200 * 86_400_000
    await one.run()
    await expect(one.prm.replay(key)).rejects.toMatchObject({ code: 'not_found' })
  })
})
