import { adapterSuite } from '@prm/conformance'
import { test } from 'vitest'
import { newKeys, simulate } from '../simulator/index.ts'
import { telnyx } from '../src/index.ts'

const keys = newKeys()
const credentials = {
  apiKey: 'KEY018F2C9D4B7A6E53A1B2C3D4E5F60718',
  publicKey: keys.publicKey,
  from: '+12125550100',
  messagingProfileId: '0f512bda-ae1e-4597-8e11-e5f5686b97d3',
}

adapterSuite(test, {
  make: (simulator) => telnyx({ ...credentials, ...(simulator && { baseUrl: simulator.url }) }),
  simulate: () => simulate({ ...credentials, keys }),
  fixtures: {
    known: { scheme: 'tel', value: '+12125550134' },
    unknown: { scheme: 'tel', value: '+1' },
    text: 'Ada Pine, “The Tall Ship” waits at the desk.',
    forbidden: [credentials.apiKey, 'Ada Pine', 'The Tall Ship', '+12125550134'],
  },
})
