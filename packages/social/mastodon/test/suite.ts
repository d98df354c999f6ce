import type { Suite } from '@prm/conformance'
import { type MastodonSimulator, simulate } from '../simulator/index.ts'
import { type Mastodon, mastodon } from '../src/index.ts'

const accessToken = 'ZA7-c41d8e6f0b7a4e5d93f2'
const pseudonymKey = '93f2c41d8e6f0b7a4e5d'
const config = {
  accessToken,
  pseudonymKey,
  tags: [{ name: 'AlderLibrary', query: 'name' }],
  searches: [{ text: 'alder library' }],
}
/** The one post that is there to be answered. */
const asked = String(BigInt(Date.parse('2026-11-24T15:00:00Z')) << 16n)

export const suites: { readonly [name: string]: Suite<MastodonSimulator> } = {
  mastodon: {
    make: (simulator): Mastodon => mastodon({ ...config, baseUrl: simulator?.url ?? 'https://social.example' }),
    simulate: () => simulate({ accessToken, known: asked }),
    fixtures: {
      known: { scheme: 'post', value: asked },
      unknown: { scheme: 'post', value: '404404404404404404' },
      text: 'Ada Pine, “The Tall Ship” waits at the desk.',
      forbidden: [accessToken, pseudonymKey, 'Ada Pine', 'The Tall Ship', 'wren@else.example', 'quiet_reader'],
    },
    live: (env) => ({
      make: (fetch) => mastodon({ ...config, baseUrl: env('MASTODON_URL'), accessToken: env('MASTODON_TOKEN'), fetch }),
      fixtures: { forbidden: [env('MASTODON_TOKEN')] },
    }),
  },
}
