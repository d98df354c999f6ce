// In: nothing. Out: the types and schemas that adapters and hosts see, and the error.
// Promise: no engine stands behind them, so an adapter that imports them carries none.
export type { Adapters } from './adapter.ts'
export { type Address, dialable, sameAddress, written } from './address.ts'
export type { Channel, Measurement, Outbound, Receipt } from './channel.ts'
export type { Context } from './context.ts'
export type { Conversation, Question } from './conversation.ts'
export type { Decision, Reason, Rule, Sending } from './decision.ts'
export type { After, Before, Draft, Own, Shared, Told } from './decision-inputs.ts'
export { type Code, PrmError } from './errors.ts'
export type { EventType, Folded, SchemaIssue } from './event-type.ts'
export {
  isReport,
  type MessageDelivery,
  type MessageReceived,
  messageDelivery,
  messageReceived,
  type Report,
  rejectedInteraction,
} from './events.ts'
export type { FeedPage, RejectedRecord } from './feed.ts'
export type { Correlation, Step } from './flow.ts'
export type { Options, Outage, Page, Prm, PrmEvents, Recheck } from './host.ts'
export { patronUpdateOf } from './ils.ts'
export type { Actor, Content, Interaction } from './interaction.ts'
export type { Branch, FrequencyCap, Library, OpeningTimes } from './library.ts'
export type { Message, Slot } from './message.ts'
export { isNotice, type Notice, type NoticeKind, notice } from './notice.ts'
export type { Consent, Patron, PatronUpdate, RelationKind } from './people.ts'
export type { Blocker, Preview, PreviewRequest } from './preview.ts'
export type { Duration, Instant, Json, LocalDate, Medium, Price, Span } from './primitives.ts'
export type { MediaChoice, Purpose } from './purpose.ts'
export { type Ref, refId } from './ref.ts'
export type { Send } from './send.ts'
export {
  type Audit,
  type Batch,
  type Claim,
  type Digest,
  type FlowRun,
  idOf,
  type Job,
  type Kind,
  type Kinds,
  type Lease,
  type Outcome,
  type Put,
  type Query,
  type RunStep,
  type Scope,
  type Sender,
  type Settled,
  type Store,
} from './store.ts'
export type { Template, Via } from './template.ts'
export type { Webhook } from './webhook.ts'
export type { NoticeResult } from './write-back.ts'
