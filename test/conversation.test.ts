import { type Conversation, createPrm, defineEvent, type Interaction, PrmError } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  all,
  breakable,
  Clock,
  fakeSms,
  hold,
  library,
  otherPhone,
  person,
  phone,
  plain,
  purposes,
  reported,
  type Springfield,
  scopeOf,
  springfield,
  tel,
  texted,
  webhook,
} from './fake.ts'
import { idOf } from './town.ts'

const sam = { kind: 'staff', id: 'sam' } as const
const kim = { kind: 'staff', id: 'kim' } as const

async function text(host: Springfield, key: string, words: string, from = phone, more: Partial<Interaction> = {}) {
  const { status } = await host.prm.handle(webhook([{ ...texted(key, words, from), ...more }]))
  expect(status).toBe(200)
  await host.run()
  const fact = (await scopeOf(host.store).get('interaction', `sms ${key}`))?.value
  return { fact, id: fact?.conversationId ?? 'none' }
}
async function ready(host: Springfield, ...facts: Interaction[]): Promise<void> {
  host.ils.batches = [{ interactions: facts }]
  host.ils.cursors.length = 0
  await host.prm.record(facts)
  await host.run()
}
async function meet(host: Springfield, ...people: ReturnType<typeof person>[]): Promise<void> {
  await host.prm.record([], people)
}
const stands = async (host: Springfield, id: string): Promise<Conversation> =>
  (await host.prm.conversation(id)).conversation
const those = (host: Springfield, state: Conversation['state']) => all(host.prm.conversations({ state }))
const over = (id: number, kind: string): Interaction => ({
  ...hold(id, '1'),
  key: `${kind} ${id}`,
  data: { kind, subjectKey: `hold:ils:${id}`, items: [] },
})
const noticeOf = (id: number) => ({ source: 'ils', key: `hold-ready ${id} 2026-12-24` })

const starred = defineEvent('starred', z.object({}), {
  fold(conversation, { by }) {
    if (!conversation || conversation.assignee) throw new PrmError('conflict', `It is with ${conversation?.assignee}.`)
    return { ...conversation, ...(by && { assignee: by.id }) }
  },
})
const take = { source: 'desk', key: 'take', type: 'starred', data: {} }

describe('what a text answers', () => {
  test('one open notice binds it: the conversation carries notice, branch and item, and no title', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1', { branch: 'MAIN' }))
    host.clock.advance('1m')
    const { fact, id } = await text(host, 'm1', 'can my wife collect it?')
    expect(fact?.about?.key).toBe('ils hold-ready 17 2026-12-24')
    const { context, subject, patronId } = await stands(host, id)
    const { thread } = await host.prm.conversation(id) // with what it answers
    expect(thread.map(({ type }) => type)).toEqual(['message.sent', 'message.received'])
    expect([subject, patronId]).toEqual(['can my wife collect it?', idOf('1')])
    expect(context).toEqual({
      notice: noticeOf(17),
      kind: 'hold-ready',
      branch: 'MAIN',
      items: [{ id: '17', day: '2026-12-24' }],
    })
  })

  test('a title stands there only where the library lets all see titles', async () => {
    const host = springfield({ library: { showTitles: 'everywhere' } })
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'))
    const { id } = await text(host, 'm1', 'what is it?')
    expect((await stands(host, id)).context.items).toEqual([expect.objectContaining({ title: 'A Secret History' })])
  })

  test.each(['invalid', 'blocked', 'undeliverable', 'unavailable'] as const)(
    'is no notice that never reached anybody (%s)',
    async (fault) => {
      const host = springfield({ quietly: true })
      await host.prm.record([hold(17, '1'), hold(18, '1')])
      await host.prm.send(plain('one', { about: [hold(17, '1')] }))
      await host.run()
      host.sms.faults.push(fault)
      const expireAt = new Date(host.clock.ms + 1_000).toISOString()
      await host.prm.send(plain('two', { about: [hold(18, '1')], expireAt }))
      await host.run()
      await host.advance('1m')
      expect(host.sms.taken.map(({ key }) => key)).toEqual(['one'])
      const { fact } = await text(host, 'm1', 'can my wife collect it?')
      expect(fact?.about).toEqual({ source: 'prm', key: 'one' })
    },
  )

  test('two open notices bind it to none: both are named', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'))
    await ready(host, hold(18, '1', { pickup: 'East' }))
    const { fact, id } = await text(host, 'm1', 'can my wife collect it?')
    expect(fact?.about).toBeUndefined()
    const { matters, notice } = (await stands(host, id)).context as { matters: { notice: unknown }[]; notice?: unknown }
    expect(notice).toBeUndefined()
    expect(matters.map((one) => one.notice)).toEqual([noticeOf(18), noticeOf(17)])
  })

  test.each([
    ['was collected', over(18, 'check-out')],
    ['was cancelled', over(18, 'hold-cancelled')],
  ])('of two, one that %s is not asked about: the other binds', async (_, end) => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'))
    await ready(host, hold(18, '1', { pickup: 'East' }))
    await ready(host, end)
    const { fact } = await text(host, 'm1', 'can my wife collect it?')
    expect(fact?.about?.key).toBe('ils hold-ready 17 2026-12-24')
  })

  test('of two, one whose day to collect is over does not count', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'))
    await ready(host, hold(18, '1', { pickup: 'East', collectBy: '2026-11-26' }))
    await host.advance('3d')
    expect((await text(host, 'm1', 'still there?')).fact?.about?.key).toBe('ils hold-ready 17 2026-12-24')
  })

  test('two notices told in one message are bound to it, and both are named', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'), hold(18, '1'))
    const { fact, id } = await text(host, 'm1', 'can my wife collect it?')
    expect(fact?.about?.key).toBe('ils hold-ready 17 2026-12-24')
    expect((await stands(host, id)).context.matters).toHaveLength(2)
  })

  test('on a family’s phone it is nobody’s while a notice of each is open, and the other’s once one is over', async () => {
    const host = springfield()
    await meet(host, person('1', phone), person('2', phone))
    await ready(host, hold(17, '1'))
    await ready(host, hold(18, '2'))
    const { fact, id } = await text(host, 'm1', 'can my wife collect it?')
    expect([fact?.about, fact?.patronId, (await stands(host, id)).patronId]).toEqual([undefined, undefined, undefined])
    await ready(host, over(18, 'check-out'))
    const next = await text(host, 'm2', 'and until when?')
    expect([next.fact?.about?.key, next.fact?.patronId]).toEqual(['ils hold-ready 17 2026-12-24', idOf('1')])
    expect([next.id, (await stands(host, id)).patronId]).toEqual([id, idOf('1')])
  })

  test('our own last word in the conversation binds it, whatever notices are open, also on a family’s phone', async () => {
    const host = springfield()
    await meet(host, person('1', phone), person('2', phone))
    await ready(host, hold(17, '1'))
    await ready(host, hold(18, '2', { pickup: 'East' }))
    const { id } = await text(host, 'm1', 'can my wife collect it?')
    host.clock.advance('1m')
    await host.prm.as(sam).reply(id, { text: 'Which one?' }, { key: 'k', purpose: 'urgent' })
    await host.run()
    expect((await text(host, 'm2', 'the second')).fact?.about).toEqual({ source: 'prm', key: 'k' })
  })

  test('on a family’s phone a text about another patron’s notice is another conversation', async () => {
    const host = springfield()
    await meet(host, person('1', phone), person('2', phone))
    await ready(host, hold(17, '1'))
    const first = await text(host, 'm1', 'can my wife collect it?')
    await ready(host, over(17, 'check-out'))
    await ready(host, hold(18, '2'))
    const second = await text(host, 'm2', 'until when?')
    expect([first.fact?.patronId, second.fact?.patronId]).toEqual([idOf('1'), idOf('2')])
    expect(second.id).not.toBe(first.id)
  })

  test('what was asked before is not over because a later text seems to answer another notice', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    await ready(host, hold(17, '1'))
    const { id } = await text(host, 'm1', 'can my wife collect it?')
    await ready(host, over(17, 'check-out'))
    await ready(host, hold(18, '1', { pickup: 'East' }))
    await text(host, 'm2', 'and this one?')
    const { matters } = (await stands(host, id)).context as { matters: { notice: unknown }[] }
    expect(matters.map((one) => one.notice)).toEqual([noticeOf(17), noticeOf(18)])
  })
})

describe('a conversation', () => {
  test('is one for all that a number writes until it is closed, also where two texts come at once', async () => {
    const host = springfield()
    const both = [texted('m1', 'hello?', phone), texted('m2', 'anybody there?', phone)]
    await Promise.all(both.map((one) => host.prm.handle(webhook([one]))))
    await host.prm.handle(webhook([texted('m3', 'a', phone), texted('m4', 'b', phone)]))
    const [one, ...others] = await those(host, 'open')
    expect(others).toEqual([])
    expect(one).toMatchObject({
      turn: 4,
      who: tel(phone),
      pending: ['m1', 'm2', 'm3', 'm4'].map((key) => ({ source: 'sms', key })),
    })
    const { thread } = await host.prm.conversation(one?.id ?? '')
    expect(thread.map(({ key }) => key)).toEqual(['m1', 'm2', 'm3', 'm4'])
    expect(one?.id).not.toContain(phone)
  })

  test('a redelivered text changes nothing', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    const before = await stands(host, id)
    await text(host, 'm1', 'hello?')
    expect(await stands(host, id)).toEqual(before)
  })

  test('of another number of ours is another one', async () => {
    const host = springfield()
    const main = await text(host, 'm1', 'hello?', phone, { to: tel('+12125550100') })
    const east = await text(host, 'm2', 'hello?', phone, { to: tel('+12125550101') })
    expect(east.id).not.toBe(main.id)
  })

  test('STOP opens none, and in one that is there it stands and waits for nobody', async () => {
    const host = springfield()
    expect((await text(host, 'm1', 'STOP')).fact?.conversationId).toBeUndefined()
    const { id } = await text(host, 'm2', 'hello?', otherPhone)
    await text(host, 'm3', 'STOP', otherPhone)
    expect((await stands(host, id)).pending).toEqual([{ source: 'sms', key: 'm2' }])
    expect((await host.prm.conversation(id)).thread.map(({ key }) => key)).toContain('m3')
    expect(await those(host, 'open')).toHaveLength(1)
  })

  test('goes by the thread of its source, where that has one, and opens again', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?', phone, { thread: 't1' })
    expect((await text(host, 'm2', 'hello?', otherPhone, { thread: 't1' })).id).toBe(id)
    expect((await text(host, 'm3', 'hello?', phone, { thread: 't2' })).id).not.toBe(id)
  })

  test('that a machine closed opens again by a reply to its last word; a text that answers nothing begins another', async () => {
    const host = springfield({ quietly: true })
    const first = await text(host, 'm1', 'HOURS')
    const flow = host.prm.as({ kind: 'flow', id: 'keywords' })
    await flow.reply(first.id, { text: 'Nine to eight.' }, { key: 'k1', purpose: 'urgent' })
    await host.run()
    expect(await stands(host, first.id)).toMatchObject({ state: 'closed', pending: [] })
    const again = await text(host, 'm2', 'and on Sunday?')
    expect(again.fact?.about?.key).toBe('k1')
    expect([again.id, (await stands(host, first.id)).questions.length]).toEqual([first.id, 2])
    await flow.reply(first.id, { text: 'Closed.' }, { key: 'k2', purpose: 'urgent' })
    await host.run()
    await host.advance('15d')
    expect((await text(host, 'm3', 'do you lend tools?')).id).not.toBe(first.id)
  })

  test('of a thousand texts is one row, which names the last 50', async () => {
    const host = springfield()
    for (let n = 0; n < 100; n++) await host.prm.handle(webhook([texted(`m${n}`, `${n}`, phone)]))
    const [one] = await those(host, 'open')
    expect([one?.turn, one?.pending.length, one?.pending.at(-1)?.key]).toEqual([100, 50, 'm99'])
    const { thread, more } = await host.prm.conversation(one?.id ?? '')
    expect([thread.length, more, thread.at(-1)?.key]).toEqual([100, false, 'm99'])
  })
})

describe('reply', () => {
  test('goes to who wrote, by the way and from the number they wrote to, whatever number went first', async () => {
    const senders = ['+12125550100', '+12125550101'].map((value) => ({ address: tel(value) }))
    const sms = fakeSms({ senders })
    const host = springfield({ sms })
    const to = tel('+12125550101')
    const { id } = await text(host, 'm1', 'hello?', phone, { to })
    await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'urgent' })
    await host.run()
    expect(sms.taken).toEqual([expect.objectContaining({ to: tel(phone), from: to, content: { text: 'Hello.' } })])
    const unlisted = tel('+12125550109')
    const other = await text(host, 'm2', 'hello?', phone, { to: unlisted })
    await host.prm.as(sam).reply(other.id, { text: 'Hello.' }, { key: 'k2', purpose: 'urgent' })
    await host.run()
    expect(sms.taken[1]?.from).toEqual(unlisted)
    expect(await stands(host, id)).toMatchObject({ state: 'waiting', pending: [], replied: 2, turn: 2 })
  })

  test('with one key is sent once, also by two at the same moment, and the second hears what was sent', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    const answers = await Promise.all(
      [sam, kim].map((who) => host.prm.as(who).reply(id, { text: `from ${who.id}` }, { key: 'k', purpose: 'urgent' })),
    )
    await host.run()
    expect(host.sms.taken).toHaveLength(1)
    expect(answers.map(({ fresh }) => fresh).sort()).toEqual([false, true])
    for (const { message } of answers) expect(message?.content.text).toBe(host.sms.taken[0]?.content.text)
    expect(answers.map(({ decision }) => decision.by?.id)).toEqual(['sam', 'sam'])
  })

  test('under another key is refused where there has been an answer since the turn that was seen, also at once', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    const results = await Promise.allSettled(
      [sam, kim].map((who) => host.prm.as(who).reply(id, { text: 'x' }, { key: who.id, purpose: 'urgent', seen: 1 })),
    )
    await host.run()
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const [refused] = results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(PrmError.is(refused) && refused.code).toBe('conflict')
    expect(host.sms.taken).toHaveLength(1)
    await host.prm.as(kim).reply(id, { text: 'y' }, { key: 'later', purpose: 'urgent', seen: 2 })
  })

  test('to less than what the patron wrote is refused, and all of it still waits', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'may I keep it?')
    await text(host, 'm2', 'no, wait: it is lost')
    const answer = (seen: number) =>
      host.prm.as(sam).reply(id, { text: 'Yes.' }, { key: `k${seen}`, purpose: 'urgent', seen })
    await expect(answer(1)).rejects.toMatchObject({ code: 'conflict', field: 'seen' })
    expect((await stands(host, id)).pending).toHaveLength(2)
    await answer(2)
    expect((await stands(host, id)).pending).toEqual([])
  })

  test('is listed under what was asked last, in whole characters', async () => {
    const host = springfield()
    const flow = host.prm.as({ kind: 'flow', id: 'keywords' })
    const { id } = await text(host, 'm1', 'HOURS')
    await text(host, 'm2', 'please')
    expect((await stands(host, id)).subject).toBe('HOURS')
    await flow.reply(id, { text: 'Nine to five.' }, { key: 'k1', purpose: 'urgent' })
    await host.run()
    await text(host, 'm3', `${'x'.repeat(79)}🛠️ are lent?`)
    expect(await stands(host, id)).toMatchObject({ subject: 'x'.repeat(79), questions: { length: 2 } })
  })

  test('to a number that asked to stop is decided against, and the question still waits', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    await text(host, 'm2', 'STOP')
    const { decision } = await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'urgent' })
    expect(decision.outcome).toEqual({ send: false, rule: 'suppressed' })
    await host.run()
    expect(host.sms.taken.map(({ key }) => key)).toEqual([expect.stringMatching(/^stop /)])
    expect(await stands(host, id)).toMatchObject({ state: 'open', pending: [{ source: 'sms', key: 'm1' }] })
  })

  test('a second time in a row still names what was written last, so that it goes into that thread', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    await text(host, 'm2', 'anybody?')
    for (const key of ['k1', 'k2']) {
      await host.prm.as(sam).reply(id, { text: key }, { key, purpose: 'urgent' })
      await host.run()
    }
    const keys = host.sms.taken.map(({ inReplyTo }) => inReplyTo?.map(({ key }) => key))
    expect(keys).toEqual([['m1', 'm2'], ['m2']])
  })

  test('waits for the quiet hours of its purpose', async () => {
    const host = springfield({ clock: new Clock('2026-11-24T05:00:00.000Z') })
    const { id } = await text(host, 'm1', 'hello?')
    await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'pickup' })
    await host.run()
    expect(host.sms.taken).toEqual([])
    await host.advance('10h')
    expect(host.sms.taken).toHaveLength(1)
  })

  test('of a machine answers its own text: what else was asked waits for staff', async () => {
    const host = springfield()
    host.prm.flow('knows starred', starred, async () => undefined)
    const { id } = await text(host, 'm1', 'can my wife collect it?')
    await text(host, 'm2', 'RENEW')
    const flow = host.prm.as({ kind: 'flow', id: 'keywords' })
    const answers = [{ source: 'sms', key: 'm2' }]
    await flow.reply(id, { text: 'Renewed.' }, { key: 'k1', purpose: 'urgent', inReplyTo: answers })
    expect(await stands(host, id)).toMatchObject({ state: 'open', pending: [{ source: 'sms', key: 'm1' }] })
    const { turn: seen } = await stands(host, id)
    await flow.reply(id, { text: 'A librarian reads this.' }, { key: 'k2', purpose: 'urgent', inReplyTo: [] })
    expect(await stands(host, id)).toMatchObject({ state: 'open', pending: [{ source: 'sms', key: 'm1' }] })
    await host.prm.as(sam).reply(id, { text: 'Yes.' }, { key: 'k3', purpose: 'urgent', seen })
    expect(await stands(host, id)).toMatchObject({ state: 'waiting', questions: [{ answered: expect.any(String) }] })
    await text(host, 'm3', 'HOURS')
    await flow.reply(id, { text: 'Nine.' }, { key: 'k4', purpose: 'urgent', inReplyTo: [{ source: 'sms', key: 'm3' }] })
    expect((await stands(host, id)).state).toBe('waiting') // for what staff asked
    const mine = await text(host, 'm4', 'and tools?', otherPhone)
    await host.prm.as(sam).record([{ ...take, conversationId: mine.id }])
    await flow.reply(mine.id, { text: 'Yes.' }, { key: 'k5', purpose: 'urgent' })
    expect((await stands(host, mine.id)).state).toBe('waiting') // for who has it
  })

  test.each([
    ['the provider refuses it', (host: Springfield) => void host.sms.faults.push('undeliverable')],
    ['the provider takes no more', (host: Springfield) => void host.sms.faults.push('invalid')],
  ])('that does not arrive since %s opens its conversation again', async (_, break_) => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    break_(host)
    await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'urgent' })
    await host.run()
    expect(await stands(host, id)).toMatchObject({ state: 'open', failed: 'k' })
  })

  test('that is reported undelivered opens its conversation again, once', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'urgent' })
    await host.run()
    for (const key of ['r1', 'r2']) {
      await host.prm.handle(webhook([reported(key, 'k', { state: 'undelivered' })]))
      await host.run()
    }
    expect(await stands(host, id)).toMatchObject({ state: 'open', failed: 'k', turn: 3 })
  })

  test('goes to the number that wrote, also where the library learns another one of the patron meanwhile', async () => {
    const host = springfield({ clock: new Clock('2026-11-24T05:00:00.000Z') })
    await meet(host, person('1', phone))
    const { id } = await text(host, 'm1', 'hello?')
    await host.prm.as(sam).reply(id, { text: 'Hello.' }, { key: 'k', purpose: 'pickup' })
    await meet(host, person('1', otherPhone))
    await host.advance('10h')
    expect(host.sms.taken.map(({ to }) => to.value)).toEqual([phone])
  })

  test('is stored with what the conversation is by it, or neither is; and then is sent once', async () => {
    const store = breakable()
    const host = springfield({ store })
    const { id } = await text(host, 'm1', 'hello?')
    store.broken = true
    await expect(host.prm.as(sam).reply(id, { text: 'x' }, { key: 'k', purpose: 'urgent' })).rejects.toThrow()
    store.broken = false
    expect((await stands(host, id)).state).toBe('open')
    await host.prm.as(sam).reply(id, { text: 'x' }, { key: 'k', purpose: 'urgent' })
    // Killed behind the commit: whoever sent it heard nothing, and sends it again.
    const after = springfield({ store, sms: host.sms, clock: host.clock })
    expect((await after.prm.as(sam).reply(id, { text: 'x' }, { key: 'k', purpose: 'urgent' })).fresh).toBe(false)
    await after.run()
    expect(host.sms.taken).toHaveLength(1)
  })

  test('says what is wrong: no such conversation, nothing to send it by, no such purpose', async () => {
    const host = springfield()
    const code = (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error) => (PrmError.is(error) ? [error.code, error.field] : error),
      )
    const options = { key: 'k', purpose: 'urgent' } as const
    expect(await code(host.prm.reply('nothing', { text: 'x' }, options))).toEqual(['not_found', 'conversationId'])
    await host.prm.record([{ ...texted('d', 'hi'), source: 'desk' }])
    const [desk] = await those(host, 'open')
    expect(await code(host.prm.reply(desk?.id ?? '', { text: 'x' }, options))).toEqual(['invalid', 'conversationId'])
    const { id } = await text(host, 'm1', 'hello?', otherPhone)
    expect(await code(host.prm.reply(id, { text: ' ' }, options))).toEqual(['invalid', 'content.text'])
    expect(await code(host.prm.reply(id, { text: 'x' }, { key: 'k', purpose: 'nope' as 'urgent' }))).toEqual([
      'invalid',
      'purpose',
    ])
  })
})

describe('a fact that changes its conversation', () => {
  const fact = (key: string, conversationId: string): Interaction => ({
    source: 'desk',
    key,
    type: 'starred',
    conversationId,
    data: {},
  })

  test('is folded once, refused with why, and seen by whoever comes second at the same moment', async () => {
    const host = springfield()
    host.prm.flow('knows starred', starred, async () => undefined)
    const { id } = await text(host, 'm1', 'hello?')
    const both = await Promise.allSettled([sam, kim].map((who) => host.prm.as(who).record([fact(who.id, id)])))
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(String((both[1] as PromiseRejectedResult).reason)).toContain('It is with sam.')
    expect(await stands(host, id)).toMatchObject({ assignee: 'sam', turn: 2 })
    await host.prm.as(sam).record([fact('sam', id)]) // heard nothing, and says it again
    expect((await stands(host, id)).turn).toBe(2)
    expect((await host.prm.conversation(id)).thread.map(({ type, by }) => [type, by?.id])).toEqual([
      ['message.received', undefined],
      ['starred', 'sam'],
    ])
  })

  test('of a type that nobody knows is refused', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    await expect(host.prm.record([fact('a', id)])).rejects.toThrow(/name it in `events`/)
  })
})

describe('privacy', () => {
  test.each(['by patron', 'by address'])(
    'erase takes the conversation with all that was said in it, %s',
    async (how) => {
      const host = springfield()
      if (how === 'by patron') await meet(host, person('1', phone))
      const { id } = await text(host, 'm1', 'rutabagas?')
      await host.prm.as(sam).reply(id, { text: 'We have rutabagas.' }, { key: 'k', purpose: 'urgent' })
      await host.run()
      await text(host, 'm2', 'from another number', otherPhone)
      await host.prm.erase(how === 'by patron' ? idOf('1') : tel(phone))
      const rows = JSON.stringify(await all(host.prm.export()))
      expect(rows).not.toContain('rutabagas')
      expect(rows).not.toContain(phone)
      expect(rows).not.toContain(id)
      expect(await those(host, 'open')).toHaveLength(1)
    },
  )

  test('a conversation goes with the last of its texts', async () => {
    const host = springfield()
    const answered = await text(host, 'm1', 'rutabagas?')
    await host.prm.as(sam).reply(answered.id, { text: 'Yes.' }, { key: 'k', purpose: 'urgent' })
    await host.run()
    await text(host, 'm2', 'rutabagas at East?', otherPhone)
    await host.advance('60d')
    await text(host, 'm3', 'please?', otherPhone)
    await host.advance('45d')
    await host.prm.applyRetention()
    const [left, ...others] = (
      await Promise.all((['open', 'waiting', 'closed'] as const).map((state) => those(host, state)))
    ).flat()
    expect([left?.subject, left?.pending.at(-1)?.key, others]).toEqual([undefined, 'm3', []])
    await host.advance('60d')
    await host.prm.applyRetention()
    expect(await those(host, 'open')).toEqual([])
    expect(JSON.stringify(await all(host.prm.export()))).not.toContain('rutabagas')
  })

  test('whoever looks at a conversation stands in the audit, with whose it is', async () => {
    const host = springfield()
    await meet(host, person('1', phone))
    const { id } = await text(host, 'm1', 'hello?')
    await host.prm.as(sam).conversation(id)
    await all(host.prm.as(kim).conversations({ state: 'open' }))
    expect((await all(host.prm.audit())).map(({ by, action, patronId }) => [by.id, action, patronId])).toEqual([
      ['kim', 'conversations', undefined],
      ['sam', 'conversation', idOf('1')],
    ])
  })

  test('what is exported comes in again, and the next text goes on in the same conversation', async () => {
    const host = springfield()
    const { id } = await text(host, 'm1', 'hello?')
    const twin = springfield({ clock: host.clock })
    await twin.prm.import(host.prm.export())
    expect(await stands(twin, id)).toEqual(await stands(host, id))
    expect((await text(twin, 'm2', 'anybody?')).id).toBe(id)
  })
})

describe('a page of the host’s own', () => {
  const page = (path: string, more: RequestInit = {}) => new Request(`https://library.example/prm/${path}`, more)
  const withPages = (pages: NonNullable<Parameters<typeof createPrm>[0]['pages']>) =>
    createPrm({
      library,
      adapters: { sms: fakeSms() },
      store: sqlite({ memory: true }),
      purposes,
      publicUrl: 'https://library.example/prm',
      pages,
    })

  test('answers under handle, with the host and its own URL', async () => {
    const prm = withPages({
      desk: async (request, host, ctx) => {
        const rows = await all(host.conversations({ state: 'open' }))
        return new Response(`${request.method} ${await request.text()} ${rows.length} ${ctx.publicUrl}`)
      },
    })
    await prm.handle(webhook([texted('m1', 'hello?')]))
    const said = await prm.handle(page('desk/c/1', { method: 'POST', body: 'x' }))
    expect(await said.text()).toBe('POST x 1 https://library.example/prm/desk')
    expect((await prm.handle(page('constructor'))).status).toBe(404)
    const large = await prm.handle(page('desk', { method: 'POST', body: 'x'.repeat(1_048_577) }))
    expect(large.status).toBe(413)
  })

  test('that throws tells nothing of it', async () => {
    const prm = withPages({ desk: () => Promise.reject(new Error(phone)), now: () => fail() })
    const fail = (): never => {
      throw new Error(phone)
    }
    for (const name of ['desk', 'now']) {
      const said = await prm.handle(page(name))
      expect([said.status, (await said.text()).includes(phone)]).toEqual([500, false])
    }
  })

  test('is not named like an adapter', () => {
    expect(() => withPages({ sms: async () => new Response() })).toThrow(/pages.sms must be named otherwise/)
  })
})
