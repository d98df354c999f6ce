import type { Own, Shared } from '../contract/decision-inputs.ts'
import type { Medium } from '../contract/primitives.ts'
import type { Purpose } from '../contract/purpose.ts'
import { branchOf } from '../schedule/place.ts'

/**
 * The notice's own word, then the patron's, then the purpose's, then whatever there is; and the rest of the purpose's order,
 * where it may fall back. What was tried is not tried again.
 */
export function wishOf(
  shared: Shared,
  own: Pick<Own, 'asked' | 'patron' | 'recipient' | 'branch' | 'purpose' | 'via' | 'after'>,
  { order = [], fallback }: Purpose,
): { media: readonly Medium[]; rest: readonly Medium[]; detail: string } {
  const { preferences } = own.recipient ?? own.patron ?? {}
  const around = shared.channels.find(({ id }) => id === own.after?.outage?.of)
  const wished = preferences?.[own.purpose] ?? preferences?.['*']
  const [media, detail] = around
    ? [[around.medium], `It stays with ${around.medium}.`]
    : own.asked
      ? [[own.asked], `The notice asks for ${own.asked}.`]
      : wished
        ? [wished, `The patron prefers ${wished.join(', then ')}.`]
        : order.length > 0
          ? [order, `The purpose goes by ${order.join(', then ')}.`]
          : [[...new Set(channelsOf(shared, own).map(({ medium }) => medium))], 'Nobody asks for a medium.']
  const fresh = (medium: Medium) => !own.after?.media.includes(medium)
  const rest = fallback ? order.filter((medium) => !media.includes(medium) && fresh(medium)) : []
  return { media: media.filter(fresh), rest, detail }
}

/** What may carry it: as the send says, else as its branch does, else anything. */
export function channelsOf(shared: Shared, own: Pick<Own, 'patron' | 'branch' | 'via'>): Shared['channels'] {
  const via = own.via ?? branchOf(shared.library, own)?.via
  return shared.channels.filter(({ id }) => via?.includes(id) ?? true)
}
