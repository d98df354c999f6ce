import { type Address, PrmError } from '@prm/core'
import { phone } from '@prm/kit'

/**
 * What somebody types for an address: `+12125550142`, `212 555 0142`, `ann@example.org`, `koha/card:21234`,
 * `tel:+12125550142`. Throws `invalid` with what was expected; what was typed is not repeated.
 */
export function addressOf(text: string, region: string): Address {
  const typed = text.trim()
  const [, scheme, rest = ''] = /^(tel|mailto|acct|web):(.+)$/.exec(typed) ?? []
  const [, realm, card] = /^(?:ils:)?([\w-]+\/[\w-]+):(.+)$/.exec(typed) ?? []
  if (scheme && scheme !== 'tel') return { scheme, value: rest }
  if (realm && card) return { scheme: 'ils', realm, value: card }
  if (/^[^@\s]+@[^@\s]+$/.test(typed)) return { scheme: 'mailto', value: typed }
  const number = phone(scheme ? rest : typed, region)
  if ('e164' in number) return { scheme: 'tel', value: number.e164 }
  throw new PrmError(
    'invalid',
    `ADDRESS is no telephone number (${number.why}), and neither name@host nor a card such as koha/card:21234000000205. An id of a list is none of these: look by number or mail, or in a plan with prm outreach show PLAN --id ID.`,
    { field: 'ADDRESS' },
  )
}

/**
 * The addresses that somebody may mean who types an address for the desk. A card is often typed as it is printed: its number
 * alone, which is looked for under the name of each adapter.
 */
export function addressesOf(text: string, region: string, adapters: readonly string[]): readonly Address[] {
  const value = text.trim()
  if (!/^\d{5,20}$/.test(value)) return [addressOf(text, region)]
  const cards = adapters.map((id) => ({ scheme: 'ils', realm: `${id}/card`, value }))
  const number = phone(value, region)
  return 'e164' in number ? [{ scheme: 'tel', value: number.e164 }, ...cards] : cards
}
