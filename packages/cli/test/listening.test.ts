import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { listen } from '../src/listening.ts'

/** What is answered to raw lines, and the paths that were asked for. */
async function asked(lines: readonly string[], answer?: () => Promise<Response>) {
  const paths: string[] = []
  const server = await listen({ port: 0, host: '127.0.0.1' }, async ({ url }) => {
    paths.push(new URL(url).pathname)
    return answer ? answer() : new Response('ok')
  })
  try {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    let text = ''
    socket.on('data', (data) => {
      text += data
    })
    await once(socket, 'close')
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), paths }
  } finally {
    await server.close()
  }
}

test.each([
  ['GET /alder/nothing HTTP/1.1', 'Host: x/alder/inbox?'],
  ['GET /nothing HTTP/1.1', 'Host: x/metrics?'],
  ['GET /a HTTP/1.1', 'Host: ['],
  ['GET /a HTTP/1.1', 'Host: a b'],
  ['GET /a HTTP/1.1', 'Host: a:99999'],
  ['GET /a HTTP/1.1', 'Host: 1.2.3.4.5'],
  ['GET /a HTTP/1.1', 'Host: me@x'],
  ['GET http://x/metrics HTTP/1.1', 'Host: x'],
  ['GET //x/metrics HTTP/1.1', 'Host: x'],
  ['OPTIONS * HTTP/1.1', 'Host: x'],
  ['TRACE /a HTTP/1.1', 'Host: x'],
])('%j with %j is answered 400, reaches no library and is not written about', async (line, host) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await asked([line, host])).toEqual({ status: 400, paths: [] })
  expect(written).not.toHaveBeenCalled()
  written.mockRestore()
})

test.each(['library.example', '127.0.0.1:8080', '[::1]:8080', 'localhost'])(
  'a request to %s is answered',
  async (host) => {
    expect(await asked(['GET /alder/inbox?x=1 HTTP/1.1', `Host: ${host}`])).toEqual({
      status: 200,
      paths: ['/alder/inbox'],
    })
  },
)

test('of an answer that fails one line is written, with nothing of the request', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const fails = () => Promise.reject(new TypeError('secret'))
  expect((await asked(['GET /kannel?secret=s HTTP/1.1', 'Host: x'], fails)).status).toBe(500)
  expect(written.mock.calls.map(([text]) => text)).toEqual(['A request could not be answered: TypeError.\n'])
  written.mockRestore()
})
