import { fileURLToPath } from 'node:url'
import type { Suite } from '@prm/conformance'
import { type LibGuidesSimulator, simulate } from '../simulator/index.ts'
import { type LibGuides, type LibGuidesConfig, libguides } from '../src/index.ts'

const secrets = { clientSecret: '0f512bda64d6ec1e', key: 'a93be7751cc04e1f' }
const clientId = '91'
const path = fileURLToPath(new URL('../fixtures/', import.meta.url))

const make = (simulator: LibGuidesSimulator | undefined, more: Partial<LibGuidesConfig>): LibGuides =>
  libguides({ timeZone: 'America/Chicago', ...(simulator && { baseUrl: simulator.url }), ...more })
const pages = {
  count: 43, // 20 guides of two pages, one of none, two databases
  known: 'guide 103/1031',
  words: 'statutes',
  since: '2026-11-01T00:00:00.000Z',
  changed: ['guide 103/1032', 'database 2805660', 'database 2805661'], // databases tell no date
}

export const suites: { readonly [name: string]: Suite<LibGuidesSimulator> } = {
  'libguides (1.1)': {
    make: (simulator) => make(simulator, { siteId: '4711', key: secrets.key }),
    simulate: () => simulate({ ...secrets, clientId }),
    fixtures: { pages, forbidden: Object.values(secrets) },
  },
  'libguides (usage)': {
    // Use comes from files alone: there is no vendor to ask.
    make() {
      const {
        knowledge: _,
        feed: __,
        check: ___,
        ...rest
      } = make(undefined, { siteId: '4711', key: secrets.key, usage: { path } })
      return rest
    },
    fixtures: {
      metrics: {
        from: '2026-11-23',
        to: '2026-11-24',
        by: 'page',
        counted: { day: '2026-11-24', of: 'guide 103/1032', views: 17 },
        silent: { day: '2026-11-23', of: 'guide 103/1032' },
        untold: ['exits'],
      },
      forbidden: Object.values(secrets),
    },
  },
  libguides: {
    make: (simulator) => make(simulator, { clientId, clientSecret: secrets.clientSecret, usage: { path } }),
    simulate: () => simulate({ ...secrets, clientId }),
    fixtures: { pages, forbidden: Object.values(secrets) },
    live: (env) => ({
      make: () =>
        make(undefined, {
          baseUrl: env('LIBGUIDES_URL'),
          clientId: env('LIBGUIDES_CLIENT_ID'),
          clientSecret: env('LIBGUIDES_CLIENT_SECRET'),
          timeZone: env('LIBGUIDES_ZONE'),
        }),
      fixtures: { forbidden: [env('LIBGUIDES_CLIENT_SECRET')] },
    }),
  },
}
