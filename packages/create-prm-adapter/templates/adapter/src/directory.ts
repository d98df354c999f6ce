import {
  type Address,
  type Context,
  type Directory,
  type DirectoryEntry,
  type Known,
  PrmError,
} from '@prm/core/adapter'
import type { Client } from '@prm/kit'
import { type CarrierPigeonPatron, wirePatrons } from './api.ts'

export function directory(api: Client): Directory {
  return {
    /** All that match: a phone may be a family's. Nobody is an empty list; who cannot be asked throws. */
    async find(address, ctx) {
      const field = fieldOf(address, ctx)
      if (!field || address.value === '') return []
      const query = { [field]: address.value }
      const { patrons, more } = await api.call({ method: 'GET', path: '/patrons', query }, wirePatrons, ctx)
      if (more) throw new PrmError('contract', 'Carrier Pigeon lists only a part of those who match.')
      const entries = patrons.map((patron) => entryOf(patron, ctx))
      // Compared once more: an API that does not know a filter may give everybody.
      return entries.filter(({ identities }) => identities.some((one) => same(one, address)))
    },
  }
}

/** What `scheme` and realm are called at Carrier Pigeon; `undefined` for an address of another system. */
function fieldOf({ scheme, realm }: Address, ctx: Context): string | undefined {
  if (scheme === 'tel') return 'phone'
  if (scheme === 'mailto') return 'email'
  if (scheme !== 'ils') return undefined
  return realm === `${ctx.id}/card` ? 'card' : realm === `${ctx.id}/id` ? 'id' : undefined
}

const same = (a: Address, b: Address): boolean =>
  a.scheme === b.scheme && a.realm === b.realm && a.value.toLowerCase() === b.value.toLowerCase()

function entryOf(patron: CarrierPigeonPatron, ctx: Context): DirectoryEntry {
  const { id, card, phones, emails } = patron
  return {
    identities: [
      { scheme: 'ils', realm: `${ctx.id}/id`, value: id, verified: true },
      { scheme: 'ils', realm: `${ctx.id}/card`, value: card, verified: true },
      // Somebody typed these: the system does not vouch for them.
      ...(phones ?? []).map((value) => ({ scheme: 'tel', value, verified: false })),
      ...(emails ?? []).map((value) => ({ scheme: 'mailto', value, verified: false })),
    ],
    name: known(patron.name),
    locale: known(patron.language),
    branch: known(patron.branch),
    expires: known(patron.expires),
    category: notTold,
    birthDate: notTold,
    blocks: notTold,
    guardian: notTold,
    preferences: notTold,
  }
}

// Known, known to be empty, or not offered: three different answers.
const known = (value: string | null | undefined): Known<string> => (value ? { is: 'value', value } : { is: 'empty' })
const notTold = { is: 'unavailable', reason: 'Carrier Pigeon does not tell.' } as const
