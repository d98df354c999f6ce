import type { Suite } from '@prm/conformance'
import { type FacebookSimulator, simulate } from '../simulator/index.ts'
import { facebook } from '../src/index.ts'

const credentials = {
  pageId: '104000000000001',
  appId: '310000000000001',
  appSecret: '7f1c02b9d4e84a6f9b3d5c6e8a901f2b',
  pageToken: 'EAAExampleTokenOfThePage0123456789',
  verifyToken: 'typed by hand 4711',
}
const pseudonymKey = 'c41d8e6f0b7a4e5d93f2'
const psid = '7300000000000002'

const suite: Suite<FacebookSimulator> = {
  make: (simulator) => facebook({ ...credentials, pseudonymKey, ...(simulator && { baseUrl: simulator.url }) }),
  simulate: () => simulate(credentials),
  fixtures: {
    known: { scheme: 'post', value: '122100000000001_122100000000002', realm: 'facebook' },
    unknown: { scheme: 'post', value: '122100000000001_999', realm: 'facebook' },
    text: 'Yes, the ramp at the back is open, and so is its door — ask for Ada Pine.',
    events: [
      { what: 'message', by: psid, text: 'Ada Pine, is it you? The “Tall Ship” is late.' },
      { what: 'comment', by: 'Wren Okafor', on: '122100000000001_122100000000002', text: 'Nobody answers. 😀' },
      { what: 'post', by: 'Tam Ibarra', text: 'Grüße aus der Bücherei' },
      { what: 'edit', id: '122100000000001_122100000000002', text: 'Is the ramp open?' },
      { what: 'react', by: 'Wren Okafor', to: '104000000000001_122100000000001', kind: 'love' },
    ],
    forbidden: [
      credentials.appSecret,
      credentials.pageToken,
      credentials.verifyToken,
      pseudonymKey,
      'Ada Pine',
      'Tall Ship',
      'Wren Okafor',
      'Tam Ibarra',
    ],
  },
  live(env) {
    const config = {
      pageId: env('FACEBOOK_PAGE_ID'),
      appId: env('FACEBOOK_APP_ID'),
      appSecret: env('FACEBOOK_APP_SECRET'),
      pageToken: env('FACEBOOK_PAGE_TOKEN'),
      verifyToken: 'not asked here',
      pseudonymKey,
    }
    return {
      make: (fetch) => facebook({ ...config, fetch }),
      fixtures: {
        known: { scheme: 'post', value: env('FACEBOOK_POST'), realm: 'facebook' },
        text: 'A test of the library’s page.',
        forbidden: [config.appSecret, config.pageToken],
      },
    }
  },
}

export const suites: { readonly [adapter: string]: Suite<FacebookSimulator> } = { facebook: suite }
