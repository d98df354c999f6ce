import { describe, expect, test } from 'vitest'
import { csv, pull, short } from './context.ts'

const person = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const robot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const head = ['timestamp', 'method', 'url', 'status', 'user_agent', 'referrer']
const around = [
  ['2026-11-23T12:00:00-06:00', 'GET', '/robots.txt', 200, robot, '-'],
  ['2026-11-25T12:00:00-06:00', 'GET', '/robots.txt', 200, robot, '-'],
]
const row = (
  time: string,
  url: string,
  more: { method?: string; status?: number; agent?: string; referrer?: string } = {},
) => [
  `2026-11-24T${time}-06:00`,
  more.method ?? 'GET',
  url,
  more.status ?? 200,
  more.agent ?? person,
  more.referrer ?? '-',
]

describe('a log', () => {
  test('tells the views of pages by persons that were answered, and no visits', async () => {
    const pulled = await pull({
      'log.csv': csv(
        head,
        ...around,
        row('10:00:00', '/printing'),
        row('10:00:01', '/printing'),
        row('10:00:02', '/style.css'),
        row('10:00:03', '/logo.PNG?v=2'),
        row('10:00:04', '/printing', { agent: robot }),
        row('10:00:05', '/printing', { method: 'POST' }),
        row('10:00:06', '/printing', { method: 'HEAD' }),
        row('10:00:07', '/printing', { status: 404 }),
        row('10:00:08', '/printing', { status: 304 }),
        row('10:00:09', '/c.php?g=12&p=34'),
      ),
    })
    expect(short(pulled)).toEqual([
      ['2026-11-24', '/printing', 3, 'unavailable', 'unavailable'],
      ['2026-11-24', '/c.php?g=12&p=34', 1, 'unavailable', 'unavailable'],
    ])
  })

  test('its days are those of the library, whatever zone its times are in', async () => {
    const line = (time: string) => [time, 'GET', '/late', 200, person, '-']
    const times = [
      '2026-11-25T05:30:00Z',
      '24/Nov/2026:23:30:00 -0600',
      `${Date.parse('2026-11-25T05:30:00Z')}`,
      '2026-11-24 23:30:00',
    ]
    for (const time of times) {
      const pulled = await pull({ 'log.csv': csv(head, ...around, line(time)) })
      expect(
        short(pulled).map(([day]) => day),
        time,
      ).toEqual(['2026-11-24'])
    }
  })

  test('a day at its beginning or end, of which part may be missing, is not told', async () => {
    const lines = ['23', '24', '25'].map((day) => [
      `2026-11-${day}T12:00:00-06:00`,
      'GET',
      '/printing',
      200,
      person,
      '-',
    ])
    expect(short(await pull({ 'log.csv': csv(head, ...lines) })).map(([day]) => day)).toEqual(['2026-11-24'])
    expect((await pull({ 'log.csv': csv(head, ...lines.slice(1)) })).told).toEqual([])
  })

  test('hours that two files hold are counted once; a day that goes on in the next file is one day', async () => {
    const [before = [], after = []] = around
    const morning = [row('08:00:00', '/printing'), row('09:00:00', '/printing')]
    const evening = [row('20:00:00', '/printing')]
    const same = await pull({ 'a.csv': csv(head, before, ...morning), 'b.csv': csv(head, ...morning, after) })
    expect(short(same)[0]?.[2]).toBe(2)
    const turned = await pull({ 'a.csv': csv(head, before, ...morning), 'b.csv': csv(head, ...evening, after) })
    expect(short(turned)[0]?.[2]).toBe(3)
  })

  test('a request in one cell is read too', async () => {
    const pulled = await pull({
      'log.csv': csv(
        ['time', 'request', 'status', 'agent'],
        ['23/Nov/2026:10:00:00 -0600', 'GET /a HTTP/1.1', 200, robot],
        ['24/Nov/2026:10:00:00 -0600', 'GET /printing HTTP/1.1', 200, person],
        ['24/Nov/2026:10:00:00 -0600', 'POST /printing HTTP/1.1', 200, person],
        ['25/Nov/2026:10:00:00 -0600', 'GET /a HTTP/1.1', 200, robot],
      ),
    })
    expect(short(pulled)).toEqual([['2026-11-24', '/printing', 1, 'unavailable', 'unavailable']])
  })

  test('searches are told by the parameter that holds them, sources by the host that linked here', async () => {
    const file = csv(
      head,
      ...around,
      row('10:00:00', '/search?q=print+from+my+phone&page=1', { referrer: 'https://www.google.com/' }),
      row('10:01:00', '/search?q=', { referrer: 'https://guides.library.example/' }),
      row('10:02:00', '/printing', { referrer: '-' }),
    )
    const searches = await pull({ 'log.csv': file }, 'search', { searchParameter: 'q' })
    expect(searches.told.map(({ search }) => search)).toEqual([{ text: 'print from my phone' }])
    expect((await pull({ 'log.csv': file }, 'search')).told).toEqual([])
    const sources = await pull({ 'log.csv': file }, 'source')
    expect(short(sources).map(([, source, views]) => [source, views])).toEqual([
      ['www.google.com', 1],
      ['direct', 1],
    ])
  })

  test('a log of searches tells those that found nothing', async () => {
    const pulled = await pull(
      {
        'searches.csv': csv(
          ['Date', 'Time', 'Query', 'Num found', 'User agent'],
          ['2026-11-23', '10:00', 'a', 3, person],
          ['2026-11-24', '10:00', 'print from my phone', 0, person],
          ['2026-11-24', '10:05', 'print from my phone', 0, person],
          ['2026-11-24', '10:06', 'print from my phone', 0, robot],
          ['2026-11-25', '10:00', 'a', 3, person],
        ),
      },
      'search',
    )
    expect(pulled.told.map(({ search, views }) => [search, views])).toEqual([
      [
        { text: 'print from my phone', results: 0 },
        { is: 'value', value: 2 },
      ],
    ])
  })
})
