import { access, constants } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Adapter, type Context, type Feed, type Finding, notice, type Outcomes, PrmError } from '@prm/core/adapter'
import { parseConfig, phone } from '@prm/kit'
import { type NoticeFilesConfig, schema } from './config.ts'
import { numberReported } from './facts.ts'
import { feed } from './feed.ts'
import { find, folderAt, reason, use } from './files.ts'
import { outcomes } from './outcomes.ts'
import { recognise } from './recognise.ts'

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
export { type NumberReported, numberReported } from './facts.ts'

/** Exact, so that a host writes `prm.adapters.notices.feed` without asking whether there is one. */
export interface NoticeFiles extends Adapter {
  readonly feed: Feed
  /** Only with `results`. */
  readonly outcomes?: Outcomes
  check(ctx: Context): Promise<readonly Finding[]>
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
    ...(options.results !== undefined && { outcomes: outcomes(options.results) }),
    check: (ctx) => check(options, ctx),
  }
}

/** Can each file be read, what is it, and can the archive and the results be written? Reads, and writes nothing but the archive's folder. */
async function check(config: NoticeFilesConfig, ctx: Context): Promise<readonly Finding[]> {
  const { found, news } = await find(config)
  const findings: Finding[] = news.map(({ file, state, why }) => {
    return { what: 'feed.path', ok: state === 'refused' ? false : 'unknown', detail: `${file}: ${why}` }
  })
  for (const file of found) {
    const known = await use(file, (handle) => recognise(handle, file, ctx.signal, config.layout))
    const detail = 'why' in known ? known.why : [known.layout?.id ?? 'empty', known.role].filter(Boolean).join(':')
    findings.push({ what: 'feed.layout', ok: !('why' in known), detail: `${file.file}: ${detail}` })
  }
  if (findings.length === 0) findings.push({ what: 'feed.path', ok: 'unknown', detail: 'there are no files yet' })
  const { archive, results } = config
  if (archive !== undefined) findings.push(await writable('feed.archive', folderAt(archive)))
  if (results !== undefined) findings.push(await writable('outcomes.results', results))
  return findings
}

async function writable(what: string, folder: string | Promise<string>): Promise<Finding> {
  try {
    await access(`${await folder}/.`, constants.W_OK)
    return { what, ok: true, detail: 'it can be written to' }
  } catch (error) {
    const hint = 'Make the folder, and give this process the right to write there.'
    return { what, ok: false, detail: reason(error), hint }
  }
}
