import type { CheckResult, Context } from '@prm/core/adapter'
import { faultOf } from '@prm/kit'
import { get } from './api.ts'
import { addressOf, type Options } from './config.ts'
import { readFeed } from './read.ts'

/** Reads each feed once, and keeps nothing. */
export async function check(options: Options, ctx: Context): Promise<readonly CheckResult[]> {
  const findings: CheckResult[] = []
  for (const source of options.feeds) {
    try {
      const home = await addressOf(source)
      const got = await get(options, source, { home, at: home }, {}, ctx)
      const { format, entries, cut } = readFeed(got)
      const moved = got.moved === undefined ? '' : ' It has moved for good: give its new address.'
      const detail = `${source.name}: ${format}, ${entries.length} items${cut ? `; ${cut}` : ''}.${moved}`
      findings.push({ what: 'feed.pull', ok: true, detail })
    } catch (error) {
      const { ok, detail } = faultOf(error)
      findings.push({ what: 'feed.pull', ok, detail: `${source.name}: ${detail}` })
    }
  }
  return findings
}
