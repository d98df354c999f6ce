import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf } from '../src/body.ts'
import { hmacSha1, hmacSha256, sameText, sha256 } from '../src/signature.ts'

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
