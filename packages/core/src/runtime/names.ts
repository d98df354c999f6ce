// In: values. Out: short names, hashes and keys that are the same on every machine.

import { createHmac, hash as digest } from 'node:crypto'
import type { Address } from '../contract/index.ts'
import type { Engine } from './engine.ts'

/** A short name for a value, the same on every machine. */
export function hash(...parts: readonly string[]): string {
  return digest('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
}

/** What a store finds rows by: an entry of an index has no room for more. In bytes of UTF-8. */
export const mostBytes = 1_000

export function fits(text: string, most: number): boolean {
  return text.length * 3 <= most || Buffer.byteLength(text) <= most
}

/** A name that is made of other names: of one that is too long a hash stands for the end, the same each time. */
export function short(name: string): string {
  return fits(name, mostBytes) ? name : `${name.slice(0, 200).toWellFormed()} ${hash(name)}`
}

export function addressId({ scheme, realm = '', value }: Address): string {
  return `${scheme} ${realm} ${value}`
}

/** The row that says, for as long as it stands, why nothing of a bulk is sent any more. */
export function bulkId(bulk: string): string {
  return `cancelled ${bulk}`
}

/** The id of a patron first met at this address: the same whichever process meets them. */
export function patronId(engine: Engine, address: Address): string {
  return hash('patron', engine.options.library.id, addressId(address))
}

/** What a key makes of a text. */
export function mac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
