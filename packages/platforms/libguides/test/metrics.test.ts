import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Metric } from '@prm/core'
import { afterEach, expect, test } from 'vitest'
import { libguides, type Usage, type UsageReport } from '../src/index.ts'
import { context } from './context.ts'

const made: string[] = []
afterEach(() => made.splice(0).forEach((path) => void rmSync(path, { recursive: true })))

function exports(files: { readonly [name: string]: string }, more: Partial<Usage> = {}) {
  const path = mkdtempSync(join(tmpdir(), 'prm-usage-'))
  made.push(path)
  for (const [at, [name, text]] of Object.entries(files).entries()) {
    writeFileSync(join(path, name), text)
    utimesSync(join(path, name), 1_700_000_000 + at, 1_700_000_000 + at)
  }
  const reports: UsageReport[] = []
  const usage = { path, onFile: (report: UsageReport) => void reports.push(report), ...more }
  const guides = libguides({ siteId: '1', key: 'k', timeZone: 'America/Chicago', usage })
  const pull = async (from = '2026-01-01', to = '2026-12-31', by: 'page' | 'search' = 'page') => {
    const found: Metric[] = []
    for await (const one of guides.metrics?.pull({ from, to, by }, context()) ?? []) found.push(one)
    return found
  }
  return { pull, reports }
}
const short = ({ day, page, views }: Metric) => [day, page?.id, views.is === 'value' ? views.value : views.is]

test('a blank is unavailable, a 0 is 0, a column that is not there is unavailable, a day without a row has none', async () => {
  const { pull } = exports({ 'a.csv': 'Date,Guide ID,Views\n2026-11-22,7,\n2026-11-23,7,0\n2026-11-25,7,"1,204"\n' })
  const found = await pull()
  expect(found.map(short)).toEqual([
    ['2026-11-22', 'guide 7', 'unavailable'],
    ['2026-11-23', 'guide 7', 0],
    ['2026-11-25', 'guide 7', 1204],
  ])
  expect(found.every(({ visits, exits }) => visits.is === 'unavailable' && exits.is === 'unavailable')).toBe(true)
})

test('of files that overlap the one written last knows a day', async () => {
  const header = 'Date,Guide ID,Page ID,Views\n'
  const { pull, reports } = exports({
    '2026-b.csv': `${header}2026-11-23,7,71,3\n2026-11-22,7,71,9\n`,
    '2026-a.csv': `${header}2026-11-23,7,71,5\n`,
  })
  expect((await pull()).map(short)).toEqual([
    ['2026-11-23', 'guide 7/71', 5],
    ['2026-11-22', 'guide 7/71', 9],
  ])
  expect(reports.map(({ file, rows, again }) => [file, rows, again])).toEqual([
    ['2026-a.csv', 1, 0],
    ['2026-b.csv', 2, 1],
  ])
})

test('a page is known by its ids, in a URL too, or else by the URL', async () => {
  const { pull } = exports({
    'a.csv':
      'Fecha;URL;Vistas\n24.11.2026;https://guides.example/c.php?g=7&p=71;4\n24.11.2026;https://guides.example/law;5\n',
  })
  expect((await pull()).map(({ page }) => page?.id)).toEqual(['guide 7/71', 'guides.example/law'])
})

test('an export by month, or without a column that says its day, is refused with what to do', async () => {
  await expect(exports({ 'a.csv': 'Date,Guide ID,Views\nNov 2026,7,3\n' }).pull()).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('expected an export by day'),
  })
  await expect(exports({ 'a.csv': 'Wann,Guide ID,Views\n2026-11-24,7,3\n' }).pull()).rejects.toMatchObject({
    field: 'usage.columns.day',
  })
  const set = exports({ 'a.csv': 'Wann,Guide ID,Views\n2026-11-24,7,3\n' }, { columns: { day: 'wann' } })
  expect((await set.pull()).map(short)).toEqual([['2026-11-24', 'guide 7', 3]])
})

test('searches and sources are not counted', async () => {
  await expect(exports({}).pull('2026-01-01', '2026-12-31', 'search')).rejects.toMatchObject({ code: 'unsupported' })
})
