import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf } from '../src/body.ts'
import { ed25519Key, hmacSha1, hmacSha256, isEd25519, sameText, sha256 } from '../src/signature.ts'

// RFC 2202, test case 2, and RFC 4231, test case 2.
test('the vectors of the RFCs', () => {
  expect(hmacSha1('Jefe', 'what do ya want for nothing?').hex).toBe('effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
  expect(hmacSha256('Jefe', 'what do ya want for nothing?').hex).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
  expect(sha256('abc').hex).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hmacSha1('Jefe', 'what do ya want for nothing?').base64).toBe('7/zfauXrL6LSdBbV8YTfnCWafHk=')
})

test('parts are signed as if they were one, text as UTF-8', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ unit: 'grapheme' })), (key, parts) => {
      expect(hmacSha256(key, ...parts)).toEqual(hmacSha256(key, Buffer.from(parts.join(''))))
    }),
  )
})

test('same text is same text, whatever the lengths', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(sameText(a, b)).toBe(a === b)
      expect(sameText(a, `${a}`)).toBe(true)
      expect(sameText(a, `${a}x`)).toBe(false)
    }),
  )
})

test('a body is read up to the limit, and not a byte further', async () => {
  const request = (body: string) => new Request('http://a.example', { method: 'POST', body })
  expect(await bytesOf(request('12345'), 5)).toEqual(new TextEncoder().encode('12345'))
  expect(await bytesOf(request('123456'), 5)).toBeUndefined()
  expect(await bytesOf(new Request('http://a.example'), 5)).toEqual(new Uint8Array())
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++
      controller.enqueue(new Uint8Array(1000))
    },
  })
  expect(await bytesOf(new Response(endless), 10_000)).toBeUndefined()
  expect(pulled).toBeLessThan(20)
})

// RFC 8032, 7.1, test 2.
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
const publicKey = base64('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
const signature = base64(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
)

test('an Ed25519 signature is of these bytes, by this key, and of nothing else', () => {
  const key = ed25519Key(publicKey)
  if (!key) throw new Error('The key of the RFC is none.')
  expect(isEd25519(key, signature, Uint8Array.of(0x72))).toBe(true)
  expect(isEd25519(key, signature, '', 'r')).toBe(true)
  expect(isEd25519(key, signature, 's')).toBe(false)
  expect(isEd25519(key, signature, 'r', 'r')).toBe(false)
  for (const wrong of ['', 'x', base64('00'.repeat(64)), base64('00'.repeat(63))])
    expect(isEd25519(key, wrong, 'r')).toBe(false)
})

test('what is no key of 32 bytes in base64 is none', () => {
  for (const text of [
    '',
    'key',
    base64('00'.repeat(31)),
    base64('00'.repeat(33)),
    `${publicKey}AAAA`,
    `!${publicKey.slice(1)}`,
  ])
    expect(ed25519Key(text)).toBeUndefined()
})
