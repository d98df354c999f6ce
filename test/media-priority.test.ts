// Guards one rule: whose choice of media counts, the ILS's for the notice, the patron's or the purpose's. `send` and `foresee` obey
// the same one.
import { type Channel, createPrm, type Medium, type PatronUpdate, type Purpose } from '@prm/core'
import { sqlite } from '@prm/store-sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { all } from './fake.ts'

const channel = (medium: Medium, scheme: string): Channel => ({
  medium,
  schemes: [scheme],
  exposure: 'private',
  limits: { idempotent: true },
  measure: () => ({ units: 1, unit: 'part', warnings: [] }),
  send: async () => ({ state: 'accepted', raw: null }),
})
const adapter = (channel: Channel) => ({ spec: 1, kind: 'fake', version: '0', emits: [], channel }) as const
const adapters = {
  texts: adapter(channel('sms', 'tel')),
  mails: adapter(channel('email', 'mailto')),
  calls: adapter(channel('voice', 'tel')),
}
const ids = ['texts', 'mails', 'calls'] as const
const media = ['sms', 'email', 'voice'] as const

const host = (purpose: Pick<Purpose, 'media' | 'mediaPriority' | 'fallback'>) =>
  createPrm({
    library: { id: 'alder', name: 'Alder', timeZone: 'America/Chicago', locale: 'en', region: 'US' },
    store: sqlite({ memory: true }),
    adapters,
    purposes: { courtesy: { basis: 'service', class: 'service', ...purpose } },
    now: () => new Date('2026-11-24T16:00:00.000Z'),
  })

const at = { scheme: 'ils', realm: 'ils/card', value: '1' }
const patron = (more: Partial<PatronUpdate> = {}): PatronUpdate => ({
  at,
  also: [
    { scheme: 'tel', value: '+12125550142' },
    { scheme: 'mailto', value: 'ann@example.org' },
  ],
  ...more,
})

/** How a notice goes that asks for a text, to a patron who prefers calls, for a purpose that goes by mail. */
async function goesBy(mediaPriority?: Purpose['mediaPriority']) {
  const prm = host({ media: ['email'], ...(mediaPriority && { mediaPriority }) })
  const about = { key: 'due 1', source: 'ils' }
  const data = { kind: 'due-soon', subjectKey: 'loan:1', items: [], medium: 'sms' }
  await prm.record([{ ...about, type: 'notice', who: at, data }], [patron({ preferences: { '*': ['voice'] } })])
  const { outcome, reasons } = await prm.send({
    to: at,
    purpose: 'courtesy',
    content: { text: 'An item is due.' },
    key: 'a',
    about: [about],
  })
  await prm.close()
  const detail = reasons.find(({ rule }) => rule === 'preference')?.detail
  return [outcome.send && outcome.via, detail]
}

test.each([
  [undefined, 'texts', 'The ILS requested sms for this notice.'],
  [['notice', 'patron', 'purpose'], 'texts', 'The ILS requested sms for this notice.'],
  [['patron', 'notice'], 'calls', 'The patron prefers voice.'],
  [['purpose'], 'mails', 'The purpose uses email.'],
  [['purpose', 'patron', 'notice'], 'mails', 'The purpose uses email.'],
] as const)('a purpose with mediaPriority %j goes by %s', async (priority, via, detail) => {
  expect(await goesBy(priority)).toEqual([via, detail])
})

test.each([[[]], ['purpose'], [['ils']], [['patron', 'patron']]])('mediaPriority %j is refused', (mediaPriority) => {
  expect(() => host({ mediaPriority: mediaPriority as never })).toThrowError(
    expect.objectContaining({ code: 'config', field: 'purposes.courtesy.mediaPriority' }),
  )
})

const some = fc.shuffledSubarray([...media])
const oneOrMore = fc.shuffledSubarray([...media], { minLength: 1 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

test('foresee and send choose the same way, whatever the purpose and the patron say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        media: maybe(oneOrMore),
        mediaPriority: maybe(fc.shuffledSubarray(['notice', 'patron', 'purpose'] as const, { minLength: 1 })),
        falls: fc.boolean(),
        preferences: maybe(some),
        also: fc.subarray(patron().also as PatronUpdate['also'][number][]),
        via: fc.shuffledSubarray([...ids], { minLength: 1 }),
      }),
      async ({ media, mediaPriority, falls, preferences, also, via }) => {
        const prm = host({
          ...(media && { media }),
          ...(mediaPriority && { mediaPriority }),
          ...(falls && media && { fallback: ['no-address'] }),
        })
        const who = patron({ also, ...(preferences && { preferences: { '*': preferences } }) })
        const text = { text: 'An item is due.' }
        const asked = [{ key: 'p', purpose: 'courtesy', patron: who, adapters: via, content: () => text }] as const
        const [preview] = await all(prm.preview(asked))
        await prm.record([], [who])
        const { outcome } = await prm.send({ to: at, purpose: 'courtesy', content: text, key: 's', adapters: via })
        await prm.close()
        expect(preview?.outcome?.via).toBe(outcome.send ? outcome.via : undefined)
      },
    ),
    { numRuns: 200 },
  )
})
