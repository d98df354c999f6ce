// What core hands to every facet it calls, and what a check of an adapter answers.
import type { Json } from './primitives.ts'

export interface Context {
  /** The adapter's name in this host, and the library it serves. */
  readonly id: string
  readonly library: string
  /** The instance's public URL without query: status callbacks, signature checks. */
  readonly publicUrl?: string
  readonly signal: AbortSignal
  now(): Date
  /** No patron data: ids, codes and counts. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: { readonly [key: string]: Json }): void
}

/** `what` is a machine word: `channel.send`, `inlet.receive`. */
export interface CheckResult {
  readonly what: string
  readonly ok: boolean | 'unknown'
  readonly detail: string
  readonly hint?: string
}
