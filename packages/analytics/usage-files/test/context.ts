import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testContext } from '@prm/conformance'
import type { Context, Metric } from '@prm/core'
import { onTestFinished } from 'vitest'
import { type UsageFilesConfig, usageFiles } from '../src/index.ts'

export { thrown } from '@prm/conformance'

/** A folder with these files. */
export function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = mkdtempSync(join(tmpdir(), 'prm-usage-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

export const place: Pick<UsageFilesConfig, 'timeZone' | 'host'> = {
  timeZone: 'America/Chicago',
  host: 'guides.library.example',
}

export function context(): Context & { readonly logged: readonly unknown[] } {
  return testContext('usage', { now: () => new Date('2026-11-29T15:00:00.000Z') })
}

export interface Pulled {
  readonly told: readonly Metric[]
  readonly logged: string
}

export async function pull(
  files: Readonly<Record<string, string | Uint8Array>>,
  by: 'page' | 'search' | 'source' = 'page',
  more: Partial<UsageFilesConfig> & { readonly from?: string; readonly to?: string } = {},
): Promise<Pulled> {
  const path = folder(files)
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const { from = '2026-11-01', to = '2026-11-30', ...config } = more
  const ctx = context()
  const told: Metric[] = []
  for await (const one of usageFiles({ ...place, path, ...config }).metrics.pull({ from, to, by }, ctx)) told.push(one)
  return { told, logged: JSON.stringify(ctx.logged) }
}

/** `[day, id, views, visits, exits]`, with a word where there is no number. */
export const short = ({ told }: Pulled): readonly (readonly unknown[])[] =>
  told.map((one) => [
    one.day,
    one.page?.id ?? one.search?.text ?? one.source,
    ...[one.views, one.visits, one.exits].map((figure) => (figure.is === 'value' ? figure.value : figure.is)),
  ])

/** Lines of a table. */
export const csv = (...rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.map((cell) => (/[",\n]/.test(`${cell}`) ? `"${cell}"` : cell)).join(',')).join('\n')}\n`

export const preamble = (from: string, to: string, ...more: readonly string[]): string =>
  [
    '# ----------------------------------------',
    '# Pages and screens: Page path and screen class',
    '# Account: Alder Library',
    '# Property: Guides',
    '# ----------------------------------------',
    '#',
    '# All Users',
    `# Start date: ${from}`,
    `# End date: ${to}`,
    ...more.map((one) => `# ${one}`),
    '',
  ].join('\n')
