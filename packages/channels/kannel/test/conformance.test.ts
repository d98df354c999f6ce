import { adapterSuite } from '@prm/conformance'
import { test } from 'vitest'
import { simulate } from '../simulator/index.ts'
import { kannel } from '../src/index.ts'

const credentials = { username: 'prm', password: 'b7c1f09a52d64e8e93ab', callbackSecret: '0f512bda-ae1e-4597-8e11' }

adapterSuite(test, {
  make: (simulator) => kannel({ ...credentials, from: '1234', baseUrl: simulator?.url ?? 'http://127.0.0.1:13013' }),
  simulate: () => simulate({ ...credentials, denied: ['+1900'] }),
  fixtures: {
    known: { scheme: 'tel', value: '+12125550134' },
    unknown: { scheme: 'tel', value: '+19005550100' },
    text: 'Ada Pine, “The Tall Ship” waits at the desk.',
    forbidden: [credentials.password, credentials.callbackSecret, 'Ada Pine', 'The Tall Ship', '+12125550134'],
  },
})
