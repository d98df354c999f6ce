import type { Suite } from '@prm/conformance'
import { type BlueskySimulator, simulate } from '../simulator/index.ts'
import { type Bluesky, type BlueskyConfig, bluesky } from '../src/index.ts'

const pseudonymKey = 'c41d8e6f0b7a4e5d93f2'
const appPassword = 'q7wx-2mfe-zk4u-h3ra'
const handles = ['quiet-reader', 'wren', 'ife', 'teo'].map((name) => `${name}.example.org`)
const queries = [{ name: 'name', any: ['Alder Library'] }]
/** What wren says in the simulator: its address does not change. */
const known = {
  scheme: 'post',
  value: 'at://did:plc:cwd3rmmqw6573jvgjyr6rqzc/app.bsky.feed.post/3n32wqcitc522',
  realm: 'bsky.app',
} as const
const unknown = {
  scheme: 'post',
  value: 'at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3mfhxxxxxxx2a',
  realm: 'bsky.app',
}

const suite = (more: (simulator?: BlueskySimulator) => Partial<BlueskyConfig>): Suite<BlueskySimulator> => ({
  make: (simulator): Bluesky =>
    bluesky({
      identifier: 'alder.example.org',
      appPassword,
      pseudonymKey,
      queries,
      ...(simulator && { baseUrl: simulator.url }),
      ...more(simulator),
    }),
  simulate: () => simulate({ appPassword }),
  fixtures: { known, unknown, forbidden: [pseudonymKey, appPassword, ...handles] },
})

export const suites: { readonly [name: string]: Suite<BlueskySimulator> } = {
  bluesky: {
    ...suite(() => ({})),
    live: (env) => ({
      make: (fetch) =>
        bluesky({
          identifier: env('BLUESKY_HANDLE'),
          appPassword: () => env('BLUESKY_APP_PASSWORD'),
          pseudonymKey,
          fetch,
        }),
      fixtures: { forbidden: [env('BLUESKY_APP_PASSWORD')] },
    }),
  },
  'bluesky with a stream': suite((simulator) => ({
    stream: { hold: '1s', ...(simulator && { url: simulator.streamUrl() }) },
  })),
}
