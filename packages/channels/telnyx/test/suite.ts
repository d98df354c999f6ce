import type { Suite } from '@prm/conformance'
import { newKeys, simulate, type TelnyxSimulator } from '../simulator/index.ts'
import { telnyx } from '../src/index.ts'

const keys = newKeys()
const credentials = {
  apiKey: 'KEY018F2C9D4B7A6E53A1B2C3D4E5F60718',
  publicKey: keys.publicKey,
  from: '+12125550100',
  messagingProfileId: '0f512bda-ae1e-4597-8e11-e5f5686b97d3',
}

export const suites: { readonly telnyx: Suite<TelnyxSimulator> } = {
  telnyx: {
    make: (simulator) => telnyx({ ...credentials, ...(simulator && { baseUrl: simulator.url }) }),
    simulate: () => simulate({ ...credentials, keys }),
    fixtures: {
      known: { scheme: 'tel', value: '+12125550134' },
      unknown: { scheme: 'tel', value: '+1' },
      text: 'Ada Pine, “The Tall Ship” waits at the desk.',
      forbidden: [credentials.apiKey, 'Ada Pine', 'The Tall Ship', '+12125550134'],
    },
    live: (env) => ({
      make: () =>
        telnyx({ apiKey: env('TELNYX_API_KEY'), publicKey: env('TELNYX_PUBLIC_KEY'), from: env('TELNYX_FROM') }),
      fixtures: { known: { scheme: 'tel', value: env('TELNYX_TO') }, forbidden: [env('TELNYX_API_KEY')] },
    }),
  },
}
