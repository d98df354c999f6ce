import { readdirSync } from 'node:fs'
import type { Suite } from '@prm/conformance'
import { noticeFiles } from '../src/index.ts'
import { folder } from './look.ts'
import { fileOf, itiva, polaris } from './rows.ts'

// More rows than go into one batch, so that a pull can be stopped between two.
const rows = Array.from({ length: 1200 }, (_, index) => polaris({ holdId: String(1000 + index) }))
const path = folder({
  'PhoneNotices.csv': [...rows, polaris({ phone: 'ask Ada' }), '"broken"'].join('\r\n'),
  'outbound.csv': [itiva(), itiva({ id: '78', barcode: '39529000054322' })].join('\n'),
  'hold_notice.txt': fileOf('shoutbomb-evergreen-hold', ['The Tall Ship']),
  'mail.txt': fileOf('shoutbomb-report-invalid', ['']),
  'notes.txt': 'Ada Pine called about The Tall Ship.',
})

const results = folder({})

const suite: Suite = {
  make: () => noticeFiles({ path, region: 'US', results }),
  outcomes: {
    results: ['itiva:77', 'evergreen:901'].map((origin) => {
      return { about: { source: 'conformance', key: 'k' }, origin, state: 'delivered', at: '2026-11-24T15:00:00Z' }
    }),
    told: () => readdirSync(results).sort(),
  },
  fixtures: {
    forbidden: ['Ada', 'Pine', 'ada@example.org', '212-555-0101', '+12125550101', '23529000012345', 'The Tall Ship'],
  },
}

export const suites: { readonly [adapter: string]: Suite } = { 'notice-files': suite }
