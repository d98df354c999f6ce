// In: an address that was erased. Out: its keyed hash, which finds a refusal again but not the number.
import type { Address } from '../contract/index.ts'
import { addressId, mac } from './names.ts'

/** The row that says which key the erased addresses were made with: there is none before the first. */
export function seal(secret: string): { readonly id: string; readonly value: string } {
  return { id: sealed, value: mac(secret, sealed) }
}

export const sealed = 'secret check'

/** What stands for an address that was erased: nobody without the key finds the number again by trying all. */
export function erasedAddress(key: string, { scheme, value }: Address): Address {
  return { scheme: 'erased', value: mac(key, addressId({ scheme, value })) }
}

/** Where it stands of an address when it was erased, and of a message that went to one where that was. */
export function erasedRow(key: string, what: string): string {
  return `erased ${mac(key, what)}`
}
