import { adapterSuite } from '@prm/conformance'
import { test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { twilio } from '../src/index.ts'

const credentials = {
  accountSid: `AC${'4f'.repeat(16)}`,
  authToken: 'b7c1f09a52d64e8e93ab',
  from: '+12125550100',
}

adapterSuite(test, {
  make: (simulator) => twilio({ ...credentials, ...(simulator && { baseUrl: simulator.url }) }),
  simulate: () => simulate(credentials),
  fixtures: {
    known: { scheme: 'tel', value: '+12125550134' },
    unknown: { scheme: 'tel', value: '+15005550001' }, // a test number of Twilio's: 21211
    text: 'Ada Pine, “The Tall Ship” waits at the desk.',
    forbidden: [credentials.authToken, 'Ada Pine', 'The Tall Ship', '+12125550134'],
  },
})
