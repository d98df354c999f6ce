import type { CheckResult, Context } from '@prm/core/adapter'
import { asked } from '@prm/kit'
import { filesSince } from '@prm/kit-pages'
import type { Api } from './api.ts'
import { knowledge } from './knowledge.ts'
import { hits } from './ops.ts'

/** Reads, and writes nothing. */
export async function check(api: Api, ctx: Context): Promise<readonly CheckResult[]> {
  const { usage, clientId } = api.options
  const first = await asked('knowledge.pages', async () => {
    let [pages, words] = [0, 0]
    for await (const { text } of knowledge(api).pages(undefined, ctx)) {
      pages++
      if (text) words++
      if (pages === 20) break
    }
    return `Pages are told; of the first ${pages} ${words} have words in them.${words === 0 && pages > 0 ? ' Boxes are not told, or otherwise than we know: versions follow titles only.' : ''}`
  })
  const hint =
    clientId === undefined
      ? 'Compare siteId and key with Tools, API.'
      : 'Compare clientId and clientSecret with Tools, API.'
  if (first.ok === false) return [{ ...first, hint: `${hint} The API needs LibGuides CMS.` }]
  return [
    first,
    await asked(
      'knowledge.search',
      async () => `${(await knowledge(api).search('library', ctx)).length} guides are found by "library".`,
    ),
    await asked(
      'ops.hits',
      async () => `${(await hits(api, ctx)).length} guides are counted, since the first of January.`,
    ),
    ...(usage
      ? [
          await asked(
            'metrics.pull',
            async () => `${(await filesSince(usage.path, undefined)).length} exports are there.`,
          ),
        ]
      : []),
    { what: 'metrics.api', ok: 'unknown', detail: 'UNVERIFIED: no public client reads use by day from the API.' },
  ]
}
