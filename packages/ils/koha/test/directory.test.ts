import type { DirectoryEntry } from '@prm/core'
import { describe, expect, test } from 'vitest'
import { alder, both, card, id, mail, tel, user } from './context.ts'

const ids = (found: readonly DirectoryEntry[]) =>
  found.map(({ identities }) => identities.find(({ realm }) => realm === 'koha/id')?.value).sort()

describe.each(both)('find, on %s', (release) => {
  test('by card, user name and id, exactly', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    // `_match` is `contains` unless told otherwise.
    simulator.patron({ patron_id: 1003, cardnumber: '123529000010001', userid: 'adam' })
    expect(ids(await koha.directory.find(card('23529000010001'), ctx))).toEqual(['1001'])
    expect(ids(await koha.directory.find(card('2352900001000'), ctx))).toEqual([])
    expect(ids(await koha.directory.find(user('ADA'), ctx))).toEqual(['1001'])
    expect(
      simulator
        .calls()
        .filter(({ query }) => query.includes('cardnumber'))
        .every(({ query }) => query.includes('_match=exact')),
    ).toBe(true)
    // MySQL takes é for e.
    simulator.patron({ patron_id: 1006, userid: 'josé' })
    expect(await koha.directory.find(user('jose'), ctx)).toEqual([])
    expect(ids(await koha.directory.find(id(1002), ctx))).toEqual(['1002'])
    expect(await koha.directory.find(id(77), ctx)).toEqual([])
    expect(await koha.directory.find(id('1002; drop'), ctx)).toEqual([])
  })

  test('by any of the e-mail fields', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 1003, altaddress_email: 'Ada@Mail.example' })
    expect(ids(await koha.directory.find(mail('ada@mail.example'), ctx))).toEqual(['1001', '1003'])
    expect(ids(await koha.directory.find(mail('ben@mail.example'), ctx))).toEqual(['1002'])
    expect(await koha.directory.find(mail('da@mail.example'), ctx)).toEqual([])
  })

  test('by a phone in any field, however it was typed: all of the family', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 1003, secondary_phone: '+12125550134' })
    simulator.patron({ patron_id: 1004, altaddress_phone: '1 212 555-0134' })
    simulator.patron({ patron_id: 1005, phone: '312-555-0134', altcontact_phone: '212-555-0134', fax: '212-555-0134' })
    const found = await koha.directory.find(tel('+12125550134'), ctx)
    expect(ids(found)).toEqual(['1001', '1002', '1003', '1004'])
    expect(ids(await koha.directory.find(tel('212-555-0134'), ctx))).toEqual(ids(found))
    expect(await koha.directory.find(tel('+12125550199'), ctx)).toEqual([])
    expect(await koha.directory.find(tel('the old one'), ctx)).toEqual([])
  })

  test('by a phone that is typed in pairs, in a country that does so', async () => {
    const { koha, simulator, ctx } = await alder({ release }, { region: 'FR' })
    simulator.patron({ patron_id: 1003, phone: '01 70 18 99 00' })
    simulator.patron({ patron_id: 1004, mobile: '+33170189900' })
    expect(ids(await koha.directory.find(tel('+33170189900'), ctx))).toEqual(['1003', '1004'])
  })

  test('of another system nobody is known', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    expect(await koha.directory.find({ scheme: 'ils', realm: 'sierra/card', value: '23529000010001' }, ctx)).toEqual([])
    expect(await koha.directory.find({ scheme: 'ils', value: '23529000010001' }, ctx)).toEqual([])
    expect(await koha.directory.find({ scheme: 'acct', value: 'ada@social.example' }, ctx)).toEqual([])
    expect(simulator.calls()).toEqual([])
  })

  test('more than a page of matches is all of them', async () => {
    const { koha, simulator, ctx } = await alder({ release })
    for (let n = 0; n < 130; n++) simulator.patron({ patron_id: 5000 + n, email: 'school@mail.example' })
    expect(await koha.directory.find(mail('school@mail.example'), ctx)).toHaveLength(130)
  })
})

describe.each(both)('an entry, on %s', (release) => {
  const entryOf = async (
    fields: Parameters<Awaited<ReturnType<typeof alder>>['simulator']['patron']>[0],
    config = {},
  ) => {
    const { koha, simulator, ctx } = await alder({ release }, config)
    simulator.patron({ patron_id: 1010, ...fields })
    const [entry] = await koha.directory.find(id(1010), ctx)
    if (!entry) throw new Error('nobody')
    return entry
  }

  test('names all that somebody is known by, and what Koha itself vouches for', async () => {
    const entry = await entryOf({
      cardnumber: '400',
      userid: 'kim',
      sms_number: '(212) 555-0150',
      mobile: '212 555 0150',
      phone: 'call the neighbour',
      fax: '212-555-0151',
      altcontact_phone: '212-555-0152',
      email: 'kim@mail.example',
      secondary_email: 'n/a',
    })
    expect(entry.identities).toEqual([
      { scheme: 'ils', realm: 'koha/id', value: '1010', verified: true },
      { scheme: 'ils', realm: 'koha/card', value: '400', verified: true },
      { scheme: 'ils', realm: 'koha/user', value: 'kim', verified: true },
      { scheme: 'tel', value: '+12125550150', verified: false },
      { scheme: 'tel', value: 'call the neighbour', verified: false },
      { scheme: 'mailto', value: 'kim@mail.example', verified: false },
    ])
  })

  test('has the realm that the host names it', async () => {
    const { koha, ctx } = await alder({ release }, { realm: 'alder' })
    const [entry] = await koha.directory.find({ scheme: 'ils', realm: 'alder/card', value: '23529000010001' }, ctx)
    expect(entry?.identities.map(({ realm }) => realm).slice(0, 3)).toEqual(['alder/id', 'alder/card', 'alder/user'])
  })

  test('tells what is known, what is known to be empty, and what Koha does not tell', async () => {
    const full = await entryOf({ firstname: 'Kim', surname: 'Ash', lang: 'fr-ca', date_of_birth: '2012-05-01' })
    expect(full).toMatchObject({
      name: { is: 'value', value: 'Kim Ash' },
      locale: { is: 'value', value: 'fr-CA' },
      branch: { is: 'value', value: 'ELM' },
      category: { is: 'value', value: 'PT' },
      birthDate: { is: 'value', value: '2012-05-01' },
      expires: { is: 'value', value: '2099-12-31' },
      blocks: { is: 'empty' },
      preferences: { is: 'unavailable' },
    })
    const bare = await entryOf({ firstname: null, surname: 'Elm Press', date_of_birth: null })
    expect(bare).toMatchObject({
      name: { is: 'value', value: 'Elm Press' },
      locale: { is: 'empty' },
      birthDate: { is: 'empty' },
    })
    expect((await entryOf({ firstname: null, surname: null })).name).toEqual({ is: 'empty' })
    expect((await entryOf({ lang: 'the_old' })).locale.is).toBe('unavailable')
  })

  test('names the blocks that stand in the record, an ended card by its day', async () => {
    const blocks = async (fields: object) => (await entryOf(fields as never)).blocks
    expect(await blocks({ expiry_date: '2026-11-23' })).toEqual({ is: 'value', value: ['expired'] })
    expect(await blocks({ expiry_date: '2026-11-24' })).toEqual({ is: 'empty' })
    expect(await blocks({ patron_card_lost: true, restricted: true, incorrect_address: true })).toEqual({
      is: 'value',
      value: ['card-lost', 'restricted', 'address'],
    })
  })
})

test('an old Koha names the guarantor, a new one does not tell', async () => {
  const guardian = async (release: (typeof both)[number]) => {
    const { koha, simulator, ctx } = await alder({ release })
    simulator.patron({ patron_id: 1010, guarantor_id: 1001 })
    return (await koha.directory.find(id(1010), ctx))[0]?.guardian
  }
  expect(await guardian('19.11')).toEqual({ is: 'value', value: id(1001) })
  expect(await guardian('today')).toMatchObject({ is: 'unavailable' })
})
