import { type Adapter, PrmError } from '@prm/core'
import { adapterSuite, type Deviation, type Fixtures, type Suite } from '../src/index.ts'
import { type Credentials, type PigeonSimulator, pigeon, simulate } from './pigeon.ts'

export const credentials: Credentials = { token: 'tok-4f1c09a52d64e8e9', secret: 'whs-93ab77e01c2d' }

export const fixtures: Fixtures = {
  known: { scheme: 'tel', value: '+12125550134' },
  unknown: { scheme: 'tel', value: '+13125550199' },
  shared: { scheme: 'tel', value: '+12125550135' },
  loans: {
    patron: { scheme: 'ils', realm: 'pigeon/card', value: '2001' },
    renewable: '41',
    refused: '42',
    foreign: '43',
  },
  isbns: { known: '9780306406157', unknown: '9780000000002' },
  pages: { count: 5, known: '3', words: 'renew', since: '2026-11-20T00:00:00.000Z', changed: ['3', '4', '5'] },
  metrics: {
    from: '2026-11-23',
    to: '2026-11-24',
    by: 'page',
    counted: { day: '2026-11-24', of: '3', views: 17 },
    silent: { day: '2026-11-24', of: '4' },
    untold: ['exits'],
    sampled: { from: '2026-10-01', to: '2026-10-31' },
  },
  text: 'Ada, The Tall Ship is ready.',
  forbidden: [credentials.token, credentials.secret, 'Ada'],
}

/** Before there is a simulator nothing answers. */
const nobody = { post: refuse, list: refuse, tell: () => undefined, renew: () => ({ status: 503, body: '' }) }
async function refuse(): Promise<never> {
  throw new PrmError('unavailable', 'There is no simulator.')
}

export type Break = (adapter: ReturnType<typeof pigeon>, simulator: PigeonSimulator | undefined) => Adapter

export function suiteOf(broken: Break = (adapter) => adapter): Suite<PigeonSimulator> {
  return {
    make: (simulator) => broken(pigeon(credentials, simulator?.api ?? nobody), simulator),
    simulate: () => simulate(credentials),
    outcomes: {
      results: ['17', '18'].map((hold, index) => ({
        about: { source: 'conformance', key: `hold-ready ${hold} 2026-11-24` },
        origin: `hold ${hold}`,
        state: index ? 'not-sent' : 'delivered',
        at: '2026-11-24T15:00:00Z',
      })),
      told: (simulator) => ({ ...simulator?.told }),
    },
    fixtures: {
      ...fixtures,
      events: [
        { from: '+12125550134', text: 'Is the reading room open?' },
        { message: 'M1', status: 'delivered' },
      ],
    },
  }
}

export interface Result {
  readonly name: string
  readonly error?: unknown
  readonly skipped?: string
}

/** A runner of its own: names and promises are all that the suite needs. */
export async function results(
  suite: Suite<PigeonSimulator>,
  deviations: readonly Deviation[] = [],
  only: RegExp = /^/,
): Promise<Result[]> {
  const tests: { name: string; run: (context: { skip(why: string): void }) => Promise<void> }[] = []
  adapterSuite((name, run) => void tests.push({ name, run }), { ...suite, deviations })
  const found: Result[] = []
  for (const { name, run } of tests.filter(({ name }) => only.test(name))) {
    let skipped: string | undefined
    const skip = (why: string) => {
      skipped = why
    }
    const error = await run({ skip }).then(
      () => undefined,
      (error: unknown) => error ?? new Error('nothing was thrown'),
    )
    found.push({ name, ...(error !== undefined && { error }), ...(skipped !== undefined && { skipped }) })
  }
  return found
}

export const failed = (found: readonly Result[]): string[] =>
  found.filter(({ error }) => error !== undefined).map(({ name }) => name)
