import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { email } from '../src/index.ts'

const good = { from: 'notices@alder.example', secret: 'x', smtp: { host: 'smtp.alder.example' } }
const imap = { host: 'imap.alder.example', user: 'u', password: 'p' }

test.each([
  ['from', { from: 'Alder Library' }],
  ['from', { from: 'a@b.example\r\nBcc: eve@evil.example' }],
  ['from', { from: 'A "quoted" <a@b.example>' }],
  ['replyTo', { replyTo: 'a@b.example, c@d.example' }],
  ['subject', { subject: 'two\nlines' }],
  ['secret', { secret: '' }],
  ['smtp', { smtp: undefined }],
  ['smtp.host', { smtp: {} }],
  ['smtp.port', { smtp: { host: 'h', port: 0 } }],
  ['smtp.user', { smtp: { host: 'h', user: 'u' } }],
  ['smtp.user', { smtp: { host: 'h', password: 'p' } }],
  ['smtp.user', { smtp: { host: 'h', user: 'u', password: 'p', accessToken: 't' } }],
  ['smtp.perSecond', { smtp: { host: 'h', perSecond: 0 } }],
  ['smtp.tls', { smtp: { host: 'h', tls: {} } }],
  ['imap.user', { imap: { host: 'h' } }],
  ['imap.user', { imap: { host: 'h', user: 'u' } }],
  ['imap.every', { imap: { ...imap, every: '1 minute' } }],
  ['imap.since', { imap: { ...imap, since: 'yesterday' } }],
  ['unsubscribe.purposes', { unsubscribe: { purposes: 'news' } }],
  ['unsubscribe.mailto', { unsubscribe: { purposes: '*', mailto: 'x?subject=y' } }],
  ['inlet.maxBytes', { inlet: { secret: 'x', maxBytes: 17 * 1024 * 1024 } }],
  ['dkim.privateKey', { dkim: { domain: 'd', selector: 's' } }],
])('%s that is wrong is named, and no value is told: %j', (field, more) => {
  const error = (() => {
    try {
      email({ ...good, ...more } as never)
    } catch (error) {
      return error
    }
  })()
  expect(PrmError.is(error) && error).toMatchObject({ code: 'config', field })
  expect(String(error)).not.toMatch(/evil|quoted|yesterday|two\nlines/)
})

test('what is not configured is not there', () => {
  const bare = email(good)
  expect([bare.feed, bare.channel.lookup, bare.channel.remove, bare.webhook.media]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  const whole = email({ ...good, imap: { ...imap, sent: 'Sent' } })
  expect([whole.feed, whole.channel.lookup, whole.channel.remove, whole.webhook.media].every(Boolean)).toBe(true)
})
