import {
  type Adapter,
  type CheckResult,
  type Context,
  type Feed,
  type Knowledge,
  type Metrics,
  pageChanged,
} from '@prm/core/adapter'
import { parseConfig } from '@prm/kit'
import { pageChanges } from '@prm/kit-pages'
import { api } from './api.ts'
import { check } from './check.ts'
import { type LibGuidesConfig, libGuidesConfig } from './config.ts'
import { knowledge, pageAt } from './knowledge.ts'
import { metrics } from './metrics.ts'
import { hits, type LibGuidesOps } from './ops.ts'

export type { Kind, LibGuidesConfig, Role, Usage, UsageReport } from './config.ts'
export type { Hits, LibGuidesOps } from './ops.ts'

/** Exact, so that a host writes `prm.adapters.guides.knowledge.search` without asking whether there is one. */
export interface LibGuides extends Adapter<unknown, LibGuidesOps> {
  readonly knowledge: Knowledge & Required<Pick<Knowledge, 'search'>>
  /** What changed, from all pages as they are. */
  readonly feed: Feed
  /** Only with `usage`. */
  readonly metrics?: Metrics
  readonly ops: LibGuidesOps
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** A LibGuides CMS site, by its API 1.2 or 1.1. Throws `config` naming the field when the config is wrong, before any call. */
export function libguides(config: LibGuidesConfig): LibGuides {
  const options = parseConfig(libGuidesConfig, config, 'libguides')
  const { usage } = options
  const http = api(options)
  const pages = knowledge(http)
  return {
    spec: 1,
    kind: 'libguides',
    version: '0.0.0',
    emits: [pageChanged],
    knowledge: pages,
    feed: { every: '6h', pull: (cursor, ctx) => pageChanges(pages.pages(undefined, ctx), cursor, ctx) },
    ...(usage && { metrics: metrics(options, usage) }),
    ops: { hits: (ctx) => hits(http, ctx), page: (url, ctx) => pageAt(http, url, ctx) },
    check: (ctx) => check(http, ctx),
  }
}
