import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString as parsePlain,
} from 'libphonenumber-js/min'
import { expect, test } from 'vitest'
import { countryOf, lineType, priceTo } from '../src/line-type.ts'
import { phone } from '../src/phone.ts'

test.each([
  ['212-555-0100', 'US', '+12125550100'],
  ['212.555.0199', 'US', '+12125550199'],
  ['(212) 555 0134', 'US', '+12125550134'],
  ['  212–555–0134\u00a0', 'US', '+12125550134'],
  ['２１２５５５０１３４', 'US', '+12125550134'],
  ['\u202a+1 212 555 0134\u202c', 'US', '+12125550134'],
  ['1 (212) 555-0134', 'US', '+12125550134'],
  ['+12125550134', 'US', '+12125550134'],
  ['0012125550134', 'US', '+12125550134'],
  ['01112125550134', 'US', '+12125550134'],
  ['tel:+1-212-555-0134', 'US', '+12125550134'],
  ['+44 20 7946 0958', 'US', '+442079460958'],
  ['+44 (0)20 7946 0958', 'US', '+442079460958'],
  ['020 7946 0958', 'GB', '+442079460958'],
  ['07911 123456', 'GB', '+447911123456'],
  ['0044 7911 123456', 'GB', '+447911123456'],
  ['030/123456', 'DE', '+4930123456'],
  ['06 12 34 56 78', 'FR', '+33612345678'],
  ['0412 345 678', 'AU', '+61412345678'],
  ['416-555-0100', 'CA', '+14165550100'],
])('%s in %s is %s', (text, region, e164) => {
  expect(phone(text, region)).toEqual({ e164 })
})

test('all hundred numbers 212-555-01xx of fiction pass', () => {
  for (let n = 0; n < 100; n++) expect(phone(`212-555-01${String(n).padStart(2, '0')}`, 'US').why).toBeUndefined()
})

test.each(['555-123-4567', '555-555-0100', '(555) 212-0100', '155-512-3456', '999-555-0111', '+1 555 123 4567'])(
  '%s has no area code of the US',
  (text) => expect(phone(text, 'US')).toEqual({ why: 'not possible' }),
)

test.each([
  ['', 'missing'],
  ['   ', 'missing'],
  [undefined, 'missing'],
  [null, 'missing'],
  ['N/A', 'missing'],
  ['none', 'missing'],
  ['- -', 'missing'],
  ['000-000-0000', 'missing'],
  ['9999999999', 'missing'],
  ['(111) 111-1111', 'missing'],
  ['see notes', 'not a number'],
  ['1-800-FLOWERS', 'not a number'],
  ['212-555-0100 or 212-555-0101', 'not a number'],
  ['call 212-555-0100', 'not a number'],
  ['+', 'not a number'],
  ['()', 'not a number'],
  ['212-555-0100 x123', 'has an extension'],
  ['212-555-0100x7', 'has an extension'],
  ['212-555-0100 ext. 12', 'has an extension'],
  ['212-555-0100 Ext 12', 'has an extension'],
  ['212-555-0100 #4', 'has an extension'],
  ['555-0100', 'too short'],
  ['+15550100', 'too short'],
  ['911', 'too short'],
  ['12', 'too short'],
  ['212-555-01000', 'too long'],
  ['212-555-0100 / 212-555-0101', 'too long'],
  ['123456789012345678901234', 'too long'],
  ['212-123-4567', 'not possible'],
  ['1234567890', 'not possible'],
  ['+999 1234 5678', 'not possible'],
  ['001', 'too short'],
] as const)('%s is no number: %s', (text, why) => {
  expect(phone(text, 'US')).toEqual({ why })
})

test('of a number of +1 area code and exchange decide, as libphonenumber does, in each country and writing', () => {
  const regions = getCountries().filter((region) => getCountryCallingCode(region) === '1')
  const plain = (text: string, region: CountryCode) => {
    const number = parsePlain(text, { defaultCountry: region, extract: false })
    return number?.isPossible() && number.isValid() ? { e164: number.number } : { why: 'not possible' }
  }
  // The first asks, the others are told by it.
  for (let head = 200_000; head < 1_000_000; head += 4_999)
    for (const line of ['0000', '5550', '9999'])
      for (const [index, region] of [...regions, 'GB' as const].entries()) {
        const text = `${region === 'GB' ? '+1' : ['', '1', '+1'][(index + head) % 3]}${head}${line}`
        expect(phone(text, region), `${text} in ${region}`).toEqual(plain(text, region))
      }
})

test.each(['ZZ', 'us', 'USA', ''])('a region “%s” is a mistake in the config, not of the number', (region) => {
  expect(() => phone('+12125550100', region)).toThrowError(expect.objectContaining({ code: 'config', field: 'region' }))
})

test.each([
  ['+12125550100', 'unknown'],
  ['+14165550100', 'unknown'],
  ['+442079460958', 'landline'],
  ['+447911123456', 'mobile'],
  ['+4930123456', 'landline'],
  ['+4915123456789', 'mobile'],
  ['+61412345678', 'mobile'],
  ['+18769221234', 'landline'], // Jamaica
  ['+18765123456', 'mobile'],
  ['+17872345678', 'unknown'], // Puerto Rico
  ['+525512345678', 'unknown'], // Mexico too gives both the same numbers
  ['nonsense', 'unknown'],
] as const)('the line of %s is %s', (e164, type) => {
  expect(lineType(e164)).toBe(type)
})

test('within +1 the answer without asking is the answer of the plan', () => {
  for (let area = 200; area < 1000; area++) {
    for (const exchange of [226, 263, 284, 359, 512, 655, 922]) {
      const e164 = `+1${area}${exchange}1234`
      const type = parsePhoneNumberFromString(e164)?.getType()
      expect([e164, lineType(e164)]).toEqual([
        e164,
        type === 'MOBILE' ? 'mobile' : type === 'FIXED_LINE' ? 'landline' : 'unknown',
      ])
    }
  }
})

test('the country is told within one dialling prefix', () => {
  expect(countryOf('+12125550100')).toBe('US')
  expect(countryOf('+14165550100')).toBe('CA')
  expect(countryOf('+442079460958')).toBe('GB')
  expect(countryOf('nonsense')).toBeUndefined()
})

test('a price is one for all, or of the recipient’s country, or of the rest', () => {
  const [one, two] = [
    { micros: 1, currency: 'USD' },
    { micros: 2, currency: 'USD' },
  ]
  const to = (value: string) => ({ scheme: 'tel', value })
  expect([priceTo(one), priceTo(one, to('+33612345678')), priceTo(undefined)]).toEqual([one, one, undefined])
  expect([
    priceTo({ US: one }, to('+12125550100')),
    priceTo({ US: one }, to('+33612345678')),
    priceTo({ US: one }),
  ]).toEqual([one, undefined, undefined])
  expect([priceTo({ US: one, '*': two }, to('+33612345678')), priceTo({ '*': two })]).toEqual([two, two])
})
