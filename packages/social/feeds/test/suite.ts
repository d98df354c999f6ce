import type { Suite } from '@prm/conformance'
import { type FeedsSimulator, simulate } from '../simulator/index.ts'
import { type Feeds, feeds } from '../src/index.ts'

const alert = '01732058194462087315/9924871650031127458'
const pseudonymKey = 'c41d8e6f0b7a4e5d93f2'
const forbidden = [pseudonymKey, alert, 'Wren Okafor', 'quiet_reader']

export const suites: { readonly [name: string]: Suite<FeedsSimulator> } = {
  feeds: {
    make(simulator): Feeds {
      const base = simulator?.url ?? 'https://blog.example.org'
      return feeds({
        pseudonymKey,
        feeds: [
          { name: 'blog', url: `${base}/blog.rss` },
          { name: 'forum', url: `${base}/forum.atom`, authorization: 'Bearer 5f0c2e' },
          { name: 'notes', url: `${base}/notes.json` },
          { name: 'reviews', url: `${base}/reviews.rdf` },
          {
            name: 'alert',
            url: () => simulator?.credentials.alertUrl ?? `${base}/alerts/feeds/${alert}`,
            query: 'name',
          },
        ],
      })
    },
    simulate: () => simulate({ alert }),
    fixtures: { forbidden: [...forbidden, 'Bearer 5f0c2e'] },
    live: (env) => ({
      make: (fetch) => feeds({ pseudonymKey, feeds: [{ name: 'live', url: () => env('FEEDS_URL') }], fetch }),
      fixtures: { forbidden: [env('FEEDS_URL')] },
    }),
  },
}
