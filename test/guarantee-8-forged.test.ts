import type { Interaction } from '@prm/core'
import { describe, expect, test, vi } from 'vitest'
import {
  breakable,
  consentsOf,
  factsOf,
  fakeSms,
  hold,
  jobsOf,
  messageOf,
  messagesOf,
  plain,
  reported,
  type Springfield,
  scopeOf,
  springfield,
  texted,
  webhook,
} from './fake.ts'

const mebibyte = 1_048_576

/** Nothing of any kind is stored, and nothing is promised. */
async function nothing({ store }: Pick<Springfield, 'store'>): Promise<void> {
  for (const type of ['message.received', 'message.delivery', 'notice', 'interaction.rejected'])
    expect(await factsOf(store, type)).toEqual([])
  expect(await jobsOf(store)).toEqual([])
  expect(await messagesOf(store)).toEqual([])
  expect(await consentsOf(store)).toEqual([])
}

function post(body: string | ReadableStream, headers: Record<string, string> = {}, path = '/prm/sms'): Request {
  return new Request(`https://library.example${path}`, {
    method: 'POST',
    headers: { signature: 'right', ...headers },
    body,
    duplex: 'half',
  } as RequestInit)
}

/** A body that comes piece by piece, and how much of it was read. */
function stream(pieces: Iterable<Uint8Array | Error>): { body: ReadableStream; read(): number; cancelled(): boolean } {
  const rest = pieces[Symbol.iterator]()
  let read = 0
  let cancelled = false
  const body = new ReadableStream({
    pull(controller) {
      const { value, done } = rest.next()
      if (done) return controller.close()
      if (value instanceof Error) return controller.error(value)
      read += value.byteLength
      controller.enqueue(value)
    },
    cancel() {
      cancelled = true
    },
  })
  return { body, read: () => read, cancelled: () => cancelled }
}

describe('a request that is not authentic', () => {
  test.each(['wrong', ''])('with signature %j is answered 401 and leaves nothing', async (signature) => {
    const host = springfield()
    const response = await host.prm.handle(webhook([texted('m1', 'STOP')], { signature }))
    expect(response.status).toBe(401)
    expect(await response.text()).not.toContain('STOP')
    await nothing(host)
  })

  test.each([
    '/prm/other',
    '/prm/',
    '/prm',
    '/',
    '/prm/ils',
    '/prm/constructor',
    '/prm/__proto__',
    '/prm/%zz',
    '/prm/%E0%A4%A',
    '/prmsms',
    '/prmx/sms',
    '/prm//sms',
  ])('to %s is answered 404', async (path) => {
    const host = springfield()
    expect((await host.prm.handle(webhook([texted('m1', 'STOP')], { path }))).status).toBe(404)
    await nothing(host)
  })

  test('cannot move a message', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await host.run()
    expect(
      (await host.prm.handle(webhook([reported('r1', 'a', { state: 'delivered' })], { signature: 'wrong' }))).status,
    ).toBe(401)
    expect((await messageOf(host.store, 'a'))?.state).toBe('accepted')
  })
})

describe('a body', () => {
  test('that says it is too large is answered 413 unread', async () => {
    const host = springfield()
    const { body, read } = stream([new Uint8Array(10)])
    const asked = post(body, { 'content-length': String(mebibyte + 1) })
    expect((await host.prm.handle(asked)).status).toBe(413)
    expect(read()).toBeLessThanOrEqual(10)
    await nothing(host)
  })

  test('that turns out too large is answered 413, and no more of it is read', async () => {
    const host = springfield()
    const { body, read, cancelled } = stream(
      (function* () {
        for (let piece = 0; piece < 64; piece++) yield new Uint8Array(65_536)
      })(),
    )
    expect((await host.prm.handle(post(body, { 'content-length': '10' }))).status).toBe(413)
    expect(read()).toBeLessThan(1.5 * mebibyte)
    expect(cancelled()).toBe(true)
    await nothing(host)
  })

  test('of exactly the largest size is read', async () => {
    const host = springfield()
    const facts = JSON.stringify([texted('m1', 'hello')])
    expect((await host.prm.handle(post(facts.padEnd(mebibyte, ' ')))).status).toBe(200)
    expect((await host.prm.handle(post(facts.padEnd(mebibyte + 1, ' ')))).status).toBe(413)
    expect(await factsOf(host.store, 'message.received')).toHaveLength(1)
  })

  test('may be as large as its inlet says, up to 16 MiB, and is told the limit', async () => {
    const host = springfield()
    const facts = JSON.stringify([texted('m1', 'hello')])
    const answer = async (maxBytes: number, size: number) => {
      Object.assign(host.sms.webhook, { maxBytes })
      return host.prm.handle(post(facts.padEnd(size, ' ')))
    }
    expect((await answer(3 * mebibyte, 3 * mebibyte)).status).toBe(200)
    const refused = await answer(3 * mebibyte, 3 * mebibyte + 1)
    expect([refused.status, await refused.text()]).toEqual([413, expect.stringContaining('3145728 bytes')])
    expect((await answer(64 * mebibyte, 16 * mebibyte)).status).toBe(200)
    expect((await answer(64 * mebibyte, 16 * mebibyte + 1)).status).toBe(413)
    expect((await answer(1_000, 1_001)).status).toBe(413)
  })

  test('that breaks off is answered 400', async () => {
    const host = springfield()
    const { body } = stream([new TextEncoder().encode('[{"key":'), new Error('the line broke')])
    expect((await host.prm.handle(post(body))).status).toBe(400)
    await nothing(host)
  })

  test('that never ends is given up after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const host = springfield()
      const cancel = vi.fn()
      const body = new ReadableStream({ pull: () => new Promise(() => {}), cancel })
      const answer = host.prm.handle(post(body))
      await vi.advanceTimersByTimeAsync(9_999)
      expect(cancel).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect((await answer).status).toBe(408)
      expect(cancel).toHaveBeenCalledOnce()
      await nothing(host)
    } finally {
      vi.useRealTimers()
    }
  })

  test.each(['', 'not JSON', '[{"key":"m1"', '{"key":"m1"}', 'null', '"text"', '\u0000\u0001'])(
    'that is %j is answered 4xx',
    async (body) => {
      const host = springfield()
      const { status } = await host.prm.handle(webhook(body))
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      await nothing(host)
    },
  )

  test('with more facts than one request can hold is answered 413', async () => {
    const host = springfield()
    const facts = Array.from({ length: 1_001 }, (_, at) => texted(`m${at}`, 'x'))
    expect((await host.prm.handle(webhook(facts))).status).toBe(413)
    await nothing(host)
    expect((await host.prm.handle(webhook(facts.slice(1)))).status).toBe(200)
    expect(await factsOf(host.store, 'message.received')).toHaveLength(1_000)
  })
})

describe('bodies of strangers', () => {
  test('without what their adapter requires are answered 401 unread', async () => {
    const host = springfield()
    Object.assign(host.sms.webhook, { requires: [{ header: 'signature' }, { query: 'secret' }] })
    const pull = vi.fn((controller: ReadableStreamDefaultController) => {
      controller.enqueue(new TextEncoder().encode('[]'))
      controller.close()
    })
    const ask = async (signature: string, search = '') => {
      const body = new ReadableStream({ pull }, { highWaterMark: 0 })
      return (await host.prm.handle(post(body, { signature }, `/prm/sms${search}`))).status
    }
    expect(await ask('')).toBe(401)
    expect(await ask('', '?secret=')).toBe(401)
    expect(pull).not.toHaveBeenCalled()
    expect(await ask('right')).toBe(200)
    expect(await ask('', '?secret=x')).toBe(401) // read, and refused by the adapter
    expect(pull).toHaveBeenCalledTimes(2)
    await nothing(host)
  })

  test('hold no more than 64 MiB together; one above it is asked to come again, and once they are gone all is well', async () => {
    const host = springfield()
    Object.assign(host.sms.webhook, { maxBytes: 16 * mebibyte })
    const ends: (() => void)[] = []
    const unfinished = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(15 * mebibyte))
          ends.push(() => controller.close())
        },
      })
    const held = Array.from({ length: 4 }, () => host.prm.handle(post(unfinished())))
    await new Promise(setImmediate)
    const full = await host.prm.handle(post('x'.repeat(5 * mebibyte)))
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '30'])
    const facts = JSON.stringify([texted('m1', 'hello')])
    expect((await host.prm.handle(post(facts))).status).toBe(200)
    for (const end of ends) end()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([400, 400, 400, 400])
    expect((await host.prm.handle(post(facts.padEnd(5 * mebibyte, ' ')))).status).toBe(200)
  })
})

describe('an inlet', () => {
  const answering = (answer: unknown) => {
    const sms = fakeSms()
    return springfield({
      sms: {
        ...sms,
        webhook: { receive: async () => (answer instanceof Error ? Promise.reject(answer) : answer) as never },
      },
    })
  }

  test.each([
    new TypeError('+12125550123'),
    new Error('x'),
    undefined,
    null,
    'text',
    {},
    { interactions: null },
    { interactions: 'facts' },
    { interactions: [null] },
    { interactions: [42] },
  ])('that comes up with %j is answered 500, without its words, and stores nothing', async (answer) => {
    const host = answering(answer)
    const response = await host.prm.handle(webhook([]))
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('+1212')
    await nothing(host)
  })

  test('that throws something else than an error is answered 500', async () => {
    const sms = fakeSms()
    const host = springfield({ sms: { ...sms, webhook: { receive: () => Promise.reject('rubbish') } } })
    expect((await host.prm.handle(webhook([]))).status).toBe(500)
  })

  test('may answer with its own words, which go out only once the facts are stored', async () => {
    const sms = fakeSms()
    const reply = () => new Response('<Response/>', { status: 200, headers: { 'content-type': 'text/xml' } })
    const store = breakable()
    const host = springfield({
      store,
      sms: { ...sms, webhook: { receive: async () => ({ interactions: [texted('m1', 'hello')], reply: reply() }) } },
    })
    store.broken = true
    expect((await host.prm.handle(webhook([]))).status).toBe(503)
    store.broken = false
    expect(await (await host.prm.handle(webhook([]))).text()).toBe('<Response/>')
  })

  test('that cannot ask its own provider now has the sender come again', async () => {
    const host = answering(Object.assign(new Error('down')))
    expect((await host.prm.handle(webhook([]))).status).toBe(500)
  })

  test('gets the request whole: method, address, headers and body', async () => {
    const sms = fakeSms()
    const seen: string[] = []
    const host = springfield({
      sms: {
        ...sms,
        webhook: {
          async receive(request) {
            seen.push(request.method, request.url, request.headers.get('x-mark') ?? '', await request.text())
            return { interactions: [] }
          },
        },
      },
    })
    await host.prm.handle(post('a=1&b=%20', { 'x-mark': 'here' }, '/prm/sms/status/a?key=1'))
    await host.prm.handle(new Request('https://library.example/prm/sms?hub.challenge=1'))
    expect(seen).toEqual([
      'POST',
      'https://library.example/prm/sms/status/a?key=1',
      'here',
      'a=1&b=%20',
      'GET',
      'https://library.example/prm/sms?hub.challenge=1',
      '',
      '',
    ])
  })
})

describe('a verified request whose content breaks its schema', () => {
  test('is answered 200 and kept as a dead fact with the reason, given to no flow', async () => {
    const host = springfield()
    const bad = { ...texted('m1', 'hello'), data: { content: { text: 42 } } }
    expect((await host.prm.handle(webhook([bad, texted('m2', 'hello')]))).status).toBe(200)
    expect(await factsOf(host.store, 'interaction.rejected')).toMatchObject([
      {
        key: 'm1',
        source: 'sms',
        data: {
          type: 'message.received',
          why: expect.stringContaining('content.text'),
          data: { content: { text: 42 } },
        },
      },
    ])
    expect((await factsOf(host.store, 'message.received')).map(({ key }) => key)).toEqual(['m2'])
    expect(await jobsOf(host.store)).toEqual([])
  })

  test('moves no message, even when it names one', async () => {
    const host = springfield()
    await host.prm.send(plain('a'))
    await host.run()
    await host.prm.handle(webhook([reported('r1', 'a', { state: 'eaten by a dog' })]))
    expect((await messageOf(host.store, 'a'))?.state).toBe('accepted')
    expect((await host.prm.explain('a')).timeline).toEqual([])
    expect(await factsOf(host.store, 'interaction.rejected')).toHaveLength(1)
  })

  test('is kept once when it comes again', async () => {
    const host = springfield()
    const bad: Interaction = { ...hold(1, 'c1'), source: 'sms', data: { kind: 'hold-eaten' } }
    for (let time = 0; time < 2; time++) expect((await host.prm.handle(webhook([bad]))).status).toBe(200)
    expect(await factsOf(host.store, 'interaction.rejected')).toHaveLength(1)
  })

  test('by the host itself is refused, naming the field', async () => {
    const host = springfield()
    await expect(
      host.prm.record([{ ...hold(1, 'c1'), data: { kind: 'hold-ready', subjectKey: 'm', items: [{ due: 'soon' }] } }]),
    ).rejects.toMatchObject({ code: 'invalid', field: 'data.items.0.due' })
    await nothing(host)
  })
})

describe('mounting', () => {
  test.each([
    ['https://library.example', '/sms'],
    ['https://library.example/', '/sms/status'],
    ['https://library.example/prm', '/prm/sms'],
    ['https://library.example/a/b/', '/a/b/sms?x=1'],
    ['https://library.example/prm', '/sms'],
    [undefined, '/sms'],
  ])('at %s takes %s', async (url, path) => {
    const host = springfield({ url })
    expect((await host.prm.handle(webhook([texted('m1', 'hello')], { path }))).status).toBe(200)
  })

  test('tells each adapter its own address', async () => {
    const sms = fakeSms()
    const urls: (string | undefined)[] = []
    for (const url of ['https://library.example/prm/', 'https://library.example', undefined]) {
      const host = springfield({
        url,
        sms: {
          ...sms,
          webhook: {
            async receive(_, ctx) {
              urls.push(ctx.publicUrl)
              return { interactions: [] }
            },
          },
        },
      })
      await host.prm.handle(webhook([], { path: '/sms' }))
    }
    expect(urls).toEqual(['https://library.example/prm/sms', 'https://library.example/sms', undefined])
  })
})

describe('our own failure', () => {
  test('is answered 503 with a time to come again, and no word of what failed', async () => {
    const store = breakable()
    const host = springfield({ store })
    store.broken = true
    const response = await host.prm.handle(webhook([texted('m1', 'STOP')]))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('30')
    expect(await response.text()).not.toContain('disk')
    store.broken = false
    expect((await scopeOf(store).backlog(['deliver'])).waiting).toBe(0)
    await nothing(host)
  })
})

test('a body whose sender never hears that it is cut off gets its answer all the same', async () => {
  const host = springfield()
  let pieces = 0
  const body = new ReadableStream({
    pull: (controller) => (pieces++ < 64 ? controller.enqueue(new Uint8Array(65_536)) : controller.close()),
    cancel: () => new Promise(() => {}),
  })
  expect((await host.prm.handle(post(body))).status).toBe(413)
})

test.each(['a\0b', 'a\ud800'])('a fact that no database stores is kept as a dead one: %j', async (rubbish) => {
  const { prm, store } = springfield()
  expect(
    (await prm.handle(webhook([texted(rubbish, 'hello'), texted('m2', 'hello', rubbish), texted('m3', 'hello')])))
      .status,
  ).toBe(200)
  expect(await factsOf(store, 'interaction.rejected')).toHaveLength(2)
  expect((await factsOf(store, 'message.received')).map(({ key }) => key)).toEqual(['m3'])
})
