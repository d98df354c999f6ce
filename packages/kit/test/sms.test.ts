import fc from 'fast-check'
import { SegmentedMessage } from 'sms-segments-calculator'
import { describe, expect, test } from 'vitest'
import { measureSms, plainText } from '../src/sms.ts'

const measured = (text: string) => {
  const { units, encoding } = measureSms({ text })
  return [encoding, units]
}
function oracle(text: string) {
  const message = new SegmentedMessage(text)
  return [message.encodingName === 'GSM-7' ? 'gsm7' : 'ucs2', message.segmentsCount]
}

// reference/channels.md §1.8, measured with sms-segments-calculator 1.3.0.
test.each([
  ['a', 160, 'gsm7', 1],
  ['a', 161, 'gsm7', 2],
  ['a', 306, 'gsm7', 2],
  ['a', 307, 'gsm7', 3],
  ['€', 80, 'gsm7', 1],
  ['€', 81, 'gsm7', 2],
  ['😀', 35, 'ucs2', 1],
  ['😀', 36, 'ucs2', 2],
  ['я', 70, 'ucs2', 1],
  ['я', 71, 'ucs2', 2],
  ['я', 134, 'ucs2', 2],
  ['я', 135, 'ucs2', 3],
] as const)('%s × %i is %s in %i', (one, times, encoding, units) => {
  expect(measured(one.repeat(times))).toEqual([encoding, units])
  expect(oracle(one.repeat(times))).toEqual([encoding, units])
})

describe('like the oracle', () => {
  const gsm = [...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà']
  const escaped = [...'\f^{}\\[~]|€']
  const other = [...'`’“”…–—\t\u00a0çáíóúâêôãõяЖ漢字あ', '\u001b']
  const emoji = ['😀', '🎉', '📚', '👍🏽', '👨‍👩‍👧', '🇫🇷', 'e\u0301', '❤️']
  const of = (ones: readonly string[], maxLength: number) =>
    fc.array(fc.constantFrom(...ones), { maxLength }).map((all) => all.join(''))

  test('every UTF-16 unit alone is in the alphabet or not, and costs as much', () => {
    for (let unit = 0; unit < 0x3000; unit++) {
      const text = String.fromCharCode(unit)
      expect([unit, ...measured(text)]).toEqual([unit, ...oracle(text)])
      // Its septets, by how many fit.
      if (measured(text)[0] === 'gsm7')
        expect([unit, ...measured(text.repeat(81))]).toEqual([unit, ...oracle(text.repeat(81))])
    }
  })
  test.each([
    ['GSM-7 with escapes', of([...gsm, ...escaped, ...escaped, ...escaped], 700)],
    ['escapes mostly', of(['a', ...escaped], 400)],
    ['UCS-2 units and pairs', of([...gsm, ...escaped, ...other, '😀', '🎉'], 300)],
    ['visible characters of several code points', of([...emoji, 'a', 'я'], 150)],
    ['everything', of([...gsm, ...escaped, ...other, ...emoji], 300)],
  ])('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(measured(text)).toEqual(oracle(text))
      }),
      { numRuns: 150 },
    )
  })
})

test('an escape pair is not split: the septet before it stays empty', () => {
  expect(measured(`${'a'.repeat(152)}€${'a'.repeat(152)}`)).toEqual(['gsm7', 3])
  expect(measured(`${'a'.repeat(151)}€${'a'.repeat(153)}`)).toEqual(['gsm7', 2])
})

test('a surrogate pair is not split', () => {
  expect(measured(`${'я'.repeat(66)}😀${'я'.repeat(66)}`)).toEqual(['ucs2', 3])
  expect(measured(`${'я'.repeat(65)}😀${'я'.repeat(67)}`)).toEqual(['ucs2', 2])
})

test('the cost is parts times price, and absent without one', () => {
  const price = { micros: 7900, currency: 'USD' }
  expect(measureSms({ text: 'a'.repeat(161) }, { price }).cost).toEqual({ micros: 15_800, currency: 'USD' })
  expect(measureSms({ text: 'a' })).not.toHaveProperty('cost')
})

test('a text above the provider’s limit is too long, at it is not', () => {
  expect(measureSms({ text: 'a'.repeat(1600) }, { maxCharacters: 1600 }).tooLong).toBeUndefined()
  expect(measureSms({ text: 'a'.repeat(1601) }, { maxCharacters: 1600 }).tooLong).toBe(true)
  expect(measureSms({ text: 'a'.repeat(1601) }).tooLong).toBeUndefined()
})

test('a warning names what makes the text dear, and what to write instead', () => {
  expect(measureSms({ text: `The library’s ${'a'.repeat(100)}` }).warnings).toEqual([
    "one character makes this text UCS-2: 2 parts instead of 1: “’” (U+2019, write ')",
  ])
  expect(measureSms({ text: 'ciné 📚' }).warnings).toEqual(['one character makes this text UCS-2: “📚” (U+1F4DA)'])
  expect(measureSms({ text: '“hold” … – ready' }).warnings).toEqual([
    '4 characters make this text UCS-2: ““” (U+201C, write "), “”” (U+201D, write "), “…” (U+2026, write ...) and 1 more',
  ])
  expect(measureSms({ text: 'plain, at 5 € ~' }).warnings).toEqual([])
  expect(measureSms({ text: '' }).warnings).toEqual(['the text is empty'])
})

test('plain text is GSM-7 where only typography stood in the way, and twice plain is once plain', () => {
  expect(plainText('“It’s here”… – see\u00a0you\u200b')).toBe(`"It's here"... - see you`)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(plainText(plainText(text))).toBe(plainText(text))
    }),
  )
})

test('a letter of GSM-7 that the provider leaves out makes a text UCS-2, and is named', () => {
  expect(measureSms({ text: '5 €' })).toMatchObject({ encoding: 'gsm7', warnings: [] })
  expect(measureSms({ text: `5 €${'a'.repeat(80)}` }, { without: '€' })).toMatchObject({
    units: 2,
    encoding: 'ucs2',
    warnings: ['one character makes this text UCS-2: “€” (U+20AC)'],
  })
})
