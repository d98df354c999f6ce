import type { Address } from '@prm/core'

/** `tel:+12125550142` */
export function textOf({ scheme, value }: Address): string {
  return `${scheme}:${value}`
}
export function addressOf(text: string): Address {
  const colon = text.indexOf(':')
  return { scheme: text.slice(0, colon), value: text.slice(colon + 1) }
}
