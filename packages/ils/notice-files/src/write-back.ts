import { createHash, randomUUID } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { type NoticeResult, PrmError, type WriteBack } from '@prm/core/adapter'
import { codeOf } from './files.ts'

/**
 * Writes what became of notices as the files that their systems read: Koha's TalkingTech_itiva_inbound.pl and Evergreen's
 * csv_notify_fetcher.pl take the same two columns. A file is named after what it says, so that results told twice are one
 * file, and gets its name when it is whole.
 */
export function outcomes(folder: string): WriteBack {
  return {
    async report(results, { signal }) {
      if (signal.aborted) throw new PrmError('unavailable', 'Stopped before the results were written.')
      for (const [system, text] of filesOf(results)) await put(folder, system, text)
    },
  }
}

const told: ReadonlySet<NoticeResult['state']> = new Set(['accepted', 'sent', 'delivered', 'read'])

/** One row for each id, in their order. Of several notices under one id (Evergreen groups them) all must have been told. */
function filesOf(results: readonly NoticeResult[]): ReadonlyMap<string, string> {
  const files = new Map<string, Map<string, boolean>>()
  for (const { origin = '', state } of results) {
    const [, system, id = ''] = /^(itiva|evergreen):(\d+)$/.exec(origin) ?? []
    if (!system) continue
    const rows = files.get(system) ?? new Map<string, boolean>()
    rows.set(id, (rows.get(id) ?? true) && told.has(state))
    files.set(system, rows)
  }
  // UNVERIFIED for Evergreen: it keeps whatever word it gets; these are i-tiva's.
  const line = ([id, success]: readonly [string, boolean]) => `"${id}","${success ? 'SUCCESS' : 'FAIL'}"\n`
  const byId = ([a]: readonly [string, boolean], [b]: readonly [string, boolean]) =>
    a.length - b.length || (a < b ? -1 : 1)
  return new Map([...files].map(([system, rows]) => [system, [...rows].sort(byId).map(line).join('')]))
}

async function put(folder: string, system: string, text: string): Promise<void> {
  const stem = `${system}-results-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
  const part = join(folder, `.${stem}.${randomUUID()}.tmp`)
  try {
    const path = await freeName(join(folder, stem), text)
    if (path === undefined) return
    await synced(part, 'wx', text)
    await fs.rename(part, path)
    await synced(folder, 'r').catch(() => undefined) // Not every system syncs a folder.
  } catch (error) {
    await fs.rm(part, { force: true }).catch(() => undefined)
    throw refusal(error)
  }
}

/** A name that no file has; undefined where a file says all this already. */
async function freeName(stem: string, text: string): Promise<string | undefined> {
  for (let count = 1; ; count++) {
    const path = count === 1 ? `${stem}.csv` : `${stem}-${count}.csv`
    try {
      if ((await fs.readFile(path, 'utf8')) === text) return undefined
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      return path
    }
  }
}

async function synced(path: string, flags: string, text?: string): Promise<void> {
  const handle = await fs.open(path, flags)
  try {
    if (text !== undefined) await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const setUp: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'])

function refusal(cause: unknown): PrmError {
  const code = codeOf(cause) ?? 'unknown error'
  if (!setUp.has(code)) return new PrmError('unavailable', `The results could not be written (${code}).`, { cause })
  const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such folder' : `it cannot be written to (${code})`
  return new PrmError('config', `noticeFiles: results: ${why}.`, { field: 'results', cause })
}
