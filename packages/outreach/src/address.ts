import type { Address } from '@prm/core'

/** `tel:+12125550142` */
export function textOf({ scheme, value }: Address): string {
  // Many are kept: what `+` makes keeps its parts beside itself.
  return [scheme, value].join(':')
}
export function addressOf(text: string): Address {
  const colon = text.indexOf(':')
  return { scheme: text.slice(0, colon), value: text.slice(colon + 1) }
}
