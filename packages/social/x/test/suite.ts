import type { Suite } from '@prm/conformance'
import { simulate, type XSimulator } from '../simulator/index.ts'
import { x } from '../src/index.ts'

const account = { id: '1500000000000000001', username: 'AlderLibrary' }
const secrets = {
  appToken: 'app-0c1d7e5b9f3a',
  userToken: 'user-8e2f6a4c1b0d',
  consumerSecret: 'consumer-5d9b3f7a2c8e',
  pseudonymKey: 'c41d8e6f0b7a4e5d93f2',
}
const budget = 50_000_000
const queries = [{ name: 'name', query: '"Alder Library"' }]
// At a moment of its own, so that their ids are known beforehand.
const at = new Date('2026-11-24T12:00:00.000Z')
const [summoned, other] = ['2125197739422646280', '2125197739422646282']

export const suites: { readonly [name: string]: Suite<XSimulator> } = {
  x: {
    make: (simulator) => x({ account, ...secrets, budget, queries, ...(simulator && { baseUrl: simulator.url }) }),
    async simulate() {
      // The suite sends equal words twice, to see whether `find` tells them apart.
      const simulator = await simulate({ account, ...secrets, duplicates: 'taken' })
      const ids = [
        simulator.post({ text: '@AlderLibrary where is the lift?', at }),
        simulator.post({ text: 'The lift of the library is broken again.', at }),
      ]
      if (ids.join() !== [summoned, other].join()) throw new Error(`other ids than expected: ${ids}`)
      return simulator
    },
    fixtures: {
      known: { scheme: 'post', value: summoned, realm: 'x.com' },
      unknown: { scheme: 'post', value: other, realm: 'x.com' },
      text: 'Behind the desk, on the left: we come along.',
      events: [
        { type: 'post.mention.create', text: '@AlderLibrary do you lend umbrellas?' },
        { type: 'post.reply.create', text: '@AlderLibrary thank you', answers: summoned },
      ],
      forbidden: [...Object.values(secrets), 'umbrellas', '1600000000000000011'],
    },
    live(env) {
      const account = { id: env('X_ACCOUNT_ID'), username: env('X_USERNAME') }
      const [appToken, userToken, consumerSecret] = [env('X_APP_TOKEN'), env('X_USER_TOKEN'), env('X_CONSUMER_SECRET')]
      return {
        make: (fetch) =>
          x({
            account,
            appToken,
            userToken,
            consumerSecret,
            pseudonymKey: secrets.pseudonymKey,
            budget: 100_000,
            fetch,
          }),
        fixtures: { forbidden: [appToken, userToken, consumerSecret] },
      }
    },
  },
}
