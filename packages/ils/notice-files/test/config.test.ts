import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { layoutNames, noticeFiles } from '../src/index.ts'
import { context, folder } from './look.ts'
import { hold, polaris } from './rows.ts'

test.each([
  ['path', { region: 'US' }],
  ['path', { path: [], region: 'US' }],
  ['region', { path: '.' }],
  ['region', { path: '.', region: 'us' }],
  ['layout', { path: '.', region: 'US', layout: 'polaris' }],
  ['layout', { path: '.', region: 'US', layout: 'polaris-phonenotices:renew' }],
  ['layout', { path: '.', region: 'US', layout: 'shoutbomb-polaris-patrons:renew' }],
  ['voiceAs', { path: '.', region: 'US', voiceAs: 'voice' }],
  ['archive', { path: '.', region: 'US', archive: '' }],
  ['realm', { path: '.', region: 'US', realm: 'a:b' }],
  ['onRow', { path: '.', region: 'US', onRow: 'print' }],
  ['folder', { path: '.', region: 'US', folder: 'x' }],
])('a wrong config names its field: %s', (field, config) => {
  try {
    noticeFiles(config as never)
    expect.unreachable()
  } catch (error) {
    expect(PrmError.is(error) && [error.code, error.field]).toEqual(['config', field])
  }
})

test('a layout that is none is answered with where those there are stand', () => {
  expect(() => noticeFiles({ path: '.', region: 'US', layout: 'x' })).toThrow(
    /^noticeFiles: layout is wrong: expected a layout of the README, such as polaris-phonenotices\.$/,
  )
  expect(layoutNames[0]).toBe('koha-itiva-outbound')
  expect(layoutNames).toContain('shoutbomb-polaris-overdue-renew:renew')
  // The README writes a family of layouts as its first whole name and the ends of the others.
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const ends = layoutNames.map((name) =>
    name.replace(/:\w+$|(?<=^shoutbomb-.*)-csv\b.*/g, '').replace(/^shoutbomb-(evergreen|report)/, ''),
  )
  expect(ends.filter((end) => !readme.includes(`${end}\``))).toEqual([])
})

test('check says what each file is, what cannot be read, and whether the archive can be written to', async () => {
  const root = folder({ 'a.csv': polaris(), 'b.csv': 'prose', 'Holds/holds.txt': hold() })
  const findings = await noticeFiles({
    path: [join(root, 'Holds'), root, join(root, 'no')],
    region: 'US',
    archive: join(root, 'done'),
  }).check(context())
  expect(findings.map(({ what, ok, detail }) => [what, ok, detail.replaceAll(`${root}/`, '')])).toEqual([
    ['feed.path', false, 'no: there is no such file'],
    ['feed.layout', true, 'Holds/holds.txt: shoutbomb-polaris-holds'],
    ['feed.layout', true, 'a.csv: polaris-phonenotices'],
    ['feed.layout', false, expect.stringMatching(/^b\.csv: no known layout/)],
    ['feed.archive', true, 'it can be written to'],
  ])
})

test('check says when the archive cannot be written to', async () => {
  const root = folder({ 'a.csv': polaris() })
  const findings = await noticeFiles({ path: root, region: 'US', archive: join(root, 'a.csv', 'done') }).check(
    context(),
  )
  expect(findings.at(-1)).toMatchObject({ what: 'feed.archive', ok: false })
})
