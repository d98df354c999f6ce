// In: a patron and a purpose. Out: who is written to about them. Pure.
import type { Own, Purpose, Shared } from '../contract/index.ts'
import { zoneOf } from '../schedule/index.ts'
import { localDay } from '../time/index.ts'

type Who = Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>

/** Who gets a message about this patron: somebody else only about a minor. A person born on 29 February comes of age on 1 March. */
export function aboutMinor({ library, purposes }: Shared, own: Who): NonNullable<Purpose['minor']> {
  const { below = 18, categories } = library.minors ?? {}
  const purpose = purposes[own.purpose]
  const recipient = purpose?.minor ?? (purpose?.class === 'promotional' ? 'nobody' : 'patron')
  const { birthDate, category } = own.patron ?? {}
  if (recipient === 'patron') return recipient
  if (category !== undefined && categories?.includes(category)) return recipient
  if (birthDate === undefined) return 'patron'
  if (Number(own.now.slice(0, 4)) - Number(birthDate.slice(0, 4)) > below + 1) return 'patron'
  const ofAge = `${Number(birthDate.slice(0, 4)) + below}${birthDate.slice(4)}`
  return localDay(Date.parse(own.now), zoneOf(library, own)) < ofAge ? recipient : 'patron'
}
