import { createPrm, type Purpose, type Send, type Store, type Template } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import { describe, expect, test } from 'vitest'
import { Clock, type FakeSms, fakeSms, library, messageOf, phone, tel } from './fake.ts'

type Templates = { readonly [name: string]: Template }
type Sent = Send<{ readonly sms: FakeSms }, string, string, never>

const service: Purpose = { basis: 'service', class: 'service' }
const single: Templates = { one: (data) => ({ text: `${data}` }) }
const both: Templates = { ...single, many: (data) => ({ text: `${(data as string[]).join(' and ')} wait` }) }

/** Two hosts of one library on one store, of which the newer knows more: as while they are begun anew, one by one. */
function two() {
  const [clock, sms, store]: [Clock, FakeSms, Store] = [new Clock(), fakeSms(), sqlite({ memory: true })]
  const host = (purposes: { readonly [name: string]: Purpose }, templates: Templates) =>
    createPrm({
      library,
      adapters: { sms },
      store,
      purposes,
      templates,
      now: clock.now,
      publicUrl: 'https://library.example/prm',
    })
  const older = host({ pickup: service }, single)
  const newer = host({ pickup: service, recall: service }, both)
  const send = (more: Partial<Sent>) =>
    newer.send({ to: tel(phone), purpose: 'recall', content: { text: 'Please bring it back.' }, key: 'k', ...more })
  return { clock, sms, older, newer, send, message: () => messageOf(store, 'k') }
}

describe('an older host beside a newer one', () => {
  test.each<[string, Partial<Sent>, string]>([
    ['a message of a purpose', {}, 'Please bring it back.'],
    [
      'a digest by a template',
      { purpose: 'pickup', content: { template: 'many', data: 'Quokkas' }, digest: 'd' },
      'Quokkas wait',
    ],
    ['a digest of a purpose', { content: { template: 'one', data: 'Quokkas' }, digest: 'd' }, 'Quokkas'],
  ])('leaves %s that it does not know to the newer', async (_, more, text) => {
    const { clock, sms, older, newer, send } = two()
    await send(more)
    await older.run({ once: true })
    expect(sms.calls).toBe(0)
    clock.advance('1m')
    await newer.run({ once: true })
    expect(sms.taken.map(({ content }) => content.text)).toEqual([text])
  })

  test('what nobody knows any more is cancelled after a day, in words', async () => {
    const { clock, sms, older, send, message } = two()
    await send({})
    for (let hour = 0; hour < 24; hour++) {
      await older.run({ once: true })
      expect((await message())?.state).toBe('planned')
      clock.advance('1h')
    }
    await older.run({ once: true })
    expect(sms.calls).toBe(0)
    const { state, attempts } = (await message()) ?? {}
    expect([state, attempts?.at(-1)?.outcome]).toEqual([
      'cancelled',
      'cancelled: this library has no purpose "recall" any more',
    ])
  })
})
