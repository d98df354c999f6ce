import { type CheckResult, type Context, PrmError } from '@prm/core/adapter'
import type { UsageFilesConfig } from './config.ts'
import { gather } from './metrics.ts'
import type { News } from './read.ts'

/** Every table of every file: what it is taken for, and what of it cannot be read. */
export async function check(config: UsageFilesConfig, ctx: Context): Promise<readonly CheckResult[]> {
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
