import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { usageFiles } from '../src/index.ts'
import { context, csv, folder, place, preamble, pull, thrown } from './context.ts'

test('what a column is called can be set, and files that call it otherwise are read too', async () => {
  const { told } = await pull(
    {
      'a.csv': csv(['Jour', 'Adresse', 'Vues'], ['2026-11-24', '/printing', 3]),
      'b.csv': csv(['Date', 'Page path', 'Views'], ['20261125', '/printing', 4]),
    },
    'page',
    { columns: { when: 'Jour', page: 'adresse' } },
  )
  expect(told.map(({ day }) => day)).toEqual(['2026-11-24', '2026-11-25'])
})

test('a date that can be read in two ways is not guessed, but read as the file or the configuration says', async () => {
  const file = csv(['Date', 'Page path', 'Views'], ['04/11/2026', '/printing', 3])
  expect((await pull({ 'a.csv': file })).told).toEqual([])
  const set = await pull({ 'a.csv': file }, 'page', { dates: 'day first' })
  expect(set.told.map(({ day }) => day)).toEqual(['2026-11-04'])
})

test('what is no table, a table of something else and an empty file stop no other', async () => {
  const { told, logged } = await pull({
    'a.csv': new Uint8Array([0, 1, 2, 3]),
    'b.csv': csv(['Name', 'Colour'], ['x', 'y']),
    'c.csv': '',
    'd.csv': csv(['Date', 'Page path', 'Views'], ['20261124', '/printing', 3]),
    'readme.md': 'Exports of the web team',
  })
  expect(told).toHaveLength(1)
  for (const name of ['a.csv', 'b.csv', 'c.csv']) expect(logged).toContain(`"file":"${name}"`)
  expect(logged).not.toContain('d.csv')
})

test('days out of range, and those that are not over, are not told', async () => {
  const days = ['20261123', '20261124', '20261125', '20261128', '20261129', '20261130']
  const file = csv(['Date', 'Page path', 'Views'], ...days.map((day) => [day, '/printing', 1]))
  const { told } = await pull({ 'a.csv': file }, 'page', { from: '2026-11-24', to: '2026-12-31' })
  expect(told.map(({ day }) => day)).toEqual(['2026-11-24', '2026-11-25', '2026-11-28'])
})

test('check says of each file what it is taken for, and what cannot be read', async () => {
  const path = folder({
    'a.csv':
      preamble('20261101', '20261128', 'Based on 12% of available data') +
      csv(['Date', 'Page path', 'Views'], ['20261124', '/x', 3], ['soon', '/x', 3], ['20261124', '(other)', 9]),
    'b.csv': csv(['Name', 'Colour'], ['x', 'y']),
  })
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const found = await usageFiles({ ...place, path }).check(context())
  expect(found).toEqual([
    {
      what: 'metrics.pull',
      ok: true,
      detail:
        'a.csv: 2 rows of counts; 1 that cannot be read, the first in line 3: it has no date that can be read; 1 of "(other)"; an estimate from a part.',
    },
    { what: 'metrics.pull', ok: false, detail: 'b.csv: it has no column of pages, searches or sources.' },
  ])
})

test('a folder that is not there is `config`', async () => {
  const adapter = usageFiles({ ...place, path: '/no/such/folder' })
  const pulled = adapter.metrics.pull({ from: '2026-11-01', to: '2026-11-02', by: 'page' }, context())
  expect((await thrown(pulled[Symbol.asyncIterator]().next())).code).toBe('config')
})

test.each([
  [{ path: '' }, 'path'],
  [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
  [{ host: 'https://guides.library.example' }, 'host'],
  [{ columns: { colour: 'x' } }, 'columns.colour'],
])('%j is refused, naming the field', async (wrong, field) => {
  const error = await thrown(Promise.resolve().then(() => usageFiles({ ...place, path: '.', ...(wrong as object) })))
  expect([error.code, error.field]).toEqual(['config', field])
})
