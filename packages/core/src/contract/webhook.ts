// The facet that turns one webhook request into interactions.
import type { Context } from './context.ts'
import type { Attachment, Interaction } from './interaction.ts'

/** Turns one webhook request into facts. Verifies before it parses; a forged request throws `signature`. */
export interface Webhook {
  /** The largest request that its vendor sends, in bytes, 16 MiB at the most; 1 MiB by default. What is larger is answered 413. */
  readonly maxBytes?: number
  /** How a request shows where it is from: signed as a whole, as by default; or, where its vendor signs nothing, by a secret in its URL. */
  readonly proof?: 'signature' | 'secret'
  /** Where a request carries its proof: one of these at least. A request with none is answered 401 before its body is read. */
  readonly requires?: readonly ({ readonly header: string } | { readonly query: string })[]
  receive(
    request: Request,
    ctx: Context,
  ): Promise<{ readonly interactions: readonly Interaction[]; readonly reply?: Response }>
  /** Fetches an attachment that needs our credentials. */
  media?(attachment: Attachment, ctx: Context): Promise<Response>
}
