import type { Suite } from '@prm/conformance'
import { simulate, type TwilioSimulator } from '../simulator/index.ts'
import { twilio } from '../src/index.ts'

const credentials = {
  accountSid: `AC${'4f'.repeat(16)}`,
  authToken: 'b7c1f09a52d64e8e93ab',
  from: '+12125550100',
}

const suite: Suite<TwilioSimulator> = {
  make: (simulator) => twilio({ ...credentials, ...(simulator && { baseUrl: simulator.url }) }),
  simulate: () => simulate(credentials),
  fixtures: {
    known: { scheme: 'tel', value: '+12125550134' },
    unknown: { scheme: 'tel', value: '+15005550001' }, // a test number of Twilio's: 21211
    text: 'Ada Pine, “The Tall Ship” waits at the desk.',
    forbidden: [credentials.authToken, 'Ada Pine', 'The Tall Ship', '+12125550134'],
  },
  // TWILIO_TO is a phone of your own; with Twilio's test credentials, which send nothing, +15005550006.
  live(env) {
    const [accountSid, authToken, from] = [env('TWILIO_ACCOUNT_SID'), env('TWILIO_AUTH_TOKEN'), env('TWILIO_FROM')]
    return {
      make: () => twilio({ accountSid, authToken, from }),
      fixtures: {
        known: { scheme: 'tel', value: env('TWILIO_TO') },
        text: 'A test of your library’s texts.',
        forbidden: [authToken],
      },
    }
  },
}

export const suites: { readonly [adapter: string]: Suite<TwilioSimulator> } = { twilio: suite }
