import { afterEach, beforeEach, expect, test } from 'vitest'
import { breakable, Clock, fakeSms, messagesOf, phone, plain, springfield, tel } from '../../../../test/fake.ts'
import { onServer, place } from './place.ts'

let here: ReturnType<typeof place>
beforeEach(() => {
  here = place()
})
afterEach(() => here.remove())

onServer('an erasure, while another host comes to what is due', { timeout: 60_000 }, () => {
  test.each([
    ['just before it is held back: its call is waited for, and what it took is deleted there', 'put', ['F1']],
    ['just after: nothing is sent', 'delete', []],
  ] as const)('%s', async (_, begins, removed) => {
    const store = breakable(here.open({ poll: '5ms' }))
    const [sms, clock] = [fakeSms(), new Clock()]
    const one = springfield({ quietly: true, store, sms, clock })
    const other = springfield({ quietly: true, store: here.open({ poll: '5ms' }), sms, clock })
    const call = Promise.withResolvers<void>()
    sms.onTaken = () => call.promise
    await one.prm.send(plain('k', { notBefore: '2026-11-24T16:05:00.000Z' }))
    let working: Promise<unknown> | undefined
    store.before = async (batches) => {
      if (working || !batches.some((batch) => batch[begins]?.some(({ kind }) => kind === 'message'))) return
      clock.advance('5m')
      working = other.run()
      await new Promise((resolve) => setTimeout(resolve, 500))
      setTimeout(() => call.resolve(), 500)
    }
    const { kept } = await one.prm.erase(tel(phone))
    await working
    await one.run()
    expect(kept.length).toBe(1) // the hash of when
    expect([sms.calls, sms.removed]).toEqual([removed.length, removed])
    expect(await messagesOf(store)).toEqual([])
  })
})
