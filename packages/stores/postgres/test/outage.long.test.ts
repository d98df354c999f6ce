import assert from 'node:assert/strict'
import { createPrm, type Prm, type Store } from '@prm/core'
import { afterEach, beforeEach, test } from 'vitest'
import { all, Clock, fakeSms, library, scopeOf, tel } from '../../../../test/fake.ts'
import { onServer, place } from './place.ts'

const cents = (count: number) => ({ micros: 10_000 * count, currency: 'USD' })
const number = (n: number) => tel(`+1212555${1_000 + n}`)

let here: ReturnType<typeof place>
beforeEach(() => {
  here = place()
})
afterEach(() => here.remove())

/** Two hosts, each with a store of its own on one database, and two providers of texts. */
function town(concurrency?: number) {
  const clock = new Clock()
  const [sms, backup] = [fakeSms(), fakeSms({ price: cents(1), senders: [{ address: tel('+12125550111') }] })]
  const service = { basis: 'service', class: 'service' } as const
  const host = (store: Store) =>
    createPrm({
      library,
      adapters: { sms, backup },
      store,
      purposes: {
        urgent: { ...service, quietHours: 'ignore', failover: { after: '2m', perDay: cents(4) } },
        pickup: service,
      },
      publicUrl: 'https://library.example/prm',
      now: clock.now,
      ...(concurrency && { concurrency }),
    }) as unknown as Prm
  const stores = [here.open({ poll: '5ms' }), here.open({ poll: '5ms' })] as const
  const hosts = [host(stores[0]), host(stores[1])] as const
  return {
    clock,
    sms,
    backup,
    hosts,
    scope: scopeOf(stores[0]),
    async minutes(count: number) {
      for (let minute = 0; minute < count; minute++) {
        clock.advance('1m')
        await Promise.all(hosts.map((one) => one.run({ once: true })))
      }
    },
    send: (n: number, key: string, to: number, purpose = 'urgent') =>
      (hosts[n % 2] as Prm).send({ to: number(to), purpose, content: { text: `text ${key}` }, key }),
  }
}

onServer('fail-over on two hosts', { timeout: 120_000 }, () => {
  test('sends each text once, loses none, and spends no more than a day may cost', async () => {
    const { sms, backup, scope, minutes, send, clock, hosts } = town()
    const keys: string[] = []
    const some = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const key = `k${keys.length}`
        keys.push(key)
        await send(n, key, n)
      }
    }
    const fail = (by: typeof sms, code?: (typeof sms.faults)[number]) =>
      by.faults.splice(0, by.faults.length, ...(code ? Array.from({ length: 500 }, () => code) : []))
    fail(sms, 'unavailable')
    await some(8)
    await minutes(6)
    assert.equal(backup.taken.length, 4)
    fail(sms, 'hang')
    fail(backup, 'hang')
    await some(3)
    await minutes(3)
    fail(sms)
    fail(backup)
    await some(2)
    for (let hour = 0; hour < 12; hour++) {
      clock.advance('2h')
      await minutes(1)
    }
    const texts = [...sms.taken, ...backup.taken].map(({ content }) => content.text)
    assert.deepEqual(texts.toSorted(), keys.map((key) => `text ${key}`).toSorted())
    const paid = (await all(scope.find('decision', {}))).filter(
      ({ outcome, replaces }) => outcome.send && replaces && outcome.via === 'backup',
    )
    assert.equal(paid.length, 4)
    assert.equal((await hosts[1].outages())[0]?.cost[0]?.micros, cents(4).micros)
  })

  test('what is urgent goes before what was due earlier, and to one person in its order', async () => {
    const { sms, minutes, send, clock } = town(1)
    for (let n = 0; n < 20; n++) await send(0, `p${n}`, n, 'pickup')
    clock.advance('1m')
    for (const key of ['u0', 'u1', 'u2']) {
      await send(0, key, 5)
      clock.advance('1s')
    }
    // pg-boss adds its retention to when a job may run first.
    const [kept] = await here.ask(`select min(keep_until) > now() + interval '50 years' as long from prm_boss.job`)
    assert.equal(kept?.long, true, 'keep_until')
    await minutes(1)
    const told = sms.taken.map(({ key }) => key)
    assert.equal(told.length, 23)
    assert.deepEqual(
      told.filter((key) => key.startsWith('u')),
      ['u0', 'u1', 'u2'],
    )
    assert.ok(told.indexOf('u0') < 2, told.join(' '))
    assert.ok(told.indexOf('u2') < 8, told.join(' '))
  })
})
