import { PrmError } from '@prm/core/adapter'
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/min'

export type PhoneFault = 'missing' | 'not a number' | 'has an extension' | 'too short' | 'too long' | 'not possible'
/** `why` is for a person to read; a number that is given in no country's plan is `not possible`. */
export type Phone =
  | { readonly e164: string; readonly why?: never }
  | { readonly why: PhoneFault; readonly e164?: never }

const ascii = /^[ -~]*$/
// Digits, and what people put between them: blanks, dots, dashes of all kinds, brackets, a slash.
const written = /^\+?[\d\s.\p{Pd}()/·]+$/u
const extension = /^(.*\d[\s).,;]*)(?:x|ext|extn|extension|#)[\s.:]*\d+$/i
// What vendors write for "none": nothing, a word, or one digit over and over.
const blank = /^(?:[\s.\p{Pd}/]*|n\/?a|none|null|nil|unknown)$/iu

/**
 * The number in E.164 as somebody in `region` (ISO 3166, `US`) would have written it, or why it is none. Possible length
 * and the general patterns of libphonenumber's `/min` metadata decide: 212-555-0100 passes though fictional, an area code
 * 555 does not. `00` is taken for `+`, whatever the region dials. Throws `config` for a region that does not exist.
 */
export function phone(text: string | null | undefined, region: string): Phone {
  const plain = (ascii.test(text ?? '') ? (text ?? '') : (text ?? '').normalize('NFKC').replace(/\p{Cf}/gu, ''))
    .trim()
    .replace(/^tel:/i, '')
  const digits = plain.replace(/\D/g, '')
  if (blank.test(plain) || (digits.length > 2 && /^(\d)\1*$/.test(digits))) return { why: 'missing' }
  if (extension.test(plain)) return { why: 'has an extension' }
  if (!written.test(plain) || digits === '') return { why: 'not a number' }
  return inPlan(plain.startsWith('+') ? `+${digits}` : digits.startsWith('00') ? `+${digits.slice(2)}` : digits, region)
}

function inPlan(text: string, region: string): Phone {
  if (!isSupportedCountry(region)) {
    throw new PrmError('config', 'region is wrong: expected a country of ISO 3166, such as US.', { field: 'region' })
  }
  const [head, line] = [text.slice(0, -4), text.slice(-4)]
  if (!american.test(text) || !(text.startsWith('+') || getCountryCallingCode(region) === '1'))
    return asked(text, region)
  const key = `${region} ${head}`
  let given = exchanges.get(key)
  if (given === undefined) {
    given = asked(text, region).e164?.slice(0, -4) ?? ''
    if (exchanges.size < 20_000) exchanges.set(key, given)
  }
  return given ? { e164: given + line } : { why: 'not possible' }
}

/** Within +1 area code and exchange decide, whatever the last four digits are: to ask costs 10 µs, and a list has few. */
const american = /^(?:\+?1)?[2-9]\d{9}$/
const exchanges = new Map<string, string>()

function asked(text: string, region: CountryCode): Phone {
  const options = { defaultCountry: region, extract: false } as const
  try {
    const number = parsePhoneNumberWithError(text, options)
    if (number.isPossible() && number.isValid()) return { e164: number.number }
  } catch {
    // No number at all, or a country code that no country has: the length tells which.
  }
  const length = validatePhoneNumberLength(text, options)
  return { why: length === 'TOO_SHORT' ? 'too short' : length === 'TOO_LONG' ? 'too long' : 'not possible' }
}
