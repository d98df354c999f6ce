import { type Interaction, messageReceived, type PrmEvents } from '@prm/core'
import { describe, expect, test } from 'vitest'
import {
  all,
  card,
  consentsOf,
  decisionsOf,
  factsOf,
  fakeSms,
  hold,
  jobsOf,
  member,
  messagesOf,
  person,
  phone,
  plain,
  scopeOf,
  springfield,
  tel,
  texted,
  webhook,
} from './fake.ts'

const long = 'x'.repeat(1_100)

describe('of what a feed tells, what no store keeps is told as bad, and holds up nothing else:', () => {
  test('an address of a person, who is known by their others', async () => {
    const { prm, ils, sms, store, run } = springfield()
    const heard: PrmEvents['rejected'][] = []
    prm.on('rejected', (one) => heard.push(one))
    const mail = { scheme: 'mailto', value: `${long}@example.org` }
    ils.batches = [
      { interactions: [hold(1, '100'), hold(2, '200')], people: [person('100', phone), person('200', '+12125550178')] },
      {
        interactions: [hold(3, '300')],
        people: [person('300', '+12125550177', { also: [mail, tel('+12125550177')] })],
      },
      { interactions: [hold(4, '400')], people: [person(long, '+12125550179'), person('400', '+12125550176')] },
    ]
    const { interactions, rejected } = await prm.pull('ils')
    expect(interactions).toBe(4)
    expect(rejected).toEqual([
      { source: 'ils', reason: expect.stringMatching(/^people: also\.value must be /) },
      { source: 'ils', reason: expect.stringMatching(/^people: at\.value must be /) },
    ])
    expect(heard).toEqual(rejected)
    await run()
    expect(sms.taken.map(({ to }) => to.value)).toEqual([phone, '+12125550178', '+12125550177', '+12125550176'])
    expect((await scopeOf(store).get('cursor', 'ils'))?.value.value).toBe(2)
  })

  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  test.each<[string, object]>([
    ['key', { key: long }],
    ['source', { source: 5 }],
    ['type', { type: long }],
    ['who.value', { who: tel(long) }],
    ['who.value', { who: { scheme: 'mailto' } }],
    ['about', { about: { source: 'prm', key: long } }],
    ['about', { about: { source: 'prm' } }],
    ['patronId', { patronId: 5 }],
    ['thread', { thread: 5 }],
    ['conversationId', { conversationId: long }],
    ['data', { type: 'ils.other', data: { count: 5n } }],
    ['data', { type: 'ils.other', data: cyclic }],
    ['data.subjectKey', { type: 'ils.other', data: { subjectKey: long } }],
  ])('the %s of a fact, which is kept as a dead one', async (field, wrong) => {
    const { prm, ils, store } = springfield()
    const odd: Interaction = { ...hold(1, '100'), ...wrong }
    for (let time = 0; time < 2; time++) {
      ils.batches = [{ interactions: [odd, hold(2, '100')], people: [person('100', phone)] }]
      const { rejected } = await prm.pull('ils')
      expect(rejected).toEqual([{ source: 'ils', reason: expect.stringMatching(`^${field} must be `) }])
    }
    expect(await factsOf(store, 'notice')).toHaveLength(1)
    expect(await factsOf(store, 'interaction.rejected')).toEqual([
      expect.objectContaining({
        source: 'ils',
        data: expect.objectContaining({ why: expect.stringContaining(field) }),
      }),
    ])
  })
})

test('a request with one such fact is answered 200, and the STOP beside it is kept', async () => {
  const { prm, store } = springfield({ quietly: true })
  const heard: PrmEvents['rejected'][] = []
  prm.on('rejected', (one) => heard.push(one))
  const { status } = await prm.handle(webhook([texted('a', 'hello', `+1${long}`), texted('b', 'stop')]))
  expect(status).toBe(200)
  expect(await consentsOf(store)).toHaveLength(1)
  expect(heard).toEqual([{ source: 'sms', reason: expect.stringMatching(/^who\.value must be /) }])
})

test('a host hears which field it is, and nothing is stored', async () => {
  const { prm, store } = springfield({ quietly: true })
  const told = (fact: object, people = [person('100', phone)]) => prm.record([{ ...hold(1, '100'), ...fact }], people)
  await expect(told({ key: long })).rejects.toMatchObject({ code: 'invalid', field: 'key' })
  await expect(told({ who: card(long) })).rejects.toMatchObject({ code: 'invalid', field: 'who.value' })
  await expect(told({ about: 'x' })).rejects.toMatchObject({ code: 'invalid', field: 'about' })
  await expect(told({ data: { count: 5n } })).rejects.toMatchObject({ code: 'invalid', field: 'data' })
  await expect(told({}, [person(long)])).rejects.toMatchObject({ code: 'invalid', field: 'people.at.value' })
  await expect(told({}, [person('1', long)])).rejects.toMatchObject({ code: 'invalid', field: 'people.also.value' })
  expect(await prm.patrons(card('100'))).toEqual([])
  expect(await factsOf(store)).toEqual([])
})

test('texts with long keys wake the flow that waits for them, each once, and a STOP among them holds', async () => {
  const { prm, store, run, advance } = springfield({ quietly: true, sms: fakeSms({ find: false }) })
  const heard: (string | undefined)[] = []
  prm.flow('ask', messageReceived, async ({ event, step }) => {
    const { who, data } = event
    if (!who || data.content.text !== 'first') return
    for (const name of ['one', 'two']) {
      const answer = await step.wait(name, messageReceived, { address: who }, { timeout: '3d' })
      heard.push(answer?.data.content.text)
    }
  })
  const key = (digit: string) => `<${digit.repeat(900)}> ${'h'.repeat(32)}`
  for (const [index, text] of ['first', 'second', 'stop'].entries()) {
    expect((await prm.handle(webhook([texted(key(String(index)), text)]))).status).toBe(200)
    await run()
    await advance('1m')
  }
  expect(heard.filter((text, at) => heard.indexOf(text) === at)).toEqual(['second', 'stop'])
  expect((await consentsOf(store)).map(({ state }) => state)).toEqual(['denied'])
  expect((await jobsOf(store)).filter(({ name }) => name.startsWith('flow:'))).toEqual([])
  await prm.erase(tel(phone))
  expect(await factsOf(store, 'message.received')).toEqual([])
})

describe('a send', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  const told = (data: unknown) => ({ content: { template: 'plain', data } })
  test.each<[string, string, object]>([
    ['no recipient', 'to', { to: null }],
    ['undefined as recipient', 'to', { to: undefined }],
    ['no address', 'to.value', { to: { scheme: 'mailto' } }],
    ['a number for an address', 'to.value', { to: { scheme: 'tel', value: 12125550123 } }],
    ['an address that is too long', 'to.value', { to: tel(long) }],
    ['a key that is too long', 'key', { key: 'k'.repeat(961) }],
    ['a key that is no text', 'key', { key: 'a\ud800' }],
    ['no content', 'content', { content: null }],
    ['a number for a text', 'content.text', { content: { text: 5 } }],
    ['data that holds itself', 'content.data.self', told(cyclic)],
    ['a text for what it is about', 'about', { about: 'x' }],
    ['a fact without a key', 'about', { about: [{ source: 'ils' }] }],
    ['nothing for a fact', 'about', { about: [null] }],
    ['a number for a bulk', 'campaign', { campaign: 5 }],
    ['a number for a digest', 'digest', { digest: 5, ...told({ text: 'x' }) }],
    ["the machine's zone", 'notBefore', { notBefore: 'Nov 25 2026' }],
    ["the machine's zone", 'notBefore', { notBefore: '2026-11-25T16:00' }],
    ['a day that is none', 'expireAt', { expireAt: '2026-02-31' }],
    ['the end of time', 'notBefore', { notBefore: '+275760-09-13T00:00:00.000Z' }],
  ])('with %s is refused, and so is a page with it: %s', async (_, field, wrong) => {
    const { prm, store } = springfield({ quietly: true })
    const send = plain('a', wrong)
    const refused = { name: 'PrmError', code: 'invalid', field }
    await expect(prm.send(send)).rejects.toMatchObject(refused)
    await expect(all(prm.sendAll([plain('b'), send]))).rejects.toMatchObject(refused)
    expect(await decisionsOf(store)).toEqual([])
  })

  test('of a digest counts by its moment, whatever zone that is written in', async () => {
    const { prm, store, run } = springfield({ quietly: true })
    await prm.send(member('a', { notBefore: '2026-11-25T18:00:00+02:00' }))
    await prm.send(member('b', { notBefore: '2026-11-25T17:00:00.000Z' }))
    await run()
    expect((await messagesOf(store)).map(({ notBefore }) => notBefore)).toEqual(['2026-11-25T17:00:00.000Z'])
  })
})

test("a host's source has no blanks: with its key it would be the name of another's fact", async () => {
  const { prm, store } = springfield({ quietly: true })
  const [one, two] = [
    { ...hold(1, '1'), source: 'desk', key: 'north 17' },
    { ...hold(2, '2'), source: 'desk north', key: '17' },
  ]
  expect((await prm.record([one])).recorded).toHaveLength(1)
  await expect(prm.record([two])).rejects.toMatchObject({ code: 'invalid', field: 'source' })
  expect(await factsOf(store)).toHaveLength(1)
})
