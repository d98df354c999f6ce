import { PrmError } from '@prm/core'
import { expect, test } from 'vitest'
import { type TwilioConfig, twilio } from '../src/index.ts'

const sid = `AC${'0a'.repeat(16)}`
const good: TwilioConfig = { accountSid: sid, authToken: 'hunter2', from: '+12125550100' }

function wrong(config: object): PrmError {
  try {
    twilio(config as TwilioConfig)
  } catch (error) {
    if (PrmError.is(error)) return error
    throw error
  }
  throw new Error('It was taken.')
}

test.each([
  good,
  { ...good, from: '12345' },
  { ...good, from: 'ALDER LIB' },
  { accountSid: sid, authToken: async () => 'hunter2', messagingServiceSid: `MG${'f'.repeat(32)}` },
  { ...good, previousAuthToken: 'hunter1', baseUrl: 'http://127.0.0.1:9', price: { micros: 7900, currency: 'USD' } },
  { ...good, price: { US: { micros: 7900, currency: 'USD' }, '*': { micros: 50_000, currency: 'USD' } } },
])('a right config is taken: %j', (config) => {
  expect(twilio(config)).toMatchObject({ spec: 1, kind: 'twilio', channel: { medium: 'sms', exposure: 'glanceable' } })
})

test('the rates of the number are what core is told of its sender', () => {
  const address = { scheme: 'tel', value: '+12125550100' }
  expect(twilio({ ...good, rate: { perSecond: 0.2, perDay: 2_000 } }).channel.senders).toEqual([
    { address, perSecond: 0.2, perDay: 2_000 },
  ])
  expect(twilio(good).channel.senders).toEqual([{ address }])
})

test.each([
  [
    { ...good, accountSid: 'hunter2' },
    'accountSid',
    'twilio: accountSid is wrong: expected a text that begins with AC, such as AC0123….',
  ],
  [{ ...good, accountSid: undefined }, 'accountSid', 'twilio: accountSid is missing: expected string.'],
  [
    { ...good, authToken: '' },
    'authToken',
    'twilio: authToken is wrong: expected a string, or a function that returns one.',
  ],
  [{ ...good, from: '212-555-0100 hunter2' }, 'from', expect.stringContaining('expected a number in E.164')],
  [
    { accountSid: sid, authToken: 'hunter2' },
    'from',
    'twilio: from is missing: expected exactly one of from and messagingServiceSid, and a rate only of from.',
  ],
  [
    { ...good, messagingServiceSid: `MG${'f'.repeat(32)}` },
    'from',
    expect.stringContaining('expected exactly one of from and messagingServiceSid'),
  ],
  [
    { ...good, messagingServiceSid: 'hunter2', from: undefined },
    'messagingServiceSid',
    expect.stringContaining('begins with MG'),
  ],
  [{ ...good, price: 'hunter2' }, 'price', expect.stringContaining('expected a price { micros, currency } per part')],
  [{ ...good, price: { micros: 7900 } }, 'price', expect.anything()],
  [{ ...good, rate: { perSecond: 0 } }, 'rate.perSecond', expect.stringContaining('a number of parts above 0')],
  [
    { accountSid: sid, authToken: 'hunter2', messagingServiceSid: `MG${'f'.repeat(32)}`, rate: { perDay: 10 } },
    'from',
    expect.stringContaining('a rate only of from'),
  ],
  [{ ...good, baseUrl: 'hunter2' }, 'baseUrl', 'twilio: baseUrl is wrong: expected a URL.'],
  [{ ...good, apiKey: 'hunter2' }, 'apiKey', 'twilio: apiKey is wrong: there is no such setting.'],
])('a wrong config names the field, and never its value: %#', (config, field, message) => {
  const error = wrong(config)
  expect([error.code, error.field, error.message]).toEqual(['config', field, message])
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('hunter2')
})
