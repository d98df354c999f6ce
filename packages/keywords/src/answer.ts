import type { Address, Interaction, Patron } from '@prm/core'

/** Two machines that answer each other are silent after this many. */
const most = 3

/**
 * The key to send an automatic answer with to a text that was not understood: one for all texts that answer the same message
 * of ours, so that a hundred at once get one; for what answers none, one a day in each conversation. Nothing where the three
 * texts before it were such answers' answers too, as when a machine writes back to a machine. A keyword or a word of staff in
 * between begins anew.
 */
export function answerKey({
  source,
  key,
  about,
  conversationId,
  seen,
}: Pick<Interaction, 'source' | 'key' | 'about' | 'conversationId' | 'seen'>): string | undefined {
  // Core binds a reply to the last message that went to its number.
  const last = about?.source === 'prm' ? about.key : undefined
  const before = Number(/^answer (\d+) /.exec(last ?? '')?.[1] ?? 0)
  const asked = conversationId === undefined ? `${source} ${key}` : `${conversationId} ${seen?.slice(0, 10)}`
  return before < most ? `answer ${before + 1} ${last ?? asked}` : undefined
}

/** Whether one of these sources, an ILS mostly, says that the address is the patron's: else no account is told or changed. */
export function verified(patron: Patron | undefined, at: Address, sources: readonly string[]): boolean {
  return (
    patron?.identities.some(
      ({ scheme, value, seenBy }) => scheme === at.scheme && value === at.value && sources.includes(seenBy),
    ) === true
  )
}
