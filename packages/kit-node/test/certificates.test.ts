import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { fetchBy } from '../src/index.ts'
import { authority } from './authority.ts'
import { secure } from './servers.ts'

const library = authority('Alder Library')
const stranger = authority('Somebody')
const koha = library.issue()

const hello = (of: { cert: string; key: string }, more = {}) =>
  secure({ cert: of.cert, key: of.key, ...more }, (_, response) => response.end('hello'))
/** What was wrong, as the kit reads it. */
const why = (call: Promise<unknown>) =>
  call.then(
    () => 'taken',
    (error: TypeError) => [error.message, (error.cause as { code?: string }).code],
  )

test('a server whose certificate is of the library’s own authority is taken', async () => {
  const response = await fetchBy({ ca: library.ca })(await hello(koha))
  expect([response.status, await response.text()]).toEqual([200, 'hello'])
})

test('and of one of several', async () => {
  const url = await hello(koha)
  for (const ca of [`${stranger.ca}\n${library.ca}`, [stranger.ca, library.ca]])
    expect((await fetchBy({ ca })(url)).status).toBe(200)
})

test.each([
  ['no authority that Node knows', {}, koha, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['another authority', { ca: stranger.ca }, koha, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['one that is over', { ca: library.ca }, library.issue({ until: -3_600_000 }), 'CERT_HAS_EXPIRED'],
  ['one that is not yet', { ca: library.ca }, library.issue({ from: 3_600_000 }), 'CERT_NOT_YET_VALID'],
  ['one of another host', { ca: library.ca }, library.issue({ names: [] }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('a certificate of %s is refused before anything is sent', async (_, config, certificate, code) => {
  let asked = 0
  const url = await secure({ cert: certificate.cert, key: certificate.key }, (_, response) => {
    asked++
    response.end()
  })
  expect(await why(fetchBy(config)(url, { method: 'POST', body: 'secret' }))).toEqual(['fetch failed', code])
  expect(asked).toBe(0)
})

const demanding = () => hello(koha, { ca: library.ca, requestCert: true, rejectUnauthorized: true })
const service = library.issue()

test.each([
  ['PEM', { cert: service.cert, key: service.key }],
  ['PKCS #12', { pfx: service.pfx('open sesame'), passphrase: 'open sesame' }],
])('a server that demands a client certificate takes ours, in %s', async (_, client) => {
  expect((await fetchBy({ ca: library.ca, ...client })(await demanding())).status).toBe(200)
})

test.each([
  ['none', {}, /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/],
  ['one of another authority', (({ cert, key }) => ({ cert, key }))(stranger.issue()), /UNKNOWN_CA|ECONNRESET/],
])('and refuses %s', async (_, client, code) => {
  const failed = await why(fetchBy({ ca: library.ca, ...client })(await demanding()))
  expect(failed).toEqual(['fetch failed', expect.stringMatching(code)])
})

test('a host that accepts and never speaks TLS is given up on after ten seconds, as one that was not reached', async () => {
  const mute = createServer(() => undefined)
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as { port: number }
  const failed = fetchBy()(`https://127.0.0.1:${port}`).catch((error: TypeError) => error.cause)
  expect(await failed).toMatchObject({ code: 'ETIMEDOUT', syscall: 'connect' })
  mute.close()
})

const { cert, key, pfx } = { ...service, pfx: service.pfx('a') }
test.each([
  [{ ca: 'no pem' }, 'ca'],
  [{ ca: [] }, 'ca'],
  [{ ca: library.ca.replace(/\n[A-Za-z0-9+/]{10}/, '\nAAAAAAAAAA') }, 'ca'],
  [{ cert: 'no pem', key }, 'cert'],
  [{ cert }, 'key'],
  [{ key }, 'key'],
  [{ cert, key: stranger.issue().key }, 'key'],
  [{ pfx, passphrase: 'b' }, 'pfx'],
  [{ pfx: 'path.p12' as never }, 'pfx'],
  [{ proxy: 'proxy.example:3128' }, 'proxy'],
  [{ proxy: 'socks5://proxy.example' }, 'proxy'],
  [{ rejectUnauthorized: false } as never, 'rejectUnauthorized'],
])('a wrong config is refused before any call, by its field: %#', (config, field) => {
  expect(() => fetchBy(config)).toThrow(expect.objectContaining({ code: 'config', field }))
})
