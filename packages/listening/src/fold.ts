import {
  type Conversation,
  defineEvent,
  type EventType,
  type Folded,
  type Instant,
  type Interaction,
  PrmError,
  type Question,
} from '@prm/core'
import type { Wire } from '@prm/kit'
import { type Mention, mentionOf, mentionShape } from './mention.ts'

// How a fact changes the mention that is its conversation.

type Fact<D> = Pick<Interaction<string, D>, 'data' | 'by' | 'seen'>

export function refused(message: string): PrmError {
  return new PrmError('conflict', message)
}

export function actor({ by }: Fact<unknown>): string {
  if (by?.kind === 'staff' && by.id.trim() !== '') return by.id
  throw new PrmError('invalid', 'A member of staff must do this: listening.as({ kind: "staff", id }).', { field: 'by' })
}

/** "Sam" and " sam" are one person, however the host spells them. */
export function samePerson(one: string, other: string): boolean {
  const plain = (id: string): string => id.normalize('NFKC').trim().toLowerCase()
  return plain(one) === plain(other)
}

/** What may be absent is taken away by `undefined`. */
type Change = {
  readonly [K in keyof Mention]?: object extends Pick<Mention, K> ? Mention[K] | undefined : Mention[K]
}

/**
 * An event about a mention that is there. What `acts` changes what somebody else may have before their eyes. What `erases` is
 * not held up by a mention that cannot be read: of that nothing stays.
 */
export function event<const N extends string, D>(
  name: N,
  schema: Wire<D>,
  fold: (mention: Mention, fact: Fact<D>, conversation: Conversation) => Change & { readonly conversation?: Folded },
  {
    keep = '730d',
    acts = false,
    erases = false,
  }: { readonly keep?: NonNullable<EventType['retention']>; readonly acts?: boolean; readonly erases?: boolean } = {},
): EventType<N, D> {
  return defineEvent(name, schema, {
    retention: keep,
    fold(conversation, fact) {
      const mention = conversation && mentionOf(conversation)
      if (conversation && !mention && erases) return emptied(conversation, name, fact.seen)
      if (!conversation || !mention)
        throw new PrmError('not_found', 'There is no such mention.', { field: 'conversationId' })
      // What staff do goes on there; what happens to the post is still noted here.
      if (conversation.into !== undefined && fact.by?.kind === 'staff')
        throw refused(`It was merged: it goes on in ${conversation.into}.`)
      const { conversation: changed = conversation, ...change } = fold(mention, fact, conversation)
      const turn = acts ? conversation.turn + 1 : mention.turn
      return placed(changed, { ...mention, ...change, turn })
    },
  })
}

export function placed(conversation: Folded, mention: Change): Folded {
  const there = Object.fromEntries(Object.entries(mention).filter(([, one]) => one !== undefined))
  return { ...conversation, context: { ...conversation.context, mention: mentionShape.parse(there) as never } }
}

/** Of which nothing is to be read or done any more. */
export function wordless({ subject: _, who: __, ...conversation }: Conversation, at: Instant = ''): Folded {
  return { ...conversation, tags: [], state: 'closed', questions: asked(conversation.questions, { closed: at }) }
}

/** What is under the name of a mention and is none goes whole, but for why; a conversation without one has nothing that is ours. */
function emptied(conversation: Conversation, by: string, at: Instant | undefined): Folded {
  const { mention, ...context } = conversation.context
  return mention === undefined ? conversation : { ...wordless(conversation, at), context: { ...context, emptied: by } }
}

/** Nobody acts on what they have not seen, nor on what is there no more. */
export function standing(mention: Mention, seen: number | undefined): void {
  if (mention.gone) throw refused('The post was taken back: there is nothing to act on.')
  if (seen !== undefined && mention.turn > seen) throw refused(`${sinceThen(mention)}: look at that, then do it again.`)
}
function sinceThen({ approved, draft, decision, edited, posted }: Mention): string {
  if (posted) return 'It has been answered since'
  if (approved) return `${approved.by} approved an answer since`
  if (draft && !decision) return `${draft.by} drafted an answer since`
  if (edited && !decision) return 'The post was edited since'
  return decision
    ? `It was decided by ${decision.by}: ${decision.is}${draft ? `, and drafted by ${draft.by}` : ''}`
    : 'It has changed since you looked'
}

export const asked = (questions: readonly Question[], change: Partial<Question>): readonly Question[] => {
  const last = questions.at(-1)
  return last ? [...questions.slice(0, -1), { ...last, ...change }] : []
}
