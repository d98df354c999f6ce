// In: a send, its patron and its purpose. Out: the media and channels to try, in order. Pure.
import type { MediaChoice, Medium, Own, Purpose, Shared } from '../contract/index.ts'
import { branchOf } from '../schedule/index.ts'

/** The media to try, best first; those to fall back on; and a sentence about whose wish this is. */
export interface PreferredMedia {
  readonly media: readonly Medium[]
  readonly rest: readonly Medium[]
  readonly detail: string
}

/** Whose choice counts where the purpose does not say. */
const usualPriority: readonly MediaChoice[] = ['notice', 'patron', 'purpose']

/**
 * The media of the first choice in the purpose's priority that names any, else every configured one; and the rest of the
 * purpose's media, where it may fall back. A medium that was tried is not tried again. Sends and previews both ask here.
 */
export function preferredMedia(
  shared: Shared,
  own: Pick<Own, 'asked' | 'patron' | 'recipient' | 'branch' | 'purpose' | 'adapters' | 'after'>,
  { media: order = [], fallback, mediaPriority = usualPriority }: Purpose,
): PreferredMedia {
  const { preferences } = own.recipient ?? own.patron ?? {}
  const around = shared.channels.find(({ id }) => id === own.after?.outage?.of)
  const wished = preferences?.[own.purpose] ?? preferences?.['*']
  const choices: { readonly [C in MediaChoice]: readonly [readonly Medium[], string] | undefined } = {
    notice: own.asked && [[own.asked], `The ILS requested ${own.asked} for this notice.`],
    patron: wished && [wished, `The patron prefers ${wished.join(', then ')}.`],
    purpose: order.length > 0 ? [order, `The purpose uses ${order.join(', then ')}.`] : undefined,
  }
  const [media, detail] = around
    ? [[around.medium], `Stays with ${around.medium}, by another provider.`]
    : (mediaPriority.map((choice) => choices[choice]).find((one) => one !== undefined) ?? [
        [...new Set(channelsOf(shared, own).map(({ medium }) => medium))],
        'No preferred medium; using the configured order.',
      ])
  const fresh = (medium: Medium) => !own.after?.media.includes(medium)
  const rest = fallback ? order.filter((medium) => !media.includes(medium) && fresh(medium)) : []
  return { media: media.filter(fresh), rest, detail }
}

/** The channels that may carry it: those of the send in its order, else of its branch, else all. */
export function channelsOf(shared: Shared, own: Pick<Own, 'patron' | 'branch' | 'adapters'>): Shared['channels'] {
  if (own.adapters) return own.adapters.flatMap((name) => shared.channels.find(({ id }) => id === name) ?? [])
  const via = branchOf(shared.library, own)?.adapters
  return shared.channels.filter(({ id }) => via?.includes(id) ?? true)
}

/** The same in the order in which they are tried: in an outage without those that are down, and its own provider last. */
export function carriersOf(
  shared: Shared,
  own: Pick<Own, 'patron' | 'branch' | 'adapters' | 'after'>,
): Shared['channels'] {
  const { outage } = own.after ?? {}
  return channelsOf(shared, own)
    .filter(({ id }) => id === outage?.of || !outage?.down.includes(id))
    .sort((a, b) => Number(a.id === outage?.of) - Number(b.id === outage?.of))
}
