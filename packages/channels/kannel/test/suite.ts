import type { Suite } from '@prm/conformance'
import { type KannelSimulator, simulate } from '../simulator/index.ts'
import { kannel } from '../src/index.ts'

const credentials = { username: 'prm', password: 'b7c1f09a52d64e8e93ab', callbackSecret: '0f512bda-ae1e-4597-8e11' }

export const suites: { readonly kannel: Suite<KannelSimulator> } = {
  kannel: {
    make: (simulator) => kannel({ ...credentials, from: '1234', baseUrl: simulator?.url ?? 'http://127.0.0.1:13013' }),
    simulate: () => simulate({ ...credentials, denied: ['+1900'] }),
    fixtures: {
      known: { scheme: 'tel', value: '+12125550134' },
      unknown: { scheme: 'tel', value: '+19005550100' },
      text: 'Ada Pine, “The Tall Ship” waits at the desk.',
      forbidden: [credentials.password, credentials.callbackSecret, 'Ada Pine', 'The Tall Ship', '+12125550134'],
    },
    live: (env) => ({
      make: () =>
        kannel({
          baseUrl: env('KANNEL_URL'),
          username: env('KANNEL_USERNAME'),
          password: env('KANNEL_PASSWORD'),
          callbackSecret: env('KANNEL_CALLBACK_SECRET'),
          from: env('KANNEL_FROM'),
        }),
      fixtures: { known: { scheme: 'tel', value: env('KANNEL_TO') }, forbidden: [env('KANNEL_PASSWORD')] },
    }),
  },
}
