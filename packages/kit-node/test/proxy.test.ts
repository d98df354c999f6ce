import { afterEach, expect, test, vi } from 'vitest'
import { fetchBy } from '../src/index.ts'
import { authority } from './authority.ts'
import { plain, proxy, secure } from './servers.ts'

const library = authority('Alder Library')
const { cert, key } = library.issue()
const { ca } = library
const user = 'service:pass word/ü'
const as = (url: string) => url.replace('://', '://service:pass%20word%2F%C3%BC@')
const basic = `Basic ${Buffer.from(user).toString('base64')}`

const koha = () => secure({ cert, key }, (request, response) => response.end(`${request.method} ${request.url}`))

afterEach(() => {
  vi.unstubAllEnvs()
})

test('TLS goes through the proxy to the end, and the proxy reads nothing of it', async () => {
  const [between, url] = [await proxy({ user }), await koha()]
  const get = fetchBy({ ca, proxy: as(between.url) })
  const response = await get(`${url}/patrons/23529000010001`, { headers: { authorization: 'Bearer token' } })
  expect(await response.text()).toBe('GET /patrons/23529000010001')
  expect(between.asked).toEqual([{ line: `CONNECT ${new URL(url).host}`, authorization: basic }])
  const read = Buffer.concat(between.seen).toString('latin1')
  expect(read.length).toBeGreaterThan(100)
  expect(read).not.toMatch(/patrons|token/)
  await (await get(url)).text()
  expect(between.asked).toHaveLength(1) // the same tunnel
})

test.each([
  ['407 Who are you', 'ERR_PROXY_407'],
  ['403 Forbidden', 'ERR_PROXY_403'],
  ['302 Found', 'ERR_PROXY_302'],
])('what a proxy says to a CONNECT (%s) is not an answer of the host: nothing was sent', async (refuse, code) => {
  const between = await proxy({ refuse })
  const call = fetchBy({ ca, proxy: between.url })(await koha(), { method: 'POST', body: 'secret' })
  expect((await call.catch((error: TypeError) => error)) as TypeError).toMatchObject({
    message: 'fetch failed',
    cause: { code },
  })
  expect(between.seen).toEqual([])
  await Promise.all(between.closed)
})

test('a proxy that is not there, and one that never answers, are told apart from the host', async () => {
  const url = await koha()
  const gone = fetchBy({ ca, proxy: 'http://127.0.0.1:9' })(url).catch((error: TypeError) => error.cause)
  expect(await gone).toMatchObject({ code: 'ERR_PROXY_ECONNREFUSED' })
  const { url: silent } = await proxy({ silent: true })
  const mute = fetchBy({ ca, proxy: silent })(url).catch((error: TypeError) => error.cause)
  expect(await mute).toMatchObject({ code: 'ERR_PROXY_ETIMEDOUT' })
})

test('a certificate that is not the host’s is refused through a proxy too', async () => {
  const between = await proxy()
  const call = fetchBy({ ca: authority('Somebody').ca, proxy: between.url })(await koha())
  await expect(call).rejects.toMatchObject({ cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } })
})

test('a proxy may speak TLS itself', async () => {
  const between = await proxy({ user, secure: { cert, key } })
  expect(await (await fetchBy({ ca, proxy: as(between.url) })(await koha())).text()).toBe('GET /')
  expect(between.asked).toMatchObject([{ authorization: basic }])
  const strange = fetchBy({ proxy: as(between.url) })(await koha())
  await expect(strange).rejects.toMatchObject({ cause: { code: 'ERR_PROXY_UNABLE_TO_VERIFY_LEAF_SIGNATURE' } })
})

test('plain HTTP is forwarded, with the proxy’s password for the proxy alone', async () => {
  const between = await proxy({ user })
  let told: string | undefined
  const url = await plain((request, response) => {
    told = request.headers['proxy-authorization']
    response.end('plain')
  })
  expect(await (await fetchBy({ proxy: as(between.url) })(`${url}/a?b=c`)).text()).toBe('plain')
  expect([between.asked, told]).toEqual([[{ line: `GET ${url}/a?b=c`, authorization: basic }], undefined])
})

test('without the setting the environment decides, and NO_PROXY takes hosts out', async () => {
  const [between, url] = [await proxy(), await koha()]
  for (const name of ['https_proxy', 'no_proxy', 'all_proxy', 'NO_PROXY']) vi.stubEnv(name, '')
  vi.stubEnv('HTTPS_PROXY', between.url)
  const through = async (config = {}, to = url) => {
    const before = between.asked.length
    await (await fetchBy({ ca, ...config })(to)).text()
    return between.asked.length - before
  }
  expect(await through()).toBe(1)
  expect(await through({ proxy: false })).toBe(0)
  const local = url.replace('127.0.0.1', 'localhost')
  for (const [list, expected] of [
    ['127.0.0.1', 0],
    ['koha.example, 127.0.0.1', 0],
    [`127.0.0.1:${new URL(url).port}`, 0],
    ['127.0.0.1:1', 1],
    ['*', 0],
    ['7.0.0.1', 1],
    ['*.0.0.1', 0],
    ['koha.example', 1],
  ] as const) {
    vi.stubEnv('NO_PROXY', list)
    expect([list, await through()]).toEqual([list, expected])
  }
  vi.stubEnv('NO_PROXY', 'localhost')
  expect(await through({}, local)).toBe(0)
})

test('no error carries a header, a body or the proxy’s password', async () => {
  const seen: unknown[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string') seen.push(value)
    if (typeof value !== 'object' || value === null || seen.includes(value)) return
    seen.push(value)
    for (const name of Reflect.ownKeys(value)) walk((value as Record<PropertyKey, unknown>)[name])
  }
  const init = { method: 'POST', body: 'hunter2', headers: { authorization: 'hunter2' } }
  for (const call of [
    fetchBy({ proxy: 'http://a:hunter2@127.0.0.1:9' })('https://koha.example', init),
    fetchBy({ proxy: 'http://a:hunter2@127.0.0.1:9' })('http://koha.example', init),
    fetchBy({ proxy: false })('http://127.0.0.1:9', init),
  ])
    walk(await call.catch((error: unknown) => error))
  expect(seen).toContain('fetch failed')
  expect(seen.filter((one) => String(one).includes('hunter2'))).toEqual([])
})
