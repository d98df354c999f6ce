import { sqlite } from '@prm/store-sqlite'
import { expect, test } from 'vitest'
import {
  all,
  card,
  fakeSms,
  hold,
  person,
  phone,
  plain,
  type Springfield,
  springfield,
  tel,
  texted,
  webhook,
} from './fake.ts'

/** Two libraries in one store, each with its own host, that know the same card number and phone. */
function neighbours(): { readonly north: Springfield; readonly south: Springfield } {
  const store = sqlite({ memory: true })
  const north = springfield({ store, library: { id: 'north', name: 'North' } })
  return { north, south: springfield({ store, clock: north.clock, library: { id: 'south', name: 'South' } }) }
}

test('the same keys, cards and phones in two libraries are two of each', async () => {
  const { north, south } = neighbours()
  for (const { prm } of [north, south]) await prm.record([hold(1, '7')], [person('7', phone)])
  await north.run()
  await south.run()
  expect([north, south].map(({ sms }) => sms.taken.length)).toEqual([1, 1])
  const [a] = await north.prm.patrons(card('7'))
  const [b] = await south.prm.patrons(card('7'))
  expect(a?.id).not.toBe(b?.id)
  expect(await all(south.prm.timeline(a?.id ?? ''))).toEqual([])
})

test('one asks for, searches, erases, exports and expires nothing of the other', async () => {
  const { north, south } = neighbours()
  await south.prm.record([hold(1, '7')], [person('7', phone)])
  await south.run()
  await south.prm.handle(webhook([texted('m', 'where is my kumquat')]))
  const [patron] = await south.prm.patrons(card('7'))
  const before = await all(south.prm.export())

  expect(await north.prm.patrons(card('7'))).toEqual([])
  expect(await all(north.prm.search('kumquat'))).toEqual([])
  expect(await all(north.prm.timeline(patron?.id ?? ''))).toEqual([])
  expect(await all(north.prm.audit({ patronId: patron?.id ?? '' }))).toMatchObject([{ action: 'timeline' }])
  expect((await north.prm.erase(patron?.id ?? '')).removed).toBe(1) // the look that it made itself
  expect((await north.prm.erase(tel(phone))).removed).toBe(0)
  await expect(north.prm.explain(`ils ${hold(1, '7').key}`)).rejects.toMatchObject({ code: 'not_found' })
  const exported = JSON.stringify(await all(north.prm.export()))
  for (const theirs of [phone, 'kumquat', 'A Secret History', patron?.id ?? 'x']) expect(exported).not.toContain(theirs)
  north.clock.advance('300d')
  await north.prm.applyRetention()
  north.clock.ms -= 300 * 86_400_000
  const after = await all(south.prm.export())
  expect(after.filter(({ kind }) => kind !== 'audit').slice(0, -1)).toEqual(
    before.filter(({ kind }) => kind !== 'audit').slice(0, -1),
  )
  expect((await all(south.prm.search('kumquat'))).length).toBe(1)
})

test('a STOP to one is none to the other', async () => {
  const { north, south } = neighbours()
  await north.prm.handle(webhook([texted('m', 'STOP')]))
  for (const { prm, run } of [north, south]) {
    await prm.send(plain('k'))
    await run()
  }
  expect(north.sms.taken.map(({ key }) => key)).toEqual([expect.stringMatching(/^stop /)])
  expect(south.sms.taken.map(({ key }) => key)).toEqual(['k'])
})

test("one host's run does the work of its own library only", async () => {
  const { north, south } = neighbours()
  await north.prm.send(plain('n'))
  await south.prm.send(plain('s'))
  await north.run()
  expect([north, south].map(({ sms }) => sms.taken.map(({ key }) => key))).toEqual([['n'], []])
  await south.run()
  expect(south.sms.taken.map(({ key }) => key)).toEqual(['s'])
})

test('branches of one ILS speak by their own adapters, under one wall', async () => {
  const east = fakeSms()
  const one = springfield({
    more: { east },
    library: {
      branches: [
        { id: 'EAST', name: 'East', adapters: ['east'] },
        { id: 'WEST', name: 'West', adapters: ['sms'] },
      ],
    },
  })
  await one.prm.record(
    [hold(1, '7', { branch: 'EAST', pickup: 'East' }), hold(2, '8', { branch: 'WEST', pickup: 'West' })],
    [person('7', phone), person('8', '+12125550188')],
  )
  await one.run()
  expect(east.taken.map(({ content }) => content.text)).toEqual(['1 to collect at East.'])
  expect(one.sms.taken.map(({ content }) => content.text)).toEqual(['1 to collect at West.'])
})
