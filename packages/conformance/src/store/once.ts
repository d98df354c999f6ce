import assert from 'node:assert/strict'
import { type Adapter, createPrm, type Decision, type Interaction, notice, type Prm, type Store } from '@prm/core'
import { at, type Check, collect, type Place } from './place.ts'

const fake: Adapter = {
  spec: 1,
  kind: 'fake',
  version: '1.0.0',
  emits: [notice],
  channel: {
    medium: 'sms',
    schemes: ['tel'],
    exposure: 'glanceable',
    limits: { idempotent: false },
    measure: () => ({ units: 1, unit: 'part', warnings: [] }),
    send: async () => ({ state: 'sent', raw: null }),
  },
}
const templates = {
  holds: (data: readonly { readonly of: string }[]) => ({ text: data.map(({ of }) => of).join(' ') }),
}
type Host = Prm<{ readonly sms: Adapter }, 'pickup', 'holds'>

/** A store whose first decision is read and made, and is written when `turn` ends. */
function pausing(store: Store, turn: () => Promise<void>): Store {
  let paused = false
  return {
    work: (names, run, options) => store.work(names, run, options),
    close: () => store.close(),
    scope(library) {
      const scope = store.scope(library)
      return {
        ...scope,
        async commit(batches) {
          const decides = batches.some(({ put = [] }) => put.some(({ kind }) => kind === 'decision'))
          if (!decides || paused) return scope.commit(batches)
          paused = true
          await turn()
          return scope.commit(batches)
        },
      }
    },
  }
}

/** Two hosts that have both decided before either writes; then the one writes, then the other, or both at once. */
async function race(
  place: Place,
  order: 'first' | 'second' | 'both',
  works: readonly [(prm: Host) => Promise<unknown>, (prm: Host) => Promise<unknown>],
  before: (prm: Host) => Promise<unknown>,
): Promise<{ readonly decisions: readonly Decision[]; readonly texts: readonly string[] }> {
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const ended = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const stores = [place.open(), place.open()] as const
  const hosts = stores.map((store, n) => {
    const turn = async (): Promise<void> => {
      arrived[n]?.resolve()
      await Promise.all(arrived.map(({ promise }) => promise))
      if ((order === 'second' && n === 0) || (order === 'first' && n === 1)) await ended[1 - n]?.promise
    }
    return createPrm({
      library: { id: 'main', name: 'Main', timeZone: 'Europe/Berlin', locale: 'en', region: 'DE' },
      adapters: { sms: fake },
      purposes: { pickup: { basis: 'service', class: 'service' } },
      templates,
      store: pausing(store, turn),
      now: () => new Date(at),
    })
  }) as [Host, Host]
  await before(hosts[0])
  await Promise.all(works.map((work, n) => work(hosts[n] as Host).finally(ended[n]?.resolve)))
  const scope = stores[0].scope('main')
  const [decisions, messages] = await Promise.all([
    collect(scope.find('decision', {})),
    collect(scope.find('message', {})),
  ])
  return { decisions, texts: messages.map(({ content }) => content.text) }
}

const to = { scheme: 'tel', value: '+4930123456' }
const hold = (source: string): Interaction => ({
  key: 'hold 7',
  source,
  type: 'notice',
  who: to,
  data: { kind: 'hold-ready', subjectKey: 'hold:town:7', items: [{ id: '7', collectBy: '2026-12-24' }] },
})
const asked = (key: string) => ({ key, to, purpose: 'pickup' }) as const

/** One matter and one send key are told once, also where two hosts decide at the very same moment. */
export function onceChecks(check: Check): void {
  for (const order of ['first', 'second', 'both'] as const) {
    check(
      `store/one-matter-${order}: two hosts decide on one hold that two feeds tell: it is told once (writes first: ${order})`,
      async (place) => {
        const tell = (source: string) => (prm: Host) =>
          prm.send({ ...asked(source), content: { text: source }, about: [hold(source)] })
        const facts = (prm: Host) => prm.record([hold('file'), hold('poll')])
        const { decisions, texts } = await race(place, order, [tell('file'), tell('poll')], facts)
        assert.equal(texts.length, 1)
        const [other] = decisions.filter(({ outcome }) => !outcome.send)
        assert.equal(other?.outcome.send === false && other.outcome.rule, 'duplicate')
        assert.deepEqual(other?.reasons.at(-1)?.ref, { source: 'prm', key: texts[0] })
        if (order !== 'both') assert.deepEqual(texts, [order === 'first' ? 'file' : 'poll'])
      },
    )

    check(
      `store/one-send-${order}: a send goes alone and with others at one moment: it is told once (writes first: ${order})`,
      async (place) => {
        const join = async (prm: Host): Promise<void> => {
          for (const key of ['a', 'b', 'c'])
            await prm.send({ ...asked(key), content: { template: 'holds', data: { of: key } }, digest: 'd' })
        }
        const close = (prm: Host) => prm.run({ once: true, deliver: false })
        const alone = (prm: Host) => prm.send({ ...asked('b'), content: { text: 'b' } })
        const { texts } = await race(place, order, [close, alone], join)
        assert.deepEqual(texts.flatMap((text) => text.split(' ')).sort(), ['a', 'b', 'c'])
        if (order !== 'both') assert.deepEqual(texts.toSorted(), order === 'first' ? ['a b c'] : ['a c', 'b'])
      },
    )
  }
}
