import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { newKeys } from '../simulator/index.ts'
import { type TelnyxConfig, telnyx } from '../src/index.ts'

const { publicKey } = newKeys()
const profile = '0f512bda-ae1e-4597-8e11-e5f5686b97d3'
const good: TelnyxConfig = { apiKey: 'KEY-hunter2', publicKey, from: '+12125550100' }

test.each([
  ['nothing', {}, 'apiKey'],
  ['an empty key', { ...good, apiKey: '' }, 'apiKey'],
  ['a public key that is too short', { ...good, publicKey: 'aGVsbG8=' }, 'publicKey'],
  ['a public key that is no base64', { ...good, publicKey: `${publicKey.slice(0, -4)}!!!=` }, 'publicKey'],
  ['a wrong previous key', { ...good, previousPublicKey: 'x' }, 'previousPublicKey'],
  ['no sender', { apiKey: 'k', publicKey }, 'from'],
  ['a number that is none', { ...good, from: '212-555-0100' }, 'from'],
  ['a sender name without a profile', { ...good, from: 'Alder Lib' }, 'from'],
  ['a profile that is no UUID', { ...good, messagingProfileId: 'library' }, 'messagingProfileId'],
  ['a rate of a pool', { apiKey: 'k', publicKey, messagingProfileId: profile, rate: { perSecond: 1 } }, 'from'],
  ['a rate of 0', { ...good, rate: { perSecond: 0 } }, 'rate.perSecond'],
  ['a price in words', { ...good, price: '4 cents' }, 'price'],
  ['a setting of another vendor', { ...good, accountSid: 'AC1' }, 'accountSid'],
  ['a base URL that is none', { ...good, baseUrl: 'api' }, 'baseUrl'],
])('%s is refused, and the message names the field and no secret', (_, config, field) => {
  try {
    telnyx(config as TelnyxConfig)
  } catch (error) {
    if (!PrmError.is(error)) throw error
    expect([error.code, error.field]).toEqual(['config', field])
    expect(error.message).not.toContain('hunter2')
    return
  }
  throw new Error('It was taken.')
})

test('a number, a short code, a pool, and a sender name with its profile', () => {
  for (const config of [
    good,
    { ...good, from: '87654' },
    { apiKey: () => 'k', publicKey, messagingProfileId: profile },
    { ...good, from: 'Alder Lib', messagingProfileId: profile, previousPublicKey: newKeys().publicKey },
  ])
    expect(telnyx(config).channel.medium).toBe('sms')
})

test('no secret can be seen in the adapter', () => {
  expect(JSON.stringify(telnyx(good))).not.toContain('hunter2')
})
