import type { Interaction, PatronUpdate } from '@prm/core'
import { testPrm } from '@prm/core/testing'
import { email } from '@prm/email'
import * as mail from '@prm/email/simulator'
import { sqlite } from '@prm/store-sqlite'
import { twilio } from '@prm/twilio'
import * as texts from '@prm/twilio/simulator'
import { describe, expect, onTestFinished, test } from 'vitest'
import { solved, themeSolved } from '../src/solved.ts'

const tel = (n: number) => ({ scheme: 'tel', value: `+1212555${String(n).padStart(4, '0')}` })
const card = (n: number) => ({ scheme: 'ils', realm: 'koha/card', value: `${n}` })
const mailto = (n: number) => ({ scheme: 'mailto', value: `reader${n}@mail.example.org` })
const what = {
  theme: 'elevator 2026',
  did: 'The elevator was repaired.',
  purpose: 'back',
  content: { text: 'You asked about the elevator: it runs again.' },
} as const

/** Noon on a Tuesday; texts by Twilio's simulator, mail by a mail server of loopback. */
async function place() {
  const url = 'https://library.example/prm'
  const [sms, post] = [await texts.simulate({ webhookUrl: `${url}/sms` }), await mail.simulate()]
  const prm = await testPrm({
    at: '2026-11-24T18:00:00.000Z',
    store: sqlite({ memory: true }),
    publicUrl: url,
    library: {
      id: 'alder',
      name: 'Alder Library',
      timeZone: 'America/Chicago',
      locale: 'en',
      region: 'US',
      quietHours: { from: '21:00', to: '08:00' },
    },
    adapters: {
      sms: twilio({ ...sms.credentials, baseUrl: sms.url }),
      mail: email({
        from: 'Alder <notices@alder.example>',
        secret: 'a secret of sixteen or more letters',
        smtp: post.credentials,
      }),
    },
    purposes: {
      back: { basis: 'consent', class: 'service', media: ['sms', 'email'] },
      answer: { basis: 'service', class: 'service' },
    },
    events: [themeSolved],
  })
  onTestFinished(async () => {
    await prm.close()
    await Promise.all([sms.close(), post.close()])
  })
  const agree = (...who: ReturnType<typeof tel>[]) =>
    Promise.all(
      who.map((address) => prm.recordConsent({ address, purpose: 'back', state: 'granted', basis: 'request' })),
    )
  const meet = (...people: PatronUpdate[]) => prm.record([], people)
  /** Questions from elsewhere, in the order of the numbers; their ids. */
  const ask = async (...facts: readonly Partial<Interaction>[]): Promise<readonly string[]> => {
    const asked = facts.map((fact, n) => ({
      source: 'desk',
      key: `q${n}`,
      type: 'question.asked',
      data: { medium: 'chat', text: 'when will the elevator run' },
      ...fact,
    }))
    await prm.record(asked)
    return asked.map(({ source, key }) => `${source} ${key}`)
  }
  const sent = async () => {
    await prm.settled()
    const mails = post.taken().map(({ to }) => to)
    return [...sms.received().map(({ to }) => to?.value ?? ''), ...mails].sort()
  }
  return { prm, agree, meet, ask, sent, sms, post }
}
const numbers = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, n) => from + n)

describe('you asked, we did', () => {
  test('tells each of those who raised it and agreed, once, by the way they prefer', async () => {
    const { prm, agree, meet, ask, sent } = await place()
    await meet(
      ...numbers(6).map((n) => ({
        at: card(n),
        also: [tel(n), mailto(n)],
        ...(n < 3 && { preferences: { back: ['email'] } }),
      })),
    )
    await agree(...numbers(6).flatMap((n) => [tel(n), mailto(n)]))
    // By card, by phone, and one of them three times.
    const rows = await ask(
      ...numbers(6).map((n) => ({ who: n % 2 ? card(n) : tel(n) })),
      { key: 'again', who: mailto(0) },
      { key: 'and again', who: card(0) },
    )
    const { report, rows: ids } = await solved(prm, { ...what, rows })
    expect(report).toEqual({
      k: 5,
      raised: 6,
      told: 6,
      untold: [],
      summary: ['6 are told, now or when they may be.'],
    })
    expect(await sent()).toEqual([
      '+12125550003',
      '+12125550004',
      '+12125550005',
      ...numbers(3).map((n) => mailto(n).value),
    ])
    expect([...(ids.told ?? [])].sort()).toEqual([...rows].sort())
  })

  test('an address that nobody is known at hears back there, a family’s phone once', async () => {
    const { prm, agree, meet, ask, sent } = await place()
    const preferences = { back: ['email'] }
    await meet(...[1, 2].map((n) => ({ at: card(n), also: [tel(9), mailto(n)], preferences })))
    await agree(tel(9), tel(10), mailto(1), mailto(2)) // of the two nobody knows who asked
    const rows = await ask({ who: tel(9) }, { who: tel(10) }, { who: tel(9) })
    const { report } = await solved(prm, { ...what, rows, k: 1 })
    expect(report).toMatchObject({ raised: 2, told: 2 })
    expect(await sent()).toEqual([tel(9).value, tel(10).value])
  })

  test('is not told to who did not agree, who said STOP, whom nobody can reach, and whom nobody knows', async () => {
    const { prm, agree, ask, sent, sms } = await place()
    await agree(...numbers(12).map(tel))
    for (const n of numbers(5)) await prm.handle(sms.webhook({ from: tel(n).value, body: 'STOP' }))
    await prm.settled()
    const before = await sent()
    const rows = await ask(
      ...numbers(18).map((n) => ({ who: tel(n) })), // 5 stopped, 7 agreed, 6 said nothing
      ...numbers(5, 20).map((n) => ({ key: `card ${n}`, who: card(n) })),
      ...numbers(8, 30).map((n) => ({ key: `visitor ${n}` })),
    )
    const { report, rows: ids } = await solved(prm, { ...what, rows: [...rows, 'matomo 2026-11-20 elevator'] })
    expect(report).toMatchObject({
      raised: 32,
      told: 7,
      untold: [
        { why: 'unknown', people: 9 },
        { why: 'consent', people: 6, text: '6: did not agree to hear back' },
        { why: 'address', people: 5 },
        { why: 'suppressed', people: 5 },
      ],
    })
    expect(ids['untold consent']).toHaveLength(6)
    expect((await sent()).length - before.length).toBe(7)
    expect(JSON.stringify(report)).not.toMatch(/\+1212|desk q/)
  })

  test('a public post is answered by nobody and matched to nobody, whatever is known of its address', async () => {
    const { prm, agree, meet, ask, sent } = await place()
    const post = { scheme: 'post', value: '7', realm: 'social.example.org' }
    await meet({ at: card(1), also: [post, tel(1)] })
    await agree(tel(1), post)
    const rows = await ask(
      ...numbers(6).map((n) => ({
        type: 'mention.seen',
        source: 'mastodon',
        who: n === 0 ? post : { ...post, value: `${n + 10}` },
        data: { text: 'the elevator is stuck', url: `https://social.example.org/${n}` },
        evidence: { person: n < 2 ? 'one' : `p${n}`, independence: `p${n}` },
      })),
    )
    const { report } = await solved(prm, { ...what, rows })
    expect(report).toMatchObject({ told: 0, untold: [{ why: 'public', people: 5 }] })
    expect(report.summary[0]).toBe('Nobody is told.')
    expect(await sent()).toEqual([])
  })

  test('no count tells of fewer than k, nor lets them be reckoned', async () => {
    const { prm, agree, ask } = await place()
    await agree(...numbers(8).map(tel))
    const rows = await ask(...numbers(8).map((n) => ({ who: tel(n) })), { who: tel(20) }, { who: tel(21) })
    const { report } = await solved(prm, { ...what, rows })
    expect(report).toMatchObject({
      told: null,
      untold: [{ why: 'consent', people: null, text: 'a few: did not agree to hear back' }],
    })
    expect(JSON.stringify(report.summary)).not.toMatch(/[28]/)
  })

  test('waits for the morning, as core has it', async () => {
    const { prm, agree, ask, sent } = await place()
    await prm.advance('10h')
    await agree(tel(1))
    const rows = await ask({ who: tel(1) })
    expect((await solved(prm, { ...what, rows, k: 1 })).report.told).toBe(1)
    expect(await sent()).toEqual([])
    await prm.advance('11h')
    expect(await sent()).toEqual([tel(1).value])
  })

  test('who says STOP while it waits is not told', async () => {
    const { prm, agree, ask, sent, sms } = await place()
    await prm.advance('10h')
    await agree(tel(1))
    const rows = await ask({ who: tel(1) })
    await solved(prm, { ...what, rows })
    await prm.handle(sms.webhook({ from: tel(1).value, body: 'STOP' }))
    await prm.advance('11h')
    expect((await sent()).filter((to) => to === tel(1).value)).toHaveLength(0)
  })
})

describe('nobody is told twice', () => {
  test('by whom it is marked again, with other words and more rows', async () => {
    const { prm, agree, ask, sent } = await place()
    await agree(tel(1), tel(2))
    const rows = await ask({ who: tel(1) }, { who: tel(2) })
    await solved(prm.as({ kind: 'staff', id: 'kim' }), { ...what, rows: rows.slice(0, 1) })
    const again = { ...what, rows, did: 'Once more.', content: { text: 'It runs.' }, k: 1 }
    expect((await solved(prm.as({ kind: 'staff', id: 'sam' }), again)).report).toMatchObject({ raised: 2, told: 2 })
    expect(await sent()).toEqual([tel(1).value, tel(2).value])
    const marks: Interaction[] = []
    for await (const one of prm.store.scope('alder').find('interaction', { type: 'theme.solved' })) marks.push(one)
    expect(marks).toMatchObject([{ data: { theme: 'elevator 2026', did: what.did }, by: { kind: 'staff', id: 'kim' } }])
  })

  test('by two who mark it at once', async () => {
    const { prm, agree, ask, sent } = await place()
    await agree(...numbers(9).map(tel))
    const rows = await ask(...numbers(9).map((n) => ({ who: tel(n) })))
    const both = await Promise.all(
      ['kim', 'sam'].map((id) =>
        solved(prm.as({ kind: 'staff', id }), { ...what, rows: id === 'kim' ? rows : rows.slice(2) }),
      ),
    )
    expect(both.map(({ report }) => report.told)).toEqual([9, 7])
    expect(await sent()).toEqual(numbers(9).map((n) => tel(n).value))
  })

  test('when the library learns meanwhile whose number it is', async () => {
    const { prm, agree, meet, ask, sent } = await place()
    await agree(tel(1), mailto(1))
    const rows = await ask({ who: tel(1) }, { who: card(1) })
    await solved(prm, { ...what, rows, k: 1 })
    expect(await sent()).toEqual([tel(1).value])
    await meet({ at: card(1), also: [tel(1), mailto(1)], preferences: { back: ['email'] } })
    expect((await solved(prm, { ...what, rows, k: 1 })).report).toMatchObject({ raised: 1, told: 1 })
    expect(await sent()).toEqual([tel(1).value])
  })

  test('and who agrees later is told when it is marked again', async () => {
    const { prm, agree, ask, sent } = await place()
    const rows = await ask({ who: tel(1) })
    expect((await solved(prm, { ...what, rows, k: 1 })).report.told).toBe(0)
    await agree(tel(1))
    expect((await solved(prm, { ...what, rows, k: 1 })).report.told).toBe(1)
    expect(await sent()).toEqual([tel(1).value])
  })

  test('another theme is another matter', async () => {
    const { prm, agree, ask, sent } = await place()
    await agree(tel(1))
    const rows = await ask({ who: tel(1) })
    await solved(prm, { ...what, rows })
    await solved(prm, { ...what, theme: 'elevator 2027', rows })
    expect(await sent()).toEqual([tel(1).value, tel(1).value])
  })
})

test('a dry run says who would be told, and nothing is stored or sent', async () => {
  const { prm, agree, ask, sent } = await place()
  await agree(...numbers(5).map(tel))
  const rows = await ask(...numbers(5).map((n) => ({ who: tel(n) })))
  expect((await solved(prm, { ...what, rows, dryRun: true })).report.told).toBe(5)
  expect(await sent()).toEqual([])
  expect(await prm.store.scope('alder').types()).toEqual(['question.asked'])
})

test('a purpose that needs no consent is refused', async () => {
  const { prm } = await place()
  await expect(solved(prm, { ...what, purpose: 'answer', rows: [] })).rejects.toMatchObject({
    code: 'config',
    field: 'purpose',
    message: expect.stringContaining('only who agreed'),
  })
})
