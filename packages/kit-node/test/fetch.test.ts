import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fetchBy } from '../src/index.ts'
import { plain } from './servers.ts'

const get = fetchBy({ proxy: false })
/** Says back what it was sent. */
const echo = () =>
  plain(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') }))
  })
interface Said {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}
const said = async (call: Promise<Response>) => (await (await call).json()) as Said

test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s is sent as it is, and nothing of axios’s own',
  async (method) => {
    let told = {}
    const url = await plain((request, response) => {
      told = [request.method, request.headers['content-type'], request.headers['x-koha-embed']]
      response.end()
    })
    await get(new Request(url, { method, headers: { 'x-koha-embed': 'biblio' } }))
    expect(told).toEqual([method, undefined, 'biblio'])
  },
)

const form = new FormData()
form.append('a', 'b')
test.each<[string, NonNullable<RequestInit['body']>, string, RegExp]>([
  ['a text', 'ünï', Buffer.from('ünï').toString('latin1'), /^text\/plain/],
  ['bytes', new Uint8Array([0, 255, 10]), '\x00\xff\x0a', /^undefined/],
  ['form fields', new URLSearchParams({ a: '1 2' }), 'a=1+2', /^application\/x-www-form-urlencoded/],
  ['a blob', new Blob(['{}'], { type: 'application/json' }), '{}', /^application\/json/],
  ['nothing', '', '', /^text\/plain/],
])('a body that is %s goes out whole, with its length', async (_, body, sent, type) => {
  const { headers, ...rest } = await said(get(await echo(), { method: 'POST', body }))
  expect(rest).toMatchObject({ method: 'POST', body: sent })
  expect([headers['content-length'], headers['transfer-encoding']]).toEqual([String(sent.length), undefined])
  expect(String(headers['content-type'])).toMatch(type)
})

test('multipart keeps its boundary', async () => {
  const { headers, body } = await said(get(await echo(), { method: 'POST', body: form }))
  const [, boundary = 'none'] = /boundary=(.+)/.exec(headers['content-type'] ?? '') ?? []
  expect(body).toContain(`${boundary}--`)
})

test('a stream that is short has a length, a long one is sent as it comes, to the byte', async () => {
  const stream = (parts: number) => {
    let n = 0
    return new ReadableStream<Uint8Array>({
      pull: (to) => (n++ < parts ? to.enqueue(new Uint8Array(300_000).fill(n)) : to.close()),
    })
  }
  const url = await echo()
  const send = (parts: number) => said(get(url, { method: 'POST', body: stream(parts), duplex: 'half' } as RequestInit))
  const [short, long] = [await send(2), await send(9)]
  expect([short.headers['content-length'], short.body.length]).toEqual(['600000', 600_000])
  expect([long.headers['transfer-encoding'], long.body.length]).toEqual(['chunked', 2_700_000])
  expect([...long.body].every((c, i) => c.charCodeAt(0) === Math.floor(i / 300_000) + 1)).toBe(true)
})

test('a body that breaks off ends the request, and the server gets no whole one', async () => {
  let whole = false
  const url = await plain((request, response) => {
    request.on('error', () => undefined).resume()
    request.on('end', () => {
      whole = true
      response.end()
    })
  })
  let n = 0
  const body = new ReadableStream({
    pull: (to) => (n++ < 9 ? to.enqueue(new Uint8Array(300_000)) : to.error(new Error('The disk is gone.'))),
  })
  const call = get(url, { method: 'POST', body, duplex: 'half' } as RequestInit)
  await expect(call).rejects.toThrow('fetch failed')
  expect(whole).toBe(false)
})

test.each([400, 401, 404, 429, 500, 503])('%i is an answer, not an error', async (status) => {
  const url = await plain((_, response) => response.writeHead(status, { 'retry-after': '7' }).end('why'))
  const response = await get(url)
  expect([response.status, response.ok, response.headers.get('retry-after')]).toEqual([status, false, '7'])
  expect(await response.text()).toBe('why')
})

test.each([204, 304])('%i has no body', async (status) => {
  const response = await get(await plain((_, to) => to.writeHead(status).end()))
  expect([response.status, response.body]).toEqual([status, null])
})

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
])('%s is asked for and unpacked, and the length of the packed one is not told', async (encoding, pack) => {
  const url = await plain((request, response) => {
    const packed = pack('x'.repeat(10_000))
    const fits = String(request.headers['accept-encoding']).includes(encoding)
    response.writeHead(fits ? 200 : 500, { 'content-encoding': encoding, 'content-length': packed.length }).end(packed)
  })
  const response = await get(url)
  expect([response.status, response.headers.get('content-length')]).toEqual([200, null])
  expect(await response.text()).toBe('x'.repeat(10_000))
})

test('what is packed wrongly, or cut off, is an error and no shorter answer', async () => {
  const bad = await plain((_, to) => to.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'))
  await expect(get(bad).then((response) => response.text())).rejects.toThrow()
  const cut = await plain((_, to) => {
    to.writeHead(200, { 'content-length': '100' }).write('half')
    setTimeout(() => to.destroy(), 20)
  })
  await expect(get(cut).then((response) => response.text())).rejects.toThrow()
  const zipped = gzipSync('x'.repeat(100_000))
  const half = await plain((_, to) => {
    to.writeHead(200, { 'content-encoding': 'gzip' }).write(zipped.subarray(0, 60))
    setTimeout(() => to.destroy(), 20)
  })
  await expect(get(half).then((response) => response.text())).rejects.toThrow()
})

test('cookies stay apart, and a length is told', async () => {
  const cookies = ['a=1; Path=/', 'b=2, 3']
  const response = await get(
    await plain((_, to) => to.writeHead(200, { 'set-cookie': cookies, 'content-length': 2 }).end('ok')),
  )
  expect([response.headers.getSetCookie(), response.headers.get('content-length')]).toEqual([cookies, '2'])
})

test('an answer is read as it comes, and who stops reading ends the connection', async () => {
  let closed: () => void = () => undefined
  const gone = new Promise<void>((resolve) => (closed = resolve))
  const url = await plain((_, response) => {
    response.write('first')
    response.on('close', closed)
  })
  const response = await get(url)
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first')
  await reader?.cancel()
  await gone
})

// ── called off ───────────────────────────────────────────────────────────────────────────────
test('called off before it is sent, while it waits and while it is read: AbortError, and the connection ends', async () => {
  let asked = 0
  const closed: Promise<void>[] = []
  const url = await plain((request, response) => {
    asked++
    closed.push(new Promise((resolve) => response.on('close', resolve)))
    if (request.url === '/body') response.write('first')
  })
  await expect(get(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  expect(asked).toBe(0)
  const abort = new AbortController()
  const waiting = get(url, { signal: abort.signal })
  const reading = (await get(`${url}/body`, { signal: abort.signal })).text()
  setTimeout(() => abort.abort(), 50)
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  await Promise.all(closed)
  await expect(get(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('and while a body is waited for that never comes', async () => {
  const body = new ReadableStream({ pull: () => new Promise(() => undefined) })
  const call = get(await echo(), {
    method: 'POST',
    body,
    duplex: 'half',
    signal: AbortSignal.timeout(50),
  } as RequestInit)
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
})

// ── redirects ────────────────────────────────────────────────────────────────────────────────
test.each([
  [301, 'GET', ''],
  [302, 'GET', ''],
  [303, 'GET', ''],
  [307, 'POST', 'body'],
  [308, 'POST', 'body'],
])('%i after a POST is followed as the standard says', async (status, method, body) => {
  const end = await echo()
  const url = await plain((_, to) => to.writeHead(status, { location: `${end}/there` }).end())
  const response = await get(url, { method: 'POST', body: 'body', headers: { authorization: 'Bearer a', 'x-b': 'c' } })
  const told = (await response.json()) as { headers: Record<string, string> }
  expect(told).toMatchObject({ method, body, url: '/there' })
  // Another origin hears no secret.
  expect([told.headers.authorization, told.headers['x-b']]).toEqual([undefined, 'c'])
  expect([response.redirected, response.url]).toEqual([true, `${end}/there`])
})

test('a long body is not sent twice: a redirect that asks for it fails', async () => {
  const url = await plain((request, to) => {
    request.resume().on('end', () => to.writeHead(307, { location: '/there' }).end())
  })
  const call = get(url, { method: 'POST', body: new Uint8Array(2_000_000) })
  await expect(call).rejects.toMatchObject({ cause: { message: expect.stringContaining('cannot be sent again') } })
})

test('the same origin keeps its authorization', async () => {
  const url = await plain((request, to) =>
    request.url === '/a' ? to.writeHead(302, { location: 'b' }).end() : to.end(request.headers.authorization),
  )
  expect(await (await get(`${url}/a`, { headers: { authorization: 'Bearer a' } })).text()).toBe('Bearer a')
})

test('manual gives the redirect itself, error throws, and a circle ends', async () => {
  let asked = 0
  const url = await plain((_, to) => {
    asked++
    to.writeHead(302, { location: '/' }).end()
  })
  const response = await get(url, { redirect: 'manual' })
  expect([response.status, response.headers.get('location'), response.redirected]).toEqual([302, '/', false])
  await expect(get(url, { redirect: 'error' })).rejects.toThrow('fetch failed')
  asked = 0
  await expect(get(url)).rejects.toThrow('fetch failed')
  expect(asked).toBe(21)
  const odd = await plain((_, to) => to.writeHead(302, { location: 'file:///etc/passwd' }).end())
  await expect(get(odd)).rejects.toThrow('fetch failed')
})
