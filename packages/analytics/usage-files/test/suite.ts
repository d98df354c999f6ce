import type { Suite } from '@prm/conformance'
import { usageFiles } from '../src/index.ts'
import { csv, folder, place, preamble } from './context.ts'

const rows = Array.from({ length: 1200 }, (_, n) => ['20260903', `/guide/${n}`, n + 1, 1])
const path = folder({
  'september.csv':
    preamble('20260901', '20260930') +
    csv(['Date', 'Page path', 'Views', 'Sessions'], ['20260901', '/printing', 12, 9], ...rows, [
      '20260914',
      '/printing',
      3,
      3,
    ]),
  'october.csv':
    preamble('20261001', '20261031', 'Based on 12% of available data') +
    csv(['Date', 'Page path', 'Views', 'Sessions'], ['20261002', '/printing', 400, 300]),
  'notes.txt': 'Ada Pine asked for the numbers of /printing.',
})

const suite: Suite = {
  make: () => usageFiles({ ...place, path }),
  fixtures: {
    metrics: {
      from: '2026-09-01',
      to: '2026-09-14',
      by: 'page',
      counted: { day: '2026-09-01', of: '/printing', views: 12 },
      silent: { day: '2026-09-02', of: '/printing' },
      untold: ['exits'],
      sampled: { from: '2026-10-01', to: '2026-10-31' },
    },
    forbidden: ['Ada Pine'],
  },
}

export const suites: { readonly [adapter: string]: Suite } = { 'usage-files': suite }
