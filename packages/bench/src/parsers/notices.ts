import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noticeFiles } from '@prm/notice-files'

/** Reads one notice file of Polaris that holds `input` behind a good row. */
export async function noticeRows(input: string): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'prm-parsers-'))
  try {
    const file = join(path, 'holds.txt')
    writeFileSync(file, `Ready|2026-11-24|1|2|3|2026-12-01|21234000000503\n${input}`)
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    const { signal } = new AbortController()
    const ctx = { id: 'notices', library: 'l', signal, now: () => new Date(), log: () => undefined }
    const adapter = noticeFiles({ path, region: 'US', layout: 'shoutbomb-polaris-holds' })
    for await (const _ of adapter.feed.pull(undefined, ctx));
  } finally {
    rmSync(path, { recursive: true })
  }
}
