/** A telephone number that is not E.164 is one that the source wrote and nobody can dial. */
export function dialable(address: Address): boolean {
  return address.scheme !== 'tel' || /^\+[1-9]\d{6,14}$/.test(address.value)
}

/** A mailbox is the same in capitals: RFC 5321 §2.4 would let a server tell them apart, and none does. */
export function written<A extends Address>(address: A): A {
  return address.scheme === 'mailto' ? { ...address, value: address.value.trim().toLowerCase() } : address
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.scheme === b.scheme && a.value === b.value && a.realm === b.realm
}

/**
 * Where a patron can be reached or recognised. `tel` is E.164 (anything else under `tel` is a number as the source wrote
 * it, and can only be decided against); `mailto` is in lower case (core sees to it); `ils`
 * values are opaque and their realm says what they are: `<source>/card`.
 */
export interface Address {
  readonly scheme: 'tel' | 'mailto' | 'ils' | 'acct' | 'web' | (string & {})
  readonly value: string
  readonly realm?: string
}
