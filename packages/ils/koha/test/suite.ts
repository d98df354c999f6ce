import type { Suite } from '@prm/conformance'
import type { Adapter, Json } from '@prm/core'
import { type KohaSimulator, simulate } from '../simulator/index.ts'
import { koha } from '../src/index.ts'
import { type both, context, place } from './context.ts'

const credentials = { clientId: '6f2d1c8e-prm', clientSecret: 'b7c1f09a52d64e8e93ab' }
const webhook = { clientId: 'koha-alder', clientSecret: 'wh-93ab77e01c2d52d6' }
const origins = ['71', '72']

function suiteOf(release: (typeof both)[number]): Suite<KohaSimulator> {
  const make = (simulator: KohaSimulator | undefined): Adapter => {
    const all = koha({ ...credentials, ...place, webhook, baseUrl: simulator?.url ?? 'https://koha.example' })
    // An old release has no catalogue to ask, and each of its verbs says so (catalogue.test.ts).
    const { catalogue, ...old } = all
    return release === '19.11' ? old : all
  }

  return {
    make,
    async simulate() {
      const simulator = await simulate({ ...credentials, release, plugins: ['rest-di', 'webhook-notifications'] })
      for (const origin of origins) simulator.town.messages.set(Number(origin), { status: 'pending' })
      simulator.loan({
        checkout_id: 2002,
        patron_id: 1001,
        item_id: 503,
        due_date: '2099-12-09T23:59:00-06:00',
        renewals_count: 2,
      })
      simulator.loan({ checkout_id: 2003, patron_id: 1002, due_date: '2099-12-09T23:59:00-06:00' })
      const url = 'https://library.example/prm/conformance/token'
      const asked = simulator.tokenRequest(url, webhook.clientId, webhook.clientSecret)
      const { reply } = (await make(simulator).webhook?.receive(asked, context({ now: () => new Date() }))) ?? {}
      const said = (await reply?.json()) as { access_token: string } | undefined
      simulator.useToken(said?.access_token ?? '')
      return simulator
    },
    outcomes: {
      results: origins.map((origin, index) => ({
        about: { source: 'conformance', key: `hold-ready message ${origin}` },
        origin,
        state: index ? 'not-sent' : 'delivered',
        at: '2026-11-24T15:00:00Z',
      })),
      told: (simulator) =>
        Object.fromEntries(
          origins.map((one) => [one, simulator?.town.messages.get(Number(one))?.status ?? null]),
        ) as Json,
    },
    fixtures: {
      known: { scheme: 'mailto', value: 'ada@mail.example' },
      unknown: { scheme: 'mailto', value: 'nobody@mail.example' },
      shared: { scheme: 'tel', value: '+12125550134' },
      loans: {
        patron: { scheme: 'ils', realm: 'conformance/card', value: '23529000010001' },
        renewable: '2001',
        refused: '2002',
        foreign: '2003',
      },
      isbns: { known: '9783161484100', unknown: '9780000000002' },
      events: [
        { message_id: 81, holds: [3001] },
        { message_id: 82, format: 'minimal', letter: 'DUE', checkouts: [2001] },
      ],
      forbidden: [credentials.clientSecret, webhook.clientSecret, 'Ada Pine', 'The Tall Ship'],
    },
    deviations: [
      {
        check: 'webhook/altered-body',
        why: 'the plugin signs no body: its token is all there is',
        until: '2999-12-31',
      },
    ],
    // A Koha to try things on, not the one that your patrons use.
    live(env) {
      const [clientId, clientSecret] = [env('KOHA_CLIENT_ID'), env('KOHA_CLIENT_SECRET')]
      const baseUrl = env('KOHA_URL')
      return {
        make: (fetch) => koha({ ...place, baseUrl, clientId, clientSecret, fetch }),
        fixtures: {
          known: { scheme: 'mailto', value: env('KOHA_KNOWN') },
          unknown: { scheme: 'mailto', value: 'nobody-at-all@prm.example' },
          isbns: { known: env('KOHA_ISBN'), unknown: '9780000000002' },
          forbidden: [clientSecret],
        },
      }
    },
  }
}

export const suites: { readonly [adapter: string]: Suite<KohaSimulator> } = {
  'koha on 19.11': suiteOf('19.11'),
  'koha today': suiteOf('today'),
}
