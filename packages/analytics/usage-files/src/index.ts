import type { Adapter, CheckResult, Context, Metrics } from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { check } from './check.ts'
import { type UsageFilesConfig, usageFilesConfig } from './config.ts'
import { metrics } from './metrics.ts'

export type { Role } from './columns.ts'
export type { UsageFilesConfig } from './config.ts'

/** Exact, so that a host writes `prm.adapters.usage.metrics.pull` without asking whether there is one. */
export interface UsageFiles extends Adapter {
  readonly metrics: Metrics
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** Exports in a folder. Throws `config` naming the field when the config is wrong, before a file is read. */
export function usageFiles(config: UsageFilesConfig): UsageFiles {
  const options = parseConfig(usageFilesConfig, config, 'usage-files')
  return {
    spec: 1,
    kind: 'usage-files',
    version: '0.0.0',
    emits: [],
    metrics: metrics(options),
    check: (ctx) => check(options, ctx),
  }
}
