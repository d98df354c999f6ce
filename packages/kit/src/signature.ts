import { createHash, createHmac, type Hash, type Hmac, hash, timingSafeEqual } from 'node:crypto'

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
