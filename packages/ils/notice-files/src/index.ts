import { access, constants } from 'node:fs/promises'
import { type Adapter, type Context, type Feed, type Finding, notice } from '@prm/core'
import { parseConfig, phone } from '@prm/kit'
import { type NoticeFilesConfig, schema } from './config.ts'
import { feed } from './feed.ts'
import { find, folderAt, reason, use } from './files.ts'
import { recognise } from './recognise.ts'

export type { BadRow, ContactRow, FileNews, NoticeFilesConfig, NoticeRow, ResultRow, Row } from './config.ts'

/** Exact, so that a host writes `prm.adapters.notices.feed` without asking whether there is one. */
export interface NoticeFiles extends Adapter {
  readonly feed: Feed
  check(ctx: Context): Promise<readonly Finding[]>
}

/** The notice files that Koha and Polaris write for SMS and voice vendors. Throws `config` naming the field. */
export function noticeFiles(config: NoticeFilesConfig): NoticeFiles {
  const options = parseConfig(schema, config, 'noticeFiles')
  phone('1', options.region) // throws `config` for a country that does not exist
  return {
    spec: 1,
    kind: 'notice-files',
    version: '0.0.0',
    emits: [notice],
    feed: feed(options),
    check: (ctx) => check(options, ctx),
  }
}

/** Can each file be read, what is it, and can it be archived? Reads, and writes nothing but the archive's folder. */
async function check(config: NoticeFilesConfig, ctx: Context): Promise<readonly Finding[]> {
  const { found, news } = await find([config.path].flat(), config.archive)
  const findings: Finding[] = news.map(({ file, state, why }) => {
    return { what: 'feed.path', ok: state === 'refused' ? false : 'unknown', detail: `${file}: ${why}` }
  })
  for (const file of found) {
    const known = await use(file, (handle) => recognise(handle, file, ctx.signal, config.layout))
    const detail = 'why' in known ? known.why : [known.layout?.id ?? 'empty', known.role].filter(Boolean).join(':')
    findings.push({ what: 'feed.layout', ok: !('why' in known), detail: `${file.file}: ${detail}` })
  }
  if (findings.length === 0) findings.push({ what: 'feed.path', ok: 'unknown', detail: 'there are no files yet' })
  return config.archive === undefined ? findings : [...findings, await archiveFinding(config.archive)]
}

async function archiveFinding(archive: string): Promise<Finding> {
  try {
    await access(await folderAt(archive), constants.W_OK)
    return { what: 'feed.archive', ok: true, detail: 'it can be written to' }
  } catch (error) {
    const hint = 'Give this process the right to write there.'
    return { what: 'feed.archive', ok: false, detail: reason(error), hint }
  }
}
