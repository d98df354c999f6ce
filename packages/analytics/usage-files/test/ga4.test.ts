import { describe, expect, test } from 'vitest'
import { csv, preamble, pull, short } from './context.ts'

const head = ['Date', 'Page path and screen class', 'Views', 'Sessions', 'Exits']

describe('an export of Google Analytics', () => {
  test('is told by day and page, with what it counts', async () => {
    const pulled = await pull({
      'pages.csv':
        preamble('20261101', '20261128') +
        csv(
          head,
          ['20261124', '/printing', 12, 9, 4],
          ['20261125', '/printing', 3, 3, 0],
          ['20261124', '/c.php?g=12', 1, 1, 1],
        ),
    })
    expect(short(pulled)).toEqual([
      ['2026-11-24', '/printing', 12, 9, 4],
      ['2026-11-24', '/c.php?g=12', 1, 1, 1],
      ['2026-11-25', '/printing', 3, 3, 0],
    ])
    expect(pulled.told[0]?.page).toEqual({
      system: 'usage',
      id: '/printing',
      url: 'https://guides.library.example/printing',
    })
    expect(pulled.told.every(({ sampled }) => !sampled)).toBe(true)
  })

  test('what it has no column of is unavailable; a day and a page without a row have none', async () => {
    const pulled = await pull({ 'a.csv': csv(['Date', 'Page path', 'Views'], ['20261124', '/printing', 12]) })
    expect(short(pulled)).toEqual([['2026-11-24', '/printing', 12, 'unavailable', 'unavailable']])
    expect(pulled.told[0]?.visits).toMatchObject({ reason: 'The export has no visits' })
  })

  test.each([
    ['Fecha', 'Ruta de página y clase de pantalla', 'Vistas', 'Sesiones', 'Salidas'],
    ['Date', 'Chemin de la page et classe de l’écran', 'Vues', 'Sessions', 'Sorties'],
    ['Datum', 'Seitenpfad und Bildschirmklasse', 'Aufrufe', 'Sitzungen', 'Ausstiege'],
  ])('is read in other languages too: %s, %s', async (...titles) => {
    const pulled = await pull({ 'a.csv': csv(titles, ['20261124', '/printing', 12, 9, 4]) })
    expect(short(pulled)).toEqual([['2026-11-24', '/printing', 12, 9, 4]])
  })

  test('without dates it is told if it is of one day, and refused if it is of more', async () => {
    const table = csv(['Page path and screen class', 'Views'], ['/printing', 12])
    expect(short(await pull({ 'a.csv': preamble('20261124', '20261124') + table }))).toEqual([
      ['2026-11-24', '/printing', 12, 'unavailable', 'unavailable'],
    ])
    const month = await pull({ 'a.csv': preamble('20261101', '20261128') + table, 'b.csv': table })
    expect(month.told).toEqual([])
    expect(month.logged.match(/add the dimension Date/g)).toHaveLength(2)
  })

  test('of several tables in a file those are read that have pages', async () => {
    const chart = csv(['Nth day', 'Views'], ['0000', 15])
    const table = csv(['Date', 'Page path and screen class', 'Views'], ['20261124', '/printing', 12])
    const pulled = await pull({ 'a.csv': `${preamble('20261124', '20261124')}${chart}\n# Pages\n${table}` })
    expect(short(pulled)).toEqual([['2026-11-24', '/printing', 12, 'unavailable', 'unavailable']])
  })

  test.each([
    ['#(31.54% of sessions)', true],
    ['Based on 12% of available data', true],
    ['This report is sampled', true],
    ['Based on 100% of available data', false],
    ['Unsampled report', false],
    ['No sampling', false],
    ['This report is not sampled', false],
    ['Samplesville branch', false],
  ])('says that it is an estimate where its first lines do: %s', async (note, sampled) => {
    const { told } = await pull({
      'a.csv': preamble('20261101', '20261128', note) + csv(head, ['20261124', '/printing', 12, 9, 4]),
    })
    expect(told.map((one) => one.sampled)).toEqual([sampled])
  })

  test('says so everywhere where the configuration does', async () => {
    const { told } = await pull({ 'a.csv': csv(head, ['20261124', '/printing', 12, 9, 4]) }, 'page', { sampled: true })
    expect(told.map((one) => one.sampled)).toEqual([true])
  })

  test('rows of "(other)", without a page, of a sum and withheld ones are no page, and are logged', async () => {
    const { told, logged } = await pull({
      'a.csv':
        preamble('20261101', '20261128', 'Thresholding applied') +
        csv(
          head,
          ['', '', 99, 99, 99],
          ['20261124', '(other)', 50, 9, 4],
          ['20261124', '(not set)', 5, 5, 1],
          ['20261124', '/printing', 1, 1, 1],
        ),
    })
    expect(told.map(({ page }) => page?.id)).toEqual(['/printing'])
    for (const word of ['(other)', 'thresholding', '"notSet":1']) expect(logged).toContain(word)
  })

  test('rows that other columns divide are added, but not their visits, of which one may be in several', async () => {
    const pulled = await pull({
      'a.csv': csv(
        ['Date', 'Page path', 'Device category', 'Views', 'Sessions'],
        ['20261124', '/printing', 'mobile', 5, 4],
        ['20261124', '/printing', 'desktop', 7, 5],
      ),
    })
    expect(short(pulled)).toEqual([['2026-11-24', '/printing', 12, 'unavailable', 'unavailable']])
  })

  test('pages of another host are others', async () => {
    const { told } = await pull({
      'a.csv': csv(
        ['Date', 'Hostname', 'Page path', 'Views'],
        ['20261124', 'guides.library.example', '/printing', 5],
        ['20261124', 'faq.library.example', '/printing', 7],
      ),
      'b.csv': csv(['Date', 'Page location', 'Views'], ['20261125', 'https://faq.library.example/faq/1?x=2', 3]),
    })
    expect(told.map(({ day, page }) => [day, page?.id])).toEqual([
      ['2026-11-24', '/printing'],
      ['2026-11-24', '//faq.library.example/printing'],
      ['2026-11-25', '//faq.library.example/faq/1?x=2'],
    ])
  })

  test('a page that two exports tell by path, by URL and with www is one', async () => {
    const { told } = await pull({
      'a.csv': csv(['Date', 'Page path', 'Views'], ['20261124', '/printing', 5]),
      'b.csv': csv(['Date', 'Page location', 'Views'], ['20261124', 'https://www.guides.library.example/printing', 7]),
    })
    expect(told.map(({ page, views }) => [page?.id, views])).toEqual([['/printing', { is: 'value', value: 7 }]])
  })
})

describe('searches and sources', () => {
  test('a search is told with how many were found, where that was the same each time', async () => {
    const pulled = await pull(
      {
        'a.csv': csv(
          ['Date', 'Search term', 'Results', 'Event count'],
          ['20261124', 'print from my phone', 0, 3],
          ['20261124', 'hours', 0, 1],
          ['20261124', 'hours', 12, 2],
          ['20261124', '(not set)', 0, 9],
        ),
      },
      'search',
    )
    expect(pulled.told.map(({ search, views }) => [search, views])).toEqual([
      [
        { text: 'print from my phone', results: 0 },
        { is: 'value', value: 3 },
      ],
      [{ text: 'hours' }, { is: 'value', value: 3 }],
    ])
  })

  test('searches are no views of the page where they were made', async () => {
    const file = csv(['Date', 'Page path', 'Search term', 'Event count'], ['20261124', '/search', 'hours', 3])
    expect((await pull({ 'a.csv': file }, 'page')).told).toEqual([])
    expect((await pull({ 'a.csv': file }, 'search')).told).toHaveLength(1)
  })

  test('sources', async () => {
    const file = csv(
      ['Date', 'Session source', 'Views', 'Sessions'],
      ['20261124', '(direct)', 9, 5],
      ['20261124', 'google', 4, 3],
    )
    expect(short(await pull({ 'a.csv': file }, 'source'))).toEqual([
      ['2026-11-24', 'direct', 9, 5, 'unavailable'],
      ['2026-11-24', 'google', 4, 3, 'unavailable'],
    ])
  })
})

describe('several exports', () => {
  const day = (name: string, views: number) => [name, '/printing', views, 1, 1]

  test('a day that two of them tell is told once, as the one that tells more', async () => {
    const pulled = await pull({
      'october.csv': csv(head, day('20261101', 5), day('20261102', 7)),
      'november.csv': csv(head, day('20261102', 9), day('20261103', 2)),
    })
    expect(short(pulled).map(([date, , views]) => [date, views])).toEqual([
      ['2026-11-01', 5],
      ['2026-11-02', 9],
      ['2026-11-03', 2],
    ])
    expect(pulled.logged).toContain('A day is in several exports')
  })

  test('those of other pages are told beside each other', async () => {
    const pulled = await pull({
      'guides.csv': csv(head, ['20261124', '/printing', 5, 1, 1]),
      'faq.csv': csv(head, ['20261124', '/faq/1', 3, 1, 1]),
    })
    expect(pulled.told.map(({ page }) => page?.id).sort()).toEqual(['/faq/1', '/printing'])
  })
})

test('a row that cannot be read is counted with its line, and the next goes on', async () => {
  const { told, logged } = await pull({
    'a.csv': csv(
      head,
      ['soon', '/printing', 1, 1, 1],
      ['20261124', '/printing', 'many', 1, 1],
      ['20261125', '/printing', '1,234', 1, 1],
    ),
  })
  expect(told.map(({ day, views }) => [day, views])).toEqual([
    ['2026-11-24', { is: 'unavailable', reason: 'The export has no views' }],
    ['2026-11-25', { is: 'value', value: 1234 }],
  ])
  expect(logged).toMatch(/"rows":2,"line":2/)
  expect(logged).not.toContain('many')
})
