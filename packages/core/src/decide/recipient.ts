import type { Rule } from '../contract/decision.ts'
import type { Own, Shared } from '../contract/decision-inputs.ts'
import type { Purpose } from '../contract/purpose.ts'
import { zoneOf } from '../schedule/place.ts'
import { endOfDay, localDay } from '../time/zones.ts'

type Who = Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>

/** What about this patron keeps every message of this purpose from going. */
export function barOf({ library, purposes }: Shared, own: Who): { rule: Rule; detail: string } | undefined {
  const { not } = purposes[own.purpose] ?? {}
  const { category, blocks = [], expires } = own.patron ?? {}
  if (category !== undefined && not?.categories?.includes(category))
    return { rule: 'category', detail: 'Patrons of this category are not told of this.' }
  const block = blocks.find((one) => not?.blocks?.includes(one))
  if (block) return { rule: 'block', detail: `The card is blocked: ${block}.` }
  const ended = expires !== undefined && endOfDay(expires, zoneOf(library, own)) <= Date.parse(own.now)
  if (not?.expired && (ended || blocks.includes('expired'))) return { rule: 'block', detail: 'The card has ended.' }
  return undefined
}

/** About a minor the purpose says who is told; who was born on 29 February comes of age on 1 March. */
export function whoIsTold({ library, purposes }: Shared, own: Who): NonNullable<Purpose['minor']> {
  const { below = 18, categories } = library.minors ?? {}
  const purpose = purposes[own.purpose]
  const told = purpose?.minor ?? (purpose?.class === 'promotional' ? 'nobody' : 'patron')
  const { birthDate, category } = own.patron ?? {}
  if (told === 'patron') return told
  if (category !== undefined && categories?.includes(category)) return told
  if (birthDate === undefined) return 'patron'
  if (Number(own.now.slice(0, 4)) - Number(birthDate.slice(0, 4)) > below + 1) return 'patron'
  const ofAge = `${Number(birthDate.slice(0, 4)) + below}${birthDate.slice(4)}`
  return localDay(Date.parse(own.now), zoneOf(library, own)) < ofAge ? told : 'patron'
}
