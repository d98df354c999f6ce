import type { Adapter, Context, Finding, Metrics } from '@prm/core/adapter'
import { asked, parseConfig } from '@prm/kit'
import { type Api, api } from './api.ts'
import { type PlausibleConfig, plausibleConfig } from './config.ts'
import { metrics, today } from './metrics.ts'

export type { PlausibleConfig, SearchEvent } from './config.ts'

/** Exact, so that a host writes `prm.adapters.plausible.metrics.pull` without asking whether there is one. */
export interface Plausible extends Adapter {
  readonly metrics: Metrics
  check(ctx: Context): Promise<readonly Finding[]>
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

async function check(api: Api, ctx: Context): Promise<readonly Finding[]> {
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
