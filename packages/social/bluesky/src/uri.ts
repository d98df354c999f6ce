import { PrmError } from '@prm/core/adapter'
import { sha256 } from '@prm/kit'

/** `at://<did>/app.bsky.feed.post/<rkey>`: a post's name, for ever. */
export interface PostUri {
  readonly did: string
  readonly rkey: string
}
export const collection = 'app.bsky.feed.post'
const form = /^at:\/\/(did:[a-z]+:[\w.:%-]{1,512})\/app\.bsky\.feed\.post\/([\w.~:-]{1,512})$/

export function postUri(uri: string): PostUri | undefined {
  const [, did = '', rkey = ''] = form.exec(uri) ?? []
  return did && rkey !== '.' && rkey !== '..' ? { did, rkey } : undefined
}
export function mustBePost(uri: string): PostUri {
  const at = postUri(uri)
  if (at) return at
  throw new PrmError('invalid', 'It is no post of Bluesky: at://did:…/app.bsky.feed.post/… is.', { field: 'to' })
}
export const uriOf = (did: string, rkey: string): string => `at://${did}/${collection}/${rkey}`

// TID (atproto.com/specs/tid): 53 bits of microseconds and 10 bits of a clock's id, sortable, 5 bits a character.
const alphabet = '234567abcdefghijklmnopqrstuvwxyz'
const tid = /^[2-7a-j][2-7a-z]{12}$/

/** Nothing where it is none. */
export function microsecondsOf(text: string): number | undefined {
  if (!tid.test(text)) return undefined
  return Number([...text].reduce((sum, one) => sum * 32n + BigInt(alphabet.indexOf(one)), 0n) >> 10n)
}
export function tidOf(microseconds: number, clock: number): string {
  let rest = (BigInt.asUintN(53, BigInt(microseconds)) << 10n) | BigInt(clock % 1024)
  let text = ''
  for (let n = 0; n < 13; n++) {
    text = alphabet[Number(rest % 32n)] + text
    rest /= 32n
  }
  return text
}

/**
 * The record key of an answer: of its message's key and of what it answers, so that the same message is one post however
 * often it is sent. A few seconds after what it answers, by that post's own key; after 2024 began where that is no TID.
 */
export function rkeyOf({ key, to }: { readonly key: string; readonly to: string }): string {
  const parent = mustBePost(to)
  const hash = Buffer.from(sha256(key, '\n', to).hex, 'hex')
  const start = microsecondsOf(parent.rkey) ?? Date.UTC(2024, 0) * 1000
  return tidOf(start + 1 + (hash.readUInt32BE(0) >>> 8), hash.readUInt16BE(4))
}
