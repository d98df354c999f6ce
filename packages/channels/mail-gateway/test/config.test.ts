import { expect, test } from 'vitest'
import { type MailGatewayConfig, mailGateway } from '../src/index.ts'

const good = { region: 'US', domains: ['sms.alder.example'], clients: ['127.0.0.1'] }

test.each<[string, object, string, RegExp]>([
  ['no domain', { domains: [] }, 'domains', /at least one domain/],
  ['an address for a domain', { domains: ['circ@alder.example'] }, 'domains[0]', /a domain such as/],
  ['a country that is none', { region: 'usa' }, 'region', /two capitals/],
  ['a country nobody dials', { region: 'ZZ' }, 'region', /ISO 3166/],
  ['a name for a client', { clients: ['127.0.0.1', 'koha.alder.example'] }, 'clients[1]', /IP address or a range/],
  ['a range that is none', { clients: ['10.0.0.0/33'] }, 'clients[0]', /IP address or a range/],
  ['a range without its end', { clients: ['10.0.0.0/'] }, 'clients[0]', /IP address or a range/],
  ['the whole world', { clients: ['0.0.0.0/0'] }, 'clients[0]', /not everybody/],
  ['nobody who may send', { clients: [] }, 'clients', /who may send/],
  ['an empty password', { users: { koha: '' } }, 'users.koha', /a string, or a function/],
  ['passwords in clear', { users: { koha: 'x' }, host: '0.0.0.0' }, 'tls', /certificate/],
  ['a port that is none', { port: 65_536 }, 'port', /a port/],
  ['no limit at all', { limits: { bytes: 0 } }, 'limits.bytes', /whole number above 0/],
  ['bounces from nobody', { bounces: { host: 'mx', from: 'daemon' } }, 'bounces.from', /an address/],
  ['a word that is none', { domain: 'sms.alder.example' }, 'domain', /no such setting/],
])('%s is refused by name', (_, wrong, field, message) => {
  const make = () => mailGateway({ ...good, ...wrong } as MailGatewayConfig)
  expect(make).toThrow(expect.objectContaining({ code: 'config', field, message: expect.stringMatching(message) }))
})

test('passwords in clear are taken where nobody can listen in', () => {
  for (const host of ['127.0.0.1', '127.0.0.9', 'localhost', '::1'])
    expect(mailGateway({ ...good, clients: [], users: { koha: 'x' }, host }).kind).toBe('mail-gateway')
})

test('a certificate that is not there is told when it listens, and before by check', async () => {
  const gateway = mailGateway({ ...good, port: 0, tls: { key: '/nowhere/key.pem', cert: '/nowhere/cert.pem' } })
  const context = {
    id: 'mail',
    library: 'alder',
    signal: new AbortController().signal,
    now: () => new Date(0),
    log: () => undefined,
  }
  expect(await gateway.check(context)).toMatchObject([
    { what: 'listen.port', ok: 'unknown' },
    { what: 'listen.tls', ok: false },
  ])
  const prm = { adapters: { mail: gateway }, context: () => context, record: async () => ({ recorded: [] }) }
  await expect(gateway.listen(prm)).rejects.toMatchObject({ code: 'config', field: 'tls' })
})
