// Which patrons a purpose leaves out, by category and by card. Asked at the decision, at release and in a preview.
import type { Own, Shared } from '../contract/index.ts'
import { zoneOf } from '../schedule/index.ts'
import { endOfDay } from '../time/index.ts'

type Who = Pick<Own, 'patron' | 'branch' | 'now' | 'purpose'>

/** Why this patron gets no message of this purpose, if so. */
export function excludedBy(shared: Shared, own: Who): { rule: 'category' | 'block'; detail: string } | undefined {
  const category = categoryExcluded(shared, own)
  if (category) return { rule: 'category', detail: category }
  const card = cardExcluded(shared, own)
  return card ? { rule: 'block', detail: card } : undefined
}

export function categoryExcluded({ purposes }: Shared, own: Who): string | undefined {
  const category = own.patron?.category
  const excluded = category !== undefined && purposes[own.purpose]?.exclude?.categories?.includes(category)
  return excluded ? 'Patrons of this category do not get messages of this purpose.' : undefined
}

export function cardExcluded({ library, purposes }: Shared, own: Who): string | undefined {
  const exclude = purposes[own.purpose]?.exclude
  const { blocks = [], expires } = own.patron ?? {}
  const block = blocks.find((one) => exclude?.blocks?.includes(one))
  if (block) return `The card is blocked: ${block}.`
  const ended = expires !== undefined && endOfDay(expires, zoneOf(library, own)) <= Date.parse(own.now)
  return exclude?.expired && (ended || blocks.includes('expired')) ? 'The card has expired.' : undefined
}
