// A loopback server that behaves like a vendor.
import type { Address } from './address.ts'
import type { Instant, Json } from './primitives.ts'

/** A loopback server that behaves like the vendor, including its bad days. */
export interface Simulator<C extends object = { readonly [key: string]: string }> {
  readonly url: string
  /** What an adapter's config needs to reach it: `twilio({ ...simulator.credentials, baseUrl: simulator.url })`. */
  readonly credentials: C
  received(): readonly {
    readonly at: Instant
    readonly key?: string
    readonly to?: Address
    readonly text?: string
    readonly raw: Json
  }[]
  /** The next calls go wrong like this. */
  fault(fault: Fault, times?: number): void
  /** A request as the vendor would sign it. */
  webhook?(event: Json): Request
  close(): Promise<void>
}

export type Fault =
  | 'rate-limited-seconds'
  | 'rate-limited-date'
  | 'hang-after-accept'
  | 'reset'
  | 'reset-after-accept'
  | 'server-error'
  | 'html'
  | 'slow-body'
  | 'oversize-body'
  | 'expired-token'
  | 'page-moved'
  | 'duplicate-report'
  | 'reordered-reports'
