import { resolve } from 'node:path'
import {
  type Adapter,
  type CheckResult,
  type Context,
  type Feed,
  notice,
  PrmError,
  type WriteBack,
} from '@prm/core/adapter'
import { parseConfig, phone } from '@prm/kit'
import { check } from './check.ts'
import { type NoticeFilesConfig, schema } from './config.ts'
import { feed } from './feed.ts'
import { numberReported } from './interactions.ts'
import { outcomes } from './write-back.ts'

export type {
  BadRow,
  ContactRow,
  FileNews,
  NoticeFilesConfig,
  NoticeRow,
  ReportRow,
  ResultRow,
  Row,
} from './config.ts'
export { layoutNames } from './config.ts'
export { type NumberReported, numberReported } from './interactions.ts'

/** Exact, so that a host writes `prm.adapters.notices.feed` without asking whether there is one. */
export interface NoticeFiles extends Adapter {
  readonly feed: Feed
  /** Only with `results`. */
  readonly writeBack?: WriteBack
  check(ctx: Context): Promise<readonly CheckResult[]>
}

/** The notice files that library systems write for SMS and voice vendors. Throws `config` naming the field. */
export function noticeFiles(config: NoticeFilesConfig): NoticeFiles {
  const options = parseConfig(schema, config, 'noticeFiles')
  phone('1', options.region) // throws `config` for a country that does not exist
  const { path, archive = [], results } = options
  if (results !== undefined && [path, archive].flat().some((other) => resolve(other) === resolve(results)))
    throw new PrmError('config', 'noticeFiles: results: a folder of its own, or its files are read as notices.', {
      field: 'results',
    })
  return {
    spec: 1,
    kind: 'notice-files',
    version: '0.0.0',
    emits: [notice, numberReported],
    feed: feed(options),
    ...(options.results !== undefined && { writeBack: outcomes(options.results) }),
    check: (ctx) => check(options, ctx),
  }
}
