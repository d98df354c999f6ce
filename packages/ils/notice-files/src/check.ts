import { access, constants } from 'node:fs/promises'
import type { CheckResult, Context } from '@prm/core/adapter'
import type { NoticeFilesConfig } from './config.ts'
import { find, folderAt, reason, use } from './files.ts'
import { recognise } from './recognize.ts'

/** Can each file be read, what is it, and can the archive and the results be written? Reads, and writes nothing but the archive's folder. */
export async function check(config: NoticeFilesConfig, ctx: Context): Promise<readonly CheckResult[]> {
  const { found, news } = await find(config)
  const findings: CheckResult[] = news.map(({ file, state, why }) => {
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

async function writable(what: string, folder: string | Promise<string>): Promise<CheckResult> {
  try {
    await access(`${await folder}/.`, constants.W_OK)
    return { what, ok: true, detail: 'it can be written to' }
  } catch (error) {
    const hint = 'Make the folder, and give this process the right to write there.'
    return { what, ok: false, detail: reason(error), hint }
  }
}
