import { defineEvent, messageDelivery, messageReceived } from '@prm/core'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { all, card, hold, scopeOf } from './fake.ts'
import { mail, type Town, town } from './town.ts'

// What mail asks of core beside what texts do.
const ada = 'ada@example.org'
const host = () =>
  town({ purposes: { pickup: { media: ['email'] }, news: { media: ['email'], class: 'promotional' } } })
const says = (one: Town, key: string, data: object, from = ada, more: object = {}) =>
  one.prm.record([
    {
      key,
      type: messageReceived.name,
      source: 'email',
      who: mail(from),
      data: { content: { text: key }, ...data },
      ...more,
    },
  ])
const send = (one: Town, key: string, more: object = {}) => one.send(key, { to: mail(ada), ...more })

test('a mailbox is the same in capitals: its patron is found, a STOP holds, and an erasure finds it', async () => {
  const one = host()
  await one.meet({ at: card('1'), also: [mail('Ada@Example.org')] })
  expect(await one.prm.patrons(mail('ADA@example.org'))).toHaveLength(1)
  await says(one, 'm1', { optOut: 'stop', confirmed: true }, 'ADA@EXAMPLE.ORG')
  for (const to of [mail('Ada@example.org'), mail(ada)])
    expect((await send(one, to.value, { to })).outcome).toMatchObject({ send: false, rule: 'suppressed' })
  await one.prm.recordConsent({ address: mail('aDa@example.org'), purpose: '*', state: 'granted', basis: 'request' })
  expect((await send(one, 'k')).outcome).toMatchObject({ send: true, to: mail(ada) })
  expect((await one.prm.erase(mail('ADA@EXAMPLE.ORG'))).removed).toBeGreaterThan(0)
  expect(await one.prm.patrons(mail(ada))).toEqual([])
})

test('a complaint about a mail that was delivered refuses its purpose, and no other', async () => {
  const one = host()
  await send(one, 'n1', { purpose: 'news' })
  await one.run()
  const about = { source: 'prm', key: 'n1' }
  const report = (key: string, data: object) =>
    one.prm.record([{ key, type: messageDelivery.name, source: 'email', about, data: { raw: key, ...data } }])
  await report('r1', { state: 'delivered' })
  await report('r2', { addressStatus: 'complaint' })
  expect(await all(scopeOf(one.store).find('consent', { address: mail(ada) }))).toMatchObject([
    { purpose: 'news', state: 'denied', basis: 'complaint' },
  ])
  expect((await one.message('n1'))?.state).toBe('delivered')
  const next = await send(one, 'n2', { purpose: 'news' })
  expect([next.outcome, next.reasons.at(-1)?.detail]).toEqual([
    { send: false, rule: 'suppressed' },
    'complained on 24 November',
  ])
  expect((await send(one, 'p1')).outcome.send).toBe(true)
})

test('a report that names a message by its provider’s id alone is of that message, by that way only', async () => {
  const one = host()
  await send(one, 'n1')
  await one.run()
  const providerId = (await one.message('n1'))?.providerId ?? ''
  expect(providerId).not.toBe('')
  const report = (source: string, state: string) =>
    one.prm.record([{ key: state, type: messageDelivery.name, source, data: { raw: state, state, providerId } }])
  await report('sms', 'read')
  expect((await one.message('n1'))?.state).toBe('accepted')
  await report('email', 'delivered')
  expect((await one.message('n1'))?.state).toBe('delivered')
  const { text, timeline } = await one.prm.explain('n1')
  expect(text).toContain(' reported: delivered\n')
  expect(timeline.map(({ key }) => key)).toEqual(['delivered'])
})

test('so is one that comes before that id is known, and a flow that waits for it hears it', async () => {
  const one = host()
  const heard: unknown[] = []
  const asked = defineEvent('asked', z.null())
  one.prm.flow('follow', asked, async ({ step }) => {
    const about = { source: 'prm', key: 'n1' }
    const report = await step.wait('report', messageDelivery, { about }, { timeout: '2d' })
    heard.push(report?.data.raw)
  })
  await one.prm.record([{ key: 'a', type: 'asked', source: 'desk', data: null }])
  await one.run()
  const data = { raw: 'delivered', state: 'delivered', providerId: 'F1' }
  await one.prm.record([{ key: 'r', type: messageDelivery.name, source: 'email', data }])
  await send(one, 'n1')
  await one.run()
  await one.advance('1m')
  expect((await one.message('n1'))?.state).toBe('delivered')
  expect((await one.prm.explain('n1')).text).toContain(' reported: delivered\n')
  expect(heard).toEqual(['delivered'])
})

test('an answer names what it answers, so that mail programs show them together, and when that was written', async () => {
  const one = host()
  const at = '2026-11-24T09:00:00.000Z'
  await says(one, '<q1@phone.example> 1', {}, ada, { at })
  await says(one, '<q2@phone.example> 2', { content: { text: 'Open?', subject: 'Sunday?' } })
  for await (const { id } of one.prm.conversations({ state: 'open' }))
    await one.prm.reply(id, { text: 'On Sunday.' }, { key: 'a1', purpose: 'pickup' })
  await send(one, 'k')
  await one.run()
  expect(one.email.taken.map(({ key, inReplyTo }) => [key, inReplyTo])).toEqual([
    [
      'a1',
      [
        { key: '<q1@phone.example> 1', at },
        { key: '<q2@phone.example> 2', subject: 'Sunday?' },
      ],
    ],
    ['k', undefined],
  ])
})

test('a STOP by mail is confirmed for the address, which is no number', async () => {
  const one = host()
  await says(one, 'm1', { optOut: 'stop' })
  await one.run()
  expect(one.email.taken.map(({ content }) => content.text)).toEqual([
    'Springfield Library: you will get no more messages at this address. Reply START to get them again.',
  ])
})

test('a title stands in the text of a mail, but not in its subject', async () => {
  const one = host()
  const fact = hold(17, '1', { title: 'The Tall Ship' })
  await one.prm.record([fact])
  const about = [{ source: fact.source, key: fact.key }]
  const content = { text: 'The Tall Ship waits.', html: '<p>The Tall Ship waits.</p>', subject: 'It waits' }
  expect((await send(one, 'k1', { about, content })).outcome.send).toBe(true)
  const told = { ...content, subject: 'The tall ship waits' }
  expect((await send(one, 'k2', { about, content: told })).outcome).toEqual({ send: false, rule: 'exposure' })
})
