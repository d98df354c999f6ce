import type { Suite } from '@prm/conformance'
import {
  type CarrierPigeonSimulator,
  newAccess,
  newSigning, // @webhook
  simulate,
} from '../simulator/index.ts'
import { carrierPigeon } from '../src/index.ts'

const access = newAccess()
const signing = newSigning() // @webhook
const from = '+12125550100' // @channel
const config = {
  ...access,
  ...signing.config, // @webhook
  from, // @channel
}

const suite: Suite<CarrierPigeonSimulator> = {
  make: (simulator) => carrierPigeon({ ...config, ...(simulator && { baseUrl: simulator.url }) }),
  simulate: () =>
    simulate({
      access,
      signing, // @webhook
      from, // @channel
    }),
  fixtures: {
    known: { scheme: 'tel', value: '+12125550134' }, // @channel|webhook|directory
    unknown: { scheme: 'tel', value: '+1' }, // @channel|directory
    shared: { scheme: 'tel', value: '+12125550135' }, // @directory
    // @circulation {
    loans: {
      patron: { scheme: 'ils', realm: 'conformance/card', value: '29001' },
      renewable: '41',
      refused: '42',
      foreign: '43',
    },
    // @}
    isbns: { known: '9780306406157', unknown: '9780000000002' }, // @catalogue
    text: 'Ada Pine, “The Tall Ship” waits at the desk.', // @channel|webhook
    forbidden: [...Object.values(access), 'Ada Pine', 'The Tall Ship', '+12125550134'],
  },
  // @writeBack {
  outcomes: {
    results: ['N17', 'N18'].map((origin, index) => ({
      about: { source: 'conformance', key: `hold-ready ${origin} 2026-11-24` },
      origin,
      state: index ? 'not-sent' : 'delivered',
      at: '2026-11-24T15:00:00.000Z',
    })),
    told: (simulator) => ({ ...simulator?.told() }),
  },
  // @}
  // Checks that fail for a good reason: { check, why, until }.
  deviations: [],
}

export const suites: { readonly [adapter: string]: Suite<CarrierPigeonSimulator> } = { 'carrier-pigeon': suite }
