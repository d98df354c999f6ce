import type { CheckResult, Context } from '@prm/core/adapter'
import { asked } from '@prm/kit'
import type { Api } from './api.ts'
import { today } from './metrics.ts'

export async function check(api: Api, ctx: Context): Promise<readonly CheckResult[]> {
  const { search } = api.options
  const pull = await asked('metrics.pull', async () => `It is told; the site's day is ${await today(api, ctx)}.`)
  if (pull.ok !== true) return [pull]
  if (!search) {
    const detail = 'No `search` is set: Plausible has no site search of its own.'
    return [
      pull,
      { what: 'metrics.search', ok: 'unknown', detail, hint: 'Send an event with each search, and name it.' },
    ]
  }
  const query = { metrics: ['events'], dimensions: [], filters: [['is', 'event:goal', [search.goal]]] }
  return [pull, await asked('metrics.search', () => api.ask(query, '30d', ctx).then(() => 'The goal is known.'))]
}
