/**
 * Lists the names that an adapter imports from `@prm/core/adapter`: the contract's types, the event types, the errors and the
 * schemas. No engine stands behind this entry, so that an adapter's bundle holds none.
 */
export type { Adapter, Adapters } from './contract/adapter.ts'
export type { Address } from './contract/address.ts'
export type { Channel, LookupQuery, Measurement, OptOutEntry, Outbound, Receipt } from './contract/channel.ts'
export type { CheckResult, Context } from './contract/context.ts'
export type { Conversation, Question } from './contract/conversation.ts'
export type { Decision, Reason, Rule, Sending } from './contract/decision.ts'
export { type Code, type ErrorDetails, PrmError } from './contract/errors.ts'
export { defineEvent, type EventType, type Folded, type Of } from './contract/event-type.ts'
export {
  type Delivery,
  type MessageDelivery,
  type MessageReceived,
  messageDelivery,
  messageReceived,
  rejectedInteraction,
} from './contract/events.ts'
export type { Feed, FeedPage, RejectedRecord } from './contract/feed.ts'
export type { Prm } from './contract/host.ts'
export * from './contract/ils.ts'
export type { Actor, Attachment, Content, Interaction, PageRef } from './contract/interaction.ts'
export type { Knowledge, KnowledgePage } from './contract/knowledge.ts'
export type { Message, Slot } from './contract/message.ts'
export type { Metric, Metrics } from './contract/metrics.ts'
export { type Notice, type NoticeItem, type NoticeKind, notice } from './contract/notice.ts'
export {
  type MentionSeen,
  mentionSeen,
  type PageChanged,
  pageChanged,
  type QuestionAsked,
  questionAsked,
  type ReactionSeen,
  reactionSeen,
} from './contract/page-events.ts'
export type { Block, Consent, Identity, Patron, PatronUpdate, Preferences, RelationKind } from './contract/people.ts'
export type * from './contract/primitives.ts'
export { type Ref, refId } from './contract/ref.ts'
export type { Fault, Simulator } from './contract/simulator.ts'
export type * from './contract/store.ts'
export { idOf } from './contract/store.ts'
export type { Webhook } from './contract/webhook.ts'
export type { NoticeResult, WriteBack } from './contract/write-back.ts'
