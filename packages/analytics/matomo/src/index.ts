import type { Adapter, CheckResult, Context, Metrics } from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { api } from './api.ts'
import { check } from './check.ts'
import { type MatomoConfig, matomoConfig } from './config.ts'
import { metrics } from './metrics.ts'

export type { MatomoConfig } from './config.ts'

/** Exact, so that a host writes `prm.adapters.matomo.metrics.pull` without asking whether there is one. */
export interface Matomo extends Adapter {
  readonly metrics: Metrics
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A Matomo, by its reporting API. Throws `config` naming the field when the config is wrong, before any call. */
export function matomo(config: MatomoConfig): Matomo {
  const ask = api(parseConfig(matomoConfig, config, 'matomo'))
  return {
    spec: 1,
    kind: 'matomo',
    version: '0.0.0',
    emits: [],
    metrics: metrics(ask),
    check: (ctx) => check(ask, ctx),
  }
}
