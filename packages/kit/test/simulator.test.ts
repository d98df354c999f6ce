import type { Fault } from '@prm/core'
import { afterEach, expect, test } from 'vitest'
import {
  type Answer,
  type Asked,
  badDay,
  faults,
  isLocal,
  loopback,
  post,
  reporter,
  spoiled,
} from '../src/simulator.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function serving(answer: (asked: Asked) => Answer): Promise<string> {
  const server = await loopback(answer)
  open.push(server)
  return server.url
}

test('a request is answered once its body is there', async () => {
  const url = await serving(({ method, url, body }) => ({
    status: 201,
    body: `${method} ${url.search} ${body}`,
    headers: { a: 'b' },
  }))
  const response = await fetch(`${url}/x?y=1`, { method: 'POST', body: 'hello' })
  expect([response.status, response.headers.get('a'), await response.text()]).toEqual([201, 'b', 'POST ?y=1 hello'])
})

test('or not at all', async () => {
  const url = await serving(({ url }) =>
    url.pathname === '/reset' ? 'reset' : url.pathname === '/part' ? { status: 200, part: 'be' } : 'nothing',
  )
  await expect(fetch(`${url}/reset`)).rejects.toThrow('fetch failed')
  await expect(fetch(`${url}/nothing`, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout')
  const stop = new AbortController()
  const part = (await fetch(`${url}/part`, { signal: stop.signal })).text()
  setTimeout(() => stop.abort(), 200)
  await expect(part).rejects.toThrow()
})

test('it listens where it is told, says when it cannot, and lets go when closed', async () => {
  const server = await loopback(() => ({ status: 200 }))
  const port = Number(new URL(server.url).port)
  await expect(loopback(() => 'nothing', { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await server.close()
  open.push(await loopback(() => 'nothing', { port }))
})

test('faults meet the calls they are of, in order', () => {
  const all = faults()
  all.add('page-moved')
  all.add('hang-after-accept', 2)
  all.add('html')
  expect([all.take(true), all.take(false), all.take(false), all.take(true), all.take(true)]).toEqual([
    'hang-after-accept',
    'page-moved',
    'html',
    'hang-after-accept',
    undefined,
  ])
})

test('a bad day is what the vendor answers on it', () => {
  const refusals = { busy: { status: 503, body: 'busy' }, failed: { status: 500 }, denied: { status: 403 } } as const
  const day = (fault?: Fault) => badDay(fault, refusals, new Date('2026-11-24T15:00:00Z'))
  expect(day('rate-limited-seconds')).toEqual({ status: 503, body: 'busy', headers: { 'retry-after': '2' } })
  expect(day('rate-limited-date')).toMatchObject({ headers: { 'retry-after': 'Tue, 24 Nov 2026 15:00:04 GMT' } })
  expect([day('server-error'), day('expired-token'), day('reset')]).toEqual([{ status: 500 }, { status: 403 }, 'reset'])
  expect(day('html')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } })
  expect([day('hang-after-accept'), day()]).toEqual([undefined, undefined])
})

test('what was taken is answered, cut short, drowned, or not at all', () => {
  const answer = { status: 200, body: '{"id":1}' }
  expect(spoiled(undefined, answer)).toBe(answer)
  expect(spoiled('slow-body', answer)).toEqual({ status: 200, part: '{"id":1' })
  expect([spoiled('hang-after-accept', answer), spoiled('reset-after-accept', answer)]).toEqual(['nothing', 'reset'])
  const large = spoiled('oversize-body', answer)
  expect(typeof large === 'object' && 'body' in large && large.body?.length).toBeGreaterThan(1024 * 1024)
})

test.each([
  [undefined, 'abc'],
  ['reordered-reports', 'cba'],
  ['duplicate-report', 'aabbcc'],
] as const)('reports with %s come as %s', async (fault, order) => {
  const said: string[] = []
  const reports = reporter()
  reports.start(
    [...'abc'].map((one) => async () => void said.push(one)),
    fault,
  )
  await reports.idle()
  expect(said.join('')).toBe(order)
})

test('none comes once it is closed', async () => {
  const reports = reporter(60_000)
  let said = 0
  reports.start([async () => void said++])
  reports.close()
  await reports.idle()
  expect(said).toBe(0)
})

test('nobody listening is 0', async () => {
  const url = await serving(() => ({ status: 204 }))
  expect([await post(new Request(url)), await post(new Request('http://127.0.0.1:1/'))]).toEqual([204, 0])
})

test('only this machine is local', () => {
  const urls = [
    'http://localhost/',
    'http://127.0.0.1:80/',
    'http://[::1]/',
    'https://library.example/',
    'http://10.0.0.1/',
  ]
  expect(urls.map(isLocal)).toEqual([true, true, true, false, false])
})
