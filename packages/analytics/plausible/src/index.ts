import type { Adapter, CheckResult, Context, Metrics } from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { api } from './api.ts'
import { check } from './check.ts'
import { type PlausibleConfig, plausibleConfig } from './config.ts'
import { metrics } from './metrics.ts'

export type { PlausibleConfig, SearchEvent } from './config.ts'

/** Exact, so that a host writes `prm.adapters.plausible.metrics.pull` without asking whether there is one. */
export interface Plausible extends Adapter {
  readonly metrics: Metrics
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A site of Plausible, by its Stats API. Throws `config` naming the field when the config is wrong, before any call. */
export function plausible(config: PlausibleConfig): Plausible {
  const http = api(parseConfig(plausibleConfig, config, 'plausible'))
  return {
    spec: 1,
    kind: 'plausible',
    version: '0.0.0',
    emits: [],
    metrics: metrics(http),
    check: (ctx) => check(http, ctx),
  }
}
