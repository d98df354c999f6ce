import type { Content, Measurement, Price } from '@prm/core/adapter'

export interface SmsRates {
  /** Per part. Without it the cost is absent, never 0. */
  readonly price?: Price
  /** The most characters (UTF-16 units) the provider takes in one message, however many parts. */
  readonly maxCharacters?: number
  /** Characters of GSM-7 that the provider does not use: they make a text UCS-2. */
  readonly without?: string
}

/** Parts, encoding, cost and warnings of a text as it goes over the air (3GPP TS 23.038 and 23.040). */
export function measureSms(content: Content, { price, maxCharacters, without = '' }: SmsRates = {}): Measurement {
  const { text } = content
  const septets = septetsOf(text, without)
  const units = septets === undefined ? partsOfUcs2(text) : partsOfGsm7(text, septets)
  const tooLong = maxCharacters !== undefined && text.length > maxCharacters
  return {
    units,
    unit: 'part',
    encoding: septets === undefined ? 'ucs2' : 'gsm7',
    ...(price && { cost: { micros: price.micros * units, currency: price.currency } }),
    ...(tooLong && { tooLong }),
    warnings: [
      ...(text === '' && !content.media?.length ? ['the text is empty'] : []),
      ...(septets === undefined ? [encodingWarning(text, units, without)] : []),
    ],
  }
}

// One message holds 140 octets: 160 septets, or 70 UCS-2 units. In several parts, 6 octets of each go to the header.
const gsm7 = { alone: 160, each: 153 }
const ucs2 = { alone: 70, each: 67 }

const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const extended = '\f^{}\\[~]|€' // Each behind an escape: 2 septets that stay together.

/** Septets of each UTF-16 unit, 0 where GSM-7 has none; € is the last that it has. */
const cost = new Uint8Array(0x20ad)
for (const unit of basic) cost[unit.charCodeAt(0)] = 1
for (const unit of extended) cost[unit.charCodeAt(0)] = 2

const costOf = (unit: number): number => cost[unit] ?? 0

function septetsOf(text: string, without: string): number | undefined {
  let septets = 0
  for (let at = 0; at < text.length; at++) {
    const one = costOf(text.charCodeAt(at))
    if (one === 0 || (without !== '' && without.includes(text.charAt(at)))) return undefined
    septets += one
  }
  return septets
}

function partsOfGsm7(text: string, septets: number): number {
  if (septets <= gsm7.alone) return 1
  let [parts, used] = [1, 0]
  for (let at = 0; at < text.length; at++) {
    const one = costOf(text.charCodeAt(at))
    // An escape pair that does not fit leaves a septet empty.
    if (used + one > gsm7.each) [parts, used] = [parts + 1, 0]
    used += one
  }
  return parts
}

function partsOfUcs2(text: string): number {
  if (text.length <= ucs2.alone) return 1
  let [parts, used] = [1, 0]
  for (const { length } of unsplit(text)) {
    if (used + length > ucs2.each) [parts, used] = [parts + 1, 0]
    used += length
  }
  return parts
}

const joined = /\u200d|[\p{M}\p{Emoji_Modifier}\p{Regional_Indicator}\u1160-\u11ff]/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What stays together: a surrogate pair, and as Twilio's own calculator has it, one visible character of several. */
function* unsplit(text: string): Iterable<string> {
  if (!joined.test(text)) yield* text
  else for (const { segment } of graphemes.segment(text)) yield* segment.length > ucs2.each ? segment : [segment]
}

// ── what a person can do about it ────────────────────────────────────────────────────────────
function encodingWarning(text: string, parts: number, without: string): string {
  const odd = [...new Set([...text].filter((one) => septetsOf(one, without) === undefined))]
  const saved = septetsOf(plainText(text), without)
  const fewer = saved === undefined ? parts : partsOfGsm7(plainText(text), saved)
  const named = odd.slice(0, 3).map(nameOf).join(', ') + (odd.length > 3 ? ` and ${odd.length - 3} more` : '')
  const gain = fewer < parts ? `: ${parts} parts instead of ${fewer}` : ''
  return `${odd.length === 1 ? 'one character makes' : `${odd.length} characters make`} this text UCS-2${gain}: ${named}`
}

function nameOf(one: string): string {
  const point = `U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`
  const plain = replacements.get(one)
  const instead =
    plain === undefined
      ? ''
      : plain === ''
        ? ', leave it out'
        : plain === ' '
          ? ', write a plain blank'
          : `, write ${plain}`
  return `“${one}” (${point}${instead})`
}

/**
 * The text with typographic quotes, dashes, dots and blanks written plainly, as an editor or a provider's "smart encoding"
 * would; accents stay. For comparing what was sent with what a provider lists.
 */
export function plainText(text: string): string {
  let plain = ''
  for (const one of text) plain += replacements.get(one) ?? one
  return plain
}

const replacements: ReadonlyMap<string, string> = new Map([
  ...all("'", '‘’‚‛′ʼ`´'),
  ...all('"', '“”„‟″«»'),
  ...all('-', '‐‑‒–—―−•'),
  ...all('...', '…'),
  ...all(
    ' ',
    '\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
  ),
  ...all('', '\u00ad\u200b\u200c\u2060\ufeff'),
  ...all('/', '⁄∕'),
])

function all(plain: string, ones: string): (readonly [string, string])[] {
  return [...ones].map((one) => [one, plain] as const)
}
