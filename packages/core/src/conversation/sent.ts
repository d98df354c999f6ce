// In: a message. Out: the same as an interaction, for timelines and threads.
import type { Interaction, Message } from '../contract/index.ts'

/** What we sent, as it stands in a timeline. */
export type MessageSent = Pick<Message, 'via' | 'purpose' | 'state' | 'content'>

export function sentFact(message: Message): Interaction<'message.sent', MessageSent> {
  const { key, patronId, to, from, via, purpose, state, content, attempts, notBefore, conversationId } = message
  return {
    key,
    type: 'message.sent',
    source: 'prm',
    seen: attempts.at(-1)?.at ?? notBefore,
    who: to,
    ...(patronId !== undefined && { patronId }),
    ...(from && { to: from }),
    ...(conversationId !== undefined && { conversationId }),
    data: { via, purpose, state, content },
  }
}
