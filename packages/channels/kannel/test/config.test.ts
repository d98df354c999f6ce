import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { type KannelConfig, kannel } from '../src/index.ts'

const good: KannelConfig = {
  baseUrl: 'https://sms.library.example:13013',
  username: 'prm',
  password: 'hunter2-hunter2',
  callbackSecret: 'hunter2-hunter2-hunter2',
}

test.each([
  ['nothing', {}, 'baseUrl'],
  ['an address without its scheme', { ...good, baseUrl: 'localhost:13013' }, 'baseUrl'],
  ['no password', { ...good, password: '' }, 'password'],
  ['a user name with a line break', { ...good, username: 'prm\r\nx-kannel-to: 1' }, 'username'],
  ['a short secret', { ...good, callbackSecret: 'hunter2' }, 'callbackSecret'],
  ['a secret that Kannel would change', { ...good, callbackSecret: 'hunter2-hunter2-100%' }, 'callbackSecret'],
  ['a wrong previous secret', { ...good, previousCallbackSecret: '' }, 'previousCallbackSecret'],
  ['a sender of too many letters', { ...good, from: 'Alder Public Library' }, 'from'],
  ['a country in words', { ...good, region: 'Norway' }, 'region'],
  ['a country that is none', { ...good, region: 'XX' }, 'region'],
  ['no parts', { ...good, maxParts: 0 }, 'maxParts'],
  ['a rate of nobody', { ...good, rate: { perSecond: 1 } }, 'rate'],
  ['a path that is none', { ...good, path: 'sendsms' }, 'path'],
  ['a setting of another vendor', { ...good, apiKey: 'k' }, 'apiKey'],
])('%s is refused, and the message names the field and no secret', (_, config, field) => {
  try {
    kannel(config as KannelConfig)
  } catch (error) {
    if (!PrmError.is(error)) throw error
    expect([error.code, error.field]).toEqual(['config', field])
    expect(error.message).not.toContain('hunter2')
    return
  }
  throw new Error('It was taken.')
})

test('no secret can be seen in the adapter, and it says that nothing is signed', () => {
  const adapter = kannel({ ...good, from: 'Alder', rate: { perSecond: 5 } })
  expect(JSON.stringify(adapter)).not.toContain('hunter2')
  expect(adapter.webhook.proof).toBe('secret')
  expect(adapter.channel.senders).toEqual([{ address: { scheme: 'tel', value: 'Alder' }, perSecond: 5 }])
})
