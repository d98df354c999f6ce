import {
  createHash,
  createHmac,
  createPublicKey,
  type Hash,
  type Hmac,
  hash,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto'

/** A hash as the vendors write it down. */
export interface Digest {
  readonly base64: string
  readonly hex: string
}

/** RFC 2104 over the parts in order, nothing between them; text is UTF-8. */
export const hmacSha1 = (key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Digest =>
  digest(createHmac('sha1', key), parts)
export const hmacSha256 = (key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Digest =>
  digest(createHmac('sha256', key), parts)
export const sha256 = (...parts: readonly (string | Uint8Array)[]): Digest => digest(createHash('sha256'), parts)

function digest(by: Hash | Hmac, parts: readonly (string | Uint8Array)[]): Digest {
  for (const part of parts) by.update(part)
  const bytes = by.digest()
  return { base64: bytes.toString('base64'), hex: bytes.toString('hex') }
}

/** Compares in a time that depends on neither text, also where their lengths differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

/** An Ed25519 public key of 32 bytes in base64 (RFC 8032), or `undefined` where the text is none. */
export function ed25519Key(base64: string): KeyObject | undefined {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.byteLength !== 32 || bytes.toString('base64').replace(/=+$/, '') !== base64.trim().replace(/=+$/, ''))
    return undefined
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }, format: 'jwk' })
}

/** Whether the signature, in base64, is of these parts in order, nothing between them. */
export function isEd25519(key: KeyObject, base64: string, ...parts: readonly (string | Uint8Array)[]): boolean {
  const signature = Buffer.from(base64, 'base64')
  return (
    signature.byteLength === 64 && verify(null, Buffer.concat(parts.map((part) => Buffer.from(part))), key, signature)
  )
}
