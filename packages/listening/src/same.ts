import { createHash } from 'node:crypto'
import { commonWords } from './language.ts'
import { stem, wordsOf } from './text.ts'

// Which posts say the same: by the words that tell something, alone and in pairs. Of each text the smallest hashes are kept
// (a bottom-k sketch), by which the share of what two have in common is estimated; short texts have all of theirs.

const most = 160
/** Of fewer words that tell something nobody knows whether two who never met wrote them. */
const fewest = 5

/** What a text is compared by, without `own` words, those of the library's names; nothing where it is too short to be a copy. */
export function sketch(text: string, own: ReadonlySet<string> = new Set()): string | undefined {
  const words = wordsOf(text.replace(/[@#]\S+/g, ' ')).words.filter((word) => !common.has(word) && !own.has(word))
  if (words.length < fewest) return undefined
  const parts = new Set(words.flatMap((word, at) => (at === 0 ? [word] : [word, `${words[at - 1]} ${word}`])))
  const hashes = [...parts].map((part) => createHash('sha1').update(part).digest().readUInt32LE(0))
  const least = Uint32Array.from(new Set(hashes)).sort().slice(0, most)
  return Buffer.from(least.buffer, 0, least.byteLength).toString('base64url')
}
const common: ReadonlySet<string> = new Set([
  ...[...commonWords].map(stem),
  'rt',
  'please',
  'share',
  'anyone',
  'know',
  'tell',
])

/** How much of two texts is the same, 0 to 1 (Jaccard). */
export function likeness(one: string, other: string): number {
  const [a, b] = [numbers(one), numbers(other)]
  const both = new Set([...a, ...b])
  const kept = [...both].sort((x, y) => x - y).slice(0, Math.max(a.size, b.size) < most ? both.size : most)
  return kept.length === 0 ? 0 : kept.filter((value) => a.has(value) && b.has(value)).length / kept.length
}
function numbers(text: string): ReadonlySet<number> {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64url'))
  return new Set(bytes.length % 4 === 0 ? new Uint32Array(bytes.buffer) : [])
}

/** From here on two texts are one. */
export const alike = 0.45

/** Two addresses of one page. */
export function linkOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined
  const { hostname, pathname, search, hash } = new URL(url)
  return `${hostname.replace(/^(?:www|m|amp)\./, '')}${pathname.replace(/\/(?:amp\/?)?$/, '')}${search}${hash}`
}
