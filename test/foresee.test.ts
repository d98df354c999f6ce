import type { Channel, PatronUpdate } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { sqlite } from '@prm/store-sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const channel = (medium: 'sms' | 'email', perSecond?: number): Channel => ({
  medium,
  schemes: [medium === 'sms' ? 'tel' : 'mailto'],
  exposure: 'private',
  senders: [{ address: { scheme: 'tel', value: '+12125550100' }, ...(perSecond && { perSecond }) }],
  limits: { idempotent: true },
  measure: ({ text }) => ({
    units: Math.ceil(text.length / 10),
    unit: 'part',
    cost: { micros: 5, currency: 'USD' },
    warnings: [],
  }),
  send: async () => ({ state: 'accepted', raw: null }),
})
const adapter = (channel: Channel) => ({ spec: 1, kind: 'fake', version: '0', emits: [], channel }) as const

const host = () =>
  testPrm({
    at: '2026-11-25T02:30:00.000Z',
    store: sqlite({ memory: true }),
    library: {
      id: 'springfield',
      name: 'Springfield',
      timeZone: 'America/Chicago',
      locale: 'en',
      region: 'US',
      quietHours: { from: '21:00', to: '08:00' },
      frequencyCap: { max: 1, per: '7d' },
    },
    adapters: { sms: adapter(channel('sms', 2)), mail: adapter(channel('email')) },
    purposes: {
      news: { basis: 'consent', class: 'promotional', exclude: { expired: true } },
      notices: { basis: 'service', class: 'service' },
    },
  })

const phones = ['+12125550101', '+12125550102', '+12125550103']
const someone = fc.record({
  phone: fc.option(fc.constantFrom(...phones), { nil: undefined }),
  mail: fc.option(fc.constantFrom('a@example.org', 'b@example.org'), { nil: undefined }),
  timeZone: fc.constantFrom('America/Denver', 'America/New_York', undefined),
  birthDate: fc.constantFrom('2015-01-01', '1980-01-01', undefined),
  expires: fc.constantFrom('2020-01-01', '2030-01-01', undefined),
  agreed: fc.boolean(),
  words: fc.string({ minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
})

test('what is foreseen of people whom the store does not know is what is decided once it does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(someone, { maxLength: 6, selector: ({ phone, mail }) => phone ?? mail ?? '' }),
      fc.array(fc.constantFrom(...phones), { maxLength: 1 }),
      fc.constantFrom('news', 'notices'),
      async (people, stopped, purpose) => {
        const prm = await host()
        for (const value of stopped)
          await prm.recordConsent({ address: { scheme: 'tel', value }, purpose: '*', state: 'denied', basis: 'stop' })
        const asked = people
          // Two people at one address are nobody in particular, which is another matter.
          .filter(
            ({ mail }, index) =>
              !people.some((other, at) => at < index && other.mail !== undefined && other.mail === mail),
          )
          .map(({ phone, mail, timeZone, birthDate, expires, agreed, words }, index) => {
            const who: PatronUpdate = {
              at: { scheme: 'ils', realm: 'ils/card', value: `${index}` },
              also: [
                ...(phone ? [{ scheme: 'tel', value: phone }] : []),
                ...(mail ? [{ scheme: 'mailto', value: mail }] : []),
              ],
              ...(timeZone && { timeZone }),
              ...(birthDate && { birthDate }),
              ...(expires && { expires }),
            }
            return { patron: who, agreed, words, key: `k${index}` }
          })
        const foreseen: unknown[] = []
        const asks = asked.map(({ words, ...ask }) => ({
          ...ask,
          purpose,
          adapters: ['sms', 'mail'] as const,
          content: () => ({ text: words }),
        }))
        for await (const { outcome } of prm.preview(asks as never)) foreseen.push(outcome ?? null)
        const stored = async () => {
          const kinds: string[] = []
          for await (const { kind } of prm.store.scope('springfield').export()) kinds.push(kind)
          return kinds.filter(
            (kind) => kind === 'patron' || kind === 'decision' || kind === 'message' || kind === 'sender',
          )
        }
        expect(await stored()).toEqual([])
        await prm.record(
          [],
          asked.map(({ patron }) => patron),
        )
        for (const { patron: who, agreed } of asked)
          for (const address of agreed ? who.also : [])
            await prm.recordConsent({
              address,
              purpose,
              state: 'granted',
              basis: 'request',
              at: '1970-01-01T00:00:00.000Z',
            })
        const decided: unknown[] = []
        for (const { patron: who, words, key } of asked) {
          const { outcome } = await prm.send({ to: who.at, purpose: purpose as 'news', content: { text: words }, key })
          decided.push(outcome.send ? outcome : null)
        }
        expect(foreseen).toEqual(decided)
        await prm.close()
      },
    ),
    { numRuns: 150 },
  )
})

test('says all that speaks against it, and not only the first', async () => {
  const prm = await host()
  const tel = { scheme: 'tel', value: '+12125550101' } as const
  await prm.recordConsent({ address: tel, purpose: '*', state: 'denied', basis: 'stop' })
  const who: PatronUpdate = {
    at: { scheme: 'ils', realm: 'ils/card', value: '1' },
    also: [tel],
    birthDate: '2015-01-01',
    expires: '2020-01-01',
  }
  const ask = { key: '1', purpose: 'news', adapters: ['sms'], patron: who, content: () => ({ text: 'News.' }) } as const
  for await (const { outcome, blockers } of prm.preview([ask])) {
    expect(outcome).toBeUndefined()
    expect(blockers.map(({ rule, standing }) => [rule, standing])).toEqual([
      ['block', undefined],
      ['minor', undefined],
      ['suppressed', 'refused'],
    ])
  }
  await prm.close()
})

test('a mailbox is the same in capitals', async () => {
  const prm = await host()
  const mailbox = (value: string) => ({ scheme: 'mailto', value })
  await prm.recordConsent({ address: mailbox('ada@example.org'), purpose: '*', state: 'denied', basis: 'stop' })
  const who: PatronUpdate = { at: { scheme: 'ils', realm: 'ils/card', value: '1' }, also: [mailbox('Ada@Example.org')] }
  const ask = {
    key: '1',
    purpose: 'notices',
    adapters: ['mail'],
    patron: who,
    content: () => ({ text: 'News.' }),
  } as const
  for await (const { outcome, blockers } of prm.preview([ask])) {
    expect(outcome).toBeUndefined()
    expect(blockers.map(({ rule }) => rule)).toEqual(['suppressed'])
  }
  await prm.close()
})

test('refuses a zone that there is not, and a way that is none', async () => {
  const prm = await host()
  const at = { scheme: 'ils', realm: 'ils/card', value: '1' }
  await expect(prm.record([], [{ at, also: [], timeZone: 'Mars/Base' }])).rejects.toMatchObject({
    code: 'invalid',
    field: 'timeZone',
  })
  const ask = {
    key: '1',
    purpose: 'news',
    adapters: ['fax' as 'sms'],
    patron: { at, also: [] },
    content: () => ({ text: '.' }),
  } as const
  await expect(async () => {
    for await (const _ of prm.preview([ask]));
  }).rejects.toMatchObject({ code: 'invalid', field: 'adapters' })
  await prm.close()
})
