import type { Interaction } from '../contract/interaction.ts'
import type { Message } from '../contract/message.ts'

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
