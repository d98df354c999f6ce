import type { Suite } from '@prm/conformance'
import { type MatomoSimulator, simulate } from '../simulator/index.ts'
import { matomo } from '../src/index.ts'

const credentials = { token: 'c0ffee11aa52d64e8e93ab0017f2b1c9', siteId: 1 }
const host = 'https://guides.library.example'

const suite: Suite<MatomoSimulator> = {
  make: (simulator) => matomo({ ...credentials, baseUrl: simulator?.url ?? 'https://stats.library.example/matomo' }),
  async simulate() {
    const simulator = await simulate({ ...credentials, most: 1000 })
    // More than fit into one answer, on more days than one question has.
    for (let n = 0; n < 130; n++) simulator.page('2026-09-03', `${host}/guide/${n}`, { views: n + 1, visits: 1 })
    simulator.page('2026-09-01', `${host}/printing`, { views: 12, visits: 9, exits: 4 })
    simulator.page('2026-09-14', `${host}/printing`, { views: 3, visits: 3, exits: 1 })
    simulator.search('2026-09-01', 'print from my phone', { views: 2, visits: 2, results: 0 })
    simulator.source('2026-09-01', 'direct', '', 5)
    return simulator
  },
  fixtures: {
    metrics: {
      from: '2026-09-01',
      to: '2026-09-14',
      by: 'page',
      counted: { day: '2026-09-01', of: '/printing', views: 12 },
      silent: { day: '2026-09-02', of: '/printing' },
    },
    forbidden: [credentials.token],
  },
  // A site that you may look at: `MATOMO_DAY` is one on which `MATOMO_PATH` was viewed `MATOMO_VIEWS` times.
  live(env) {
    const [token, day, path] = [env('MATOMO_TOKEN'), env('MATOMO_DAY'), env('MATOMO_PATH')]
    const [baseUrl, siteId, views] = [env('MATOMO_URL'), Number(env('MATOMO_SITE')), Number(env('MATOMO_VIEWS'))]
    return {
      make: (fetch) => matomo({ baseUrl, siteId, token, fetch }),
      fixtures: {
        metrics: {
          from: day,
          to: day,
          by: 'page',
          counted: { day, of: path, views },
          silent: { day, of: '/prm/no/such/page' },
        },
        forbidden: [token],
      },
    }
  },
}

export const suites: { readonly [adapter: string]: Suite<MatomoSimulator> } = { matomo: suite }
