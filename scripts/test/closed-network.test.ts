import dgram from 'node:dgram'
import { lookup, Resolver } from 'node:dns'
import { lookup as lookupSoon, resolve4 } from 'node:dns/promises'
import { createServer, request } from 'node:http'
import { request as requestSecurely } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { expect, onTestFailed, test } from 'vitest'
import { takeRefusals } from './closed-network.ts'

test.each(['127.0.0.1', 'localhost', '[::1]'])('a server on %s can be reached', async (host) => {
  const server = createServer((_, response) => response.end('here'))
  await new Promise<void>((done) => server.listen(0, host === '[::1]' ? '::1' : host, done))
  const { port } = server.address() as AddressInfo
  expect(await (await fetch(`http://${host}:${port}/`)).text()).toBe('here')
  server.close()
})

test.each(['http://198.51.100.1/', 'https://api.example.org/'])('%s is refused before it is dialled', async (url) => {
  const refused = { code: 'ENETUNREACH', message: expect.stringMatching(/network is closed to tests/) }
  await expect(fetch(url)).rejects.toMatchObject({ cause: refused })
  expect(takeRefusals()).toHaveLength(1)
})

interface Emitter {
  once(event: 'error', listener: (error: Error) => void): unknown
}
const failure = (of: Emitter): Promise<Error> => new Promise((done) => of.once('error', done))
const called = (ask: (done: (error: Error | null) => void) => unknown): Promise<Error | null> => new Promise(ask)
const rejected = (asked: Promise<unknown>): Promise<Error> =>
  asked.then(
    () => expect.unreachable(),
    (error) => error,
  )

test.each<[string, string, () => Promise<Error | null>]>([
  ['node:http', 'example.org', () => failure(request('http://example.org/').end())],
  ['node:https', 'example.org', () => failure(requestSecurely('https://example.org/').end())],
  ['node:net', '198.51.100.1', () => failure(connect(25, '198.51.100.1'))],
  ['node:tls', 'example.org', () => failure(connectSecurely({ host: 'example.org', port: 993 }))],
  ['node:dns', 'example.org', () => called((done) => lookup('example.org', done))],
  ['a resolver of node:dns', 'example.org', () => called((done) => new Resolver().resolveMx('example.org', done))],
  ['a look-up of node:dns/promises', 'example.org', () => rejected(lookupSoon('example.org'))],
  ['a query of node:dns/promises', 'example.org', () => rejected(resolve4('example.org'))],
])('%s is refused by a message that names host and test', async (module, host, reach) => {
  const error = await reach()
  const name = `${module} is refused by a message that names host and test`
  expect(error).toMatchObject({ code: 'ENETUNREACH' })
  expect(error?.message).toBe(
    `The network is closed to tests: "${name}" tried to reach ${host}, which is not this machine.`,
  )
  expect(takeRefusals()).toEqual([error?.message])
})

test('a datagram to another machine is refused', () => {
  const socket = dgram.createSocket('udp4')
  expect(() => socket.send('hello', 53, '198.51.100.1')).toThrow(/tried to reach 198\.51\.100\.1/)
  expect(takeRefusals()).toHaveLength(1)
  socket.close()
})

test('an address and localhost are looked up', async () => {
  expect(await lookupSoon('198.51.100.1')).toEqual({ address: '198.51.100.1', family: 4 })
  expect((await lookupSoon('localhost')).address).toMatch(/^(127\.0\.0\.1|::1)$/)
})

const failures: string[] = []
test.fails('a test that swallows the error', async () => {
  onTestFailed(({ task }) => {
    failures.push(...(task.result?.errors ?? []).map(({ message }) => message))
  })
  await fetch('http://198.51.100.1/').catch(() => undefined)
})
test('fails all the same, by its name', () => {
  expect(failures).toEqual([
    'The network is closed to tests: "a test that swallows the error" tried to reach 198.51.100.1, which is not this machine.',
  ])
})
