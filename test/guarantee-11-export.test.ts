import { type Exported, messageReceived, notice, type Store } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import {
  all,
  Clock,
  hold,
  member,
  otherPhone,
  person,
  phone,
  plain,
  type Springfield,
  scopeOf,
  springfield,
  texted,
  webhook,
} from './fake.ts'

/** A library in the middle of everything: sent, waiting, failed, refused, asleep, half told. */
async function busy(): Promise<Springfield> {
  const one = springfield()
  withFlows(one)
  await one.prm.record([hold(1, '7'), hold(2, '8')], [person('7', phone), person('8', otherPhone)])
  await one.run()
  await one.prm.handle(webhook([texted('m1', 'STOP', otherPhone)]))
  await one.run()
  one.sms.faults.push('invalid')
  await one.prm.send(plain('dead'))
  await one.run()
  one.sms.faults.push('hang')
  await one.prm.send(plain('unknown', { to: { scheme: 'tel', value: '+12125550177' } }))
  await one.run()
  await one.prm.send(plain('tomorrow', { notBefore: '2026-11-25T16:00:00.000Z' }))
  await one.prm.send(member('half', { to: { scheme: 'tel', value: '+12125550166' } }))
  await one.prm.as({ kind: 'staff', id: 'ann' }).patrons({ scheme: 'tel', value: phone })
  return one
}
function withFlows({ prm }: Springfield): void {
  prm.flow('ask', notice, async ({ event, step }) => {
    if (event.who) await step.wait('answer', messageReceived, { address: event.who }, { timeout: '9d' })
  })
}

const rows = (store: Store): Promise<Exported[]> => all(scopeOf(store).export())
async function copy(from: readonly Exported[]): Promise<Store> {
  const store = sqlite({ memory: true })
  const count = await scopeOf(store).import(from.map((row) => JSON.parse(JSON.stringify(row))))
  expect(count.rows).toBe(from.length - 2)
  return store
}

describe('everything comes out again', () => {
  test('export, then import into an empty store, is the same store', async () => {
    const one = await busy()
    const exported = await rows(one.store)
    const kinds = new Set(exported.map(({ kind }) => kind))
    for (const kind of [
      'patron',
      'consent',
      'interaction',
      'decision',
      'message',
      'digest',
      'cursor',
      'shared',
      'run',
      'audit',
      'job',
    ])
      expect(kinds, kind).toContain(kind)
    const twin = await copy(exported)
    expect(await rows(twin)).toEqual(exported)
    for (const [kind, id] of [
      ['message', 'unknown'],
      ['message', 'dead'],
      ['shared', 'secret'],
    ] as const)
      expect(await scopeOf(twin).get(kind, id), id).toEqual(await scopeOf(one.store).get(kind, id))
    expect((await scopeOf(one.store).get('message', 'unknown'))?.version).toBeGreaterThan(1)
    expect(await all(scopeOf(twin).search('stop', {}))).toEqual(await all(scopeOf(one.store).search('stop', {})))
  })

  test('what was told is not told again, what waits goes on, what is unknown is looked up, what is refused stays refused', async () => {
    const one = await busy()
    const before = one.sms.taken.map(({ key }) => key)
    const twin = springfield({
      store: await copy(await rows(one.store)),
      clock: new Clock(one.clock.now().toISOString()),
      sms: one.sms,
      ils: one.ils,
    })
    withFlows(twin)
    await twin.prm.record([hold(1, '7'), hold(2, '8')], [person('7', phone), person('8', otherPhone)])
    await twin.advance('2m')
    expect(one.sms.taken.length).toBe(before.length + 1) // the open digest
    expect(one.sms.taken.at(-1)?.key).toBe('half')
    expect((await scopeOf(twin.store).get('message', 'unknown'))?.value.state).toBe('sent')
    await twin.advance('1d')
    expect(one.sms.taken.at(-1)?.key).toBe('tomorrow')
    const refused = await twin.prm.send(plain('more', { to: { scheme: 'tel', value: otherPhone } }))
    expect(refused.outcome).toMatchObject({ send: false, rule: 'suppressed' })
    expect(await all(scopeOf(twin.store).find('run', {}))).toHaveLength(2)
  })

  test('an erased refusal holds in the copy too', async () => {
    const one = await busy()
    await one.prm.erase({ scheme: 'tel', value: otherPhone })
    const store = await copy(await rows(one.store))
    const twin = springfield({ store, clock: one.clock })
    const refused = await twin.prm.send(plain('more', { to: { scheme: 'tel', value: otherPhone } }))
    expect(refused.outcome).toMatchObject({ send: false, rule: 'suppressed' })
  })

  test('one that was cut in the middle is told from a whole one, and sends nothing until it is imported anew', async () => {
    const one = await busy()
    const exported = await rows(one.store)
    const store = sqlite({ memory: true })
    const half = exported.slice(0, Math.floor(exported.length / 2))
    await expect(scopeOf(store).import(half)).rejects.toMatchObject({ code: 'invalid' })
    const twin = springfield({ store, clock: one.clock })
    await expect(twin.prm.send(plain('x'))).rejects.toMatchObject({ code: 'conflict' })
    await expect(twin.run()).rejects.toMatchObject({ code: 'conflict' })
    expect(twin.sms.taken).toEqual([])
    await twin.prm.import(exported)
    expect(await rows(store)).toEqual(exported)
    await twin.run()
  })
})

test('a host says so through prm', async () => {
  const one = await busy()
  const exported = await all(one.prm.export())
  const twin = springfield({ clock: one.clock })
  expect((await twin.prm.import(exported)).rows).toBe(exported.length - 2)
  await expect(twin.prm.import(exported)).rejects.toMatchObject({ code: 'conflict' })
})
