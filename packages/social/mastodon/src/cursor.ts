import type { Json } from '@prm/core/adapter'
import type { Tag } from './config.ts'

/** What is kept between two pulls: of posts that were told their ids and a hash, no words and no names. */
export interface Memory {
  /** The instance: of another nothing holds. */
  readonly of: string
  /** The last notification that was told, and before which none can come any more. */
  notes: string | undefined
  /** To where each tag was read. */
  readonly tags: Map<string, Place>
  readonly told: Map<string, Told>
  /** When posts were last asked for again, and the last of them. */
  again: { readonly at: string; readonly id: string } | undefined
}
export interface Place {
  /** When the latest was written, in ms since 1970. */
  readonly ms: number
  /** The last that was read, where there is more. */
  readonly after?: string
}
export interface Told {
  readonly version: string
  /** When it was written, by the day. */
  readonly day: string
  readonly query?: string | undefined
  /** A message to us, of which no more is told. */
  readonly secret?: true | undefined
}

/** So many are asked again whether they are still there, and how they read. */
const mostTold = 500

export const nameOf = ({ name, local }: Tag): string => `${name.toLowerCase()}${local ? ' local' : ''}`

export function remembered(cursor: Json | undefined, of: string): Memory {
  const known = cursor as { of: string; notes?: string; tags: object; told: object; again?: never } | undefined
  if (known?.of !== of) return { of, notes: undefined, tags: new Map(), told: new Map(), again: undefined }
  return {
    of,
    notes: known.notes,
    tags: new Map(Object.entries(known.tags)),
    // Not by Object.entries: that puts what looks like a number first.
    told: new Map(known.told as unknown as readonly [string, Told][]),
    again: known.again,
  }
}

export function cursorOf({ of, notes, tags, told, again }: Memory): Json {
  const kept = [...told].slice(-mostTold)
  return JSON.parse(JSON.stringify({ of, notes, tags: Object.fromEntries(tags), told: kept, again }))
}
