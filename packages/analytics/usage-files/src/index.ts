import { type Adapter, type Context, type Finding, type Metrics, PrmError } from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { type UsageFilesConfig, usageFilesConfig } from './config.ts'
import { gather, metrics } from './metrics.ts'
import type { News } from './read.ts'

export type { Role } from './columns.ts'
export type { UsageFilesConfig } from './config.ts'

/** Exact, so that a host writes `prm.adapters.usage.metrics.pull` without asking whether there is one. */
export interface UsageFiles extends Adapter {
  readonly metrics: Metrics
  check(ctx: Context): Promise<readonly Finding[]>
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

/** Every table of every file: what it is taken for, and what of it cannot be read. */
async function check(config: UsageFilesConfig, ctx: Context): Promise<readonly Finding[]> {
  const what = 'metrics.pull'
  try {
    const { news } = await gather(config, { from: '0000-01-01', to: '9999-12-31', by: 'page' }, ctx)
    if (news.length === 0)
      return [
        {
          what,
          ok: 'unknown',
          detail: 'There are no exports in the folder.',
          hint: 'Files end in .csv, .tsv or .txt.',
        },
      ]
    return news.map((one) => ({ what, ok: one.kind !== 'refused', detail: said(one) }))
  } catch (error) {
    if (!PrmError.is(error)) throw error
    return [{ what, ok: false, detail: error.message }]
  }
}

function said({ file, kind, why, rows, bad, firstBad, other, robots, sampled, withheld }: News): string {
  if (kind === 'refused') return `${file}: ${why}.`
  const parts = [
    `${rows} rows of ${kind === 'log' ? 'a log' : 'counts'}`,
    bad > 0 && `${bad} that cannot be read, the first in line ${firstBad?.line}: ${firstBad?.why}`,
    other > 0 && `${other} of "(other)"`,
    robots > 0 && `${robots} by robots`,
    sampled && 'an estimate from a part',
    withheld && 'some rows are withheld',
  ]
  return `${file}: ${parts.filter(Boolean).join('; ')}.`
}
