import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Code, type Context, PrmError } from '@prm/core'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { takeRefusals } from '../../../scripts/test/closed-network.ts'
import { type Call, type ClientOptions, client } from '../src/http.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const now = new Date('2026-11-24T10:00:00.000Z')
const context = (signal = new AbortController().signal): Context => ({
  id: 'x',
  library: 'l',
  signal,
  now: () => now,
  log: () => undefined,
})
const wire = z.object({ id: z.string() })
const secret = 'Bearer s3cr3t-token'
const read: Call = { method: 'GET', path: 'things', query: { To: '+12125550134' } }
const write: Call = { method: 'POST', path: 'things', form: { To: '+12125550134', Body: 'a text' } }

const call = (baseUrl: string, one: Call, more: Partial<ClientOptions> = {}) =>
  client({ baseUrl, headers: () => ({ authorization: secret }), ...more }).call(one, wire, context())

async function thrown(promise: Promise<unknown>): Promise<PrmError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!PrmError.is(error)) throw new Error('Nothing of ours was thrown.', { cause: error })
  // Whatever happened: neither number, nor text, nor token, nor query, however deep one looks.
  const all = inspect(error, { depth: 20, showHidden: true })
  for (const leak of ['12125550134', 'a text', 's3cr3t', 'To=', 'quoted body'])
    expect(all.replace(/at .*test\.ts.*/g, '')).not.toContain(leak)
  return error
}

const answering =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body))
  }

describe('a call', () => {
  test.each(['POST', 'PUT'] as const)('%s carries text and headers of its own, and gives text', async (method) => {
    const url = await listening((request, response) => {
      let said = `${request.headers['content-type']} ${request.headers['x-to']} ${request.headers.authorization} `
      request.on('data', (chunk) => {
        said += chunk
      })
      request.on('end', () => response.end(said))
    })
    const one: Call = {
      method,
      path: '',
      headers: { 'x-to': '1' },
      body: { type: 'text/plain', text: 'späte' },
      text: true,
    }
    const said = (more: Partial<ClientOptions>) =>
      client({ baseUrl: url, headers: () => ({ authorization: 'a' }), ...more }).call(one, z.string(), context())
    expect(await said({})).toBe('text/plain 1 a späte')
    expect(await said({ fetch })).toBe('text/plain 1 a späte')
    const strict = client({ baseUrl: url }).call(one, z.string().check(z.regex(/^0:/)), context())
    expect((await thrown(strict)).code).toBe('unknown')
  })
  test('a refusal in text is given to `code` as text', async () => {
    const url = await listening(answering(503, 'Temporal failure, quoted body'))
    const code = (_: number, body: unknown) => (String(body).startsWith('Temporal') ? 'unavailable' : undefined)
    expect((await thrown(call(url, write, { code }))).code).toBe('unavailable')
    expect((await thrown(call(url, write))).code).toBe('unknown')
  })
  test('carries form, query and headers, and gives what fits the wire', async () => {
    let seen = ''
    const url = await listening((request, response) => {
      const chunks: Buffer[] = []
      request
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          seen = `${request.method} ${request.url} ${request.headers.authorization} ${request.headers['content-type']} ${Buffer.concat(chunks)}`
          response.end('{"id":"7","more":1}')
        })
    })
    const form = { To: '+1', MediaUrl: ['a', 'b'], None: undefined, ValidityPeriod: 5 }
    expect(await call(`${url}/v1/`, { method: 'POST', path: '/things?a=1', query: { b: 'x y' }, form })).toEqual({
      id: '7',
    })
    expect(seen).toBe(
      `POST /v1/things?a=1&b=x+y ${secret} application/x-www-form-urlencoded;charset=UTF-8 To=%2B1&MediaUrl=a&MediaUrl=b&ValidityPeriod=5`,
    )
    await call(url, { method: 'POST', path: 'things', json: { a: 1 } })
    expect(seen).toContain('application/json {"a":1}')
  })

  test('follows a URL the vendor named on its own host, and no other', async () => {
    const url = await listening(answering(200, '{"id":"7"}'))
    expect(await call(`${url}/v1`, { method: 'GET', path: `${url}/v2/next?page=2` })).toEqual({ id: '7' })
    for (const path of ['https://elsewhere.example/next', 'http://127.0.0.1:1/next', 'javascript:1']) {
      expect((await thrown(call(url, { method: 'GET', path }))).code).toBe('contract')
    }
    // What looks like another host without a scheme is a path.
    expect(await call(url, { method: 'GET', path: '//elsewhere.example/next' })).toEqual({ id: '7' })
  })

  test('an empty answer is undefined to the wire', async () => {
    const url = await listening((_, response) => response.writeHead(204).end())
    expect(await client({ baseUrl: url }).call(write, z.undefined(), context())).toBeUndefined()
  })

  test('leaves no timer and no listener behind', async () => {
    const url = await listening(answering(200, '{"id":"7"}'))
    const stop = new AbortController()
    let listeners = 0
    const { signal } = stop
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
    const before = timers()
    await client({ baseUrl: url, timeoutMs: 60_000 }).call(read, wire, context(signal))
    // A timer of somebody else's may end meanwhile.
    expect(listeners).toBe(0)
    expect(timers() - before).toBeLessThanOrEqual(0)
  })
})

describe('a refusal', () => {
  test.each([
    [301, 'contract', 'contract'],
    [400, 'invalid', 'invalid'],
    [401, 'auth', 'auth'],
    [403, 'forbidden', 'forbidden'],
    [404, 'not_found', 'not_found'],
    [408, 'unavailable', 'unknown'],
    [409, 'conflict', 'conflict'],
    [418, 'invalid', 'invalid'],
    [422, 'invalid', 'invalid'],
    [429, 'rate_limited', 'rate_limited'],
    [500, 'unavailable', 'unknown'],
    [502, 'unavailable', 'unknown'],
    [503, 'unavailable', 'unknown'],
  ] satisfies [number, Code, Code][])('%i is %s on a read and %s on a write', async (status, onRead, onWrite) => {
    const url = await listening(
      answering(status, '{"code":7001,"message":"quoted body +12125550134"}', {
        location: 'https://elsewhere.example/',
      }),
    )
    const vendorCode = (body: unknown) => (body as { code: number }).code
    for (const [one, code] of [
      [read, onRead],
      [write, onWrite],
    ] as const) {
      const error = await thrown(call(url, one, { vendorCode }))
      expect([error.code, error.vendor]).toEqual([code, { status, code: '7001' }])
      expect(error.message).toBe(`${one.method} to ${new URL(url).host} was answered ${status}, code 7001.`)
    }
  })

  test('an HTML page counts by its status', async () => {
    const url = await listening(answering(403, '<html>quoted body</html>', { 'content-type': 'text/html' }))
    expect((await thrown(call(url, write))).code).toBe('forbidden')
  })

  test('the vendor’s own meaning goes first, and sees status, body and call', async () => {
    const url = await listening(answering(400, '{"code":21610}'))
    const seen: unknown[] = []
    const code = (...args: unknown[]): Code => {
      seen.push(args)
      return 'blocked'
    }
    expect((await thrown(call(url, write, { code }))).code).toBe('blocked')
    expect(seen).toEqual([[400, { code: 21610 }, write]])
  })

  test('a vendor’s number that is no number is not repeated', async () => {
    const url = await listening(answering(400, '{"code":"quoted body +12125550134"}'))
    expect((await thrown(call(url, write, { vendorCode: (body) => (body as { code: string }).code }))).vendor).toEqual({
      status: 400,
    })
  })

  test.each([
    ['7', 7000],
    ['0', 0],
    ['1.5', 1500],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
    ['Tue, 24 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
  ])('Retry-After: %s is %s ms by the clock of the context', async (header, ms) => {
    const url = await listening(answering(429, '{}', { 'retry-after': header }))
    const error = await thrown(call(url, write))
    expect([error.code, error.retryAfterMs]).toEqual(['rate_limited', ms])
  })

  test('after a 401 the secret is asked for anew, and a new one is tried once', async () => {
    let calls = 0
    const url = await listening((request, response) => {
      calls++
      answering(request.headers.authorization === 'new' ? 201 : 401, '{"id":"7"}')(request, response)
    })
    const tokens = ['old', 'new']
    expect(await call(url, write, { headers: () => ({ authorization: tokens.shift() ?? '' }) })).toEqual({ id: '7' })
    expect(calls).toBe(2)
    expect((await thrown(call(url, write, { headers: () => ({ authorization: 'old' }) }))).code).toBe('auth')
    expect(calls).toBe(3)
    let n = 0
    expect((await thrown(call(url, write, { headers: () => ({ authorization: `wrong ${n++}` }) }))).code).toBe('auth')
    expect(calls).toBe(5)
  })
})

describe('a 2xx that cannot be read', () => {
  test.each([
    ['HTML', '<html>quoted body +12125550134</html>'],
    ['cut JSON', '{"id":"quoted body'],
    ['another shape', '{"id":{"quoted body":1}}'],
    ['more than 1 MiB', JSON.stringify({ id: 'x'.repeat(1024 * 1024) })],
  ])('%s is contract on a read, and on a write unknown: it may have been taken', async (_, body) => {
    const url = await listening(answering(200, body))
    expect((await thrown(call(url, read))).code).toBe('contract')
    expect((await thrown(call(url, write))).code).toBe('unknown')
  })

  test('a body that never ends is a time-out', async () => {
    const url = await listening((_, response) => void response.writeHead(201).write('{"id":'))
    for (const [one, code] of [
      [read, 'unavailable'],
      [write, 'unknown'],
    ] as const) {
      const late = thrown(call(url, one, { timeoutMs: 200 }))
      setTimeout(gc, 100) // which takes what `fetch` would hear of an abort by
      expect((await late).code).toBe(code)
    }
  })
})

describe('no answer', () => {
  test('a time-out is unavailable on a read and unknown on a write', async () => {
    const url = await listening(() => undefined)
    expect((await thrown(call(url, read, { timeoutMs: 100 }))).code).toBe('unavailable')
    expect((await thrown(call(url, write, { timeoutMs: 100 }))).code).toBe('unknown')
  })

  test('a reset is unavailable on a read and unknown on a write, and only the read was repeated', async () => {
    let calls = 0
    const url = await listening((request) => {
      calls++
      request.socket.resetAndDestroy()
    })
    expect((await thrown(call(url, write))).code).toBe('unknown')
    expect(calls).toBe(1)
    expect((await thrown(call(url, read))).code).toBe('unavailable')
    expect(calls).toBe(4)
  })

  test('a refused connection and an unknown host are unavailable on a write too: nothing was sent', async () => {
    const url = await listening(() => undefined)
    const server = servers.pop()
    await new Promise((done) => server?.close(done))
    const refused = await thrown(call(url, write))
    expect([refused.code, refused.message]).toEqual(['unavailable', expect.stringContaining('ECONNREFUSED')])
    // localhost is tried under both families, and the errors come wrapped.
    expect((await thrown(call(url.replace('127.0.0.1', 'localhost'), write))).code).toBe('unavailable')
    const enotfound = () =>
      Promise.reject(
        new TypeError('fetch failed', { cause: Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }) }),
      )
    expect((await thrown(call('http://nowhere.invalid', write, { fetch: enotfound }))).code).toBe('unavailable')
  })

  test('a call that is called off: unknown once it was sent, unavailable before', async () => {
    const url = await listening(() => undefined)
    const stop = new AbortController()
    const api = client({ baseUrl: url })
    const pending = thrown(api.call(write, wire, context(stop.signal)))
    setTimeout(() => stop.abort(), 100)
    expect((await pending).code).toBe('unknown')
    expect((await thrown(api.call(write, wire, context(stop.signal)))).code).toBe('unavailable')
  })

  test('5xx: a read is asked three times, a write once, 429 once', async () => {
    let calls = 0
    const url = await listening((request, response) => {
      calls++
      answering(calls < 3 ? 503 : 200, '{"id":"7"}')(request, response)
    })
    expect(await call(url, read)).toEqual({ id: '7' })
    expect(calls).toBe(3)
    calls = 0
    expect((await thrown(call(url, write))).code).toBe('unknown')
    expect(calls).toBe(1)
    const busy = await listening((request, response) => {
      calls++
      answering(429, '{}', { 'retry-after': '0' })(request, response)
    })
    expect((await thrown(call(busy, read))).code).toBe('rate_limited')
    expect(calls).toBe(2)
  })

  test('the network closed to tests counts as never sent', async () => {
    expect((await thrown(call('https://api.twilio.com', write))).code).toBe('unavailable')
    expect(takeRefusals()).not.toEqual([])
  })
})

describe('a write', () => {
  test('goes through the fetch that was given', async () => {
    const seen: string[] = []
    const own: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      seen.push(`${request.method} ${await request.text()}`)
      return Response.json({ id: '7' })
    }
    expect(await call('http://nowhere.invalid', write, { fetch: own })).toEqual({ id: '7' })
    expect(seen).toEqual(['POST To=%2B12125550134&Body=a+text'])
  })

  test('shares connections with those before it, and waits for none at the same time', async () => {
    const sockets = new Set<unknown>()
    // None is answered before all are there.
    const waiting: (() => void)[] = []
    const url = await listening((request, response) => {
      sockets.add(request.socket)
      waiting.push(() => answering(201, '{"id":"7"}')(request, response))
      if (waiting.length === 60) for (const answer of waiting.splice(0)) answer()
    })
    for (let round = 0; round < 2; round++) {
      await Promise.all(Array.from({ length: 60 }, () => call(url, write)))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(sockets.size).toBe(60)
  })

  test('goes by the dispatcher that the host set for the whole process, such as one to a proxy', async () => {
    const before = getGlobalDispatcher()
    let hosts: unknown[] = []
    setGlobalDispatcher(
      before.compose((dispatch) => (options, handler) => {
        hosts = [...hosts, options.origin]
        return dispatch(options, handler)
      }),
    )
    try {
      const url = await listening(answering(201, '{"id":"7"}'))
      expect(await call(url, write)).toEqual({ id: '7' })
      expect(hosts.map(String)).toEqual([url])
    } finally {
      setGlobalDispatcher(before)
    }
  })

  test('is given up in time also where no connection comes about', async () => {
    const before = getGlobalDispatcher()
    setGlobalDispatcher(new Agent({ connect: () => undefined }))
    try {
      const error = await thrown(call('http://127.0.0.1:9', write, { timeoutMs: 100 }))
      expect([error.code, error.message]).toEqual(['unknown', expect.stringContaining('took too long')])
    } finally {
      setGlobalDispatcher(before)
    }
  })
})

describe('open', () => {
  test('gives the answer unread, and throws refusals all the same', async () => {
    const url = await listening(answering(200, 'bytes', { 'content-type': 'image/png' }))
    const response = await client({ baseUrl: url }).open({ method: 'GET', path: 'picture' }, context())
    expect([response.headers.get('content-type'), await response.text()]).toEqual(['image/png', 'bytes'])
    const missing = await listening(answering(404, '{}'))
    expect((await thrown(client({ baseUrl: missing }).open({ method: 'GET', path: 'picture' }, context()))).code).toBe(
      'not_found',
    )
  })

  test('follows a redirect when asked to, and leaves the credentials behind', async () => {
    const seen: (string | undefined)[] = []
    const store = await listening((request, response) => {
      seen.push(request.headers.authorization)
      response.end('bytes')
    })
    const url = await listening(answering(302, '', { location: `${store}/file` }))
    const api = client({ baseUrl: url, headers: () => ({ authorization: secret }) })
    expect(await (await api.open({ method: 'GET', path: 'media', follow: true }, context())).text()).toBe('bytes')
    expect(seen).toEqual([undefined])
  })
})

test.each(['https://[', 'https://a b/', 'http://x:99999/'])(
  'a path %j that no URL has is `invalid`, and is not quoted',
  async (path) => {
    const error = await client({ baseUrl: 'https://api.example' })
      .open(
        { method: 'GET', path },
        { id: 'a', library: 'l', signal: new AbortController().signal, now: () => now, log: () => {} },
      )
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid', field: 'path' })
    expect(inspect(error)).not.toContain(path)
  },
)
