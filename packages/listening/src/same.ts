import { createHash } from 'node:crypto'

// Which posts say the same: four-word shingles, the smallest of each hash kept (MinHash), compared by how many agree.

const size = 48
const wide = 4
/** A text of fewer words is said by many who never met. */
export const fewest = 8

/** What a text is compared by; nothing for one that is too short to be a copy. */
export function sketch(text: string): string | undefined {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/https?:\/\/\S+|[@#]\S+/g, ' ')
      .replace(/^\s*rt\b/, '')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length < fewest) return undefined
  const least = new Uint32Array(size).fill(0xffffffff)
  for (let at = 0; at + wide <= words.length; at++) {
    const seed = createHash('sha1')
      .update(words.slice(at, at + wide).join(' '))
      .digest()
    const [a, b] = [seed.readUInt32LE(0), seed.readUInt32LE(4) | 1]
    for (let n = 0; n < size; n++) {
      const value = (a + Math.imul(n, b)) >>> 0
      if (value < (least[n] as number)) least[n] = value
    }
  }
  return Buffer.from(least.buffer).toString('base64url')
}

/** How much of two texts is the same, 0 to 1. */
export function likeness(one: string, other: string): number {
  const [a, b] = [numbers(one), numbers(other)]
  if (a.length !== size || b.length !== size) return 0
  let same = 0
  for (let n = 0; n < size; n++) if (a[n] === b[n]) same++
  return same / size
}
function numbers(text: string): Uint32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
  return bytes.length % 4 === 0 ? new Uint32Array(bytes.buffer) : new Uint32Array()
}

/** From here on two texts are one. */
export const alike = 0.55

/** Two addresses of one page. */
export function linkOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { hostname, pathname, search, hash } = new URL(url)
  return `${hostname.replace(/^(?:www|m|amp)\./, '')}${pathname.replace(/\/(?:amp\/?)?$/, '')}${search}${hash}`
}
