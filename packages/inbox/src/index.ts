export { type Answered, type Inbox, type InboxOptions, inbox, type Listed, type Seen, type Thread } from './desk.ts'
export {
  type Closing,
  closed as inboxClosed,
  inboxEvents,
  type ReadLevel,
  type Task,
  type TransactionClass,
} from './events.ts'
export type { Bit, Entry, Field, Filled, Form, Kind, Looked, Panel } from './kinds.ts'
export type { Measures, Spread } from './measures.ts'
export { inboxPage, type PageOptions } from './page.ts'
export { type Matter, mattersOf } from './which.ts'
