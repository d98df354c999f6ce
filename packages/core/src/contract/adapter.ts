// What an adapter is: a plain object whose facets are its capabilities.
import type { Channel } from './channel.ts'
import type { CheckResult, Context } from './context.ts'
import type { EventType } from './event-type.ts'
import type { Feed } from './feed.ts'
import type { Catalogue, Circulation, Directory } from './ils.ts'
import type { Knowledge } from './knowledge.ts'
import type { Metrics } from './metrics.ts'
import type { Webhook } from './webhook.ts'
import type { WriteBack } from './write-back.ts'

/**
 * A plain object; a facet's presence is the capability. Factories are named after the vendor (`twilio(config)`) and
 * return an exact exported interface, so that hosts need no `?.`. What speaks HTTP takes `baseUrl`.
 */
export interface Adapter<Raw = unknown, Ops extends object = object> {
  readonly spec: 1
  readonly kind: string
  readonly version: string
  readonly emits: readonly EventType[]
  readonly channel?: Channel<Raw>
  readonly webhook?: Webhook
  readonly feed?: Feed
  readonly writeBack?: WriteBack
  readonly directory?: Directory
  readonly circulation?: Circulation
  readonly catalogue?: Catalogue
  readonly knowledge?: Knowledge
  readonly metrics?: Metrics
  /** What only this vendor can do, typed. */
  readonly ops?: Ops
  /** Asks the vendor, with these credentials, what really works here. */
  check?(ctx: Context): Promise<readonly CheckResult[]>
  close?(): Promise<void>
}

export type Adapters = { readonly [id: string]: Adapter }
