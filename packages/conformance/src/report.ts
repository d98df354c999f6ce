import type { AnySimulator, Suite } from './checks.ts'
import { type LiveOptions, live } from './live.ts'
import { plan } from './suite.ts'

/** One line of a report, as `report.schema.json` has it. */
export interface Line {
  /** What was checked: the name of its package, and a release where there is more than one. */
  readonly adapter: string
  /** `channel/hang-after-accept`; `channel/…` where a whole facet is not offered. */
  readonly check: string
  readonly result: 'pass' | 'fail' | 'skip' | 'deviation'
  /** What failed, why it was skipped, or the reason of the deviation. */
  readonly why?: string
}

export interface ReportOptions {
  /** Against the vendor's own sandbox, by `suite.live`: what only reads, and what is allowed by name. */
  readonly live?: LiveOptions
}

/**
 * Runs a suite without a runner of tests, and says of each check how it came out. Throws `config` where `live` is asked of a
 * suite that has none, allows a check that cannot be run so, or needs what is not set.
 */
export async function* report<S extends AnySimulator>(
  adapter: string,
  suite: Suite<S>,
  options: ReportOptions = {},
): AsyncGenerator<Line, void, undefined> {
  const planned = options.live ? live(suite, options.live) : plan(suite)
  for (const { id: check, judge } of planned) {
    const verdict = await judge()
    const why = verdict.result === 'fail' ? reason(verdict.error) : verdict.result === 'pass' ? '' : verdict.why
    yield { adapter, check, result: verdict.result, ...(why && { why }) }
  }
}

/** The first line: what follows is a difference of two values, for whoever runs the test. */
function reason(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return line || 'it failed and did not say why'
}
