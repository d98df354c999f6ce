import type { Suite } from '@prm/conformance'
import { type PlausibleSimulator, simulate } from '../simulator/index.ts'
import { plausible } from '../src/index.ts'

const credentials = { siteId: 'guides.library.example', apiKey: 'aXb2-c0ffee11aa52d64e8e93ab0017f2' }
const host = 'https://guides.library.example'
const search = { goal: 'Search', property: 'query', results: 'result_count' }

const suite: Suite<PlausibleSimulator> = {
  make: (simulator) => plausible({ ...credentials, search, ...(simulator && { baseUrl: simulator.url }) }),
  async simulate() {
    const simulator = await simulate(credentials)
    for (let n = 0; n < 130; n++) simulator.page('2026-09-03', `${host}/guide/${n}`, { views: n + 1, visits: 1 })
    simulator.page('2026-09-01', `${host}/printing`, { views: 12, visits: 9, exits: 4 })
    simulator.page('2026-09-14', `${host}/printing`, { views: 3, visits: 3, exits: 1 })
    simulator.page('2026-10-02', `${host}/printing`, { views: 400, visits: 300 })
    simulator.events('2026-10-02', 12_000_000)
    return simulator
  },
  fixtures: {
    metrics: {
      from: '2026-09-01',
      to: '2026-09-14',
      by: 'page',
      counted: { day: '2026-09-01', of: '/printing', views: 12 },
      silent: { day: '2026-09-02', of: '/printing' },
      sampled: { from: '2026-10-01', to: '2026-10-03' },
    },
    forbidden: [credentials.apiKey],
  },
  // A site that you may look at: `PLAUSIBLE_DAY` is one on which `PLAUSIBLE_PATH` was viewed `PLAUSIBLE_VIEWS` times.
  live(env) {
    const [siteId, apiKey, day] = [env('PLAUSIBLE_SITE'), env('PLAUSIBLE_KEY'), env('PLAUSIBLE_DAY')]
    const [baseUrl, path, views] = [env('PLAUSIBLE_URL'), env('PLAUSIBLE_PATH'), Number(env('PLAUSIBLE_VIEWS'))]
    return {
      make: (fetch) => plausible({ baseUrl, siteId, apiKey, fetch }),
      fixtures: {
        metrics: {
          from: day,
          to: day,
          by: 'page',
          counted: { day, of: path, views },
          silent: { day, of: '/prm/no/such/page' },
        },
        forbidden: [apiKey],
      },
    }
  },
}

export const suites: { readonly [adapter: string]: Suite<PlausibleSimulator> } = { plausible: suite }
